//! `nexus broker`.

use broker::Options;
use server::Config;
use vault::Passphrase;

use crate::{data_folder, lifeline::Lifeline, trial};

pub(crate) fn run(config: &Config, passphrase: Option<Passphrase>, lifeline: Lifeline) -> anyhow::Result<()> {
    let folder = data_folder(config)?;
    let options = Options {
        secrets: folder.path("secrets.json"),
        socket: config.broker_socket.clone(),
        passphrase,
        trial: trial::REQUEST_TRACKER,
        peer: config.broker_peer,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { Ok(broker::serve(options, lifeline.ends()?).await?) })
}
