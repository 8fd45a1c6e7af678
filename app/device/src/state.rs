//! What the agent tells the TV to show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// The state of the device. Each has a screen of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Not there yet: network, then server.
    Starting(Startup),
    /// A person shall type the code into the admin interface.
    Pairing(Pairing),
    /// Paired and signed in: the TV pulls the board itself.
    Live(Live),
    /// An update is being installed.
    Updating(Updating),
    /// The screen was removed in the admin interface.
    Removed {
        /// Host name of the server that removed it.
        server: String,
    },
    /// The server lets no board be shown here, and none stays on the wall; the words say why.
    Locked {
        /// "This board is resting."
        headline: String,
        /// What happened, one line each.
        happened: Vec<String>,
        /// What to do, the first line in bold.
        remedy: Vec<String>,
    },
    /// Something is wrong that a person must mend, for example a mistake in `nexus.toml`.
    Problem {
        /// What is wrong.
        headline: String,
        /// Where, and why.
        detail: Vec<String>,
        /// What to do.
        remedy: String,
    },
    /// Sent by a newer agent.
    #[serde(other)]
    Unknown,
}

/// One line from the agent to the TV: the state, and what holds whatever the state is. A reader that only knows
/// [`State`] can read it as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Where the display hangs.
    #[serde(flatten)]
    pub place: Place,
    /// What lies over it for a while.
    #[serde(flatten)]
    pub over: Over,
    /// For how many days of uptime nothing fresh was heard of software updates, once a person should look
    /// ([`LONG_UNCHECKED`](crate::fleet::LONG_UNCHECKED)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchecked_days: Option<u32>,
    /// What to show.
    #[serde(flatten)]
    pub state: State,
}

impl From<State> for Said {
    /// That state, and nothing beside it.
    fn from(state: State) -> Self {
        Self { place: Place::default(), over: Over::default(), unchecked_days: None, state }
    }
}

/// How and where the display hangs, as far as somebody wrote it down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Clockwise rotation of the picture in degrees: 0, 90, 180 or 270. The same as [`Live::rotation`], and known
    /// before pairing.
    #[serde(default)]
    pub turned: u16,
    /// IANA name of the time zone there, for clocks before there is a board; a board brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether everything changes at once there, without movement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reduce_motion: bool,
}

/// What an administrator wants on the wall for a while, over what is shown there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// Whether the screen says which one it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identify: bool,
    /// A message over the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// A message from people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The words.
    pub text: String,
    /// When it goes away by itself.
    pub until: Timestamp,
}

/// How one line of the start screen stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A tick.
    Done,
    /// A ring: in progress.
    Waiting,
    /// An octagon: it failed, and is tried again.
    Failed,
}

/// The start screen: where connecting stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Startup {
    /// The network.
    pub network: Check,
    /// In words: "connected", "no network: check the cable or Wi-Fi".
    pub network_text: String,
    /// The server.
    pub server: Check,
    /// In words: "looking for nexus.example.com", "not answering, trying again".
    pub server_text: String,
    /// Version of the software on the stick.
    pub version: String,
    /// The screen's name, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
}

/// Name and address of the network, for the person in front of the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// "Office-LAN", "wired".
    pub name: String,
    /// The stick's address there.
    pub address: String,
}

/// The pairing screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairing {
    /// `nameplate-XXXX-XXXX`.
    pub code: String,
    /// Where the admin page is, as a person would type it: "nexus.example.com".
    pub server: String,
    /// Among how many servers of this network it was chosen, where nothing named it. Nobody vouches for its address then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_among: Option<usize>,
    /// What the QR code holds: the code alone, or the admin page's address with it where that address can be trusted.
    pub qr: String,
    /// When the code was made.
    pub issued_at: Timestamp,
    /// When a new code replaces it.
    pub expires_at: Timestamp,
    /// Two digits that the admin compares; set once the code was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// The stick's network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

/// What a TLS connection to the server must verify against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The public web's roots.
    WebPki,
    /// Exactly these certificates, PEM.
    Anchor(String),
}

/// Everything that the TV needs to pull the board.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// Base address of the server, `https`.
    pub server: Url,
    /// The HTTP proxy that the connection goes through, `http`; end to end it is the server's own TLS all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
    /// How the server is verified.
    pub trust: Trust,
    /// Which board.
    pub board: String,
    /// Bearer token, at most an hour old.
    pub access_token: String,
    /// When it ends; the agent sends a new state before that.
    pub expires_at: Timestamp,
    /// The screen's name.
    pub screen: String,
    /// Clockwise rotation of the picture in degrees: 0, 90, 180 or 270.
    #[serde(default)]
    pub rotation: u16,
    /// Seconds to add to the device's own clock to get the time that the agent trusts (the paired server's, or
    /// one not earlier than the build); the TV verifies TLS and shows the clock with it. 0 where the clock is right.
    #[serde(default)]
    pub clock_offset: i64,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live")
            .field("server", &self.server.as_str())
            .field("board", &self.board)
            .field("screen", &self.screen)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The update screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updating {
    /// 0 to 100.
    pub percent: u8,
    /// Minutes until the board is back, if known.
    #[serde(default)]
    pub minutes: Option<u16>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;
    use crate::lines;

    #[test]
    fn what_is_said_reads_back_and_a_reader_of_bare_states_understands_it_too() {
        let live = Live {
            server: "https://nexus.test".parse().unwrap(),
            proxy: None,
            trust: Trust::WebPki,
            board: "support".into(),
            access_token: "secret".into(),
            expires_at: Timestamp::UNIX_EPOCH,
            screen: "Support".into(),
            rotation: 90,
            clock_offset: -5,
        };
        for state in [State::Live(live), State::Removed { server: "nexus.test".into() }] {
            let place = Place { turned: 90, time_zone: Some("Europe/Berlin".into()), reduce_motion: true };
            let message = Message { text: "Fire drill".into(), until: Timestamp::UNIX_EPOCH };
            let over = Over { identify: true, message: Some(message) };
            let said = Said { place, over, unchecked_days: Some(15), state: state.clone() };
            let line = lines::encode(&said).unwrap();
            assert_eq!(lines::decode::<Said>(&line).unwrap(), said);
            assert_eq!(lines::decode::<State>(&line).unwrap(), state);
            let bare = Said::from(state.clone());
            assert_eq!(lines::decode::<Said>(&lines::encode(&state).unwrap()).unwrap(), bare);
        }
    }
}
