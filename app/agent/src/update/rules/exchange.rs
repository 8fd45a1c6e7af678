//! What the rules hear, and what they ask for.

use device::Updating;
use device::fleet::{Candidates, Slot, Turn};
use updates::{Manifest, Name};

use crate::update::Record;

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time went by.
    Tick,
    /// Whether the screen is paired and signed in, so that its server can be asked.
    SignedIn(bool),
    /// The answer to [`Action::Look`].
    Looked(Result<Vec<Manifest>, String>),
    /// The answer to [`Action::Ask`].
    Turned(Result<Turn, String>),
    /// Of [`Action::Install`]: percent.
    Progress(u8),
    /// The end of [`Action::Install`].
    Installed(Result<(), String>),
    /// The answer to [`Action::Activate`].
    Activated(Result<(), String>),
    /// The answer to [`Action::Prove`].
    Proven(Result<bool, String>),
    /// A person wants it now.
    UpdateNow,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Look which releases there are for such images.
    Look(Name),
    /// Ask whose turn it is.
    Ask(Candidates),
    /// Write a release to the other slot.
    Install(Box<Manifest>),
    /// Make a slot the first to be started.
    Activate(Slot),
    /// Restart the machine.
    Restart,
    /// Ask whether the running slot has shown that it works.
    Prove,
    /// Store the record, before anything that follows is done.
    Store(Box<Record>),
    /// Tell the TV so.
    Show(Shown),
}

/// What the TV is told of updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// One is under way, which is shown instead of anything else.
    pub updating: Option<Updating>,
    /// For how many days nothing fresh was heard of them, once a person should look.
    pub unchecked_days: Option<u32>,
}
