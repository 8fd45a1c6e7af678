//! `nexus broker`.

use broker::Options;
use server::Config;
use vault::Passphrase;

use crate::lifeline::Lifeline;

pub(crate) fn run(config: &Config, passphrase: Option<Passphrase>, lifeline: Lifeline) -> anyhow::Result<()> {
    vault::file::make_folder(&config.data)?;
    let options =
        Options { secrets: config.data.join("secrets.json"), socket: config.broker_socket.clone(), passphrase };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { Ok(broker::serve(options, lifeline.ends()?).await?) })
}
