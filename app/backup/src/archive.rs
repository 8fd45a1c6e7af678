//! Reading and writing the form.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::snapshot::Source;
use crate::{Entry, Error, Fault, Manifest, Name};

/// The largest window that a frame may ask memory for, as a power of two: 8 MiB, what level 19 would use.
const MAX_WINDOW: u32 = 23;

/// The unit of a tar file, in bytes.
const BLOCK: usize = 512;

/// Reads an archive to its end, and says what it holds. All of it is verified, and nothing is written.
///
/// # Errors
/// It is not whole, or no archive.
pub fn verify(archive: impl Read) -> Result<Manifest, Fault> {
    walk(archive, |_, content| {
        io::copy(content, &mut io::sink()).map_err(Fault::Reading)?;
        Ok(())
    })
}

/// Reads an archive into an empty folder, for its owner alone, and verifies it meanwhile. Durable when it returns.
///
/// # Errors
/// It is not whole, no archive, or cannot be written. What was written until then is of no use.
pub fn unpack(archive: impl Read, folder: &Path) -> Result<Manifest, Fault> {
    walk(archive, |entry, content| {
        let path = folder.join(entry.name.as_path());
        let failed = |error: vault::file::Error| Fault::Writing(error.path, error.reason);
        if let Some(within) = path.parent().filter(|within| *within != folder) {
            vault::file::make_folder(within).map_err(failed)?;
        }
        let failed = |reason| Fault::Writing(path.clone(), reason);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        vault::file::give_to_owner_of(folder, &file).map_err(failed)?;
        copy(content, &mut file).map_err(|error| match error {
            Copy::Read(reason) => Fault::Reading(reason),
            Copy::Write(reason) => failed(reason),
        })?;
        file.sync_all().map_err(failed)
    })
    .and_then(|manifest| {
        let folders = manifest.files.iter().flat_map(|entry| entry.name.folders()).map(|within| folder.join(within));
        for folder in folders.chain([folder.to_owned()]) {
            fs::File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|e| Fault::Writing(folder, e))?;
        }
        Ok(manifest)
    })
}

/// Goes through an archive: `take` gets each file's content, and its digest is compared afterwards.
fn walk(
    archive: impl Read,
    mut take: impl FnMut(&Entry, &mut dyn Read) -> Result<(), Fault>,
) -> Result<Manifest, Fault> {
    let mut frame = zstd::Decoder::new(archive).map_err(Fault::Reading)?;
    frame.window_log_max(MAX_WINDOW).map_err(Fault::Reading)?;
    let mut archive = tar::Archive::new(frame);
    // Raw: nothing that an entry says may change how the next one is read.
    let mut entries = archive.entries().map_err(Fault::Reading)?.raw(true);

    let mut first = entries.next().ok_or(Fault::Foreign)?.map_err(Fault::opening)?;
    if !first.header().entry_type().is_file() || *first.path_bytes() != *Manifest::NAME.as_bytes() {
        return Err(Fault::Foreign);
    }
    if first.size() > Manifest::MAX_LENGTH {
        return Err(Fault::Manifest("it is too large".to_owned()));
    }
    let mut text = Vec::new();
    first.read_to_end(&mut text).map_err(Fault::Reading)?;
    let manifest = Manifest::read(&text)?;

    for expected in &manifest.files {
        let mut found = entries.next().ok_or(Fault::Short)?.map_err(Fault::Reading)?;
        let name: Name = String::from_utf8_lossy(&found.path_bytes()).parse()?;
        let is_expected =
            found.header().entry_type().is_file() && name == expected.name && found.size() == expected.length;
        if !is_expected {
            return Err(Fault::Unexpected(name.to_string()));
        }
        let mut content = Hashing { inner: &mut found, digest: Sha256::new(), length: 0 };
        take(expected, &mut content)?;
        if content.length != expected.length {
            return Err(Fault::Short);
        }
        if HEXLOWER.encode(&content.digest.finalize()) != expected.sha256 {
            return Err(Fault::Digest(name.to_string()));
        }
    }
    match entries.next() {
        None => {}
        Some(Ok(more)) => {
            return Err(Fault::Unexpected(String::from_utf8_lossy(&more.path_bytes()).escape_default().to_string()));
        }
        Some(Err(error)) => return Err(Fault::Reading(error)),
    }
    // Two empty blocks end a tar file, of which the first was read. Then comes the end of the frame, whose checksum is
    // compared there, and of the file.
    let mut rest = Vec::new();
    archive.into_inner().take(2 * BLOCK as u64).read_to_end(&mut rest).map_err(Fault::Reading)?;
    match rest == [0; BLOCK] {
        true => Ok(manifest),
        false if rest.len() < BLOCK => Err(Fault::Short),
        false => Err(Fault::Trailing),
    }
}

/// Writes an archive of what was taken from a data folder.
pub(crate) fn write(manifest: &Manifest, sources: &mut [Source], to: impl Write) -> Result<(), Error> {
    let mut frame = zstd::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(Error::Writing)?;
    frame.include_checksum(true).map_err(Error::Writing)?;
    let mut archive = tar::Builder::new(frame);
    let text = manifest.write();
    append(&mut archive, Manifest::NAME, text.len() as u64, &*text).map_err(Error::Writing)?;
    for Source { name, length, file, .. } in sources {
        file.rewind().map_err(|reason| Error::reading(name.as_path(), reason))?;
        append(&mut archive, name.as_str(), *length, file).map_err(Error::Writing)?;
    }
    archive.into_inner().and_then(zstd::Encoder::finish).and_then(|mut to| to.flush()).map_err(Error::Writing)
}

fn append(archive: &mut tar::Builder<impl Write>, name: &str, length: u64, content: impl Read) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name)?;
    header.set_size(length);
    // For who unpacks it with tar.
    header.set_mode(0o600);
    header.set_cksum();
    archive.append(&header, content.take(length))
}

struct Hashing<R> {
    inner: R,
    digest: Sha256,
    length: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.digest.update(&into[..count]);
        self.length += count as u64;
        Ok(count)
    }
}

/// Which side of a copy failed.
enum Copy {
    Read(io::Error),
    Write(io::Error),
}

fn copy(from: &mut dyn Read, to: &mut impl Write) -> Result<(), Copy> {
    let mut part = vec![0; 64 << 10];
    loop {
        match from.read(&mut part) {
            Ok(0) => return Ok(()),
            Ok(count) => to.write_all(&part[..count]).map_err(Copy::Write)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Copy::Read(error)),
        }
    }
}
