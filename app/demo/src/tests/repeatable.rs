//! One state for each instant, whoever asks and however often.

use jiff::ToSpan;

use super::super::calendar::{DAY, timestamp};
use super::*;

/// What polls at these instants yield. Which of two tickets changed first does not matter.
fn seen(demo: &mut Demo, instants: impl Iterator<Item = i64>) -> Vec<Batch> {
    let mut batches: Vec<_> = instants.map(|instant| demo.read(timestamp(instant))).collect();
    for batch in &mut batches {
        batch.tickets.sort_by(|one, other| one.id.cmp(&other.id));
    }
    batches
}

#[test]
fn a_restart_at_any_moment_goes_on_with_the_same_events() {
    for (seed, moment) in [(1, "2026-02-11T10:31:07Z"), (2, "2026-03-12T16:59:59Z"), (3, "2026-03-16T03:00:00Z")] {
        let moment = at(moment);
        let later = || (1..=1_500).map(|poll| moment + poll * 61);
        let mut running = Demo::new(settings(seed));
        for before in [moment - 20 * DAY, moment - 3 * DAY - 17, moment - 5, moment] {
            running.read(timestamp(before));
        }
        let mut restarted = Demo::new(settings(seed));
        restarted.read(timestamp(moment));
        let (running, restarted) = (seen(&mut running, later()), seen(&mut restarted, later()));
        assert!(running.iter().map(|batch| batch.activity.len()).sum::<usize>() >= 1_000);
        assert!(running == restarted, "seed {seed} differs");
    }
}

#[test]
fn a_server_that_ran_for_months_knows_what_a_new_one_knows() {
    let mut running = Demo::new(settings(6));
    let mut known = std::collections::BTreeMap::new();
    let mut most = 0;
    let start = at("2026-09-14T12:00:00Z");
    for day in 0..180 {
        let batch = running.read(timestamp(start + day * DAY));
        for ticket in batch.tickets {
            known.insert(ticket.id.clone(), ticket);
        }
        for id in &batch.removed {
            assert!(known.remove(id).is_some(), "{id:?} was never there");
        }
        most = most.max(known.len());
        assert_eq!(known.len(), running.cases().count());
    }
    assert!(most < 12_000, "{most} tickets are kept");
    let mut fresh = Demo::new(settings(6));
    let batch = fresh.read(timestamp(start + 179 * DAY));
    let fresh: std::collections::BTreeMap<_, _> =
        batch.tickets.into_iter().map(|ticket| (ticket.id.clone(), ticket)).collect();
    assert!(known == fresh, "the new year makes no difference");
}

#[test]
fn time_that_goes_back_takes_its_tickets_with_it() {
    let mut demo = Demo::new(settings(7));
    let (early, late) = (timestamp(at("2026-02-03T10:00:00Z")), timestamp(at("2026-02-10T10:00:00Z")));
    let first = demo.read(early);
    demo.read(late);
    let again = demo.read(early);
    assert_eq!(first.tickets, again.tickets);
    assert!(again.removed.len() > 900, "{} tickets of the week are gone", again.removed.len());
}

#[test]
fn a_scenario_changes_nothing_that_was_before_it() {
    let from = timestamp(at("2026-03-04T10:00:00Z"));
    let watched = |scenario| {
        let mut demo = Demo::new(Settings { scenario, ..settings(8) });
        let before = demo.read(from - 1.second()).tickets;
        let later = demo.read(from + 3.hours()).tickets;
        (before, later.iter().filter(|ticket| ticket.created_at > from).count())
    };
    let (before, normal) = watched(Scenario::Normal);
    for scenario in [Scenario::Calm { from }, Scenario::Busy { from }, Scenario::MajorOutage { from }] {
        let (as_before, created) = watched(scenario);
        assert!(as_before == before, "{scenario:?}");
        assert_eq!(created > normal, !matches!(scenario, Scenario::Calm { .. }), "{scenario:?}: {created}, {normal}");
    }
}

#[test]
fn working_hours_follow_each_other() {
    let since: Timestamp = "2026-03-06T21:00:00Z".parse().unwrap();
    let zone = TimeZone::get("Europe/London").unwrap();
    let shown = |real: Timestamp, speed| {
        let pace = Pace::WorkingHours { since, speed };
        pace.simulated(real, &zone).to_zoned(zone.clone()).strftime("%a %F %T").to_string()
    };
    assert_eq!(shown(since, Speed::Real), "Fri 2026-03-06 10:30:00");
    assert_eq!(shown(since + 419.minutes(), Speed::Real), "Fri 2026-03-06 17:29:00");
    assert_eq!(shown(since + 420.minutes(), Speed::Real), "Mon 2026-03-09 08:30:00");
    assert_eq!(shown(since + 960.minutes(), Speed::Real), "Tue 2026-03-10 08:30:00");
    assert_eq!(shown(since + 21.minutes(), Speed::Twenty), "Mon 2026-03-09 08:30:00");
    assert_eq!(shown(since - 1.minute(), Speed::Five), "Fri 2026-03-06 10:25:00");
    assert_eq!(shown(since - 25.minutes(), Speed::Five), "Thu 2026-03-05 17:25:00");
}

#[test]
fn every_zone_has_its_own_office_hours() {
    let zone = TimeZone::get("Australia/Lord_Howe").unwrap();
    let mut demo = Demo::new(Settings { zone: zone.clone(), ..settings(9) });
    let batch = demo.read(timestamp(at("2026-04-20T00:00:00Z")));
    let by_day = batch
        .tickets
        .iter()
        .filter(|ticket| (8..18).contains(&ticket.created_at.to_zoned(zone.clone()).hour()))
        .count();
    assert!(by_day * 100 > batch.tickets.len() * 80, "{by_day} of {}", batch.tickets.len());
}

#[test]
fn a_clock_far_off_is_no_reason_to_stop() {
    let mut demo = Demo::new(settings(10));
    for instant in [Timestamp::UNIX_EPOCH, Timestamp::MAX, Timestamp::MIN, timestamp(at("2026-02-02T12:00:00Z"))] {
        assert!(demo.read(instant).tickets.len() > 7_000, "{instant}");
    }
}

#[test]
fn the_time_that_the_demo_tells_is_the_time_at_which_it_is_read() {
    let since: Timestamp = "2026-03-06T21:00:00Z".parse().unwrap();
    let zone = TimeZone::get("Europe/London").unwrap();
    assert_eq!(Pace::RealTime.own_time(since, &zone), None);
    for speed in [Speed::Real, Speed::Five, Speed::Twenty] {
        for pace in [Pace::Faster { since, speed }, Pace::WorkingHours { since, speed }] {
            for minutes in [-700, -121, -1, 0, 1, 20, 21, 83, 84, 419, 420, 421, 10_000] {
                let now = since + minutes.minutes();
                let own = pace.own_time(now, &zone).unwrap();
                let told = own.shows + now.duration_since(own.at) * i32::from(own.speed);
                assert_eq!(told, pace.simulated(now, &zone), "{pace:?} at {minutes}");
            }
        }
    }
}
