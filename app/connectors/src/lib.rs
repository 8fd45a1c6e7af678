//! Helpdesks, read into `desk` types.
//!
//! A [`Source`] is polled by the server about every 20 s and yields what changed. It reaches its
//! provider through the Bridge and never sees a durable credential.

pub mod calendar;
mod mapping;
pub mod request_tracker;
mod warning;
pub mod webhook;

use std::future::Future;

use jiff::Timestamp;

pub use mapping::{Mapping, PriorityBands};
pub use warning::Warning;

/// Why a poll yielded nothing.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// Try again no earlier than this many seconds from now.
    #[error("{provider} asked to be left alone for {seconds} s")]
    RateLimited {
        /// The provider's name.
        provider: &'static str,
        /// Seconds to wait.
        seconds: u64,
    },
    /// The provider does not answer, or answers with a server error.
    #[error("{provider} does not answer: {reason}")]
    Unreachable {
        /// The provider's name.
        provider: &'static str,
        /// What was seen.
        reason: String,
    },
    /// The credential was refused or lacks a permission; polling again does not help.
    #[error(
        "{provider} refused the credential: {reason}; enter another under Desk on the admin pages, or with `nexus connect`"
    )]
    Refused {
        /// The provider's name.
        provider: &'static str,
        /// What was seen.
        reason: String,
    },
    /// The Broker does not use the connection: a passphrase is missing, a file is damaged, a certificate is not trusted.
    /// The reason says what to do; once that is done, the next poll succeeds.
    #[error("the connection to {provider} cannot be used: {reason}")]
    Unusable {
        /// The provider's name.
        provider: &'static str,
        /// What the Broker says.
        reason: String,
    },
    /// There is more than can be shown: a part of it would be told as if it were all.
    #[error("{provider} has more than can be shown: {reason}")]
    TooMuch {
        /// The provider's name.
        provider: &'static str,
        /// How much, and what to do.
        reason: String,
    },
    /// The answer could not be read.
    #[error("{provider} answered something unexpected at {place}: {reason}")]
    Malformed {
        /// The provider's name.
        provider: &'static str,
        /// Which request.
        place: String,
        /// What was wrong.
        reason: String,
    },
}

/// A desk's own time, where that is not real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTime {
    /// At this real instant...
    pub at: Timestamp,
    /// ...the desk's time is this one...
    pub shows: Timestamp,
    /// ...and for each real second so many of the desk's pass.
    pub speed: u16,
}

/// A helpdesk that can be polled.
pub trait Source: Send {
    /// The provider's name on the wall and in logs: "Demo", "Request Tracker".
    fn provider(&self) -> &'static str;

    /// How the desk's time runs at a real instant, if it has a time of its own: then panels are about that time.
    fn own_time(&self, now: Timestamp) -> Option<OwnTime> {
        let _ = now;
        None
    }

    /// Everything that changed since the last poll; the first poll yields everything there is, or, of a large desk, so much
    /// that the board is true of now, and [`desk::Batch::complete_since`] says how far back.
    ///
    /// A poll that fails loses nothing that was read: the next one goes on from there.
    fn poll(&mut self, now: Timestamp) -> impl Future<Output = Result<desk::Batch, PollError>> + Send;

    /// From now on the provider's words mean what this says. The next poll tells what was read before in its new meaning,
    /// and asks again only for what depends on it.
    fn remap(&mut self, mapping: &Mapping);

    /// What is amiss, as the last poll found it.
    fn warnings(&self) -> Vec<Warning>;
}
