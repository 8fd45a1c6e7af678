//! The rules of the agent: (state, event, now) → (state, actions). No I/O, and a clock that is handed in.
//!
//! ```text
//!            ┌──────────────────────── wrong code, expired, closed ◄───────────┐
//!            ▼                                                                 │
//!  start ► Asking ──created──► Showing ──answered, verified──► Confirming ──registered──► Paired ──► Live
//!            ▲                    │                                                          │
//!            │                    └─answered, not verified─► Intercepted (a minute)          │
//!            └──────────────── Removed (a minute) ◄────── the server knows the device no more┘
//! ```
//!
//! Where nothing names a server, `start` leads to Searching, and from there to Asking once one was found. A server that was
//! found and does not answer makes room for another one.
//!
//! With an access link, `start` and `Removed` lead to Joining instead, and from there to Paired; or, where the link is
//! refused, by way of NotJoined (a minute) to Asking. A code that ends unused leads back to Joining, as long as the link
//! may still be taken.
//!
//! An unpaired stick always shows a code, also where the server can be verified and its boards are open to everybody: which
//! board belongs on this wall, and that the device may stay, somebody has to say. It takes no command, time or update
//! before that.
//!
//! Once a month, Live replaces the device's key; see [`pairing::rotation`]. Where two devices use one identity, the server
//! suspends the screen, and both of them say so until it is removed.
//!
//! At most one call is under way. What the TV shows is derived from the state after every event, so no path can forget
//! to say the truth.

mod backoff;
mod call;
mod event;
mod join;
mod pair;
mod screen;
mod search;
mod session;

use std::time::{Duration, Instant};

use device::{Report, State};
use jiff::Timestamp;
use pairing::Entropy;
use pairing::device::Paired;
use pairing::link::Refusal;
use pairing::link::device::Holder;
use pairing::message::Description;
use pairing::rotation::device::Ring;
use url::Url;

pub(crate) use backoff::full_jitter;
pub use call::{Assurance, Body, Call, CallError, Reply};
pub use event::{Action, Event};
pub use join::REFUSED_FOR;
pub use screen::qr;

use crate::network::Network;
use crate::trust::Untrusted;
use join::Join;
use pair::Pair;
use search::Search;
use session::Session;

/// How long the screen says that it was removed, before it shows a new code.
pub const REMOVED_FOR: Duration = Duration::from_secs(60);
/// How long the screen says that the connection is intercepted, before it shows a new code.
pub const INTERCEPTED_FOR: Duration = Duration::from_secs(60);
/// How often the server is asked how the pairing stands.
const POLL: Duration = Duration::from_secs(2);
/// Without a sign of life for this long, the TV counts as silent. It gives one every 5 s.
const TV_SILENT: Duration = Duration::from_secs(15);
/// How often time alone is looked at.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic.
    pub instant: Instant,
    /// What the system says, which is what the TV reads.
    pub system: Timestamp,
    /// What the agent believes.
    pub trusted: Timestamp,
}

/// What does not change while the agent runs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The server's base address, where something names it; else it is looked for.
    pub server: Option<Url>,
    /// Whether `nexus.toml` names that address.
    pub configured: bool,
    /// What connections must show before pairing.
    pub before_pairing: Assurance,
    /// An access link to join by, where there is one that was not used yet.
    pub link: Option<Holder>,
    /// The proxy that calls go through.
    pub proxy: Option<Url>,
    /// Rotation of the picture in degrees.
    pub rotation: u16,
    /// What the admin sees.
    pub description: Description,
}

/// The agent's state.
#[derive(Debug)]
pub struct Core {
    setup: Setup,
    ring: Ring,
    phase: Phase,
    search: Search,
    network: Network,
    contact: Contact,
    failures: u32,
    /// When the next call is to be made.
    due: Instant,
    in_flight: Option<u64>,
    calls: u64,
    tv: Option<Instant>,
    /// How the TV's own connection stands, by its last word.
    stream: Option<device::Connection>,
    shown: Option<State>,
}

#[derive(Debug)]
enum Phase {
    Searching,
    Joining(Join),
    NotJoined { until: Instant, refusal: Option<Refusal> },
    Pairing(Pair),
    Paired(Box<Session>),
    Removed { until: Instant },
    Intercepted { until: Instant, suspicion: Suspicion },
}

/// Why a connection by which a screen would join is not taken for the server's own.
#[derive(Clone, Debug)]
enum Suspicion {
    /// It has another certificate than the server says.
    Interception(String),
    /// It has the right certificate, but not at this time: a clock is wrong, here or there.
    Clock(String),
}

impl From<&Untrusted> for Suspicion {
    fn from(reason: &Untrusted) -> Self {
        match reason {
            Untrusted::Time(_) => Self::Clock(reason.to_string()),
            Untrusted::Anchor(_) | Untrusted::Host { .. } | Untrusted::Chain(_) => {
                Self::Interception(reason.to_string())
            }
        }
    }
}

/// How the server stands, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Contact {
    Unknown,
    Answers,
    Fails(CallError),
}

impl Contact {
    /// Whether nobody answers, for whatever reason.
    const fn is_silence(&self) -> bool {
        matches!(self, Self::Fails(CallError::Silent(_) | CallError::UnknownName(_)))
    }
}

impl Core {
    /// The agent after a start, with what was stored.
    #[must_use]
    pub fn new(setup: Setup, ring: Ring, paired: Option<Paired>, network: Network, now: Instant) -> Self {
        // Whoever pairs anew begins with the first generation, whatever the key went through.
        let ring = if paired.is_some() { ring } else { Ring::new(ring.present().clone()) };
        let mut core = Self {
            setup,
            ring,
            phase: Phase::Searching,
            search: Search::default(),
            network,
            contact: Contact::Unknown,
            failures: 0,
            due: now,
            in_flight: None,
            calls: 0,
            tv: None,
            stream: None,
            shown: None,
        };
        core.phase = paired.map_or_else(|| core.begin(), |paired| Phase::Paired(Box::new(Session::new(paired))));
        core
    }

    /// Takes an event and says what is to be done.
    pub fn handle(&mut self, event: Event, now: Now, entropy: &Entropy) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Tick => {}
            Event::Network(network) => self.network(network, now),
            Event::Answered { call, result } if self.in_flight == Some(call) => {
                self.in_flight = None;
                self.answered(result, now, entropy, &mut actions);
            }
            Event::Found { call, servers } if self.in_flight == Some(call) => {
                self.in_flight = None;
                self.looked(&servers, now, entropy, &mut actions);
            }
            Event::Answered { .. } | Event::Found { .. } => {}
            Event::Report(report) => self.report(report, now, entropy),
        }
        self.pass(now, &mut actions);
        self.call(now, entropy, &mut actions);
        let state = self.screen(now);
        if self.shown.as_ref().is_none_or(|shown| screen::differs(shown, &state)) {
            self.shown = Some(state.clone());
            actions.push(Action::Show(state));
        }
        actions
    }

    /// When time alone will change something, at the latest.
    #[must_use]
    pub fn wake_at(&self, now: Instant) -> Instant {
        let call = self.in_flight.is_none().then_some(self.due);
        let phase = match &self.phase {
            Phase::Pairing(pair) => pair.until(),
            Phase::Searching | Phase::Joining(_) | Phase::Paired(_) => None,
            Phase::Removed { until } | Phase::Intercepted { until, .. } | Phase::NotJoined { until, .. } => {
                Some(*until)
            }
        };
        let calls = matches!(self.phase, Phase::Searching | Phase::Joining(_) | Phase::Pairing(_) | Phase::Paired(_));
        [call.filter(|_| calls), phase].into_iter().flatten().fold(now + HEARTBEAT, Instant::min)
    }

    fn network(&mut self, network: Network, now: Now) {
        if matches!(network, Network::Up { .. }) && network != self.network {
            self.failures = 0;
            self.due = self.due.min(now.instant);
            if matches!(self.contact, Contact::Fails(_)) {
                self.contact = Contact::Unknown;
            }
            // A token that still holds need not be renewed for that.
            if let Phase::Paired(session) = &self.phase {
                self.due = session.renew_at().unwrap_or(now.instant);
            }
        }
        self.network = network;
    }

    fn report(&mut self, report: Report, now: Now, entropy: &Entropy) {
        use device::Connection::{Refused, Untrusted};
        self.tv = Some(now.instant);
        let Report::Connection { connection } = report else { return };
        self.stream = Some(connection);
        // Another session brings a token that holds, or shows that it is not the server that answers.
        if let (Refused | Untrusted, Phase::Paired(session)) = (connection, &mut self.phase) {
            if self.in_flight.is_some() {
                return;
            }
            if session.is_renewing() {
                // Whoever answers the TV is there again; what was waited for was an answer.
                if self.contact.is_silence() {
                    self.due = now.instant;
                }
                return;
            }
            self.due = now.instant;
            if let Some(refusals) = session.refused(now.instant) {
                // A server that refuses its own newest token is not asked in a tight loop.
                self.due += backoff::full_jitter(refusals, entropy);
            }
        }
    }

    fn answered(
        &mut self,
        result: Result<Box<Reply>, CallError>,
        now: Now,
        entropy: &Entropy,
        actions: &mut Vec<Action>,
    ) {
        let result = self.came_home(result, actions);
        match &result {
            // Whoever tells the time has not been verified for good yet.
            Ok(reply) if matches!(reply.body, Body::Time) => self.due = now.instant,
            Ok(_) => {
                self.failures = 0;
                self.contact = Contact::Answers;
                self.due = now.instant;
            }
            Err(error) => {
                self.failures += 1;
                self.contact = Contact::Fails(error.clone());
                self.due = now.instant + backoff::full_jitter(self.failures, entropy);
                if self.gives_up(error) {
                    return;
                }
            }
        }
        let resting = Phase::Removed { until: now.instant };
        self.phase = match std::mem::replace(&mut self.phase, resting) {
            Phase::Joining(join) => self.join_answered(join, result, now, actions),
            Phase::Pairing(pair) => self.pairing_answered(pair, result, now, actions),
            Phase::Paired(session) => self.session_answered(session, result, now, entropy, actions),
            other => other,
        };
    }

    /// What time alone changes.
    fn pass(&mut self, now: Now, actions: &mut Vec<Action>) {
        let ends = |pair: &Pair| pair.until().is_some_and(|until| until <= now.instant);
        if self.search.among.is_some_and(|among| among > 1) && matches!(&self.phase, Phase::Pairing(pair) if ends(pair))
        {
            // Nobody typed the code of this one; perhaps it is not the one whose page people look at.
            self.pass_over();
            self.in_flight = None;
            self.due = now.instant;
        }
        let next = match &self.phase {
            Phase::Pairing(pair) if ends(pair) => Some(self.begin()),
            Phase::Removed { until } if *until <= now.instant => Some(self.begin()),
            // The link did not lead anywhere just now: a person can help with a code.
            Phase::Intercepted { until, .. } | Phase::NotJoined { until, .. } if *until <= now.instant => {
                Some(Phase::Pairing(Pair::Asking(None)))
            }
            _ => None,
        };
        if let Some(next) = next {
            self.phase = next;
            self.in_flight = None;
            self.due = now.instant;
        }
        if self.tv.is_some_and(|alive| now.instant.duration_since(alive) >= TV_SILENT) {
            self.tv = None;
            actions.push(Action::TvSilent);
        }
    }

    /// Makes the call that is due.
    fn call(&mut self, now: Now, entropy: &Entropy, actions: &mut Vec<Action>) {
        if self.in_flight.is_some() || now.instant < self.due {
            return;
        }
        if self.wants_to_look() {
            self.calls += 1;
            self.in_flight = Some(self.calls);
            actions.push(Action::Look { id: self.calls });
            return;
        }
        self.try_elsewhere(actions);
        let call = match &mut self.phase {
            Phase::Joining(join) => join.call(&self.setup, self.ring.present()),
            Phase::Pairing(pair) => pair.call(&self.setup, self.ring.present(), entropy),
            Phase::Paired(session) => session.call(&mut self.ring, now, entropy),
            Phase::Searching | Phase::Removed { .. } | Phase::Intercepted { .. } | Phase::NotJoined { .. } => None,
        };
        if let Some(call) = call {
            self.calls += 1;
            self.in_flight = Some(self.calls);
            actions.push(Action::Call { id: self.calls, call });
        }
    }
}

#[cfg(test)]
mod tests;
