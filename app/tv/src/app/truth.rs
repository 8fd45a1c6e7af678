//! What the wall says: the agent's word, made true by what the TV knows of its own connection.

use board::format;
use device::{Check, Live, Pairing, Startup, State};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{App, Now};
use crate::stream::Loss;

impl App {
    /// The agent's word, made true: a board that is held is shown, one that has not come is waited for, and words of an
    /// agent that is away are not repeated where they may be wrong by now.
    pub(super) fn state(&self, now: Now) -> State {
        let agent_is_away = self.agent_is_away(now);
        match (&self.said, &self.live) {
            (None, _) => starting(Check::Waiting, agent_words(agent_is_away), Check::Waiting, String::new(), None),
            (Some(State::Starting(_) | State::Live(_)), Some(live)) => self.live_state(live, now),
            (Some(State::Starting(_) | State::Pairing(_)), _) if agent_is_away => {
                starting(Check::Failed, agent_words(true), Check::Waiting, String::new(), None)
            }
            (Some(State::Pairing(pairing)), _) => {
                // The agent tells instants by the device's clock, the wall by the server's.
                let correction = self.time(now).duration_since(now.wall);
                State::Pairing(Pairing {
                    issued_at: moved(pairing.issued_at, correction),
                    expires_at: moved(pairing.expires_at, correction),
                    ..pairing.clone()
                })
            }
            (Some(State::Problem { headline, detail, remedy }), Some(_)) => State::Problem {
                headline: headline.clone(),
                detail: detail.iter().cloned().chain(self.newest_data(now)).collect(),
                remedy: remedy.clone(),
            },
            (Some(state), _) => state.clone(),
        }
    }

    /// Of when the board is that is held while its server is away.
    fn newest_data(&self, now: Now) -> Option<String> {
        self.link.trouble(now.since_start)?;
        let board = self.board.as_ref()?;
        let newest = board.newest_data()?;
        let zone = board.zone().unwrap_or(TimeZone::UTC);
        Some(format!("The newest numbers are {}.", format::from(newest, self.time(now), &zone)))
    }

    fn live_state(&self, live: &Live, now: Now) -> State {
        let host = live.server.host_str().unwrap_or_default();
        let screen = Some(live.screen.clone());
        let failed =
            |words: String| starting(Check::Done, "connected".to_owned(), Check::Failed, words, screen.clone());
        match self.link.told(now.since_start) {
            Some(Loss::NoBoard) => State::Problem {
                headline: "This board is not there any more.".to_owned(),
                detail: vec![format!("{host} has no board “{}”.", live.board)],
                remedy: "Choose another board for this screen in the admin interface.".to_owned(),
            },
            // A person has to see to it, and an old board alone would not tell them.
            Some(Loss::Malformed) => State::Problem {
                headline: "This screen cannot read what the server sends.".to_owned(),
                detail: std::iter::once(format!("{host} answers, but with something that is not a board."))
                    .chain(self.newest_data(now))
                    .collect(),
                remedy:
                    "Bring the server and this screen to the same release; the server\u{2019}s log may say more. The \
                         screen tries again by itself."
                        .to_owned(),
            },
            _ if self.board.is_some() => State::Live(live.clone()),
            None => {
                let looking = format!("waiting for the board from {host}");
                starting(Check::Done, "connected".to_owned(), Check::Waiting, looking, screen)
            }
            Some(Loss::Unreachable | Loss::Silent | Loss::Bye) => {
                failed(format!("{host} does not answer, trying again"))
            }
            Some(Loss::Untrusted) => failed(format!("{host} is not the server that this screen was paired with")),
            Some(Loss::Refused) => failed(format!("{host} does not let this screen in, asking again")),
        }
    }
}

fn agent_words(is_away: bool) -> String {
    if is_away { "the screen's service is restarting" } else { "starting" }.to_owned()
}

pub(super) fn starting(
    network: Check,
    network_text: String,
    server: Check,
    server_text: String,
    screen: Option<String>,
) -> State {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    State::Starting(Startup { network, network_text, server, server_text, version, screen })
}

/// `at` moved by `by`, no further than time goes.
fn moved(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}
