//! What the TV shall say, derived from the state.

use device::{Check, Connection, Startup, State};
use pairing::link::Refusal;
use url::Url;

use super::pair::{Pair, Shown};
use super::session::{Session, ShutOut};
use super::{Assurance, CallError, Contact, Core, Now, Phase, Suspicion};
use crate::network::Network;
use crate::trust::Untrusted;

/// Offsets that differ by no more than this are the same: the server's `Date` has whole seconds.
const SAME_OFFSET: i64 = 2;

/// What the QR code holds: the code alone, or the page that takes it. The page's address is given only where it came
/// from `nexus.toml` or verified by web PKI, as a false one would lead admins to somebody else's sign-in page.
#[must_use]
pub fn qr(code: &str, server: &Url, address_is_trusted: bool) -> String {
    match server.join("/admin/screens/add") {
        Ok(mut page) if address_is_trusted => {
            page.query_pairs_mut().append_pair("code", code);
            page.into()
        }
        _ => code.to_owned(),
    }
}

/// Whether the TV must hear of it. A clock offset that wavers by a second is no news.
pub(super) fn differs(shown: &State, state: &State) -> bool {
    match (shown, state) {
        (State::Live(shown), State::Live(state)) => {
            let mut same = shown.clone();
            if (shown.clock_offset - state.clock_offset).abs() <= SAME_OFFSET {
                same.clock_offset = state.clock_offset;
            }
            same != *state
        }
        (shown, state) => shown != state,
    }
}

impl Core {
    pub(super) fn screen(&self, now: Now) -> State {
        let silent = matches!(self.contact, Contact::Fails(_));
        match &self.phase {
            Phase::Searching if self.search.misses > 0 && matches!(self.network, Network::Up { .. }) => self.nobody_found(),
            Phase::Pairing(Pair::Showing(showing)) if !silent => self.code(&showing.shown, None),
            Phase::Pairing(Pair::Confirming(confirming)) if !silent => {
                self.code(&confirming.shown, Some(confirming.confirmed.digits().to_string()))
            }
            Phase::Searching => State::Starting(self.startup(None)),
            Phase::Joining(_) | Phase::Pairing(_) => match self.impostor() {
                Some(reason) if self.setup.before_pairing != Assurance::None => self.not_of_the_authority(reason),
                _ => State::Starting(self.startup(None)),
            },
            Phase::NotJoined { refusal, .. } => self.not_joined(*refusal),
            Phase::Paired(session) => self.paired(session, now),
            Phase::Removed { .. } => State::Removed { server: self.host() },
            Phase::Intercepted { suspicion: Suspicion::Clock(reason), .. } => State::Problem {
                headline: "The server's certificate is not valid at this time".to_owned(),
                detail: vec![format!("{}: {reason}.", self.host())],
                remedy: "Set the server's clock right and start it again; a certificate of your own may have to be renewed. \
                         A new code follows in a minute."
                    .to_owned(),
            },
            Phase::Intercepted { suspicion: Suspicion::Interception(reason), .. } => State::Problem {
                headline: "This connection is not the server's own".to_owned(),
                detail: vec![
                    format!("Something between this screen and {} answers in its place:", self.host()),
                    format!("{reason}."),
                ],
                remedy: "If that is your own proxy, name its certificate authority in the server's settings. \
                         A new code follows in a minute."
                    .to_owned(),
            },
        }
    }

    fn paired(&self, session: &Session, now: Now) -> State {
        let screen = &session.paired.payload.screen.name;
        if session.shut_out == Some(ShutOut::Suspended) {
            return self.suspended(screen);
        }
        match (&session.live, self.impostor()) {
            (live, Some(reason)) if live.is_none() || self.stream == Some(Connection::Untrusted) => {
                self.not_paired_with(reason)
            }
            (live, _) if session.shut_out.is_some() && (live.is_none() || self.stream == Some(Connection::Refused)) => {
                self.not_known(screen)
            }
            (Some(live), _) => {
                let mut live = live.clone();
                live.clock_offset = now.trusted.duration_since(now.system).as_secs();
                State::Live(live)
            }
            (None, _) => State::Starting(self.startup(Some(screen.to_string()))),
        }
    }

    /// Two devices have this screen's keys. No data stays on the wall.
    fn suspended(&self, screen: &str) -> State {
        State::Locked {
            headline: "This screen is suspended.".to_owned(),
            happened: vec![
                "Two devices use its identity, as if its memory card had been copied.".to_owned(),
                "Neither of them shows data until that is settled.".to_owned(),
            ],
            remedy: vec![
                "Tell whoever looks after Nexus.".to_owned(),
                format!(
                    "On {}, under Screens, \u{201c}{screen}\u{201d} has to be removed, and the right device added again with \
                     the code that it then shows.",
                    self.host()
                ),
            ],
        }
    }

    fn not_known(&self, screen: &str) -> State {
        State::Problem {
            headline: "The server does not know this screen\u{2019}s key".to_owned(),
            detail: vec![
                format!("{} refuses every key that this screen has.", self.host()),
                "The server or this screen may have been put back from an old copy.".to_owned(),
            ],
            remedy: format!(
                "Tell whoever looks after Nexus: \u{201c}{screen}\u{201d} has to be removed under Screens. A new code then \
                 appears here."
            ),
        }
    }

    /// Why the access link did not lead anywhere, for whoever stands in front of the screen.
    fn not_joined(&self, refusal: Option<Refusal>) -> State {
        let host = self.host();
        let (headline, detail) = match refusal {
            Some(Refusal::UsedUp) => (
                "This screen\u{2019}s access link has been used up",
                "It was made for a certain number of screens, and they have all joined.".to_owned(),
            ),
            Some(Refusal::Expired) => (
                "This screen\u{2019}s access link has expired",
                "It could be used for a limited time, which is over.".to_owned(),
            ),
            Some(Refusal::Revoked) => {
                ("This screen\u{2019}s access link was revoked", format!("An administrator of {host} ended it."))
            }
            Some(Refusal::Elsewhere) => {
                let here = match &self.network {
                    Network::Up { address, .. } => format!(" (this screen is {address})"),
                    Network::Down | Network::Joining => String::new(),
                };
                (
                    "This screen\u{2019}s access link is for another network",
                    format!("{host} takes it from certain networks only{here}."),
                )
            }
            Some(Refusal::Unknown) => (
                "The server does not know this screen\u{2019}s access link",
                format!("It may have been copied wrongly into nexus.toml, or be for another server than {host}."),
            ),
            Some(Refusal::Version) => (
                "This screen and the server do not understand each other",
                format!("{host} runs another version; one of the two needs an update."),
            ),
            Some(Refusal::Signature | Refusal::StaleNonce) | None => (
                "This screen\u{2019}s access link could not be used",
                format!("{host} does not take it, and does not say why."),
            ),
        };
        let remedy = "A code follows in a minute: an administrator can add this screen with it. Or make a new access \
                      link and write it into nexus.toml.";
        State::Problem { headline: headline.to_owned(), detail: vec![detail], remedy: remedy.to_owned() }
    }

    /// Why whoever answers is not the server, if that was seen last. A certificate that is only out of time may still be
    /// the server's.
    fn impostor(&self) -> Option<&Untrusted> {
        match &self.contact {
            Contact::Fails(CallError::Untrusted(
                reason @ (Untrusted::Chain(_) | Untrusted::Host { .. } | Untrusted::Anchor(_)),
            )) => Some(reason),
            _ => None,
        }
    }

    fn not_paired_with(&self, reason: &Untrusted) -> State {
        State::Problem {
            headline: "This is not the server that this screen was paired with".to_owned(),
            detail: vec![
                format!("Something else answers at {} ({reason}).", self.host()),
                "This screen goes on by itself once the right server is back.".to_owned(),
            ],
            remedy:
                "Tell whoever looks after Nexus. If the server was installed anew, put its data folder back, or write \
                     forget = true on the first line of nexus.toml."
                    .to_owned(),
        }
    }

    /// No server is set, and none was found.
    fn nobody_found(&self) -> State {
        let here = match &self.network {
            Network::Up { name, address } => {
                format!("It may be off, or in another network than this screen ({name}, {address}).")
            }
            Network::Down | Network::Joining => "It may be switched off.".to_owned(),
        };
        State::Problem {
            headline: "No Nexus server was found here".to_owned(),
            detail: vec![here, "This screen goes on looking by itself.".to_owned()],
            remedy:
                "Tell whoever looks after Nexus. If the server is elsewhere, nexus.toml on the set-up partition has to \
                     name it."
                    .to_owned(),
        }
    }

    /// The server's certificate and the authority that `nexus.toml` names do not go together.
    fn not_of_the_authority(&self, reason: &Untrusted) -> State {
        State::Problem {
            headline: "nexus.toml trusts another server than this one".to_owned(),
            detail: vec![
                format!("{} does not belong to the authority under [trust] ({reason}).", self.host()),
                "This screen goes on by itself once that is mended.".to_owned(),
            ],
            remedy: "Write the certificate that \u{201c}nexus ca show\u{201d} prints on the server under [trust] in \
                     nexus.toml, on the set-up partition."
                .to_owned(),
        }
    }

    fn code(&self, shown: &Shown, confirm: Option<String>) -> State {
        State::Pairing(device::Pairing {
            code: shown.code.clone(),
            server: self.host(),
            qr: match self.server() {
                // A server that was found may have a certificate for a name of its own, and be anybody's all the same.
                Some(server) => {
                    qr(&shown.code, server, self.setup.configured || (shown.web_pki && self.search.among.is_none()))
                }
                None => shown.code.clone(),
            },
            found_among: self.search.among,
            issued_at: shown.issued_at,
            expires_at: shown.expires_at,
            confirm,
            network: match &self.network {
                Network::Up { name, address } => {
                    Some(device::Network { name: name.clone(), address: address.to_string() })
                }
                Network::Down | Network::Joining => None,
            },
        })
    }

    fn startup(&self, screen: Option<String>) -> Startup {
        let host = self.host();
        // Who hears the server has a network, even if it is only this machine.
        let answers = matches!(self.contact, Contact::Answers | Contact::Fails(CallError::Refused { .. }));
        let (network, network_text) = match &self.network {
            Network::Up { name, address } => (Check::Done, format!("connected: {name}, {address}")),
            Network::Down | Network::Joining if answers => (Check::Done, "connected: this machine only".to_owned()),
            Network::Joining => (Check::Waiting, "waiting for an address".to_owned()),
            Network::Down => (Check::Failed, "no network: check the cable or Wi-Fi".to_owned()),
        };
        let (server, server_text) = match &self.contact {
            _ if network != Check::Done => (Check::Waiting, "waiting for the network".to_owned()),
            _ if matches!(self.phase, Phase::Searching) => {
                (Check::Waiting, "looking for a Nexus server here".to_owned())
            }
            Contact::Unknown => match self.search.among {
                Some(2..) => (Check::Waiting, format!("several found in this network, asking {host}")),
                Some(_) => (Check::Waiting, format!("found in this network: {host}")),
                None => (Check::Waiting, format!("looking for {host}")),
            },
            Contact::Answers => (Check::Waiting, format!("{host} answers")),
            Contact::Fails(CallError::Silent(_)) => (Check::Failed, format!("{host} is not answering, trying again")),
            Contact::Fails(CallError::UnknownName(_)) => {
                (Check::Failed, format!("{host} is not known in this network, trying again"))
            }
            Contact::Fails(CallError::Untrusted(_)) => {
                (Check::Failed, format!("{host} shows a certificate that this screen does not trust"))
            }
            Contact::Fails(CallError::Refused { status: 429 | 503, .. }) => {
                (Check::Failed, format!("{host} is busy, trying again"))
            }
            Contact::Fails(CallError::Refused { status, .. }) => {
                (Check::Failed, format!("{host} refuses this screen ({status}), trying again"))
            }
            Contact::Fails(CallError::Malformed(_)) => {
                (Check::Failed, format!("what answers at {host} is no Nexus server, trying again"))
            }
        };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Startup { network, network_text, server, server_text, version, screen }
    }

    /// The server as a person would type it.
    fn host(&self) -> String {
        let Some(server) = self.server() else { return "the server".to_owned() };
        let host = server.host_str().unwrap_or_default();
        server.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}
