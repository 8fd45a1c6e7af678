//! `nexus connect`: tries a helpdesk, seals its address and token together, and chooses that helpdesk; or the on-call
//! calendar; or the webhook to which alerts go.

mod calendar;
mod webhook;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use broker::{BaseUrl, Connection, Id};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use secrecy::SecretString;
use server::{
    Config, Settings, SettingsError,
    settings::{Connected, Desk},
};
use url::Url;
use vault::{Passphrase, Vault};

use crate::{data_folder, trial};

#[derive(Subcommand)]
pub(crate) enum Provider {
    /// Request Tracker 5, by an authentication token.
    RequestTracker(RequestTracker),
    /// The on-call calendar, by the address of its feed.
    Calendar(calendar::Given),
    /// The webhook to which alerts go, by its address.
    Webhook(webhook::Given),
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
    /// Connect even if nobody answers there yet. A token that is refused is not stored all the same.
    #[arg(long)]
    allow_unreachable: bool,
    /// Use an http:// address of another machine: the token then travels in the clear, and others on that network can
    /// read it.
    #[arg(long)]
    allow_token_in_clear: bool,
}

pub(crate) fn run(config: &Config, provider: &Provider, passphrase: Option<Passphrase>) -> anyhow::Result<()> {
    match provider {
        Provider::RequestTracker(given) => request_tracker(config, given, passphrase),
        Provider::Calendar(given) => calendar::run(config, given, passphrase),
        Provider::Webhook(given) => webhook::run(config, given, passphrase),
    }
}

fn request_tracker(config: &Config, given: &RequestTracker, passphrase: Option<Passphrase>) -> anyhow::Result<()> {
    let base = BaseUrl::new(given.url.clone())?;
    if base.is_in_clear() && !given.allow_token_in_clear {
        bail!(
            "{base} begins with http://, so others on the network could read the token. Nothing was sent or stored. Use \
             its https:// address, or say --allow-token-in-clear"
        );
    }
    let token = SecretString::from(read(&given.token_file)?);
    let ca = given.ca.as_deref().map(read).transpose()?;
    let connection = Connection::request_tracker(&base, token, ca)?;

    let folder = data_folder(config)?;
    // The settings and the passphrase first: what cannot be chosen or sealed afterwards shall not be tried.
    Settings::open(&folder, config, Timestamp::now())?;
    let vault = Vault::new(folder.path("secrets.json"), passphrase);
    if !vault.has_passphrase() {
        return Err(vault::Error::NoPassphrase.into());
    }
    let tried = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(trial::REQUEST_TRACKER.of(&connection));
    let silence = match tried {
        Ok(()) => None,
        Err(silence) if silence.is_silence() && given.allow_unreachable => Some(silence),
        Err(silence) if silence.is_silence() => bail!(
            "{silence}. Nothing was stored. Check the address, or say --allow-unreachable to connect before it answers"
        ),
        Err(error) => {
            return Err(anyhow::Error::new(error).context("the connection was tried, and nothing was stored"));
        }
    };

    broker::connect(&vault, &Id::request_tracker(), &connection)?;
    Settings::change(&folder, |settings| {
        let connected = Connected::to(given.url.clone(), Timestamp::now(), &settings.desk);
        Ok::<_, SettingsError>(Settings { desk: Desk::RequestTracker(connected), ..settings })
    })?;
    said(&match silence {
        None => format!("Connected to {base}: it takes the token. A server that runs reads it within seconds."),
        Some(silence) => format!(
            "Stored, but not tried: {silence}. A server that runs reads it as soon as it answers; its log says how that went."
        ),
    });
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this answers the person who typed the command")]
fn said(words: &str) {
    println!("{words}");
}

fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write it as https://rt.example.com"))?;
    text.parse::<BaseUrl>().map_err(|error| error.to_string())?;
    Ok(url)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
