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

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    Remove,
    Insert,
}

/// Entries in order of their instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    entries: Vec<Entry>,
}

impl Timeline {
    pub(crate) const EMPTY: Self = Self { entries: Vec::new() };

    /// Makes edits in one pass over what lies behind the first of them: changes are mostly recent.
    pub(crate) fn apply(&mut self, edits: Edits) {
        let removed = edits.remove.into_iter().map(|entry| (entry, Edit::Remove));
        let mut edits: Vec<_> = removed.chain(edits.insert.into_iter().map(|entry| (entry, Edit::Insert))).collect();
        edits.sort_unstable();
        let Some((first, _)) = edits.first() else { return };
        let tail = self.entries.split_off(self.entries.partition_point(|entry| entry < first));
        let mut rest = tail.as_slice();
        for (entry, edit) in edits {
            let (kept, behind) = rest.split_at(rest.partition_point(|other| *other < entry));
            self.entries.extend_from_slice(kept);
            let there = behind.first() == Some(&entry);
            rest = if there { &behind[1..] } else { behind };
            if edit == Edit::Insert {
                self.entries.push(entry);
            }
        }
        self.entries.extend_from_slice(rest);
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
