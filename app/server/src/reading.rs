//! How reading the desk goes, for whoever looks after it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::settings::Desk;

/// What is known of the desk that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Which one.
    pub(crate) desk: Desk,
    /// When it last answered well.
    pub(crate) well_at: Option<Timestamp>,
    /// What was wrong since.
    pub(crate) trouble: Option<Trouble>,
}

impl Reading {
    fn of(desk: Desk) -> Self {
        Self { desk, well_at: None, trouble: None }
    }
}

/// Why a desk is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Since when.
    pub(crate) since: Timestamp,
    /// The newest reason, in words.
    pub(crate) words: String,
}

/// The reading that is under way; the poller writes it.
pub(crate) struct Readings(Mutex<Reading>);

impl Readings {
    /// Nothing has been read yet.
    pub(crate) fn new(desk: Desk) -> Self {
        Self(Mutex::new(Reading::of(desk)))
    }

    /// As it is now.
    pub(crate) fn now(&self) -> Reading {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another desk is read from here on.
    pub(crate) fn begin(&self, desk: Desk) {
        self.change(|_| Reading::of(desk));
    }

    /// The desk answered well.
    pub(crate) fn went_well(&self, at: Timestamp) {
        self.change(|before| Reading { well_at: Some(at), trouble: None, ..before });
    }

    /// It did not.
    pub(crate) fn failed(&self, at: Timestamp, words: String) {
        self.change(|before| {
            let since = before.trouble.as_ref().map_or(at, |trouble| trouble.since);
            Reading { trouble: Some(Trouble { since, words }), ..before }
        });
    }

    fn change(&self, change: impl FnOnce(Reading) -> Reading) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *reading = change(reading.clone());
    }
}
