//! Business hours.

use std::collections::BTreeSet;

use desk::{Hours, Schedule, ScheduleError};
use jiff::{
    Timestamp,
    civil::{Weekday, date},
};

use crate::world::{at, london, office_hours};

const HOUR: u64 = 3600;

#[test]
fn only_opening_hours_count() {
    let schedule = office_hours();
    assert_eq!(schedule.elapsed(at("2026-11-16T07:00:00Z"), at("2026-11-16T09:30:00Z")), HOUR + HOUR / 2);
    assert_eq!(schedule.elapsed(at("2026-11-13T17:00:00Z"), at("2026-11-16T09:00:00Z")), 2 * HOUR, "over a weekend");
    assert_eq!(schedule.elapsed(at("2026-11-14T09:00:00Z"), at("2026-11-15T17:00:00Z")), 0);
    assert_eq!(schedule.elapsed(at("2026-11-16T09:00:00Z"), at("2026-11-16T09:00:00Z")), 0);
    assert_eq!(schedule.elapsed(at("2026-11-16T10:00:00Z"), at("2026-11-16T09:00:00Z")), 0);
}

#[test]
fn hours_follow_the_wall_clock_when_clocks_change() {
    let schedule = office_hours();
    assert_eq!(schedule.elapsed(at("2026-03-27T00:00:00Z"), at("2026-03-31T00:00:00Z")), 20 * HOUR);
    assert!(schedule.is_open(at("2026-03-30T07:00:00Z")), "08:00 in summer");
    assert!(!schedule.is_open(at("2026-03-27T07:00:00Z")), "07:00 in winter");
}

#[test]
fn a_day_around_the_clock_has_as_many_hours_as_the_day() {
    let always = Hours::new(0, 1440).unwrap();
    let schedule = Schedule::new(london(), std::array::from_fn(|_| vec![always]), BTreeSet::new()).unwrap();
    assert_eq!(schedule.elapsed(at("2026-03-29T00:00:00Z"), at("2026-03-29T23:00:00Z")), 23 * HOUR);
    assert_eq!(schedule.elapsed(at("2026-10-24T23:00:00Z"), at("2026-10-26T00:00:00Z")), 25 * HOUR);
}

#[test]
fn a_holiday_is_closed() {
    let week = std::array::from_fn(|_| vec![Hours::new(540, 720).unwrap(), Hours::new(780, 1020).unwrap()]);
    let schedule = Schedule::new(london(), week, [date(2026, 11, 17)].into()).unwrap();
    assert_eq!(schedule.elapsed(at("2026-11-16T00:00:00Z"), at("2026-11-19T00:00:00Z")), 14 * HOUR);
    assert!(!schedule.is_open(at("2026-11-17T10:00:00Z")));
    assert!(!schedule.is_open(at("2026-11-16T12:30:00Z")), "lunch");
}

#[test]
fn a_date_at_the_end_of_time_costs_no_more_than_ten_years() {
    let schedule = office_hours();
    let from = at("2026-11-16T00:00:00Z");
    let long = schedule.elapsed(from, at("2037-01-01T00:00:00Z"));
    assert_eq!(schedule.elapsed(from, Timestamp::MAX), long);
    assert!(long > 10 * 50 * 5 * 10 * HOUR, "{long}");
}

#[test]
fn hours_that_make_no_sense_are_refused() {
    assert_eq!(Hours::new(600, 600), Err(ScheduleError::Backwards { from: 600, to: 600 }));
    assert_eq!(Hours::new(600, 1441), Err(ScheduleError::Backwards { from: 600, to: 1441 }));
    let mut week: [Vec<Hours>; 7] = std::array::from_fn(|_| Vec::new());
    week[2] = vec![Hours::new(540, 720).unwrap(), Hours::new(700, 800).unwrap()];
    let error = Schedule::new(london(), week, BTreeSet::new()).unwrap_err();
    assert_eq!(error, ScheduleError::Overlap { day: Weekday::Wednesday });
}
