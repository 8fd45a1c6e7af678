//! Loads kernel modules in a given order.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use nix::{
    errno::Errno,
    kmod::{ModuleInitFlags, finit_module},
};

/// Loads the modules that the file `list` in `folder` names, a line each, what others need first. Answers those that the
/// kernel refused, with the reason; a module that is loaded already is none of them, nor one whose hardware is not here.
///
/// # Errors
/// The list cannot be read.
pub fn load(folder: &Path, list: &str) -> io::Result<Vec<(String, io::Error)>> {
    let names = fs::read_to_string(folder.join(list))?;
    let mut refused = Vec::new();
    for name in names.lines() {
        let loaded = File::open(folder.join(name)).and_then(|file| {
            finit_module(&file, c"", ModuleInitFlags::empty()).or_else(|error| match error {
                Errno::EEXIST | Errno::ENODEV => Ok(()),
                other => Err(other.into()),
            })
        });
        if let Err(error) = loaded {
            refused.push((name.to_owned(), error));
        }
    }
    Ok(refused)
}
