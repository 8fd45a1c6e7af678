//! `nexus-machine`: applies the agent's wishes, and ends once they are what was applied.

#![allow(clippy::print_stderr, reason = "systemd takes it into the journal")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use machine::{
    files, lease,
    wishes::{Connection, Wishes},
};

/// Makes the machine what nexus.toml wants.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The folder of the agent's wishes.
    #[arg(long, value_name = "DIR", default_value = "/run/nexus/machine")]
    wishes: PathBuf,
}

/// The name that the image gives the machine.
const HOSTNAME: &str = "/etc/hostname";
/// `nmcli` says so where NetworkManager does not run yet; it reads the files when it starts. nmcli(1).
const NOT_RUNNING: i32 = 8;
/// The kernel's radios; this runs again when one comes.
const RADIOS: &str = "/sys/class/ieee80211";
/// What was wished for is refused, and would be the next time: `EX_DATAERR` of sysexits.h, which the unit knows.
const REFUSED: u8 = 65;

fn main() -> ExitCode {
    let folder = Arguments::parse().wishes;
    let done = settle(|| Wanted::read(&folder), Wanted::apply);
    match done {
        Done { failed: true, .. } => ExitCode::FAILURE,
        Done { refused: true, .. } => ExitCode::from(REFUSED),
        Done { .. } => ExitCode::SUCCESS,
    }
}

/// What the machine shall be: the agent's wishes, with the network's time servers where these name none.
#[derive(PartialEq)]
struct Wanted {
    wishes: Wishes,
    /// Why others are not taken.
    refused: Vec<String>,
    /// Why time servers could not be asked for.
    unknown: Option<String>,
}

/// How applying went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    failed: bool,
    refused: bool,
}

/// Applies what is wanted until that is what was applied. systemd looks for changes only while this does not run: the
/// agent's it finds afterwards, those of the network it would not.
fn settle<T: PartialEq>(mut read: impl FnMut() -> T, mut apply: impl FnMut(&T) -> Done) -> Done {
    let mut wanted = read();
    loop {
        let done = apply(&wanted);
        let now = read();
        if now == wanted {
            return done;
        }
        wanted = now;
    }
}

impl Wanted {
    fn read(folder: &Path) -> Self {
        let (mut wishes, refused) = Wishes::read(folder);
        let unknown = time_servers(&mut wishes).err().map(|error| format!("{error:#}"));
        Self { wishes, refused: refused.iter().map(ToString::to_string).collect(), unknown }
    }

    /// One that fails does not keep the others from being done.
    fn apply(&self) -> Done {
        let wishes = &self.wishes;
        for reason in self.refused.iter().chain(&self.unknown) {
            eprintln!("{reason}");
        }
        let mut done = Done { failed: self.unknown.is_some(), refused: !self.refused.is_empty() };
        for error in [name(wishes), country(wishes), rest(wishes)].into_iter().filter_map(Result::err) {
            eprintln!("{error:#}");
            done.failed = true;
        }
        done
    }
}

fn name(wishes: &Wishes) -> anyhow::Result<()> {
    let name = match &wishes.hostname {
        Some(name) => name.clone(),
        None => fs::read_to_string(HOSTNAME).context(HOSTNAME)?.trim_end().to_owned(),
    };
    if nix::unistd::gethostname()?.to_str() != Some(&name) {
        nix::unistd::sethostname(&name).context("the kernel does not take the host name")?;
    }
    Ok(())
}

fn country(wishes: &Wishes) -> anyhow::Result<()> {
    let Some(country) = &wishes.country else { return Ok(()) };
    if !Path::new(RADIOS).exists() {
        return Ok(());
    }
    run("/usr/sbin/iw", &["reg", "set", country]).map(drop)
}

/// Those of the network, where nexus.toml names none.
fn time_servers(wishes: &mut Wishes) -> anyhow::Result<()> {
    if wishes.time_servers.is_none()
        && let Some(said) = output("/usr/bin/nmcli", &["--terse", "--fields", "DHCP4,DHCP6", "device", "show"])?
    {
        wishes.time_servers = lease::time_servers(&said);
    }
    Ok(())
}

fn rest(wishes: &Wishes) -> anyhow::Result<()> {
    let root = Path::new("/");
    let untold = files::put(root, wishes).context("cannot write what was wished for")?;
    let time = if untold.time { tell_of_time(root) } else { Ok(()) };
    let network = if untold.network { tell_of_network(root, &untold.connections) } else { Ok(()) };
    let proxy = if untold.proxy { tell_of_proxy(root) } else { Ok(()) };
    time.and(network).and(proxy)
}

fn tell_of_time(root: &Path) -> anyhow::Result<()> {
    restart("systemd-timesyncd.service")?;
    Ok(files::time_told(root)?)
}

/// RAUC reads its environment when it starts. That it runs already, and installs, while the proxy becomes another one,
/// does not happen: this is once a start, before anything is asked for.
fn tell_of_proxy(root: &Path) -> anyhow::Result<()> {
    restart("rauc.service")?;
    Ok(files::proxy_told(root)?)
}

fn tell_of_network(root: &Path, connections: &[Connection]) -> anyhow::Result<()> {
    if run("/usr/bin/nmcli", &["connection", "reload"])? {
        for connection in connections {
            // Without it, a cable that is up keeps the address that it has. A radio may not be there yet; it joins by
            // itself then.
            if let Err(error) = run("/usr/bin/nmcli", &["--wait", "0", "connection", "up", "id", connection.name()]) {
                eprintln!("{} comes up later: {error:#}", connection.name());
            }
        }
    }
    Ok(files::network_told(root)?)
}

/// Lets a service start again that reads its settings when it starts, if it runs.
fn restart(service: &str) -> anyhow::Result<()> {
    run("/usr/bin/systemctl", &["--no-block", "try-restart", service]).map(drop)
}

/// Runs a program; `false` where the one that it speaks to does not run yet.
fn run(program: &str, arguments: &[&str]) -> anyhow::Result<bool> {
    Ok(output(program, arguments)?.is_some())
}

/// The same, and what it prints.
fn output(program: &str, arguments: &[&str]) -> anyhow::Result<Option<String>> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} does not start"))?;
    if program.ends_with("nmcli") && output.status.code() == Some(NOT_RUNNING) {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), said.trim());
    Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_while_it_is_applied_is_applied_too_and_the_last_time_counts() {
        let mut changes = [1, 2, 2].into_iter();
        let mut applied = Vec::new();
        let done = settle(
            || changes.next(),
            |wanted| {
                applied.push(*wanted);
                Done { failed: *wanted == Some(1), refused: false }
            },
        );
        assert_eq!((applied, done), (vec![Some(1), Some(2)], Done::default()));
    }
}
