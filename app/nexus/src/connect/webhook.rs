//! `nexus connect webhook`: sends a test alert, and seals where alerts go.

use std::path::PathBuf;

use anyhow::bail;
use broker::{Endpoint, SigningKey};
use clap::Args;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use server::{Config, Settings};
use vault::{Passphrase, Vault};

use super::{read, said};
use crate::data_folder;

#[derive(Args)]
pub(crate) struct Given {
    /// File that holds the webhook's address, and nothing else: who knows it can send there.
    #[arg(long, value_name = "FILE")]
    url_file: PathBuf,
    /// File that holds the key that signs deliveries (`whsec_…`, Standard Webhooks). Without it one is made, and shown once.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The webhook's host may be one of the local network.
    #[arg(long)]
    allow_lan_host: bool,
    /// Certificate authority of that host, PEM, where it is a private one.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

pub(super) fn run(config: &Config, given: &Given, passphrase: Option<Passphrase>) -> anyhow::Result<()> {
    let url = SecretString::from(read(&given.url_file)?);
    let endpoint = Endpoint::new(url, given.allow_lan_host, given.ca.as_deref().map(read).transpose()?)?;
    let key = match &given.key_file {
        Some(file) => SigningKey::new(&SecretString::from(read(file)?))?,
        None => SigningKey::generate()?,
    };
    let folder = data_folder(config)?;
    let settings = Settings::open(&folder, config, Timestamp::now())?;
    let vault = Vault::new(folder.path("secrets.json"), passphrase);
    if !vault.has_passphrase() {
        return Err(vault::Error::NoPassphrase.into());
    }
    let (id, body) = server::test_alert(&settings, Timestamp::now())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answered = runtime.block_on(broker::attempt_webhook(&endpoint, &key, &id, body.into())).map_err(|error| {
        anyhow::Error::from(error).context("the webhook took no test alert, and nothing was stored")
    })?;
    if !(200..300).contains(&answered.status) {
        bail!("the webhook answered a test alert with {}. Nothing was stored. Check the address", answered.status);
    }
    broker::set_webhook(&vault, &endpoint, &key)?;
    said("Connected: a test alert was taken. Alerts of a server that runs go there from now on.");
    if given.key_file.is_none() {
        said(&format!(
            "This key signs them. It is shown this once; give it to the receiver:\n\n    {}\n",
            key.text().expose_secret()
        ));
    }
    Ok(())
}
