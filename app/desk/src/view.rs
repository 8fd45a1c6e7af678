//! The desk as one board sees it: what metrics are computed from.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::{
    ClientId, Desk, Lens, Moment, Series, Ticket,
    durations::median,
    history::{History, grid},
    index::{Index, Line},
    schedule::seconds_between,
    timeline::Timeline,
};

/// The desk through a [`Lens`], made by [`Desk::view`].
#[derive(Debug)]
pub struct View<'a> {
    desk: &'a Desk,
    lens: &'a Lens,
    index: Cow<'a, Index>,
}

/// A count over time, at equal steps; the last point is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// When the first point was.
    pub from: Timestamp,
    /// Seconds between points.
    pub step: u32,
    /// Counts, oldest first.
    pub points: Vec<u32>,
}

impl<'a> View<'a> {
    pub(crate) fn new(desk: &'a Desk, lens: &'a Lens, index: Cow<'a, Index>) -> Self {
        Self { desk, lens, index }
    }

    /// The desk itself.
    pub fn desk(&self) -> &'a Desk {
        self.desk
    }

    /// The lens through which it is seen.
    pub fn lens(&self) -> &'a Lens {
        self.lens
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn line(&self, line: Line) -> &Timeline {
        self.index.line(line)
    }

    pub(crate) fn count(&self, line: Line) -> u32 {
        saturating(self.line(line).len())
    }

    /// The first `count` tickets of a line; tickets of one instant come in order of their ids.
    pub(crate) fn first(&self, line: Line, count: usize) -> Vec<&'a Ticket> {
        let entries = self.line(line).entries();
        let Some(last) = count.checked_sub(1).and_then(|last| entries.get(last).or(entries.last())) else {
            return Vec::new();
        };
        let candidates = &entries[..entries.partition_point(|entry| entry.at <= last.at)];
        let mut found: Vec<_> =
            candidates.iter().filter_map(|entry| Some((entry.at, self.desk.at(entry.slot)?))).collect();
        found.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        found.truncate(count);
        found.into_iter().map(|(_, ticket)| ticket).collect()
    }

    /// The client of all unsolved tickets, where they have one and the same.
    pub fn only_client(&self) -> Option<&'a ClientId> {
        let mut clients = self.line(Line::Unsolved).entries().iter().filter_map(|entry| self.desk.at(entry.slot));
        let only = clients.next()?.client.as_ref()?;
        clients.all(|ticket| ticket.client.as_ref() == Some(only)).then_some(only)
    }

    /// Seconds from one instant to another: business time with a schedule, calendar time without.
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> u64 {
        match &self.lens.schedule {
            Some(schedule) => schedule.elapsed(from, to),
            None => seconds_between(from, to),
        }
    }

    /// How many tickets were unsolved at a past instant, if that is known.
    ///
    /// Where tickets were loaded, it follows from when they were created and last solved (a ticket that
    /// was reopened counts as unsolved throughout); before that, from recorded samples.
    pub fn unsolved_at(&self, at: Timestamp) -> Option<u32> {
        if self.desk.derived_since().is_some_and(|since| since <= at) {
            let (created, ended) = (self.line(Line::Created).up_to(at), self.line(Line::Ended).up_to(at));
            return Some(saturating(created.saturating_sub(ended)));
        }
        self.recorded()?.at(Series::Unsolved, at)
    }

    /// Since when the number of unsolved tickets is known.
    pub fn history_since(&self) -> Option<Timestamp> {
        let recorded = self.recorded().and_then(|history| history.first(Series::Unsolved));
        [self.desk.derived_since(), recorded].into_iter().flatten().min()
    }

    /// Whether so many whole days of history are known.
    pub(crate) fn knows_days(&self, moment: &Moment, days: i64) -> bool {
        self.history_since().is_some_and(|since| moment.now().duration_since(since).as_hours() >= days * 24)
    }

    /// How many of the last `most` calendar days, today among them, are known from their beginning on; one at least.
    pub fn known_days(&self, moment: &Moment, most: u16) -> u16 {
        let is_known =
            |days: &u16| self.desk.derived_since().is_some_and(|since| since <= moment.last_days(*days).start);
        (1..=most).rev().find(is_known).unwrap_or(1)
    }

    /// The course of a count over the last 24 hours, in half hours. Nothing unless all of it is known, but for gaps of no more
    /// than half an hour.
    pub(crate) fn day_course(&self, series: Series, moment: &Moment) -> Option<Course> {
        const STEP: u32 = 1800;
        let newest = grid(moment.now(), i64::from(STEP)).as_second();
        let mut points = Vec::with_capacity(49);
        let from = newest - 47 * i64::from(STEP);
        for step in 0..48 {
            let at = Timestamp::from_second(from + step * i64::from(STEP)).ok()?;
            points.push(match series {
                Series::Unsolved => self.unsolved_at(at)?,
                Series::Unassigned | Series::AwaitingReply => self.recorded()?.last_until(series, at)?,
            });
        }
        points.push(count_now(self.index(), series));
        Some(Course { from: Timestamp::from_second(from).ok()?, step: STEP, points })
    }

    /// The median number of unsolved tickets at this weekday and hour over 28 days; needs 14 days of history.
    pub fn usual_unsolved(&self, moment: &Moment) -> Option<f64> {
        if !self.knows_days(moment, 14) {
            return None;
        }
        let instants = moment.same_hour_in_past_weeks(4);
        median(instants.into_iter().filter_map(|at| self.unsolved_at(at)).map(f64::from).collect())
    }

    fn recorded(&self) -> Option<&'a History> {
        self.desk.history(&self.lens.scope)
    }
}

pub(crate) fn count_now(index: &Index, series: Series) -> u32 {
    let line = match series {
        Series::Unsolved => Line::Unsolved,
        Series::Unassigned => Line::Unassigned,
        Series::AwaitingReply => Line::Awaiting,
    };
    saturating(index.line(line).len())
}

pub(crate) fn saturating(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
