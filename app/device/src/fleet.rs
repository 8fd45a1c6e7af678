//! Messages between a paired agent and its server, beside the session: whose turn an update is, how the device is, and
//! what it shall do.
//!
//! | | asks | answers |
//! |---|---|---|
//! | `POST /api/v1/update` | [`Candidates`] | [`Turn`] |
//! | `POST /api/v1/health` | [`Health`] | nothing (204) |
//! | `GET /api/v1/commands` | nothing | a stream of events: [`COMMAND`] with a [`Command`], and `bye` as a board's has it |
//! | `POST /api/v1/commands/{id}` | [`Acknowledgement`] | nothing (204) |
//!
//! Each with the device's access token.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use updates::{Name, Seed, Version};
use uuid::Uuid;

/// Longest reason in words, in characters.
pub const MAX_REASON: usize = 500;

/// Longest message to the people in front of a screen, in characters: as many as a wall has room for.
pub const MAX_MESSAGE: usize = 120;

/// From when on a person should see to a device that has heard of no updates, of its uptime. Who holds back what is
/// published is noticed by then.
pub const LONG_UNCHECKED: Duration = Duration::from_secs(14 * 24 * 3600);

/// The name of the event that holds a [`Command`].
pub const COMMAND: &str = "command";

/// What a device could install: published, verified, newer than what runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// Which images it takes.
    pub compatible: Name,
    /// What runs.
    pub running: Version,
    /// Its place among all devices.
    pub seed: Seed,
    /// The newest first; at least one.
    pub versions: Vec<Version>,
}

/// Whether and when one of the [`Candidates`] is this screen's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "turn", rename_all = "snake_case")]
pub enum Turn {
    /// None for now.
    Held {
        /// Why, for people: "the rollout is paused".
        why: String,
    },
    /// This one.
    Granted {
        /// One of the candidates.
        version: Version,
        /// From when on.
        eligible_at: Timestamp,
        /// When the screen may restart; at any time where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Window>,
    },
}

/// The maintenance window that is open, or opens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it opens.
    pub opens_at: Timestamp,
    /// When it closes; another one follows, for which the server is asked again.
    pub closes_at: Timestamp,
}

/// How a device is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The version that runs: what was started, and not what was installed.
    pub version: Version,
    /// Which images the device takes; none on what is no appliance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatible: Option<Name>,
    /// The slot that it was started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// Seconds since the kernel's start.
    pub uptime: u64,
    /// How its updates stand.
    pub update: UpdateState,
    /// What went wrong with an update last, until one succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<UpdateFailure>,
}

/// A place for a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// How the updates of a device stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum UpdateState {
    /// The image was built without keys of a vendor, or is no image: there are none.
    Unavailable,
    /// Nothing newer is published.
    Current,
    /// Not known yet, or not for this long: nobody told of updates whose metadata is fresh.
    Unchecked {
        /// Why the last look brought nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// Since when, in seconds of uptime; from [`LONG_UNCHECKED`] on a person should look.
        seconds: u64,
    },
    /// The server holds it back.
    Held {
        /// The newest.
        version: Version,
        /// The server's words.
        why: String,
    },
    /// It waits for its turn.
    Waiting {
        /// Which.
        version: Version,
        /// Until when.
        eligible_at: Timestamp,
    },
    /// It is being written to the other slot.
    Installing {
        /// Which.
        version: Version,
        /// 0 to 100.
        percent: u8,
    },
    /// It is written, and waits for the window to restart in.
    Installed {
        /// Which.
        version: Version,
        /// When that opens.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_at: Option<Timestamp>,
    },
    /// It runs, and has yet to show that it works.
    OnTrial {
        /// Which.
        version: Version,
    },
    /// Said by a newer device.
    #[serde(other)]
    Unknown,
}

/// An update that did not come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateFailure {
    /// Which.
    pub version: Version,
    /// Why, in words, with RAUC's own where it was RAUC.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Something that an administrator wants of a screen. It comes until it is acknowledged, and is done once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Which: what comes again under the same id is the same command.
    pub id: Uuid,
    /// From then on nobody wants it any more.
    pub expires_at: Timestamp,
    /// What is to be done.
    #[serde(flatten)]
    pub order: Order,
}

/// What a screen shall do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Look for an update, and take it without waiting for turn or window.
    UpdateNow,
    /// Restart the machine.
    Reboot,
    /// Say on the wall which screen this is.
    Identify,
    /// Show a message over the board.
    Message {
        /// The words: 1 to [`MAX_MESSAGE`] characters of one line.
        text: String,
        /// When it goes away.
        until: Timestamp,
    },
    /// Given by a newer server.
    #[serde(other)]
    Unknown,
}

/// Whether a message can be shown: 1 to [`MAX_MESSAGE`] characters of one line.
#[must_use]
pub fn is_message(text: &str) -> bool {
    let is_long = text.chars().nth(MAX_MESSAGE).is_some();
    !text.trim().is_empty() && !is_long && !text.chars().any(char::is_control)
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Acknowledgement {
    /// It was done; of a restart, that the machine came back.
    Done,
    /// It was not.
    Refused {
        /// Why, in at most [`MAX_REASON`] characters.
        why: String,
    },
    /// It came too late to be done.
    Expired,
    /// Said by a newer device.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_reads_back_and_one_of_a_newer_server_keeps_its_id() {
        let id = Uuid::from_u128(7);
        let message = Order::Message { text: "Fire drill".into(), until: Timestamp::UNIX_EPOCH };
        for order in [Order::UpdateNow, Order::Reboot, Order::Identify, message] {
            let command = Command { id, expires_at: Timestamp::UNIX_EPOCH, order };
            let written = serde_json::to_string(&command).unwrap();
            assert_eq!(serde_json::from_str::<Command>(&written).unwrap(), command);
        }
        let newer = json!({ "id": id, "expires_at": "2027-01-01T00:00:00Z", "order": "dance", "steps": 3 });
        let command: Command = serde_json::from_value(newer).unwrap();
        assert_eq!((command.id, command.order), (id, Order::Unknown));
    }

    #[test]
    fn a_message_is_one_line_that_a_wall_has_room_for() {
        assert!(is_message("Fire drill at 15:00.") && is_message(&"\u{e9}".repeat(MAX_MESSAGE)));
        for text in ["", "  ", "two\nlines", &"x".repeat(MAX_MESSAGE + 1)] {
            assert!(!is_message(text), "{text:?}");
        }
    }
}
