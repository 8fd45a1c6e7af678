//! Types into the shell of a debug image, on the serial line.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

/// What the shell prints behind a command. It is not what is typed, which the line echoes.
const END: &str = "nexus-command-ended";
const TYPED_END: &str = "nexus-command-''ended";

/// Runs a command and answers what it prints, with the journal's lines that came in between.
///
/// # Errors
/// There is no shell, or the command does not end in time.
pub(crate) fn run(socket: &Path, command: &str, patience: Duration) -> anyhow::Result<String> {
    let mut line = UnixStream::connect(socket).context("QEMU has no serial line")?;
    line.set_read_timeout(Some(Duration::from_millis(200)))?;
    line.write_all(format!("\n{command}; echo {TYPED_END}\n").as_bytes())?;
    let started = Instant::now();
    let mut heard = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        match line.read(&mut bytes) {
            Ok(length) => heard.extend_from_slice(&bytes[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
        let text = String::from_utf8_lossy(&heard).replace('\r', "");
        if let Some((printed, _)) = text.split_once(END) {
            let printed = printed.split_once(TYPED_END).map_or(printed, |(_, printed)| printed);
            return Ok(printed.trim().to_owned());
        }
        ensure!(started.elapsed() < patience, "no shell answers on the serial line, which only debug images have");
    }
}
