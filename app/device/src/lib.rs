//! Messages between agent and TV on one stick, over `/run/nexus/agent.sock`.
//!
//! Newline-delimited JSON of serde enums, each line bounded by [`MAX_LINE`]. The agent tells the TV what
//! to say ([`State`], in a [`Said`]); the TV reports how it is ([`Report`]). The TV never sees the device key; the
//! agent never draws. No I/O here.
//!
//! And the [fleet] channel: messages between a paired agent and its server.

pub mod fleet;
pub mod lines;
mod report;
mod state;

pub use lines::MAX_LINE;
pub use report::{Connection, Report};
pub use state::{Check, Live, Message, Network, Over, Pairing, Place, Said, Startup, State, Trust, Updating};
