//! Eight weeks have the figures of a believable desk.

use desk::{Status, Ticket};

use super::super::calendar::{HOUR, MINUTE};
use super::super::rates::HOUR_WEIGHTS;
use super::*;

const FROM: &str = "2026-01-26T00:00:00Z";
const TO: &str = "2026-03-23T00:00:00Z";

/// What eight weeks of one seed came to.
struct Figures {
    tickets_a_week: f64,
    /// Tickets by hour of creation, without those of incidents.
    by_hour: [f64; 24],
    utilisation: f64,
    /// Minutes, over replies in working hours.
    first_reply_median: f64,
    first_reply_p90: f64,
    /// Share of first replies in time.
    service_level: f64,
    resolution_level: f64,
    satisfaction: f64,
    one_touch: f64,
    unsolved_in_working_hours: f64,
}

fn figures(seed: u64) -> Figures {
    let mut simulation = simulation(&settings(seed), FROM);
    let spent = |simulation: &Simulation| {
        let sum = |part: fn(&super::super::seat::Seat) -> i64| simulation.seats.iter().map(part).sum::<i64>() as f64;
        (sum(|seat| seat.worked), sum(|seat| seat.productive))
    };
    let before = spent(&simulation);
    let (mut unsolved, mut looks) = (0, 0);
    for look in (at(FROM)..at(TO)).step_by(20 * MINUTE as usize) {
        simulation.advance(look);
        if simulation.calendar.is_working(look) {
            unsolved += simulation.unsolved.len();
            looks += 1;
        }
    }
    let after = spent(&simulation);
    let end = at(TO);
    simulation.advance(end);
    let tickets: Vec<Ticket> = simulation
        .cases()
        .filter(|case| (at(FROM)..at(TO)).contains(&case.created()))
        .map(|case| case.ticket(end))
        .collect();

    let mut by_hour = [0.0; 24];
    for ticket in tickets.iter().filter(|ticket| !ticket.tags.iter().any(|tag| tag == "incident")) {
        by_hour[(ticket.created_at.as_second() / HOUR % 24) as usize] += 1.0;
    }
    let mut waits: Vec<f64> = tickets
        .iter()
        .filter(|ticket| simulation.calendar.is_working(ticket.created_at.as_second()))
        .filter_map(|ticket| Some((ticket.first_reply_at?.as_second() - ticket.created_at.as_second()) as f64 / 60.0))
        .collect();
    waits.sort_by(f64::total_cmp);
    let level = |clock: usize| {
        let ended = || tickets.iter().map(move |ticket| &ticket.clocks[clock]).filter(|clock| clock.ended_at.is_some());
        ended().filter(|clock| clock.state == desk::ClockState::Met).count() as f64 / ended().count() as f64
    };
    let verdicts: Vec<bool> = tickets.iter().filter_map(|ticket| ticket.rating.as_ref()?.good).collect();
    let solved: Vec<_> = tickets.iter().filter(|ticket| ticket.status >= Status::Solved).collect();
    Figures {
        tickets_a_week: tickets.len() as f64 / 8.0,
        by_hour,
        utilisation: (after.0 - before.0) / (after.1 - before.1),
        first_reply_median: waits[waits.len() / 2],
        first_reply_p90: waits[waits.len() * 9 / 10],
        service_level: level(0),
        resolution_level: level(1),
        satisfaction: verdicts.iter().filter(|good| **good).count() as f64 / verdicts.len() as f64,
        one_touch: solved.iter().filter(|ticket| ticket.agent_replies == 1).count() as f64 / solved.len() as f64,
        unsolved_in_working_hours: unsolved as f64 / looks as f64,
    }
}

/// Pearson's statistic of the hours against the weights; 23 degrees of freedom.
fn chi_square(by_hour: &[f64; 24]) -> f64 {
    let (tickets, weights): (f64, f64) = (by_hour.iter().sum(), HOUR_WEIGHTS.iter().sum());
    let expected = |hour: usize| tickets * HOUR_WEIGHTS[hour] / weights;
    (0..24).map(|hour| (by_hour[hour] - expected(hour)).powi(2) / expected(hour)).sum()
}

fn assert_believable(seeds: std::ops::Range<u64>) {
    let count = seeds.end - seeds.start;
    let mut all_hours = [0.0; 24];
    let mut mean = 0.0;
    let mut misfits = 0;
    for seed in seeds {
        let figures = figures(seed);
        mean += figures.tickets_a_week / count as f64;
        // The chance of a higher value is 1 % for each seed.
        misfits += u64::from(chi_square(&figures.by_hour) > 41.64);
        for (all, this) in all_hours.iter_mut().zip(figures.by_hour) {
            *all += this;
        }
        for (what, value, plausible) in [
            ("utilisation", figures.utilisation, 0.70..=0.85),
            ("median first reply, minutes", figures.first_reply_median, 10.0..=40.0),
            ("90th percentile, minutes", figures.first_reply_p90, 60.0..=120.0),
            ("first replies in time", figures.service_level, 0.88..=0.98),
            ("solved in time", figures.resolution_level, 0.95..=1.0),
            ("satisfaction", figures.satisfaction, 0.86..=0.96),
            ("one reply", figures.one_touch, 0.5..=0.66),
            ("unsolved", figures.unsolved_in_working_hours, 83.0..=168.0),
        ] {
            assert!(plausible.contains(&value), "seed {seed}: {what}: {value}");
        }
    }
    assert!((mean / 1050.0 - 1.0).abs() < 0.05, "{mean} tickets a week");
    assert!(misfits <= 1 + count / 20, "{misfits} seeds do not follow the hours of the day");
    assert!(chi_square(&all_hours) < 41.64, "all seeds: {}", chi_square(&all_hours));
}

#[test]
fn three_seeds_are_believable() {
    assert_believable(1..4);
}

#[test]
#[ignore = "takes a while; scripts/test --all runs it"]
fn thirty_seeds_are_believable() {
    assert_believable(1..31);
}
