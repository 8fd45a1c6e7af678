//! What a client remembers of a repository between two looks at it: the newest root, and the versions of the rest, by
//! which it notices that it is offered something older.
//!
//! tough writes these files in place. So it works on copies, and what it changed is put back by renaming: a power cut
//! leaves the old file or the new one. Its latest known time is not kept at all: it would stop updates for good on a
//! machine whose clock was wrong once and then put right, and a clock that goes back brings back no version.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tough::schema::{Root, Signed};

use crate::error::FollowError;

const ROOT: &str = "root.json";
/// In the order in which they are put back. What is signed by keys that no longer count is passed over by tough, so any
/// number of them may be new.
const FILES: [&str; 4] = [ROOT, "timestamp.json", "snapshot.json", "targets.json"];
/// Where tough works.
const COPIES: &str = "work";

pub(crate) struct Kept<'a> {
    folder: &'a Path,
}

impl<'a> Kept<'a> {
    /// Opens it, with fresh copies for tough to work on.
    pub(crate) fn open(folder: &'a Path) -> Result<Self, FollowError> {
        let kept = Self { folder };
        let copies = kept.copies();
        let prepare = || {
            if copies.exists() {
                fs::remove_dir_all(&copies)?;
            }
            fs::create_dir_all(&copies)?;
            for name in FILES {
                match fs::copy(folder.join(name), copies.join(name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        };
        prepare().map_err(|source| FollowError::Kept { path: copies.clone(), source })?;
        Ok(kept)
    }

    /// Where tough works.
    pub(crate) fn copies(&self) -> PathBuf {
        self.folder.join(COPIES)
    }

    /// The root to begin with: the newest that was followed to, or the trusted one where that is newer. Only from there a
    /// repository cannot go back to keys that were revoked.
    pub(crate) fn root(&self, trusted: &[u8]) -> Result<Vec<u8>, FollowError> {
        let first = read_root(trusted).map_err(FollowError::TrustedRoot)?;
        let kept = fs::read(self.folder.join(ROOT)).ok();
        let newer = kept.filter(|kept| read_root(kept).is_ok_and(|root| root.signed.version >= first.signed.version));
        Ok(newer.unwrap_or_else(|| trusted.to_vec()))
    }

    /// Keeps what tough changed; also after an error, because what it wrote it had verified.
    pub(crate) fn put_back(&self) -> Result<(), FollowError> {
        let copies = self.copies();
        for name in FILES {
            let path = self.folder.join(name);
            put_back(&copies.join(name), &path).map_err(|source| FollowError::Kept { path, source })?;
        }
        let tidy = || {
            fs::remove_dir_all(&copies)?;
            File::open(self.folder)?.sync_all()
        };
        tidy().map_err(|source| FollowError::Kept { path: self.folder.to_owned(), source })
    }
}

/// Reads a root and its own signatures.
fn read_root(bytes: &[u8]) -> Result<Signed<Root>, String> {
    let root: Signed<Root> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    root.signed.verify_role(&root).map_err(|error| error.to_string())?;
    Ok(root)
}

fn put_back(copy: &Path, path: &Path) -> io::Result<()> {
    let contents = match fs::read(copy) {
        Ok(contents) => contents,
        // tough removes what a change of keys made worthless.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return remove(path),
        Err(error) => return Err(error),
    };
    if fs::read(path).is_ok_and(|kept| kept == contents) {
        return Ok(());
    }
    let whole = path.with_added_extension("new");
    let mut file = File::create(&whole)?;
    file.write_all(&contents)?;
    file.sync_all()?;
    fs::rename(whole, path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
