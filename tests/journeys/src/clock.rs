//! A clock that is off, and that a journey sets while programs go by it: libfaketime.

use std::{fs, io::Write as _, path::Path, path::PathBuf, process::Command};

use tempfile::NamedTempFile;

/// The seconds of a year.
pub const YEAR: i64 = 365 * 24 * 60 * 60;

/// The wall clock of the programs that were started under it. Their monotonic clock runs as ever, as on a machine whose
/// clock somebody sets.
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// A clock that is off by so many seconds. It is kept in `folder`.
    pub fn new(folder: &Path, seconds: i64) -> Self {
        let clock = Self { file: folder.join("clock") };
        clock.set(seconds);
        clock
    }

    /// From now on it is off by so many seconds. Programs that run notice within a second.
    pub fn set(&self, seconds: i64) {
        let folder = self.file.parent().expect("it lies in a folder");
        let mut file = NamedTempFile::new_in(folder).expect("a file can be made");
        write!(file, "{seconds:+}").expect("it can be written");
        file.persist(&self.file).expect("it takes the place of the one before");
    }

    /// Lets a program go by it. (The `faketime` command would stand between the program and its end.)
    pub fn rule(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_CACHE_DURATION", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}

/// Debian's libfaketime, in the folder of this machine's architecture.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("every machine has /usr/lib");
    let mut libraries = folders.flatten().map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    libraries.find(|library| library.exists()).expect("the package faketime is installed; `scripts/test` does so")
}
