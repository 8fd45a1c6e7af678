//! The TV's rules: what the wall shows and what is connected to, from what was heard and when.
//!
//! No I/O and no clock of its own: [`App::handle`] takes an event and the time, and answers what to do.

mod clock;
mod fit;
mod link;

use std::{sync::Arc, time::Duration};

use board::{Board, Overlay, Revision, format, overlay, wire};
use device::{Check, Connection as Standing, Live, Over, Pairing, Place, Said, Startup, State};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use clock::Clock;
pub use clock::Now;
use link::Link;

use crate::{
    agent,
    stream::{self, Loss},
    view::{Connection, Screen},
};

/// A restart of the agent takes less.
const AGENT_GRACE: Duration = Duration::from_secs(3);

/// How often the agent hears that the TV is alive.
const ALIVE: Duration = Duration::from_secs(5);

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Something about the agent.
    Agent(agent::Event),
    /// Something about the board's stream.
    Stream(stream::Event),
    /// A second has passed.
    Tick,
}

impl From<agent::Event> for Event {
    fn from(event: agent::Event) -> Self {
        Self::Agent(event)
    }
}

impl From<stream::Event> for Event {
    fn from(event: stream::Event) -> Self {
        Self::Stream(event)
    }
}

/// What to do about it, beside showing [`App::screen`].
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Follow this board.
    Follow(Box<Live>),
    /// Follow none.
    Leave,
    /// Tell the agent how the connection stands.
    Report(Standing),
    /// Tell the agent that frames are drawn.
    ReportAlive,
    /// Turn the picture clockwise by so many degrees.
    Rotate(u16),
    /// Show changes without movement, or with it again.
    ReduceMotion(bool),
}

/// Everything that the TV knows. Gone with the process: a reboot without a server shows no data.
#[derive(Debug)]
pub struct App {
    /// Of clocks before there is a board.
    zone: TimeZone,
    /// Which it is where the agent says nothing.
    machines_zone: TimeZone,
    clock: Clock,
    /// The agent's newest word.
    said: Option<State>,
    /// What it wants over that.
    over: Over,
    /// How the picture hangs, in degrees. It is known before there is anything to show.
    turned: u16,
    /// Whether somebody wants no movement.
    reduce_motion: bool,
    /// When the agent stopped answering.
    agent_lost: Option<Duration>,
    /// What is followed.
    live: Option<Live>,
    board: Option<Arc<Board>>,
    /// The zone of the newest board: the clock does not jump where another screen takes the board's place.
    boards_zone: Option<TimeZone>,
    link: Link,
    reported: Option<Standing>,
    alive_at: Option<Duration>,
}

impl App {
    /// A TV that has just started. `zone` is the machine's: the clock's until the agent names the one where the display
    /// hangs, or a board brings its own.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone: zone.clone(),
            machines_zone: zone,
            clock: Clock::default(),
            said: None,
            over: Over::default(),
            turned: 0,
            reduce_motion: false,
            agent_lost: Some(Duration::ZERO),
            live: None,
            board: None,
            boards_zone: None,
            link: Link::Connecting,
            reported: None,
            alive_at: None,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Agent(agent::Event::Said(said)) => {
                self.agent_lost = None;
                self.said(*said, &mut actions);
            }
            Event::Agent(agent::Event::Lost) => {
                self.agent_lost.get_or_insert(now.since_start);
            }
            Event::Stream(event) if self.live.is_some() => self.streamed(event, now, &mut actions),
            // The rest of a stream that is not followed any more.
            Event::Stream(_) => {}
            Event::Tick => {
                self.report_open(now, &mut actions);
                if self.alive_at.is_none_or(|at| now.since_start >= at + ALIVE) {
                    self.alive_at = Some(now.since_start);
                    actions.push(Action::ReportAlive);
                }
            }
        }
        actions
    }

    /// What the wall shows now.
    pub fn screen(&self, now: Now) -> Screen {
        let time = self.time(now);
        Screen {
            state: self.state(now),
            board: self.board.clone().map(|board| self.with_message(without_what_is_over(board, time), time)),
            identify: self.identify(now),
            connection: match self.link.told(now.since_start) {
                Some(_) => Connection::Lost,
                None => Connection::Live,
            },
            zone: self.boards_zone.as_ref().unwrap_or(&self.zone).clone(),
        }
    }

    /// Whether the agent has said anything yet.
    pub fn has_heard(&self) -> bool {
        self.said.is_some()
    }

    /// The time that the wall tells: the server's, where the device's clock is off.
    pub fn time(&self, now: Now) -> Timestamp {
        self.clock.time(now)
    }

    /// How long until the next full second of the wall's clock, when counters and countdowns change.
    pub fn until_next_second(&self, now: Now) -> Duration {
        let past = self.time(now).subsec_nanosecond().unsigned_abs();
        Duration::from_secs(1) - Duration::from_nanos(u64::from(past))
    }

    fn said(&mut self, said: Said, actions: &mut Vec<Action>) {
        let Said { place: Place { turned, time_zone, reduce_motion }, over, state } = said;
        self.over = over;
        // An unknown one, of a newer database of zones, is no better than the machine's.
        self.zone = time_zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or_else(|| self.machines_zone.clone());
        if turned != self.turned {
            self.turned = turned;
            actions.push(Action::Rotate(turned));
        }
        if reduce_motion != self.reduce_motion {
            self.reduce_motion = reduce_motion;
            actions.push(Action::ReduceMotion(reduce_motion));
        }
        match &state {
            State::Live(live) => self.follow(live.clone(), actions),
            // The board stays while the agent finds its way, and comes back at once after an update or a mended problem.
            State::Starting(_) | State::Updating(_) | State::Problem { .. } => {}
            State::Pairing(_) | State::Removed { .. } | State::Locked { .. } => {
                if self.live.take().is_some() {
                    actions.push(Action::Leave);
                }
                (self.board, self.boards_zone) = (None, None);
                self.link = Link::Connecting;
                self.reported = None;
            }
            // A newer agent: what it said before is still the best that can be shown.
            State::Unknown => return,
        }
        self.said = Some(state);
    }

    fn follow(&mut self, live: Live, actions: &mut Vec<Action>) {
        let old = self.live.as_ref();
        if old == Some(&live) {
            return;
        }
        if old.is_none_or(|old| (&old.server, &old.board) != (&live.server, &live.board)) {
            self.board = None;
            self.link = Link::Connecting;
        } else if old.is_some_and(|old| old.trust != live.trust) {
            self.link = Link::Connecting;
        }
        if old.is_none_or(|old| old.access_token != live.access_token) {
            // A refusal of the new token is news, even after one of the old.
            self.reported = None;
        }
        self.clock.agent_says(live.clock_offset);
        self.live = Some(live.clone());
        actions.push(Action::Follow(Box::new(live)));
    }

    fn streamed(&mut self, event: stream::Event, now: Now, actions: &mut Vec<Action>) {
        match event {
            stream::Event::Open { date } => {
                if let Some(date) = date {
                    self.clock.server_says(date, now);
                }
                self.link.opened(now.since_start);
                self.report_open(now, actions);
            }
            stream::Event::Changed { event, revision } => self.change(event, revision),
            stream::Event::Lost(why) => {
                self.link.lost(why, now.since_start);
                let standing = match why {
                    Loss::Refused => Standing::Refused,
                    Loss::Untrusted => Standing::Untrusted,
                    Loss::Unreachable | Loss::Silent | Loss::Bye | Loss::NoBoard | Loss::Malformed => {
                        Standing::Reconnecting
                    }
                };
                self.report(standing, actions);
            }
        }
    }

    /// Reports an open connection, once it can be relied on.
    fn report_open(&mut self, now: Now, actions: &mut Vec<Action>) {
        if self.link.holds(now.since_start) {
            self.report(Standing::Live, actions);
        }
    }

    fn report(&mut self, standing: Standing, actions: &mut Vec<Action>) {
        if self.reported.replace(standing) != Some(standing) {
            actions.push(Action::Report(standing));
        }
    }

    fn change(&mut self, mut event: wire::Event, revision: Option<Revision>) {
        fit::cut(&mut event);
        if let wire::Event::Board(board) = &event {
            self.boards_zone = board.zone().ok();
        }
        match (event, &mut self.board) {
            (wire::Event::Board(board), empty @ None) => *empty = Some(Arc::from(board)),
            (event, Some(board)) => {
                let board = Arc::make_mut(board);
                board.apply(event, revision.unwrap_or(board.revision));
            }
            // The server thinks that this TV has a board; what is missing comes with the next whole one.
            (_, None) => {}
        }
    }

    /// Which screen this is, where somebody wants to know. Who is away cannot take it from the wall again.
    fn identify(&self, now: Now) -> Option<String> {
        let live = self.live.as_ref().filter(|_| self.over.identify && !self.agent_is_away(now))?;
        // "Do not unplug" is not to be covered.
        (!matches!(self.said, Some(State::Updating(_)))).then(|| live.screen.clone())
    }

    /// The board under the message that an administrator wants over it.
    fn with_message(&self, mut board: Arc<Board>, time: Timestamp) -> Arc<Board> {
        if let Some(message) = self.over.message.as_ref().filter(|message| message.until > time) {
            let (headline, until) = (message.text.clone(), Some(message.until));
            let message = overlay::Message { headline, detail: None, from: None, until };
            Arc::make_mut(&mut board).overlay = Some(Overlay::Message(message));
        }
        board
    }

    fn agent_is_away(&self, now: Now) -> bool {
        self.agent_lost.is_some_and(|since| now.since_start >= since + AGENT_GRACE)
    }

    /// The agent's word, made true: a board that is held is shown, one that has not come is waited for, and words of an
    /// agent that is away are not repeated where they may be wrong by now.
    fn state(&self, now: Now) -> State {
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
    if is_away { "the screen's own service does not answer, it is being restarted" } else { "starting" }.to_owned()
}

fn starting(network: Check, network_text: String, server: Check, server_text: String, screen: Option<String>) -> State {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    State::Starting(Startup { network, network_text, server, server_text, version, screen })
}

/// `at` moved by `by`, no further than time goes.
fn moved(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

/// The board as it is at `time`: a message goes away by itself.
fn without_what_is_over(mut board: Arc<Board>, time: Timestamp) -> Arc<Board> {
    let until = match &board.overlay {
        Some(Overlay::Message(message)) => message.until,
        _ => None,
    };
    if until.is_some_and(|until| until <= time) {
        Arc::make_mut(&mut board).overlay = None;
    }
    board
}

#[cfg(test)]
mod tests;
