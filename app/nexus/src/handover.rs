//! How the supervisor hands the passphrase to the Broker: over the pipe that is its standard input, and then its lifeline.
//!
//! An environment could be read in `/proc` before the process that has it can do anything about that, and by whatever it
//! starts. The pipe carries the passphrase and a zero byte, or that byte alone where there is none.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::AsFd,
};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use tokio::{io::AsyncWriteExt, process::ChildStdin};
use vault::Passphrase;
use zeroize::Zeroizing;

/// Ends it. No variable of an environment and no line of a file that is text can hold it.
const END: u8 = 0;

/// Longer ones are no passphrases.
const LONGEST: usize = 64 << 10;

/// Sends it.
pub(crate) async fn give(pipe: &mut ChildStdin, passphrase: Option<&Passphrase>) -> io::Result<()> {
    if let Some(passphrase) = passphrase {
        pipe.write_all(passphrase.expose_secret().as_bytes()).await?;
    }
    pipe.write_all(&[END]).await
}

/// Takes it. Byte by byte, so that no buffer holds it and what follows stays for the lifeline.
pub(crate) fn take() -> anyhow::Result<Option<Passphrase>> {
    let mut pipe = File::from(io::stdin().as_fd().try_clone_to_owned().context("standard input is closed")?);
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0];
    loop {
        pipe.read_exact(&mut byte).context("the supervisor ended before it handed the passphrase over")?;
        if byte == [END] {
            break;
        }
        anyhow::ensure!(bytes.len() < LONGEST, "the passphrase is longer than {LONGEST} bytes; choose another");
        bytes.push(byte[0]);
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    let words = std::str::from_utf8(&bytes).context("the passphrase is not UTF-8; enter it again")?;
    Ok(Some(Passphrase::new(SecretString::from(words))?))
}
