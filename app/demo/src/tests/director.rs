//! The director keeps a board lively in working hours.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use desk::{ClockState, Status};
use jiff::civil::date;

use super::super::calendar::{MINUTE, timestamp};
use super::*;

/// Two weeks, second by second in their working hours.
fn watch(settings: &Settings, from: &str, days: i64, mut see: impl FnMut(&mut Simulation, i64)) {
    let mut simulation = simulation(settings, from);
    for day in 0..days {
        let midnight = at(from) + day * 24 * 3600;
        let Some((open, close)) = simulation.calendar.day(midnight).working() else { continue };
        simulation.advance(open - 1);
        simulation.take_changes();
        for now in open..close {
            simulation.advance(now);
            see(&mut simulation, now);
        }
    }
}

fn near(simulation: &Simulation, now: i64) -> Vec<i64> {
    let due = |number: &u32| {
        let case = simulation.case(*number);
        [case.first.due(), case.resolution.due()]
    };
    let left = |due: i64| due - now;
    simulation
        .unsolved
        .iter()
        .flat_map(due)
        .flatten()
        .map(left)
        .filter(|left| (1..=30 * MINUTE).contains(left))
        .collect()
}

/// Two weeks of each seed. A hole is a second in which no promise was near: there is none where somebody waits whose
/// ticket could be triaged higher, and now and then nobody does.
fn promises_are_near(seeds: Range<u64>) {
    let (mut seconds, mut holes) = (0, 0);
    for seed in seeds {
        let mut hole = 0;
        watch(&settings(seed), "2026-03-02T00:00:00Z", 14, |simulation, now| {
            let near = near(simulation, now);
            let close = near.iter().filter(|left| **left <= 15 * MINUTE).count();
            assert!(near.len() <= 3 && close <= 2, "seed {seed}: {near:?} at {}", timestamp(now));
            hole = if near.is_empty() { hole + 1 } else { 0 };
            assert!(hole <= 4 * MINUTE, "seed {seed}: none at {}", timestamp(now));
            holes += i64::from(hole > 0);
            seconds += 1;
        });
    }
    assert!(holes * 20_000 <= seconds, "none near in {holes} of {seconds} s");
}

#[test]
fn one_to_three_promises_are_in_their_last_half_hour() {
    promises_are_near(1..3);
}

#[test]
#[ignore = "takes a while; scripts/test --all runs it"]
fn one_to_three_promises_are_in_their_last_half_hour_for_many_seeds() {
    promises_are_near(3..23);
}

fn promises_break(seeds: Range<u64>) {
    for seed in seeds {
        let (mut last, mut most, mut gaps) = (0, 0, Vec::new());
        let mut broken = HashSet::new();
        watch(&settings(seed), "2026-03-02T00:00:00Z", 14, |simulation, now| {
            most = most.max(simulation.open_breaches());
            let (open, close) = simulation.calendar.day(now).working().unwrap();
            if open == now {
                last = now;
            }
            for number in simulation.take_changes().cases {
                let Some(case) = simulation.find(number) else { continue };
                for clock in case.ticket(now).clocks {
                    let breaks = clock.state == ClockState::Breached && clock.due_at >= timestamp(open);
                    if breaks && broken.insert((number, clock.metric)) {
                        gaps.push((now - last) / MINUTE);
                        last = now;
                    }
                }
            }
            if now == close - 1 {
                gaps.push(((now - last) / MINUTE).max(40));
            }
        });
        assert!(gaps.len() > 70, "seed {seed}: {gaps:?}");
        assert!(gaps.iter().all(|gap| (40..=90).contains(gap)), "seed {seed}: {gaps:?}");
        assert!(most <= 8, "seed {seed}: {most} open breaches");
    }
}

#[test]
fn a_promise_breaks_every_40_to_90_minutes_and_few_stay_broken() {
    promises_break(1..3);
}

#[test]
#[ignore = "takes a while; scripts/test --all runs it"]
fn a_promise_breaks_every_40_to_90_minutes_for_many_seeds() {
    promises_break(3..23);
}

#[test]
fn something_visible_changes_every_20_seconds() {
    let mut last = 0;
    watch(&settings(3), "2026-03-02T00:00:00Z", 7, |simulation, now| {
        let changes = simulation.take_changes();
        if !changes.cases.is_empty() || simulation.calendar.day(now).working().unwrap().0 == now {
            last = now;
        }
        assert!(now - last <= 20, "nothing changed from {last} to {now}");
    });
}

#[test]
fn an_urgent_ticket_waits_past_half_its_time_only_on_a_busy_day() {
    let moments = |scenario| {
        let settings = Settings { scenario, ..settings(4) };
        let mut seconds = 0;
        watch(&settings, "2026-03-02T00:00:00Z", 5, |simulation, now| {
            let waits = |number: &u32| {
                let case = simulation.case(*number);
                case.priority == desk::Priority::Urgent
                    && case.first_reply.is_none()
                    && now - case.created() > 15 * MINUTE
            };
            seconds += i64::from(simulation.unsolved.iter().any(waits));
        });
        seconds
    };
    assert_eq!(moments(Scenario::Normal), 0);
    let from = date(2026, 3, 2).at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let busy = moments(Scenario::Busy { from });
    // Two a day, at most ten minutes each.
    assert!((2 * 5 * MINUTE..=10 * 10 * MINUTE).contains(&busy), "{busy} s");
}

/// What of a ticket the panels show.
fn shown(ticket: &desk::Ticket) -> (Status, Option<desk::AgentId>, bool) {
    (
        ticket.status,
        ticket.assignee.clone(),
        ticket.status.is_active() && ticket.last_requester_at > ticket.last_agent_at,
    )
}

fn panels_change(seed: u64, days: i64) {
    let mut tickets = HashMap::new();
    let mut changed_at = HashMap::new();
    let mut oldest_before = Vec::new();
    watch(&settings(seed), "2026-03-02T00:00:00Z", days, |simulation, now| {
        let (open, _) = simulation.calendar.day(now).working().unwrap();
        let changes = simulation.take_changes();
        if now == open {
            tickets = simulation
                .cases()
                .map(|case| case.ticket(now))
                .map(|ticket| (ticket.id.clone(), shown(&ticket)))
                .collect();
        }
        let mut panels = Vec::new();
        let active =
            simulation.unsolved.iter().map(|number| simulation.case(*number)).filter(|case| case.status.is_active());
        let oldest: Vec<_> = active.take(8).map(|case| (case.number, case.owner)).collect();
        if oldest != oldest_before {
            panels.push("oldest-open");
            oldest_before = oldest;
        }
        for case in changes.cases.iter().filter_map(|number| simulation.find(*number)) {
            let after = case.ticket(now);
            let before = tickets.insert(after.id.clone(), shown(&after));
            let Some(before) = before else {
                panels.extend(["open-tickets", "status-mix", "live-feed"]);
                continue;
            };
            let (status, owner, awaits) = shown(&after);
            for (panel, is_changed) in [
                ("open-tickets", status.is_unsolved() != before.0.is_unsolved()),
                ("status-mix", status != before.0),
                ("unassigned", owner.is_some() != before.1.is_some()),
                ("agent-status", owner != before.1 && status.is_unsolved()),
                ("awaiting-reply", awaits != before.2),
            ] {
                if is_changed {
                    panels.push(panel);
                }
            }
        }
        if changes.agents {
            panels.push("agent-status");
        }
        if !changes.activity.is_empty() {
            panels.push("live-feed");
        }
        changed_at.extend(panels.into_iter().map(|panel| (panel, now)));
        let changed = changed_at.values().filter(|at| now - **at < 60).count();
        assert!(
            now - open < 60 || changed >= 3,
            "seed {seed}: {changed} in the minute to {}: {changed_at:?}",
            timestamp(now)
        );
    });
}

#[test]
fn three_panels_change_in_any_minute() {
    panels_change(5, 5);
}

#[test]
#[ignore = "takes a while; scripts/test --all runs it"]
fn three_panels_change_in_any_minute_of_months() {
    for seed in 6..10 {
        panels_change(seed, 42);
    }
}
