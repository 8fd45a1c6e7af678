//! The TV's rules: what the wall shows and what is connected to, from what was heard and when.
//!
//! No I/O and no clock of its own: [`App::handle`] takes an event and the time, and answers what to do.

mod clock;
mod fit;
mod link;
mod truth;

use std::{sync::Arc, time::Duration};

use board::{Board, Overlay, Revision, overlay, wire};
use device::{Connection as Standing, Live, Over, Place, Said, State};
use jiff::{Timestamp, tz::TimeZone};

use clock::Clock;
pub use clock::Now;
use link::Link;

use crate::{
    agent,
    platform::Rotation,
    stream::{self, Loss},
    view::{Connection, Screen},
};

/// A restart of the agent takes less.
const AGENT_GRACE: Duration = Duration::from_secs(3);

/// Until when an agent that has never answered is one that is still being started: a first start prepares the disk for it.
const AGENT_START: Duration = Duration::from_secs(60);

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
    /// For how many days it has heard nothing of updates, where that is long.
    unchecked_days: Option<u32>,
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
            unchecked_days: None,
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

    /// The same for a display that is known to hang like this, in degrees, before the agent says so.
    #[must_use]
    pub fn turned(self, degrees: u16) -> Self {
        Self { turned: degrees, ..self }
    }

    /// How the picture hangs.
    pub fn rotation(&self) -> Rotation {
        Rotation::from_degrees(self.turned).unwrap_or_default()
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
            unchecked_days: self.unchecked_days,
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
        let Said { place: Place { turned, time_zone, reduce_motion }, over, unchecked_days, state } = said;
        (self.over, self.unchecked_days) = (over, unchecked_days);
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
        let grace = if self.said.is_some() { AGENT_GRACE } else { AGENT_START };
        self.agent_lost.is_some_and(|since| now.since_start >= since + grace)
    }
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
