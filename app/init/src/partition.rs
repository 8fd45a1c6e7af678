//! Finds a partition by its name in the partition table.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How often the kernel is asked. Reading the names of all block devices takes well under a millisecond.
const AGAIN: Duration = Duration::from_millis(20);

/// The device of the partition with this name, among those of `sys` (`/sys/class/block`).
///
/// Where several disks have one, it is that of the first by name: an internal disk and a stick that carry the same
/// system cannot be told apart.
///
/// # Errors
/// The folder cannot be read.
pub fn find(sys: &Path, name: &str) -> io::Result<Option<PathBuf>> {
    let wanted = format!("PARTNAME={name}");
    let mut found: Vec<_> = fs::read_dir(sys)?
        .flatten()
        .filter(|entry| {
            fs::read_to_string(entry.path().join("uevent")).is_ok_and(|text| text.lines().any(|line| line == wanted))
        })
        .map(|entry| Path::new("/dev").join(entry.file_name()))
        .collect();
    found.sort();
    Ok(found.into_iter().next())
}

/// Waits for the partition.
///
/// # Errors
/// It does not come within `patience`, or the kernel lists no block devices.
pub fn wait_for(sys: &Path, name: &str, patience: Duration) -> io::Result<PathBuf> {
    let started = Instant::now();
    loop {
        if let Some(device) = find(sys, name)? {
            return Ok(device);
        }
        if started.elapsed() > patience {
            let words = format!("no disk with a partition {name} came within {} s", patience.as_secs());
            return Err(io::Error::new(io::ErrorKind::NotFound, words));
        }
        thread::sleep(AGAIN);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn a_partition_is_found_by_its_whole_name() {
        let sys = tempfile::tempdir().unwrap();
        for (device, uevent) in [
            ("sda", "MAJOR=8\nDEVTYPE=disk\n"),
            ("sda6", "MAJOR=8\nPARTNAME=nexus-root-a\n"),
            ("sda7", "MAJOR=8\nPARTNAME=nexus-root-a2\n"),
            ("sdb6", "MAJOR=8\nPARTNAME=nexus-root-a\n"),
        ] {
            fs::create_dir(sys.path().join(device)).unwrap();
            fs::write(sys.path().join(device).join("uevent"), uevent).unwrap();
        }
        assert_eq!(find(sys.path(), "nexus-root-a").unwrap(), Some(PathBuf::from("/dev/sda6")));
        assert_eq!(find(sys.path(), "nexus-root").unwrap(), None);
        let error = wait_for(sys.path(), "nexus-root-b", Duration::ZERO).unwrap_err();
        assert_eq!(error.to_string(), "no disk with a partition nexus-root-b came within 0 s");
    }
}
