//! The server's end: the registry of open pairings, and what an admin sees of an attempt to add a screen.

mod exchange;
mod registry;

use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;

use crate::Digits;
use crate::message::{Description, PublicKey, Screen, Trust};

pub use registry::{AttemptId, MAX_OPEN, MAX_OPEN_PER_NETWORK, Registry};

/// How long a code can be typed.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// How long the device has for its verdict; silence counts as a failed guess.
pub const VERDICT_WITHIN: Duration = Duration::from_secs(30);
/// How long the admin has to compare the digits.
pub const COMPARE_WITHIN: Duration = Duration::from_mins(5);
/// How long the end of a pairing can be asked for.
pub const REMEMBERED: Duration = Duration::from_hours(1);

/// An admin who is signed in, by name. The caller makes it from a checked session and from nothing else: it is what
/// entitles to spend a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin(String);

impl Admin {
    /// This admin is signed in.
    #[must_use]
    pub const fn signed_in(name: String) -> Self {
        Self(name)
    }

    /// The name, for the audit log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// What the admin offers the device that shows the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What connections to this server verify against.
    pub trust: Trust,
    /// The place on the wall.
    pub screen: Screen,
}

/// An attempt to add a screen, for the admin's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Where the device's request came from.
    pub address: IpAddr,
    /// What it says of itself.
    pub description: Description,
    /// The place that it shall fill.
    pub screen: Screen,
    /// How far it is.
    pub stage: Stage,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The device has not given its verdict yet; it takes a few seconds.
    WaitingForDevice,
    /// The admin compares these digits with the screen, then approves or declines.
    Compare(Digits),
    /// Approved, and being stored.
    Approved,
    /// Done.
    Registered(Uuid),
    /// It came to nothing. The screen shows a new code.
    Failed(Failure),
}

/// Why an attempt came to nothing, in words for the admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The device refuses the guess.
    #[error("the code was wrong. The screen shows a new one; type that")]
    WrongCode,
    /// The device found that its connection does not verify.
    #[error(
        "the screen refuses: its connection does not end at this server. If a proxy with a certificate of its own is \
         in between on purpose, name its CA in the settings; otherwise somebody listens on the network"
    )]
    Untrusted,
    /// No verdict in time.
    #[error("the screen did not answer within 30 seconds. The code is spent; type the new one that the screen shows")]
    Silent,
    /// What the device sent is not right for what both agreed on.
    #[error("the screen's confirmation is not valid. The code is spent; type the new one that the screen shows")]
    Invalid,
    /// The admin said that the digits differ, or waited too long.
    #[error("the screen was not added. It shows a new code")]
    Declined,
    /// Nobody typed the code in time.
    #[error("the code has expired. Type the new one that the screen shows")]
    Expired,
}

/// What to store when an attempt was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The new device's id.
    pub device: Uuid,
    /// Its public key, by which its assertions are verified.
    pub key: PublicKey,
    /// What it says of itself.
    pub description: Description,
    /// Where it was when it joined.
    pub address: IpAddr,
    /// The place that it fills.
    pub screen: Screen,
}

/// Why no pairing was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// Another version of the exchange.
    #[error("this server speaks version {ours} of the pairing exchange, the device version {theirs}", ours = crate::message::VERSION)]
    Version {
        /// The device's.
        theirs: u8,
    },
    /// The public key is not a usable Ed25519 key.
    #[error("the device's public key is not a valid Ed25519 key")]
    DeviceKey,
    /// Too many open from that address.
    #[error("there are already {MAX_OPEN_PER_NETWORK} open pairings from this address; try again in {} s", .retry_after.as_secs())]
    TooManyFromNetwork {
        /// When the first of them ends.
        retry_after: Duration,
    },
    /// Too many open in all.
    #[error("there are already {MAX_OPEN} open pairings; try again in {} s", .retry_after.as_secs())]
    TooMany {
        /// When the first of them ends.
        retry_after: Duration,
    },
}

/// Why no guess was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// No screen waits under that nameplate.
    #[error("no screen is waiting with this code. It may have expired: type the one that the screen shows now")]
    NotWaiting,
    /// The trust anchor does not fit.
    #[error(
        "the certificate authority is longer than {} bytes; a chain of roots is not needed here",
        crate::message::MAX_ANCHOR
    )]
    AnchorTooLong,
}

/// There is no such pairing for this device: never was, or long over, or the server was restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such pairing; start a new one")]
pub struct UnknownPairing;

/// Why an attempt did not take the admin's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// No such attempt, or another admin's.
    #[error("there is no such attempt to add a screen; type the code that the screen shows now")]
    Unknown,
    /// The device has not confirmed, or it is already over.
    #[error("there are no digits to compare at this point")]
    NotComparing,
}
