//! Reads of `nexus.toml` how the display hangs. Everything else in it is the agent's.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use setup_file::{MAX_FILE, place};

/// Clockwise rotation of the picture in degrees: 0, 90, 180 or 270. No file is one that says nothing, and a mistake in
/// the rest of it is the agent's to tell.
///
/// # Errors
/// The file cannot be read, or is longer than [`MAX_FILE`].
pub fn turned(file: &Path) -> io::Result<u16> {
    let file = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::other(format!("it is longer than {MAX_FILE} bytes")));
    }
    Ok(place(&bytes).turned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::fs;

    use super::*;

    #[test]
    fn a_file_says_how_the_display_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nexus.toml");
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
