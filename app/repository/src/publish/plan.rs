//! What is to be written.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// Files to be written, in this order, and what that means in words.
#[derive(Debug, Default)]
#[must_use = "a plan that is not carried out changes nothing"]
pub struct Plan {
    files: Vec<(PathBuf, Contents)>,
    words: Vec<String>,
}

#[derive(Debug)]
enum Contents {
    /// To be read by everybody.
    Public(Vec<u8>),
    /// To be read by the owner alone.
    Secret(Vec<u8>),
    /// The same as in another file.
    CopyOf(PathBuf),
    /// The file goes away.
    Gone,
}

impl Plan {
    pub(super) fn write(&mut self, path: PathBuf, contents: Vec<u8>) {
        self.files.push((path, Contents::Public(contents)));
    }

    pub(super) fn write_secret(&mut self, path: PathBuf, contents: Vec<u8>) {
        self.files.push((path, Contents::Secret(contents)));
    }

    pub(super) fn copy(&mut self, path: PathBuf, from: PathBuf) {
        self.files.push((path, Contents::CopyOf(from)));
    }

    pub(super) fn remove(&mut self, path: PathBuf) {
        self.files.push((path, Contents::Gone));
    }

    pub(super) fn say(&mut self, words: impl Into<String>) {
        self.words.push(words.into());
    }

    pub(super) fn append(&mut self, rest: Self) {
        self.files.extend(rest.files);
        self.words.extend(rest.words);
    }

    /// What is public in it, by path.
    pub(super) fn public(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let public = self.files.iter().filter_map(|(path, contents)| match contents {
            Contents::Public(bytes) => Some((path.clone(), bytes.clone())),
            _ => None,
        });
        public.collect()
    }

    /// What it means, and every file that it writes or removes.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let files = self.files.iter().map(|(path, contents)| match contents {
            Contents::Gone => format!("removes {}", path.display()),
            _ => format!("writes {}", path.display()),
        });
        self.words.iter().cloned().chain(files).collect()
    }

    /// What it means.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Writes everything, each file as a whole. What makes the rest visible is written last.
    ///
    /// # Errors
    /// A file cannot be written. What was written until then is in nobody's way: write it again.
    pub fn carry_out(self) -> anyhow::Result<()> {
        for (path, contents) in &self.files {
            carry_out(path, contents).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

fn carry_out(path: &Path, contents: &Contents) -> anyhow::Result<()> {
    if matches!(contents, Contents::Gone) {
        return Ok(fs::remove_file(path)?);
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let whole = path.with_added_extension("new");
    let mode = if matches!(contents, Contents::Secret(_)) { 0o600 } else { 0o644 };
    let mut file = File::options().create(true).write(true).truncate(true).mode(mode).open(&whole)?;
    match contents {
        Contents::Public(bytes) | Contents::Secret(bytes) => file.write_all(bytes)?,
        Contents::CopyOf(from) => drop(std::io::copy(&mut File::open(from)?, &mut file)?),
        Contents::Gone => {}
    }
    file.sync_all()?;
    Ok(fs::rename(whole, path)?)
}
