//! Every write to a disk, in its order, and what of it a power cut may leave.
//!
//! QEMU's `blklogwrites` keeps the log, in the format of the kernel's dm-log-writes
//! (Documentation/admin-guide/device-mapper/log-writes.rst). A disk has what was written before it last said that all is
//! written, which is a flush. Of what came after, a power cut leaves anything: each write whole, up to one of its sectors,
//! or not at all, in any order.

use std::{fs::File, io, os::unix::fs::FileExt as _, path::Path};

use anyhow::{Context as _, bail, ensure};

/// What a log begins with, in a sector of its own.
const MAGIC: u64 = 0x006a_7366_7773_6872;
const VERSION: u64 = 1;
/// Bits of an entry's flags.
const FLUSH: u64 = 1;
const FUA: u64 = 2;
const DISCARD: u64 = 4;
const MARK: u64 = 8;
/// Most bytes that are held at once while a disk is written.
const CHUNK: u64 = 1 << 20;

/// The log of a disk.
#[derive(Debug)]
pub struct WriteLog {
    file: File,
    /// Bytes.
    sector: u64,
    entries: Vec<Entry>,
}

/// What was asked of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Write {
        /// Where on the disk, in bytes.
        to: u64,
        /// Where in the log.
        from: u64,
        length: u64,
        /// Whether it was said to be written once it was, without a flush.
        durable: bool,
    },
    /// All before it is written.
    Flush,
}

/// What became of the writes that no flush followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unflushed {
    /// How many there were.
    pub writes: usize,
    /// How many of them are lost.
    pub lost: usize,
    /// How many are there up to one of their sectors.
    pub torn: usize,
}

impl WriteLog {
    /// Reads a log whose disk nobody writes any more. What a killed QEMU began to write at its end counts as not written.
    ///
    /// # Errors
    /// It is no such log, or damaged before its end.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let said = || format!("{} is no log of writes", file.display());
        let file = File::open(file).with_context(said)?;
        let end = file.metadata()?.len();
        let mut head = [0; 28];
        file.read_exact_at(&mut head, 0).with_context(said)?;
        let number = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
        let sector = u64::from(u32::from_le_bytes(head[24..28].try_into().unwrap_or_default()));
        ensure!(number(0) == MAGIC && number(8) == VERSION, said());
        ensure!(sector.is_power_of_two() && (512..=65536).contains(&sector), "{}: sectors of {sector} bytes", said());
        let mut entries = Vec::new();
        let mut at = sector;
        while let Some((entry, next)) = next_entry(&file, sector, at, end)? {
            entries.extend(entry);
            at = next;
        }
        Ok(Self { file, sector, entries })
    }

    /// How many writes and flushes there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// After how many of them each flush had come.
    pub fn flushes(&self) -> impl Iterator<Item = usize> {
        self.entries.iter().enumerate().filter(|(_, entry)| **entry == Entry::Flush).map(|(index, _)| index + 1)
    }

    /// How many there were when the log's file had so many bytes.
    #[must_use]
    pub fn within(&self, bytes: u64) -> usize {
        let written = |entry: &Entry| matches!(entry, Entry::Write { from, .. } if *from >= bytes);
        self.entries.iter().position(written).unwrap_or(self.entries.len())
    }

    /// Brings a disk that has the first `done` of them to where it has all `until` the last flush before `cut`; says how
    /// many it has then.
    ///
    /// # Errors
    /// The log cannot be read, or the disk not written.
    pub fn replay(&self, disk: &File, done: usize, cut: usize) -> anyhow::Result<usize> {
        let flushed = self.flushed(cut).max(done);
        for entry in &self.entries[done..flushed] {
            if let Entry::Write { to, from, length, .. } = *entry {
                self.write(disk, to, from, length)?;
            }
        }
        Ok(flushed)
    }

    /// Writes to a disk that has all until the last flush before `cut` what else a power cut after `cut` of them may leave,
    /// by chance: `chance` is a number from 0 up to, but without, the one that it is given.
    ///
    /// # Errors
    /// The log cannot be read, or the disk not written.
    pub fn tear(&self, disk: &File, cut: usize, mut chance: impl FnMut(u64) -> u64) -> anyhow::Result<Unflushed> {
        let mut writes = self.entries[self.flushed(cut)..cut].to_vec();
        let mut unflushed = Unflushed { writes: writes.len(), ..Unflushed::default() };
        while !writes.is_empty() {
            let next = chance(writes.len() as u64);
            let Entry::Write { to, from, length, durable } = writes.swap_remove(usize::try_from(next)?) else {
                bail!("a flush after the last flush");
            };
            let kept = match chance(3) {
                _ if durable => length,
                0 => length,
                1 => 0,
                _ => chance(length / self.sector + 1) * self.sector,
            };
            self.write(disk, to, from, kept)?;
            unflushed.lost += usize::from(kept == 0);
            unflushed.torn += usize::from(kept != 0 && kept != length);
        }
        Ok(unflushed)
    }

    /// After how many of them the last flush before `cut` had come.
    fn flushed(&self, cut: usize) -> usize {
        self.entries[..cut].iter().rposition(|entry| *entry == Entry::Flush).map_or(0, |index| index + 1)
    }

    fn write(&self, disk: &File, to: u64, from: u64, length: u64) -> anyhow::Result<()> {
        let mut done = 0;
        while done < length {
            let mut chunk = vec![0; usize::try_from(CHUNK.min(length - done))?];
            self.file.read_exact_at(&mut chunk, from + done)?;
            disk.write_all_at(&chunk, to + done)?;
            done += chunk.len() as u64;
        }
        Ok(())
    }
}

/// The entry of the log at a place, if it is one that changes the disk, and where the next one is; `None` at the end.
fn next_entry(file: &File, sector: u64, at: u64, end: u64) -> anyhow::Result<Option<(Option<Entry>, u64)>> {
    let mut words = [0; 32];
    match file.read_exact_at(&mut words, at) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let word = |index: usize| u64::from_le_bytes(words[8 * index..8 * index + 8].try_into().unwrap_or_default());
    let [to, sectors, flags, data] = [0, 1, 2, 3].map(word);
    ensure!(flags & !(FLUSH | FUA | DISCARD | MARK) == 0, "the log is damaged at byte {at}: flags {flags:#x}");
    let from = at + sector;
    if flags & MARK != 0 {
        return Ok(Some((None, from + data.next_multiple_of(sector))));
    }
    // What is discarded may be read as before.
    if flags & DISCARD != 0 {
        return Ok(Some((None, from)));
    }
    if sectors == 0 {
        return Ok(Some(((flags & FLUSH != 0).then_some(Entry::Flush), from)));
    }
    let bytes = |sectors: u64| sectors.checked_mul(sector).with_context(|| format!("the log is damaged at byte {at}"));
    let (to, length) = (bytes(to)?, bytes(sectors)?);
    let next = from.saturating_add(length);
    let write = Entry::Write { to, from, length, durable: flags & FUA != 0 };
    Ok((next <= end).then_some((Some(write), next)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::{collections::BTreeSet, io::Write as _};

    use super::*;

    const SECTOR: usize = 512;

    /// Writes a log as QEMU does.
    fn log(entries: &[(u64, u64, u64, u8)]) -> tempfile::NamedTempFile {
        let mut bytes = vec![0; SECTOR];
        bytes[..8].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[8..16].copy_from_slice(&VERSION.to_le_bytes());
        bytes[24..28].copy_from_slice(&512_u32.to_le_bytes());
        for (to, sectors, flags, content) in entries {
            let mut head = [*to, *sectors, *flags, 0].map(u64::to_le_bytes).concat();
            head.resize(SECTOR, 0);
            bytes.extend(head);
            if flags & DISCARD == 0 {
                bytes.extend(vec![*content; usize::try_from(*sectors).unwrap() * SECTOR]);
            }
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        file
    }

    fn disk() -> File {
        let disk = tempfile::tempfile().unwrap();
        disk.set_len(8 * 512).unwrap();
        disk
    }

    /// The first byte of each sector.
    fn content(disk: &File) -> [u8; 8] {
        std::array::from_fn(|sector| {
            let mut bytes = [0; SECTOR];
            disk.read_exact_at(&mut bytes, (sector * SECTOR) as u64).unwrap();
            assert!(bytes.iter().all(|byte| *byte == bytes[0]), "a sector is never torn");
            bytes[0]
        })
    }

    /// Two writes, a flush, two more, one that says when it is written.
    fn five_writes() -> tempfile::NamedTempFile {
        log(&[
            (0, 2, 0, 1),
            (2, 1, 0, 2),
            (0, 0, FLUSH, 0),
            (1, 3, 0, 3),
            (7, 1, DISCARD, 0),
            (4, 2, 0, 4),
            (7, 1, FUA, 5),
        ])
    }

    #[test]
    fn what_was_flushed_is_there() {
        let log = WriteLog::read(five_writes().path()).unwrap();
        assert_eq!((log.len(), log.flushes().collect::<Vec<_>>()), (6, vec![3]));
        let disk = disk();
        assert_eq!(log.replay(&disk, 0, 2).unwrap(), 0);
        assert_eq!(content(&disk), [0; 8], "before the flush nothing is sure");
        assert_eq!(log.replay(&disk, 0, 6).unwrap(), 3);
        assert_eq!(content(&disk), [1, 1, 2, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_was_not_flushed_is_there_whole_in_part_or_not_at_all_in_any_order() {
        let log = WriteLog::read(five_writes().path()).unwrap();
        let mut seen = BTreeSet::new();
        let mut state = 1_u64;
        for _ in 0..400 {
            let disk = disk();
            log.replay(&disk, 0, 6).unwrap();
            let unflushed = log
                .tear(&disk, 6, |below| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) % below
                })
                .unwrap();
            assert_eq!(unflushed.writes, 3);
            let left = content(&disk);
            assert_eq!((left[0], left[7]), (1, 5), "what was flushed, and what was said to be written");
            seen.insert(left);
        }
        for wanted in [
            [1, 1, 2, 0, 0, 0, 0, 5],
            [1, 3, 3, 3, 4, 4, 0, 5],
            [1, 1, 2, 0, 4, 4, 0, 5],
            [1, 3, 2, 0, 0, 0, 0, 5],
            [1, 3, 3, 3, 4, 0, 0, 5],
        ] {
            assert!(seen.contains(&wanted), "{wanted:?} never: {seen:?}");
        }
    }

    #[test]
    fn a_log_says_what_was_written_when_it_had_so_many_bytes() {
        let log = WriteLog::read(five_writes().path()).unwrap();
        assert_eq!([0, 512, 1024, 1025, 2560, 2561, 1 << 20].map(|bytes| log.within(bytes)), [0, 0, 0, 1, 1, 3, 6]);
    }

    #[test]
    fn a_write_that_a_killed_qemu_began_to_log_was_none_and_what_is_no_log_is_refused() {
        let file = five_writes();
        let end = file.as_file().metadata().unwrap().len();
        file.as_file().set_len(end - 1).unwrap();
        assert_eq!(WriteLog::read(file.path()).unwrap().len(), 5);
        file.as_file().write_all_at(&[0xff], 512 + 16).unwrap();
        assert!(WriteLog::read(file.path()).unwrap_err().to_string().contains("damaged at byte 512"));
        file.as_file().write_all_at(b"no", 0).unwrap();
        assert!(WriteLog::read(file.path()).unwrap_err().to_string().contains("is no log of writes"));
    }
}
