//! What the TV tells the agent.

use serde::{Deserialize, Serialize};

/// How the TV's connection to the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// The board is live.
    Live,
    /// Trying to reach the server.
    Reconnecting,
    /// The server refuses the access token; the agent shall bring a new one.
    Refused,
    /// Whoever answers shows a certificate that does not verify; the agent shall look for itself, and say so.
    Untrusted,
}

/// A report of the TV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// The event loop answers and frames are drawn. Sent every 5 s.
    Alive {
        /// Frames drawn since the start.
        frames: u64,
        /// Width of the picture in pixels, 0 without a display.
        width: u32,
        /// Height of the picture in pixels, 0 without a display.
        height: u32,
    },
    /// The connection changed.
    Connection {
        /// How it stands now.
        connection: Connection,
    },
    /// Sent by a newer TV.
    #[serde(other)]
    Unknown,
}
