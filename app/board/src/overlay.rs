//! What can lie over a board: a message from people, or the SLA war room.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Status;

/// An overlay. One that a client does not know is not drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Overlay {
    /// A message pushed to screens.
    Message(Message),
    /// The SLA war room: a takeover of the whole screen.
    WarRoom(WarRoom),
    /// Sent by a newer server.
    #[serde(other)]
    Unknown,
}

/// A message over the calmer half of the board, which is dimmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The headline, drawn bold: "Fire drill at 15:00."
    pub headline: String,
    /// A second line: "Leave by the north stairs."
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Who speaks: "reception" is shown as "From reception".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When it goes away by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Three counts, the most urgent clocks and who can help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarRoom {
    /// When it was entered.
    pub since: Timestamp,
    /// Open tickets with a breached clock.
    pub late: u32,
    /// Running clocks with under 15 minutes left.
    pub soon: u32,
    /// Urgent tickets without a first reply.
    pub unanswered: u32,
    /// The most urgent clocks, most urgent first; six are drawn.
    pub rows: Vec<UrgentClock>,
    /// Who is on call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_call: Option<OnCall>,
    /// Desk agents who are available.
    #[serde(default)]
    pub free: Vec<String>,
}

/// One clock in the war room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UrgentClock {
    /// The client who waits.
    pub client: String,
    /// Who owns the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it is, or was, due.
    pub due_at: Timestamp,
    /// Critical once late, otherwise warn.
    pub status: Status,
}

/// The person on call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnCall {
    /// Name.
    pub name: String,
    /// End of the duty.
    pub until: Timestamp,
}
