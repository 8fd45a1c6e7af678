//! `nexus connect calendar`: tries an on-call calendar, and seals its address.

use std::path::PathBuf;

use anyhow::Context;
use broker::{Endpoint, Error};
use clap::Args;
use connectors::calendar::{Calendar, Shift};
use desk::Window;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use secrecy::SecretString;
use server::{Config, Settings};
use vault::{Passphrase, Vault};

use super::{read, said};
use crate::data_folder;

#[derive(Args)]
pub(crate) struct Given {
    /// File that holds the address of the feed (iCalendar), and nothing else: who knows it can read the calendar.
    #[arg(long, value_name = "FILE")]
    url_file: PathBuf,
    /// The feed's host may be one of the local network.
    #[arg(long)]
    allow_lan_host: bool,
    /// Certificate authority of that host, PEM, where it is a private one.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

pub(super) fn run(config: &Config, given: &Given, passphrase: Option<Passphrase>) -> anyhow::Result<()> {
    let url = SecretString::from(read(&given.url_file)?);
    let endpoint = Endpoint::new(url, given.allow_lan_host, given.ca.as_deref().map(read).transpose()?)?;
    let folder = data_folder(config)?;
    let settings = Settings::open(&folder, config, Timestamp::now())?;
    let vault = Vault::new(folder.path("secrets.json"), passphrase);
    if !vault.has_passphrase() {
        return Err(vault::Error::NoPassphrase.into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let feed = runtime.block_on(broker::attempt_calendar(&endpoint)).map_err(nothing_stored)?;
    let zone = TimeZone::get(&settings.time_zone).context("the time zone of the settings")?;
    let found =
        judge(&String::from_utf8_lossy(&feed), &zone).context("the calendar was read, and nothing was stored")?;
    broker::set_calendar(&vault, &endpoint)?;
    said(&format!("Connected. {found} A server that runs shows it on the board \"team\" within a minute."));
    Ok(())
}

fn nothing_stored(error: Error) -> anyhow::Error {
    anyhow::Error::from(error).context("the calendar was tried, and nothing was stored")
}

/// What the feed says of today, so that whoever connects it sees whether it is the right one.
fn judge(feed: &str, zone: &TimeZone) -> anyhow::Result<String> {
    let now = Timestamp::now();
    let window = Window { start: now, end: now + SignedDuration::from_hours(24 * 60) };
    let calendar = Calendar::read(feed, zone, window)?;
    let until =
        |shift: &Shift| format!("{} until {}", shift.name, shift.end.to_zoned(zone.clone()).strftime("%-d %B, %H:%M"));
    let mut found = match (calendar.on_call(now).first(), calendar.next(now, None)) {
        (Some(shift), _) => format!("On call now: {}.", until(shift)),
        (None, Some(next)) => {
            let from = next.start.to_zoned(zone.clone());
            format!("Nobody is on call now; next is {} from {}.", next.name, from.strftime("%-d %B, %H:%M"))
        }
        (None, None) => "Nobody is on call now or in the next 60 days.".to_owned(),
    };
    for (reason, count) in calendar.left_out() {
        found.push_str(&format!(" Left out: {count} events, because {reason}."));
    }
    Ok(found)
}
