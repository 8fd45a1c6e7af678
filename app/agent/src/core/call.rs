//! The calls that the agent makes, and what comes back.

use jiff::Timestamp;
use pairing::device::Paired;
use pairing::link::{Exchange, Id};
use pairing::message::{Create, Created, Outcome, PairingId, Trust, Verdict};
use pairing::rotation::{Rotated, Rotation};
use pairing::session::{Nonce, Token, TokenRequest};

use crate::trust::{Presented, Untrusted};

/// What a connection must show before a call is made on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// Nothing: before pairing, the connection may be to anybody.
    None,
    /// It verifies strictly, now.
    Anchored(Trust),
    /// It verifies at some time of its certificate's life: to ask a pinned server for the time.
    AnchoredAtSomeTime(Trust),
}

/// A call to the server.
#[derive(Clone, Debug)]
pub enum Call {
    /// Open a pairing.
    Create(Box<Create>, Assurance),
    /// How does the pairing stand?
    Poll(PairingId, Assurance),
    /// The device's verdict.
    Verdict(PairingId, Verdict, Assurance),
    /// A nonce for an assertion.
    Nonce(Assurance),
    /// An access token for an assertion.
    Token(TokenRequest, Assurance),
    /// The key that shall follow the present one.
    Rotate(Box<Rotation>, Assurance),
    /// What time is it?
    Time(Assurance),
    /// What does the server verify against?
    Anchor(Assurance),
    /// Join by an access link.
    Exchange(Id, Box<Exchange>, Assurance),
}

impl Call {
    /// What the connection must show.
    #[must_use]
    pub const fn assurance(&self) -> &Assurance {
        match self {
            Self::Create(_, assurance)
            | Self::Poll(_, assurance)
            | Self::Verdict(_, _, assurance)
            | Self::Nonce(assurance)
            | Self::Token(_, assurance)
            | Self::Rotate(_, assurance)
            | Self::Time(assurance)
            | Self::Anchor(assurance)
            | Self::Exchange(_, _, assurance) => assurance,
        }
    }
}

/// What a call brought.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The answer.
    pub body: Body,
    /// What the connection that carried it presented.
    pub presented: Presented,
    /// The server's `Date`.
    pub date: Option<Timestamp>,
}

/// The answer to a call.
#[derive(Clone, Debug)]
pub enum Body {
    /// To [`Call::Create`].
    Created(Created),
    /// To [`Call::Poll`] and [`Call::Verdict`].
    Outcome(Outcome),
    /// To [`Call::Nonce`].
    Nonce(Nonce),
    /// To [`Call::Token`].
    Token(Box<Token>),
    /// To [`Call::Rotate`].
    Rotated(Rotated),
    /// To [`Call::Time`].
    Time,
    /// To [`Call::Anchor`]: certificates, PEM; `None` for the public web's roots.
    Anchor(Option<String>),
    /// To [`Call::Exchange`].
    Joined(Box<Paired>),
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nobody answers.
    #[error("no answer: {0}")]
    Silent(String),
    /// The network has no address for the server's name.
    #[error("no such name: {0}")]
    UnknownName(String),
    /// Whoever answers is not trusted.
    #[error("not trusted: {0}")]
    Untrusted(Untrusted),
    /// The server says no.
    #[error("refused with status {status} {code}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The `code` of the error body; empty where there is none.
        code: String,
    },
    /// The answer does not read as one.
    #[error("the answer cannot be read: {0}")]
    Malformed(String),
}
