//! Statuses and what they mean. Every lifecycle of RT sorts its statuses into three classes; where an administrator says
//! what a status means, that counts.

use std::collections::{BTreeMap, HashMap};

use desk::Status;

use crate::mapping::folded;

/// The class of a status. RT tells `initial` and `active` apart by [`super::parse::Ticket::started`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Initial or active.
    Active,
    /// Done, one way or another.
    Inactive,
}

/// What is known of statuses.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// What RT said, by lifecycle and name.
    learned: HashMap<(String, String), Class>,
    /// What an administrator says, by folded name.
    corrected: BTreeMap<String, Status>,
}

impl Classes {
    /// The statuses in `corrected`, by their folded names, mean what stands there.
    pub(super) fn corrected(corrected: BTreeMap<String, Status>) -> Self {
        Self { learned: HashMap::new(), corrected }
    }

    /// From now on these statuses mean what stands there. Says whether others did before.
    pub(super) fn correct(&mut self, corrected: BTreeMap<String, Status>) -> bool {
        let other = self.corrected != corrected;
        self.corrected = corrected;
        other
    }

    /// The class of a status, if it is known. RT's own six names keep their meaning in every lifecycle, unless an
    /// administrator says otherwise.
    pub(super) fn of(&self, lifecycle: &str, status: &str) -> Option<Class> {
        if let Some(meaning) = self.correction(status) {
            return Some(if meaning.is_unsolved() { Class::Active } else { Class::Inactive });
        }
        match status {
            "new" | "open" | "stalled" => Some(Class::Active),
            "resolved" | "rejected" | "deleted" => Some(Class::Inactive),
            _ => self.learned.get(&(lifecycle.to_owned(), status.to_owned())).copied(),
        }
    }

    pub(super) fn learn(&mut self, lifecycle: &str, status: &str, class: Class) {
        self.learned.insert((lifecycle.to_owned(), status.to_owned()), class);
    }

    /// What an administrator says of a status, if anything.
    pub(super) fn correction(&self, status: &str) -> Option<Status> {
        self.corrected.get(&folded(status)).copied()
    }

    /// The meaning of a status: an administrator's word first, its class second, its name last.
    ///
    /// RT has no status for "waiting for a third party", and `stalled` is what its own documentation uses for
    /// waiting on the requestor. A status whose class is unknown counts as open.
    pub(super) fn meaning(&self, lifecycle: &str, status: &str, started: bool) -> Status {
        if let Some(meaning) = self.correction(status) {
            return meaning;
        }
        match (self.of(lifecycle, status), status) {
            (Some(Class::Inactive), "rejected") => Status::Closed,
            (Some(Class::Inactive), _) => Status::Solved,
            (_, "stalled") => Status::Pending,
            (_, "new") => Status::New,
            (_, "open") | (None, _) => Status::Open,
            (Some(Class::Active), _) => {
                if started {
                    Status::Open
                } else {
                    Status::New
                }
            }
        }
    }

    /// Statuses that an administrator says are unsolved, and those said to be done.
    pub(super) fn sides(&self) -> (Vec<&str>, Vec<&str>) {
        let names = |unsolved: bool| {
            let some = self.corrected.iter().filter(move |(_, meaning)| meaning.is_unsolved() == unsolved);
            some.map(|(name, _)| name.as_str()).collect()
        };
        (names(true), names(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_decides_before_the_name() {
        let mut classes = Classes::default();
        classes.learn("orders", "delivered", Class::Inactive);
        classes.learn("orders", "ordered", Class::Active);
        let meaning = |status, started| classes.meaning("orders", status, started);
        assert_eq!(meaning("delivered", true), Status::Solved);
        assert_eq!(meaning("ordered", false), Status::New, "it never left its initial status");
        assert_eq!(meaning("ordered", true), Status::Open);
        assert_eq!(meaning("stalled", true), Status::Pending);
        assert_eq!(meaning("rejected", true), Status::Closed);
        assert_eq!(meaning("resolved", true), Status::Solved);
        assert_eq!(meaning("never seen", true), Status::Open, "nothing is dropped");
    }

    #[test]
    fn an_administrators_word_decides_before_all_else() {
        let mut classes = Classes::corrected(BTreeMap::from([
            ("stalled".to_owned(), Status::Hold),
            ("delivered".to_owned(), Status::Pending),
            ("wontfix".to_owned(), Status::Closed),
        ]));
        classes.learn("orders", "delivered", Class::Inactive);
        assert_eq!(classes.meaning("orders", "stalled", true), Status::Hold);
        assert_eq!(classes.meaning("orders", "Delivered", true), Status::Pending);
        assert_eq!(classes.of("orders", "delivered"), Some(Class::Active));
        assert_eq!(classes.of("orders", "wontfix"), Some(Class::Inactive), "nobody need ask RT");
        assert_eq!(classes.sides(), (vec!["delivered", "stalled"], vec!["wontfix"]));
        assert!(classes.correct(BTreeMap::new()) && !classes.correct(BTreeMap::new()));
        assert_eq!(classes.meaning("orders", "delivered", true), Status::Solved, "what RT said is still known");
    }
}
