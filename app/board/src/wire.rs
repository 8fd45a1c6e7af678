//! The event stream of a board: `GET /api/v1/boards/{id}/events`, Server-Sent Events.
//!
//! First a `board` event with the whole state, then one event for each change. An event's `id` is an
//! [`EventId`]; a client that comes back with it as `Last-Event-ID` gets what changed, or a whole board.

mod decoder;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Board, Layout, Overlay, Panel, Revision};

pub use decoder::{Decoder, Item, Message, TooLong};

/// Longest event that a client accepts, in bytes of its `data:` field, and longest body of a whole state. Ten times
/// the largest board that can be drawn.
pub const MAX_EVENT: usize = 1024 * 1024;

/// One event. Names that a client does not know are skipped.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The whole state.
    Board(Box<Board>),
    /// One whole panel, which replaces the one with its id.
    Panel(Box<Panel>),
    /// A new arrangement.
    Layout(Layout),
    /// A new overlay, or none.
    Overlay(Option<Overlay>),
    /// The server goes away; come back after so many milliseconds.
    Bye(Bye),
}

/// The data of a `bye` event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// Milliseconds to wait before the next connection.
    pub after_ms: u64,
}

/// Why an event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Longer than [`MAX_EVENT`].
    #[error("the server sent a {name:?} event of {length} bytes; at most {MAX_EVENT} are read")]
    TooLong {
        /// Its name.
        name: String,
        /// Its length in bytes.
        length: usize,
    },
    /// Not JSON, or not the JSON of such an event. The source names the panel where there is one.
    #[error("the server sent a {name:?} event that does not read as one: {source}")]
    Malformed {
        /// Its name.
        name: String,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
}

impl Event {
    /// The `event:` field.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Board(_) => "board",
            Self::Panel(_) => "panel",
            Self::Layout(_) => "layout",
            Self::Overlay(_) => "overlay",
            Self::Bye(_) => "bye",
        }
    }

    /// The `data:` field: one line of JSON.
    ///
    /// # Errors
    /// A non-finite number, which JSON cannot express.
    pub fn to_data(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Board(board) => serde_json::to_string(board),
            Self::Panel(panel) => serde_json::to_string(panel),
            Self::Layout(layout) => serde_json::to_string(layout),
            Self::Overlay(overlay) => serde_json::to_string(overlay),
            Self::Bye(bye) => serde_json::to_string(bye),
        }
    }

    /// Reads an event from its two fields; `None` for a name that this version does not know.
    ///
    /// # Errors
    /// The data is too long, or does not read as the named event.
    pub fn from_fields(name: &str, data: &str) -> Result<Option<Self>, EventError> {
        if data.len() > MAX_EVENT {
            return Err(EventError::TooLong { name: name.to_owned(), length: data.len() });
        }
        let read = match name {
            "board" => serde_json::from_str(data).map(|board| Self::Board(Box::new(board))),
            "panel" => serde_json::from_str(data).map(|panel| Self::Panel(Box::new(panel))),
            "layout" => serde_json::from_str(data).map(Self::Layout),
            "overlay" => serde_json::from_str(data).map(Self::Overlay),
            "bye" => serde_json::from_str(data).map(Self::Bye),
            _ => return Ok(None),
        };
        read.map(Some).map_err(|source| EventError::Malformed { name: name.to_owned(), source })
    }
}

/// Where in the stream an event stands: the server run and the board revision, written `epoch.revision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// New at every server start.
    pub epoch: u64,
    /// The board's revision after the event.
    pub revision: Revision,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.epoch, self.revision.0)
    }
}

/// An event id that is not `epoch.revision`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an event id of the form epoch.revision")]
pub struct EventIdError(String);

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || EventIdError(text.to_owned());
        let (epoch, revision) = text.split_once('.').ok_or_else(wrong)?;
        let id = Self {
            epoch: u64::from_str_radix(epoch, 16).map_err(|_| wrong())?,
            revision: Revision(revision.parse().map_err(|_| wrong())?),
        };
        // Numbers have other spellings ("+1", "01"); a server writes only one.
        if id.to_string() == text { Ok(id) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests;
