//! The director keeps a board interesting in working hours without inventing anything: it moves pending events (the
//! start or the end of a touch, a requester's answer), lets an agent write a note or a short answer, or has a ticket
//! handed over or triaged anew. Outside working hours the desk is left alone.
//!
//! What it sees to:
//! - a change at least every 20 s, and one that several panels show at least every minute;
//! - one to three promises inside their last half hour, mostly with more than a quarter of an hour left, and never more than
//!   two with less; in a lull in which nobody waits whose ticket could be one, there is none for some seconds or minutes;
//! - one broken promise every 40 to 90 min;
//! - urgent tickets answered before half their time has gone, except for the war-room moments of a busy day.

mod lively;
mod promises;
mod triage;

use desk::ClockMetric;

use super::agenda::Event;
use super::calendar::{DIRECTED_EARLY as EARLY, Day, HOUR, MINUTE};
use super::random::{Generator, Stream};
use super::simulation::{Number, Simulation};

/// A promise inside its last half hour.
type Promise = (Number, ClockMetric);

/// How far one decision moves a pending event at most.
const FARTHEST_SHIFT: i64 = 10 * MINUTE;

/// What the director wakes up for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cue {
    /// Working hours begin.
    Opens,
    /// Time for a change, if nothing else made one.
    Pulse,
    /// Time for a change that several panels show.
    Beat,
    /// There may be no promise left inside its last half hour.
    NoneNear,
    /// It is nearly time for a promise to break.
    BreachWanted,
    /// A put-off ticket gets its owner.
    PutOffAssigned(Number),
    /// A put-off ticket has waited long enough.
    PutOffEnds(Number),
    /// Half the time for the first reply to an urgent ticket is about to have gone.
    UrgentHalfGone(Number),
    /// A busy day's war-room moment is due.
    WarRoom,
    /// The moment is over.
    WarRoomEnds(Number),
    /// The last two hours of the era begin.
    YearEnds,
}

/// What the director remembers.
pub(super) struct Director {
    generator: Generator,
    near: Vec<Promise>,
    /// The promise chosen to break, from shortly before to when it is answered.
    doomed: Option<Promise>,
    /// No promise that is due earlier is let break.
    next_breach: i64,
    last_change: i64,
    last_beat: i64,
    /// When the tickets that were put off are due, with the priority that they get where need be.
    put_off: Vec<i64>,
    /// When those are due that are left until nearly then.
    left: Vec<i64>,
    /// The urgent ticket of a war-room moment.
    war_room: Option<Number>,
}

impl Director {
    pub(super) fn new(seed: u64, day: i64) -> Self {
        Self {
            generator: Stream::DIRECTOR.on(seed, day),
            near: Vec::new(),
            doomed: None,
            next_breach: 0,
            last_change: 0,
            last_beat: 0,
            put_off: Vec::new(),
            left: Vec::new(),
            war_room: None,
        }
    }

    /// Something changed that an observer can see.
    pub(super) fn saw_change(&mut self, now: i64) {
        self.last_change = now;
    }

    /// A ticket's status changed, which several panels show.
    pub(super) fn saw_beat(&mut self, now: i64) {
        self.last_beat = now;
    }
}

impl Simulation {
    pub(super) fn direct_day(&mut self, day: &Day) {
        self.director.generator = Stream::DIRECTOR.on(self.seed, day.number);
        let Some((open, _)) = day.working() else { return };
        self.at(open - EARLY, Event::Director(Cue::Opens));
        let mut moments = Stream::WAR_ROOM.on(self.seed, day.number);
        let first = open + moments.between(90 * MINUTE, 120 * MINUTE);
        for moment in [first, first + moments.between(3 * HOUR, 4 * HOUR)] {
            if self.scenario.is_busy(moment) {
                self.at(moment, Event::Director(Cue::WarRoom));
            }
        }
    }

    pub(super) fn direct(&mut self, cue: Cue) {
        match cue {
            Cue::YearEnds => self.year_ends(),
            Cue::PutOffAssigned(number) => self.put_off_is_assigned(number),
            Cue::PutOffEnds(number) => self.put_off_ends(number),
            Cue::WarRoomEnds(number) => self.war_room_ends(number),
            _ if !self.is_working() => {}
            Cue::Opens => self.opens(),
            Cue::Pulse => self.pulse(),
            Cue::Beat => self.beat(),
            Cue::NoneNear => self.keep_one_near(),
            Cue::BreachWanted => self.keep_one_to_break(),
            Cue::UrgentHalfGone(number) => self.urgent_half_gone(number),
            Cue::WarRoom => self.war_room(),
        }
    }

    fn is_working(&self) -> bool {
        self.calendar.is_directed(self.now)
    }

    fn opens(&mut self) {
        let now = self.now;
        self.breaks_after(now + EARLY);
        self.at(now, Event::Director(Cue::NoneNear));
        self.at(now, Event::Director(Cue::Pulse));
        self.at(now, Event::Director(Cue::Beat));
    }
}
