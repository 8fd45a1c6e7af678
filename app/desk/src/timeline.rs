//! Instants in order, so that "how many before then" costs a binary search.

use jiff::Timestamp;

use crate::moment::Window;

/// A ticket's place in the store.
pub(crate) type Slot = u32;

/// One instant of one ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) slot: Slot,
    /// What the line keeps about it: a length in seconds, or the position of an SLA clock.
    pub(crate) value: u32,
}

/// What changes on a timeline in one step.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    pub(crate) remove: Vec<Entry>,
    pub(crate) insert: Vec<Entry>,
}

/// Entries in order of their instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    entries: Vec<Entry>,
}

/// Up to so many edits are made one by one; more are merged in a single pass.
const FEW: usize = 64;

impl Timeline {
    pub(crate) const EMPTY: Self = Self { entries: Vec::new() };

    pub(crate) fn apply(&mut self, mut edits: Edits) {
        if edits.remove.len() + edits.insert.len() <= FEW {
            for entry in edits.remove {
                if let Ok(position) = self.entries.binary_search(&entry) {
                    self.entries.remove(position);
                }
            }
            for entry in edits.insert {
                if let Err(position) = self.entries.binary_search(&entry) {
                    self.entries.insert(position, entry);
                }
            }
            return;
        }
        edits.remove.sort_unstable();
        edits.insert.sort_unstable();
        self.entries.retain(|entry| edits.remove.binary_search(entry).is_err());
        self.entries.append(&mut edits.insert);
        // Two sorted runs: the stable sort merges them in one pass.
        self.entries.sort();
        self.entries.dedup();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.entries.first().map(|entry| entry.at)
    }

    /// How many instants lie at or before `at`.
    pub(crate) fn up_to(&self, at: Timestamp) -> usize {
        self.entries.partition_point(|entry| entry.at <= at)
    }

    /// How many instants lie at or before each of `instants`, which are in order.
    pub(crate) fn course(&self, instants: &[Timestamp]) -> impl Iterator<Item = usize> {
        let mut before = 0;
        instants.iter().map(move |at| {
            before += self.entries[before..].partition_point(|entry| entry.at <= *at);
            before
        })
    }

    /// The entries of a window.
    pub(crate) fn within(&self, window: Window) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.at < window.start);
        let end = start + self.entries[start..].partition_point(|entry| entry.at < window.end);
        &self.entries[start..end]
    }
}
