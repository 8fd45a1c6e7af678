//! Days, hours and weeks in a time zone.

use desk::{Lens, Moment, Ticket, metric};
use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use proptest::{prelude::*, sample::select};

use crate::world::{at, desk_of, london, plain};

fn in_london(text: &str) -> Moment {
    Moment::new(at(text), london())
}

fn hours(window: desk::Window) -> SignedDuration {
    window.end.duration_since(window.start)
}

#[test]
fn the_day_on_which_clocks_go_forward_has_23_hours() {
    let moment = in_london("2026-03-29T22:59:00Z");
    assert_eq!(hours(moment.whole_day()), SignedDuration::from_hours(23));
    assert_eq!((moment.hours_today().len(), moment.hours_of_day()), (23, 23));
    assert_eq!(moment.today().start, at("2026-03-29T00:00:00Z"));
}

#[test]
fn the_day_on_which_clocks_go_back_has_25_hours() {
    let moment = in_london("2026-10-25T23:59:00Z");
    assert_eq!(hours(moment.whole_day()), SignedDuration::from_hours(25));
    assert_eq!((moment.hours_today().len(), moment.hours_of_day()), (25, 25));
    assert_eq!(moment.today().start, at("2026-10-24T23:00:00Z"));
}

#[test]
fn last_week_is_the_same_wall_clock_time_across_a_change_of_clocks() {
    let spring = in_london("2026-03-30T13:00:00Z").week_ago();
    assert_eq!((spring.start, spring.last()), (at("2026-03-23T00:00:00Z"), at("2026-03-23T14:00:00Z")));
    let autumn = in_london("2026-10-26T14:00:00Z").week_ago();
    assert_eq!((autumn.start, autumn.last()), (at("2026-10-18T23:00:00Z"), at("2026-10-19T13:00:00Z")));
}

#[test]
fn a_wall_clock_time_that_did_not_exist_moves_past_the_gap() {
    assert_eq!(in_london("2026-04-05T00:30:00Z").week_ago().last(), at("2026-03-29T01:30:00Z"));
}

#[test]
fn a_wall_clock_time_that_came_twice_means_the_first() {
    assert_eq!(in_london("2026-11-01T01:30:00Z").week_ago().last(), at("2026-10-25T00:30:00Z"));
}

#[test]
fn seven_days_are_today_and_the_six_before() {
    assert_eq!(in_london("2026-03-30T13:00:00Z").last_days(7).start, at("2026-03-24T00:00:00Z"));
    assert_eq!(in_london("2026-03-30T13:00:00Z").last_days(1), in_london("2026-03-30T13:00:00Z").today());
}

#[test]
fn the_first_instant_of_a_day_belongs_to_it_and_the_last_before_it_does_not() {
    let created = |id, text| Ticket { created_at: at(text), ..plain(id) };
    let desk = desk_of(vec![
        created(1, "2026-10-24T22:59:59.999999999Z"),
        created(2, "2026-10-24T23:00:00Z"),
        created(3, "2026-10-25T12:00:00Z"),
        created(4, "2026-10-25T12:00:00.000000001Z"),
    ]);
    let lens = Lens::default();
    assert_eq!(metric::new_today(&desk.view(&lens), &in_london("2026-10-25T12:00:00Z")).count, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_day_is_a_whole_of_hours_around_now(
        zone in select(vec![
            "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu",
            "Asia/Beirut", "Pacific/Auckland", "UTC",
        ]),
        second in 1_735_689_600i64..1_830_297_600,
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let now = Timestamp::from_second(second).unwrap();
        let moment = Moment::new(now, zone.clone());
        let (today, day) = (moment.today(), moment.whole_day());

        prop_assert!(today.contains(now) && day.contains(now));
        prop_assert_eq!(today.start, day.start);
        prop_assert_eq!(today.last(), now);
        let length = hours(day).as_mins();
        prop_assert!([23 * 60, 23 * 60 + 30, 24 * 60, 24 * 60 + 30, 25 * 60].contains(&length), "{length} minutes");
        prop_assert_eq!(day.start.to_zoned(zone.clone()).date(), moment.local().date());
        let before = day.start - SignedDuration::from_nanos(1);
        prop_assert_eq!(before.to_zoned(zone.clone()).date(), moment.local().date().yesterday().unwrap());

        let parts = moment.hours_today();
        prop_assert_eq!(parts.first().unwrap().start, today.start);
        prop_assert_eq!(parts.last().unwrap().end, today.end);
        prop_assert!(parts.len() <= moment.hours_of_day().into() && [23, 24, 25].contains(&moment.hours_of_day()));
        prop_assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));

        let week_ago = moment.week_ago().last().to_zoned(zone).datetime();
        let expected = moment.local().datetime().checked_sub(7.days()).unwrap();
        let apart = week_ago.duration_since(expected).abs();
        prop_assert!(apart.is_zero() || apart <= SignedDuration::from_hours(1), "moved past a gap at most");
        prop_assert_eq!(week_ago.date(), expected.date());
    }
}
