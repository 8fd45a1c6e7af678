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

impl Timeline {
    pub(crate) const EMPTY: Self = Self { entries: Vec::new() };

    /// Makes edits in place; what they cost is what lies behind the first of them, and changes are mostly recent.
    pub(crate) fn apply(&mut self, edits: Edits) {
        self.remove(edits.remove);
        self.insert(edits.insert);
    }

    fn remove(&mut self, mut gone: Vec<Entry>) {
        gone.sort_unstable();
        let mut places = gone.iter().filter_map(|entry| self.entries.binary_search(entry).ok()).peekable();
        let mut moves = Vec::with_capacity(gone.len());
        while let Some(place) = places.next() {
            moves.push(place + 1..places.peek().copied().unwrap_or(self.entries.len()));
        }
        let Some(first) = moves.first() else { return };
        let mut end = first.start - 1;
        for kept in moves {
            let length = kept.len();
            self.entries.copy_within(kept, end);
            end += length;
        }
        self.entries.truncate(end);
    }

    fn insert(&mut self, mut new: Vec<Entry>) {
        new.sort_unstable();
        let Some(last) = new.last() else { return };
        let mut end = self.entries.len();
        self.entries.resize(end + new.len(), *last);
        // From behind, so that every entry moves once, by as many places as new ones come before it.
        for (before, entry) in new.into_iter().enumerate().rev() {
            let place = self.entries[..end].partition_point(|other| *other < entry);
            self.entries.copy_within(place..end, place + before + 1);
            self.entries[place + before] = entry;
            end = place;
        }
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
            // The next instant is near: look in steps that double, then search the last step.
            let mut step = 1;
            while self.entries.get(before + step).is_some_and(|entry| entry.at <= *at) {
                before += step;
                step *= 2;
            }
            let end = self.entries.len().min(before + step);
            before += self.entries[before..end].partition_point(|entry| entry.at <= *at);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn entry(number: u16) -> Entry {
        Entry { at: at(number / 4), slot: (number % 4).into(), value: 0 }
    }

    fn at(second: u16) -> Timestamp {
        Timestamp::constant(second.into(), 0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn edits_in_any_number_leave_the_entries_in_order(
            steps in prop::collection::vec(prop::collection::btree_set(0u16..400, 0..80), 1..8),
        ) {
            let mut timeline = Timeline::default();
            let mut expected = BTreeSet::new();
            for toggled in steps {
                let (remove, insert) = toggled.into_iter().map(entry).rev().partition(|entry| expected.contains(entry));
                let edits = Edits { remove, insert };
                edits.remove.iter().for_each(|entry| assert!(expected.remove(entry)));
                expected.extend(edits.insert.iter().copied());
                timeline.apply(edits);
                prop_assert!(timeline.entries().iter().eq(&expected));
            }
            let instants: Vec<_> = (0..100).step_by(7).map(at).collect();
            let counts: Vec<_> = instants.iter().map(|at| expected.iter().filter(|entry| entry.at <= *at).count()).collect();
            prop_assert_eq!(&timeline.course(&instants).collect::<Vec<_>>(), &counts);
            prop_assert_eq!(instants.iter().map(|at| timeline.up_to(*at)).collect::<Vec<_>>(), counts);
            let window = Window { start: at(20), end: at(60) };
            prop_assert!(timeline.within(window).iter().eq(expected.iter().filter(|entry| window.contains(entry.at))));
        }
    }
}
