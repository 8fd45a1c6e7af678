//! `nexus connect`: seals a helpdesk's address and token together, and chooses that helpdesk.

use std::path::{Path, PathBuf};

use anyhow::Context;
use broker::{BaseUrl, Connection, Id};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use secrecy::SecretString;
use server::{
    Config, Settings,
    settings::{Connected, Desk},
};
use url::Url;
use vault::{Passphrase, Vault};

use crate::data_folder;

#[derive(Subcommand)]
pub(crate) enum Provider {
    /// Request Tracker 5, by an authentication token.
    RequestTracker(RequestTracker),
}

#[derive(Args)]
pub(crate) struct RequestTracker {
    /// Address of its web interface.
    #[arg(long, value_parser = web_address)]
    url: Url,
    /// File that holds the token of the user whose tickets are shown, and nothing else.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Certificate authority of the server, PEM, where it is a private one.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

pub(crate) fn run(config: &Config, provider: &Provider, passphrase: Option<Passphrase>) -> anyhow::Result<()> {
    let Provider::RequestTracker(given) = provider;
    let token = SecretString::from(read(&given.token_file)?);
    let ca = given.ca.as_deref().map(read).transpose()?;
    let connection = Connection::request_tracker(&BaseUrl::new(given.url.clone())?, token, ca)?;

    let folder = data_folder(config)?;
    // The settings first: what cannot be chosen afterwards shall not be stored.
    let now = Timestamp::now();
    let settings = Settings::open(&folder, config, now)?;
    let vault = Vault::new(folder.path("secrets.json"), passphrase);
    broker::connect(&vault, &Id::request_tracker(), &connection)?;
    let connected = Connected { address: Some(given.url.clone()), at: Some(now) };
    Settings { desk: Desk::RequestTracker(connected), ..settings }.write(&folder)?;
    said(connection.base_url());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(address: &impl std::fmt::Display) {
    println!("Connected to {address}. A server that runs reads it within seconds.");
}

fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write it as https://rt.example.com"))?;
    BaseUrl::new(url.clone()).map_err(|error| error.to_string())?;
    Ok(url)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
