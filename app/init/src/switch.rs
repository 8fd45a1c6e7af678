//! Leaves the initramfs for the real root.

use std::{
    convert::Infallible,
    env, fs, io,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::Path,
    process::Command,
};

use nix::{
    mount::{MsFlags, mount},
    unistd::chroot,
};

/// Moves the kernel's file systems into `root`, frees the memory of the initramfs, and becomes `program` of `root`.
///
/// # Errors
/// The kernel refused one of the steps; what follows is a reboot.
pub fn over_to(root: &Path, program: &str) -> io::Result<Infallible> {
    let device = fs::metadata("/")?.dev();
    for folder in ["dev", "proc", "sys", "run"] {
        relocate(&Path::new("/").join(folder), &root.join(folder))?;
    }
    empty(Path::new("/"), device);
    env::set_current_dir(root)?;
    relocate(Path::new("."), Path::new("/"))?;
    chroot(".")?;
    env::set_current_dir("/")?;
    Err(Command::new(program).env_clear().exec())
}

fn relocate(from: &Path, to: &Path) -> io::Result<()> {
    Ok(mount(Some(from), to, None::<&str>, MsFlags::MS_MOVE, None::<&str>)?)
}

/// Removes everything on `device` below `folder`. What cannot be removed only costs memory.
fn empty(folder: &Path, device: u64) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.dev() != device {
            continue;
        }
        if metadata.is_dir() {
            empty(&path, device);
            let _ = fs::remove_dir(&path);
        } else {
            let _ = fs::remove_file(&path);
        }
    }
}
