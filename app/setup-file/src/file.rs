//! The file as it lies on a disk.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use zeroize::Zeroizing;

use super::MAX_FILE;

/// The bytes of the file with this name; none where there is no file.
///
/// # Errors
/// It cannot be read, or is longer than [`MAX_FILE`].
pub fn bytes(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match File::open(path) {
        Ok(file) => whole(&file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::default()),
        Err(error) => Err(error),
    }
}

/// The bytes of an open file.
///
/// # Errors
/// As [`bytes`].
pub fn whole(file: &File) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::other(format!("it is longer than {MAX_FILE} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::fs;

    use super::*;
    use crate::place;

    #[test]
    fn a_file_says_how_the_display_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nexus.toml");
        let turned = |file: &Path| bytes(file).map(|bytes| place(&bytes).turned);
        assert_eq!(turned(&file).unwrap(), 0, "there is none");
        for (text, degrees) in [
            (&b"rotation = 270\n"[..], 270),
            (b"server = \"http://nexus\"\nrotation = 90\n", 90),
            (b"rotation = 180\nhostname = \"B\xfcro\"\n", 180),
            (b"rotation = 45\n", 0),
            (b"", 0),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(turned(&file).unwrap(), degrees);
        }
        fs::write(&file, "#".repeat(300_000)).unwrap();
        assert_eq!(turned(&file).unwrap_err().to_string(), "it is longer than 262144 bytes");
        assert!(turned(folder.path()).is_err());
    }
}
