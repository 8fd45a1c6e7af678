//! The partition with both copies.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::counters::{Counters, LENGTH, Slot};

/// Where the copies begin, in bytes: far enough apart that no flash page holds both. They are files of a FAT file system,
/// because GRUB writes to nothing else; `image/build/disk` puts them there, and nobody ever moves them.
const COPIES: [u64; 2] = [64 * 1024, 128 * 1024];
/// `O_DSYNC` of Linux: a write has reached the disk when it returns.
const O_DSYNC: i32 = 0o10000;

/// The partition `nexus-slots`.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
}

/// The partition cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} the slot counters on {}: {source}", path.display())]
pub struct Error {
    path: PathBuf,
    action: &'static str,
    source: io::Error,
}

impl Store {
    /// Opens the partition, which nobody else of this system then reads or writes until this is dropped: RAUC may
    /// empty a slot while the other one says that it works.
    ///
    /// # Errors
    /// It is not there, or not ours to write.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let open = || {
            let file = OpenOptions::new().read(true).write(true).custom_flags(O_DSYNC).open(path)?;
            file.lock()?;
            Ok(file)
        };
        open().map(|file| Self { path: path.to_owned(), file }).map_err(|source| Error {
            path: path.to_owned(),
            action: "open",
            source,
        })
    }

    /// What counts: the first whole copy, or [`Counters::UNKNOWN`].
    ///
    /// # Errors
    /// The disk.
    pub fn read(&self) -> Result<Counters, Error> {
        Ok(self.copy(0)?.or(self.copy(1)?).unwrap_or(Counters::UNKNOWN))
    }

    /// Replaces both copies, so that one is whole at every moment: a copy that is not is mended first.
    ///
    /// # Errors
    /// The disk.
    pub fn write(&self, counters: Counters) -> Result<(), Error> {
        let current = self.read()?;
        if counters == current && self.copy(0)? == self.copy(1)? {
            return Ok(());
        }
        for at in [0, 1] {
            if self.copy(at)? != Some(current) {
                self.put(at, current)?;
            }
        }
        self.put(0, counters)?;
        self.put(1, counters)
    }

    /// Mends what the boot loader that started `slot` could not, and says whether there was anything: GRUB writes to no
    /// copy that is no environment block any more.
    ///
    /// # Errors
    /// The disk.
    pub fn mend(&self, slot: Slot) -> Result<bool, Error> {
        let copies = [self.copy(0)?, self.copy(1)?];
        let counters = Counters::left_by(copies, slot);
        let torn: Vec<usize> = (0..copies.len()).filter(|at| copies[*at].is_none()).collect();
        for at in &torn {
            self.put(*at, counters)?;
        }
        Ok(!torn.is_empty())
    }

    fn copy(&self, at: usize) -> Result<Option<Counters>, Error> {
        let mut block = [0; LENGTH];
        self.file.read_exact_at(&mut block, COPIES[at]).map_err(self.failed("read"))?;
        Ok(Counters::read(&block))
    }

    fn put(&self, at: usize, counters: Counters) -> Result<(), Error> {
        self.file.write_all_at(&counters.block(), COPIES[at]).map_err(self.failed("write"))
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let path = self.path.clone();
        move |source| Error { path, action, source }
    }
}
