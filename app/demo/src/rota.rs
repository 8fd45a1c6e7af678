//! Who is on shift when.

use super::calendar::{Day, MINUTE};
use super::cast::AGENTS;
use super::random::Stream;

/// One agent's time at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub(super) agent: usize,
    pub(super) from: i64,
    pub(super) until: i64,
    /// When lunch is due and how long it takes.
    pub(super) lunch: Option<(i64, i64)>,
}

/// First and last hour of each weekday place in the rota; hours past 24 are the next day's. An agent moves one place
/// down each day. Heads: 8 at 08:00, 14 from 09:00, 9 from 17:00, 3 from 18:00.
const WEEKDAY: [(i64, i64); AGENTS.len()] = [
    (8, 17),
    (8, 17),
    (8, 17),
    (8, 17),
    (8, 17),
    (8, 18),
    (8, 18),
    (8, 18),
    (9, 22),
    (9, 22),
    (9, 22),
    (9, 18),
    (9, 18),
    (9, 18),
];

/// Two heads by day at the weekend.
const WEEKEND: [(usize, i64, i64); 4] = [(2, 8, 15), (5, 8, 15), (7, 15, 22), (11, 15, 22)];

/// The place that also has the night, 22:00 to 08:00.
const NIGHT: usize = 0;

/// The shifts that start on a day. One agent is absent on one weekday of each week.
pub(super) fn of_day(day: &Day, seed: u64) -> Vec<Shift> {
    let mut generator = Stream::ROTA.on(seed, day.number);
    let at_place = |place: usize| (place as i64 + day.number).rem_euclid(AGENTS.len() as i64) as usize;
    let monday = day.number - day.weekday as i64;
    let mut week = Stream::ROTA.of(seed, monday, 1);
    let absent = (week.index(5) == day.weekday).then(|| week.index(AGENTS.len()));

    let mut places: Vec<(usize, i64, i64)> = if day.is_weekday() {
        WEEKDAY.iter().enumerate().map(|(place, (from, until))| (at_place(place), *from, *until)).collect()
    } else {
        WEEKEND.iter().map(|(place, from, until)| (at_place(*place), *from, *until)).collect()
    };
    places.retain(|(agent, ..)| Some(*agent) != absent);
    places.push((at_place(NIGHT), 22, 32));

    let mut shifts = Vec::with_capacity(places.len());
    for (agent, from, until) in places {
        let mut vary = |hour: i64| {
            let at = if hour < 24 { day.at(hour * 60) } else { day.end + (hour - 24) * 60 * MINUTE };
            at + generator.between(-6 * MINUTE, 6 * MINUTE)
        };
        let (from_at, until_at) = (vary(from), vary(until));
        // Staggered: most of four agents are at lunch at any time between 12:00 and 14:00.
        let lunch = (day.is_weekday() && from < 12).then(|| {
            let length = generator.between(30 * MINUTE, 45 * MINUTE);
            (day.at(12 * 60) + generator.between(0, 120 * MINUTE - length), length)
        });
        shifts.push(Shift { agent, from: from_at, until: until_at, lunch });
    }
    shifts
}
