//! An installation in a folder of its own, and the command run on it.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use broker::{Connection, Id};
use tempfile::TempDir;
use vault::{Passphrase, SecretString, Vault};

pub(crate) const PASSPHRASE: &str = "DASHBOARD_SECRET_PASSPHRASE";
pub(crate) const NEW_PASSPHRASE: &str = "DASHBOARD_SECRET_NEW_PASSPHRASE";

/// The passphrase of every installation that is not given another.
pub(crate) const WORDS: &str = "canary-passphrase-of-the-test";

pub(crate) struct Installation {
    pub(crate) folder: TempDir,
}

impl Installation {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The command, with the environment that its operator gives it.
    pub(crate) fn nexus(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexus"));
        command.env_clear().env("NEXUS_DATA", self.data()).env("NEXUS_LISTEN", "127.0.0.1:0").env(PASSPHRASE, WORDS);
        command
    }

    /// Its vault, as a process sees it that was started with `words`.
    pub(crate) fn vault(&self, words: &str) -> Vault {
        Vault::new(self.data().join("secrets.json"), Some(passphrase(words)))
    }

    /// Stores a connection to a helpdesk at `url`, as `nexus connect` does.
    pub(crate) fn connect(&self, url: &str, token: &str) {
        vault::file::make_folder(&self.data()).unwrap();
        let connection = Connection::request_tracker(&url.parse().unwrap(), SecretString::from(token), None).unwrap();
        broker::connect(&self.vault(WORDS), &Id::request_tracker(), &connection).unwrap();
    }
}

pub(crate) fn passphrase(words: &str) -> Passphrase {
    Passphrase::new(words.into()).unwrap()
}

/// Runs a command to its end: what became of it, and all that it printed.
pub(crate) fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, said)
}
