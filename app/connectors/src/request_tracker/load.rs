//! The first reading of a desk, which on a large one takes minutes: what the board needs first comes first, and what was read
//! is not asked for again where a request fails. Rules only; [`super::tickets`] asks.

use jiff::{SignedDuration, Timestamp};

use super::query::{self, HISTORY_DAYS, Window};

/// What is asked for, one after the other.
const STEPS: [Step; 4] = [
    Step::Unsolved,
    // Today and the same day last week are compared from the first batch on.
    Step::Changed { within: 10, before: 0 },
    // What is usual follows from four weeks.
    Step::Changed { within: 30, before: 10 },
    Step::Changed { within: HISTORY_DAYS, before: 30 },
];

/// So many of them make a board that is true of now.
const ESSENTIAL: usize = 2;

/// Reading takes a while, and meanwhile what is "10 days ago" moves on.
const ROUNDED: SignedDuration = SignedDuration::from_hours(24);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Every unsolved ticket.
    Unsolved,
    /// Those that changed last within so many days, but not within the last so many.
    Changed { within: i64, before: i64 },
}

/// How far the first reading has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    began: Timestamp,
    step: usize,
    after: u64,
    rows: usize,
    complete_since: Option<Timestamp>,
}

impl Load {
    pub(super) fn begin(now: Timestamp) -> Self {
        Self { began: now, step: 0, after: 0, rows: 0, complete_since: None }
    }

    /// When it began: what changed since then is still to be asked for.
    pub(super) fn began(&self) -> Timestamp {
        self.began
    }

    /// The next question, and the id from which on it is to be asked; nothing once all is read. `unsolved` is how every
    /// unsolved ticket is asked for.
    pub(super) fn question(&self, unsolved: &str) -> Option<(String, u64)> {
        let sql = match STEPS.get(self.step)? {
            Step::Unsolved => unsolved.to_owned(),
            Step::Changed { within, before } => query::changed_last(*within, *before),
        };
        Some((sql, self.after))
    }

    /// Whether the question is for unsolved tickets.
    pub(super) fn lists_unsolved(&self) -> bool {
        STEPS.get(self.step) == Some(&Step::Unsolved)
    }

    /// Takes note of an answer of so many rows, that goes on after an id or is all.
    pub(super) fn answered(&mut self, rows: usize, next: Option<u64>, now: Timestamp) {
        self.rows += rows;
        if let Some(after) = next {
            self.after = after;
            return;
        }
        if let Some(Step::Changed { within, .. }) = STEPS.get(self.step) {
            self.complete_since = Some(now - SignedDuration::from_hours(24 * within) + ROUNDED);
        }
        (self.step, self.after) = (self.step + 1, 0);
    }

    /// Reads no further: what is left is older than anything that was read.
    pub(super) fn stop(&mut self) {
        self.step = STEPS.len() + 1;
    }

    /// How many tickets were read.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether a board would be true of now.
    pub(super) fn is_enough(&self) -> bool {
        self.step >= ESSENTIAL
    }

    /// Whether it may go on: changes that came since it began can still be asked for.
    pub(super) fn is_under_way(&self, now: Timestamp) -> bool {
        !self.is_enough() && Window::since(Some(self.began), now) != Window::Everything
    }

    /// Since when all solved tickets are read; nothing where that is as far back as they are ever read.
    pub(super) fn complete_since(&self) -> Option<Timestamp> {
        self.complete_since.filter(|_| self.step != STEPS.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    const UNSOLVED: &str = "those that are unsolved";

    fn asked(load: &Load) -> (String, u64) {
        load.question(UNSOLVED).unwrap()
    }

    #[test]
    fn unsolved_tickets_come_first_then_the_latest_and_each_question_goes_on_where_it_stopped() {
        let mut load = Load::begin(hour(0));
        assert_eq!(asked(&load), (UNSOLVED.to_owned(), 0));
        load.answered(100, Some(7), hour(0));
        assert_eq!((asked(&load), load.lists_unsolved()), ((UNSOLVED.to_owned(), 7), true));
        load.answered(3, None, hour(0));
        assert_eq!(asked(&load), ("LastUpdated >= '10 days ago'".to_owned(), 0));
        assert!(!load.is_enough() && !load.lists_unsolved());
        load.answered(0, None, hour(0));
        assert!(load.is_enough());
        assert_eq!(asked(&load).0, "LastUpdated >= '30 days ago' AND LastUpdated < '10 days ago'");
        load.answered(1, None, hour(1));
        assert_eq!(asked(&load).0, "LastUpdated >= '56 days ago' AND LastUpdated < '30 days ago'");
        load.answered(1, None, hour(1));
        assert_eq!((load.question(UNSOLVED), load.rows()), (None, 105));
    }

    #[test]
    fn history_is_told_as_complete_as_far_as_it_was_read() {
        let mut load = Load::begin(hour(0));
        load.answered(1, None, hour(0));
        load.answered(1, None, hour(2));
        assert_eq!(load.complete_since(), Some(hour(2 - 9 * 24)));
        load.answered(1, Some(4), hour(3));
        assert_eq!(load.complete_since(), Some(hour(2 - 9 * 24)), "a step that is not done tells nothing");
        let mut stopped = load;
        stopped.stop();
        assert_eq!((stopped.question(UNSOLVED), stopped.complete_since()), (None, Some(hour(2 - 9 * 24))));
        load.answered(1, None, hour(3));
        load.answered(1, None, hour(3));
        assert_eq!(load.complete_since(), None);
    }

    #[test]
    fn a_reading_that_lay_for_too_long_begins_anew() {
        let mut load = Load::begin(hour(0));
        assert!(load.is_under_way(hour(16)));
        assert!(!load.is_under_way(hour(17)), "changes since then can no longer be asked for");
        assert!(!load.is_under_way(hour(-1)), "the clock was set back");
        load.answered(0, None, hour(0));
        load.answered(0, None, hour(0));
        assert!(!load.is_under_way(hour(0)), "it is done with what is needed");
    }
}
