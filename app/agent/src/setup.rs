//! `nexus.toml` as a file on the set-up partition: read whole, and rewritten whole without its secrets.

use std::fs::{self, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::folder::replace;

/// The file's text; none where there is no file.
///
/// # Errors
/// It cannot be read, is no text, or is too long.
pub fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    text(setup_file::bytes(path)?)
}

/// Whether something is mounted on a folder.
#[must_use]
pub fn is_mounted(folder: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
    matches!((device(folder), device(&folder.join(".."))), (Ok(own), Ok(above)) if own != above)
}

/// Erases the secrets in the file, whose text is `text`, and gives the new text; `None` where it has none. Cut off at any
/// moment, it leaves the old file or the new one; cut off right behind that, the old file's secrets may still be in blocks
/// that no file has any more. Where there is no room for a second file, the first is written over in its place, which a power
/// cut may leave in halves: an unreadable file is told and can be written anew, and a secret that stays cannot be taken back.
///
/// # Errors
/// It was changed meanwhile, and is as it was then, or it cannot be written.
pub fn erase(path: &Path, text: &str) -> io::Result<Option<Zeroizing<String>>> {
    let Some(erased) = setup_file::erase(text) else { return Ok(None) };
    let mut old = OpenOptions::new().read(true).write(true).open(path)?;
    if *self::text(setup_file::whole(&old)?)? != text {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if let Err(error) = replace(path, erased.as_bytes(), mode) {
        tracing::warn!("nexus.toml is written over in its place: {}", error.reason);
        let padding = " ".repeat(text.len().saturating_sub(erased.len()));
        overwrite(&mut old, &format!("{}{padding}", *erased))?;
        old.set_len(erased.len() as u64)?;
        old.sync_all()?;
        return Ok(Some(erased));
    }
    // The old file has no name any more, but its blocks would keep the secrets. Where the medium maps them elsewhere
    // (flash does), this is the most that a program can do.
    if let Err(error) = overwrite(&mut old, &" ".repeat(text.len())) {
        tracing::warn!("the old nexus.toml was replaced but could not be overwritten: {error}");
    }
    Ok(Some(erased))
}

/// Writes a text over the beginning of a file, in its blocks.
fn overwrite(file: &mut fs::File, text: &str) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn text(bytes: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<String>> {
    match str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => Err(io::Error::other(no_utf8(&bytes, error.valid_up_to()))),
    }
}

/// What is wrong with a text that is UTF-8 up to `end` only. An editor on Windows may have written it another way.
fn no_utf8(bytes: &[u8], end: usize) -> String {
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let (line, what) = match is_utf16 {
        true => (1, "the file is in UTF-16"),
        false => (setup_file::line(bytes, end), "it has a letter that is not in UTF-8"),
    };
    format!("line {line}: {what}; save it with the encoding UTF-8")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::os::fd::AsRawFd as _;

    use super::*;

    const TEXT: &str = "[wifi] # upstairs\nssid = \"Office\"\nkey = \"correct horse\"\n";

    #[test]
    fn the_file_is_replaced_whole_and_the_old_one_holds_no_secret_any_more() {
        let temp = tempfile::tempdir().unwrap();
        let (path, other) = (temp.path().join("nexus.toml"), temp.path().join("other name"));
        fs::write(&path, TEXT).unwrap();
        fs::hard_link(&path, &other).unwrap();
        let erased = erase(&path, TEXT).unwrap().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), TEXT.replace("correct horse", "erased"));
        assert_eq!(*read(&path).unwrap(), *erased);
        assert_eq!(fs::read_to_string(&other).unwrap().trim(), "", "the blocks of the old file");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 2, "nothing is left lying about");
        assert_eq!(erase(&path, &erased).unwrap(), None);
    }

    #[test]
    fn where_no_second_file_can_be_made_the_first_is_written_over() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("nexus.toml");
        fs::write(&path, TEXT).unwrap();
        let file = fs::File::open(&path).unwrap();
        // The same file in a folder in which nobody can make another one.
        let full = format!("/proc/self/fd/{}", file.as_raw_fd());
        let erased = erase(Path::new(&full), TEXT).unwrap().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), TEXT.replace("correct horse", "erased"));
        assert_eq!(*read(&path).unwrap(), *erased);
    }

    #[test]
    fn a_folder_is_mounted_where_another_file_system_begins() {
        assert!(is_mounted(Path::new("/proc")));
        assert!(!is_mounted(Path::new("/proc/self")));
        assert!(!is_mounted(Path::new("/nowhere")));
    }

    #[test]
    fn a_file_in_another_encoding_says_where_and_how_to_save_it() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("nexus.toml");
        let says = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            read(&path).unwrap_err().to_string()
        };
        let utf16: Vec<u8> = "\u{feff}rotation = 90\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(says(&utf16), "line 1: the file is in UTF-16; save it with the encoding UTF-8");
        let latin1 = b"rotation = 90\n\n[wifi]\nssid = \"B\xfcro\"\n";
        assert_eq!(says(latin1), "line 4: it has a letter that is not in UTF-8; save it with the encoding UTF-8");
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("nexus.toml");
        fs::write(&path, "rotation = 90\n").unwrap();
        assert!(erase(&path, TEXT).is_err());
        assert_eq!(*read(&path).unwrap(), "rotation = 90\n");
        assert_eq!(*read(&temp.path().join("none")).unwrap(), "");
    }
}
