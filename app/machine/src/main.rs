//! `nexus-machine`: applies the agent's wishes once, and ends.

#![allow(clippy::print_stderr, reason = "systemd takes it into the journal")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use machine::{files, lease, wishes::Wishes};

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

fn main() -> ExitCode {
    let (mut wishes, refused) = Wishes::read(&Arguments::parse().wishes);
    for reason in &refused {
        eprintln!("{reason}");
    }
    let mut code = if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    // One that fails does not keep the others from being done.
    for done in [name(&wishes), country(&wishes), time_servers(&mut wishes), rest(&wishes)] {
        if let Err(error) = done {
            eprintln!("{error:#}");
            code = ExitCode::FAILURE;
        }
    }
    code
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
    let changed = files::put(Path::new("/"), wishes).context("cannot write what was wished for")?;
    if changed.time {
        run("/usr/bin/systemctl", &["--no-block", "try-restart", "systemd-timesyncd.service"])?;
    }
    if changed.network && run("/usr/bin/nmcli", &["connection", "reload"])? {
        for connection in changed.connections {
            // Without it, a cable that is up keeps the address that it has. A radio may not be there yet; it joins by
            // itself then.
            if let Err(error) = run("/usr/bin/nmcli", &["--wait", "0", "connection", "up", "id", connection.name()]) {
                eprintln!("{} comes up later: {error:#}", connection.name());
            }
        }
    }
    Ok(())
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
