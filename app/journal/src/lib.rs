//! Keeps a copy of the journal on the only partition that survives a power cut: a file for each of the newest starts,
//! each as a whole and none larger than [`LARGEST`], so that flash is not worn by logging.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Bytes of one copy; the newest lines stay.
pub const LARGEST: usize = 512 * 1024;
/// Starts of which a copy is kept, this one among them.
pub const STARTS: usize = 4;

/// Replaces the copy of this start by `text`, and removes the oldest of those that are too many. Cut off at any moment,
/// the old copy or the new one is there.
///
/// # Errors
/// The disk.
pub fn keep(folder: &Path, start: &str, text: &str) -> io::Result<()> {
    let path = folder.join(format!("{start}.log"));
    let text = newest_lines(text);
    if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let beside = folder.join("new");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, &path)?;
    for old in older(folder, &path)?.into_iter().skip(STARTS - 1) {
        fs::remove_file(old)?;
    }
    File::open(folder)?.sync_all()
}

/// The end of the text, from the beginning of a line, not larger than [`LARGEST`].
fn newest_lines(text: &str) -> &str {
    let Some(cut) = text.len().checked_sub(LARGEST) else { return text };
    let rest = &text.as_bytes()[cut..];
    let line = rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| cut + end + 1);
    text.get(line..).unwrap_or_default()
}

/// The other copies, the newest first.
fn older(folder: &Path, this: &Path) -> io::Result<Vec<PathBuf>> {
    let mut copies: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path != this && path.extension().is_some_and(|end| end == "log"))
        .map(|path| Ok((fs::metadata(&path)?.modified()?, path)))
        .collect::<io::Result<_>>()?;
    copies.sort();
    Ok(copies.into_iter().rev().map(|(_, path)| path).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_newest_starts_are_kept_and_nothing_else_lies_about() {
        let folder = tempfile::tempdir().unwrap();
        for start in 0..7_u64 {
            keep(folder.path(), &format!("start-{start}"), "a line\n").unwrap();
            let copy = File::options().write(true).open(folder.path().join(format!("start-{start}.log"))).unwrap();
            copy.set_modified(UNIX_EPOCH + Duration::from_secs(start)).unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["start-3.log", "start-4.log", "start-5.log", "start-6.log"]);
        keep(folder.path(), "start-6", "a line\nand another\n").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("start-6.log")).unwrap(), "a line\nand another\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), STARTS);
    }

    #[test]
    fn of_a_long_journal_the_newest_whole_lines_are_kept() {
        let long: String = (0..40_000).map(|line| format!("line {line} ü\n")).collect();
        let kept = newest_lines(&long);
        assert!(kept.len() <= LARGEST && kept.len() > LARGEST - 32);
        assert!(kept.starts_with("line ") && kept.ends_with("line 39999 ü\n"));
        assert_eq!(newest_lines("short\n"), "short\n");
        assert_eq!(newest_lines(&"x".repeat(LARGEST + 1)), "", "no line is cut in two");
    }
}
