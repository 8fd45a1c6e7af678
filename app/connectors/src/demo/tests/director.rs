//! The director keeps a board lively in working hours.

use std::collections::{HashMap, HashSet};

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

#[test]
fn one_to_three_promises_are_always_in_their_last_half_hour() {
    for seed in [1, 2] {
        let mut counts = [0; 12];
        let mut close = [0; 12];
        watch(&settings(seed), "2026-03-02T00:00:00Z", 14, |simulation, now| {
            let near = near(simulation, now);
            counts[near.len().min(11)] += 1;
            close[near.iter().filter(|left| **left <= 15 * MINUTE).count()] += 1;
        });
        assert_eq!(counts[0], 0, "{counts:?}");
        assert_eq!(counts[4..].iter().sum::<i32>(), 0, "{counts:?}");
        assert_eq!(close[3..].iter().sum::<i32>(), 0, "{close:?}");
    }
}

#[test]
fn a_promise_breaks_every_40_to_90_minutes_and_few_stay_broken() {
    for seed in [1, 2] {
        let mut last = 0;
        let mut most = 0;
        let mut gaps = Vec::new();
        let mut broken = HashSet::new();
        watch(&settings(seed), "2026-03-02T00:00:00Z", 14, |simulation, now| {
            most = most.max(simulation.open_breaches());
            let (open, _) = simulation.calendar.day(now).working().unwrap();
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
            assert!(now - last <= 90 * MINUTE, "seed {seed}: none broke from {last} to {now}");
        });
        assert!(gaps.len() > 60 && gaps.iter().all(|gap| *gap >= 40), "{gaps:?}");
        assert!(most <= 8, "{most} open breaches");
    }
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

#[test]
fn three_panels_change_in_any_minute() {
    let mut tickets = HashMap::new();
    let mut changed_at = HashMap::new();
    let mut oldest_before = Vec::new();
    watch(&settings(5), "2026-03-02T00:00:00Z", 5, |simulation, now| {
        let (open, _) = simulation.calendar.day(now).working().unwrap();
        let changes = simulation.take_changes();
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
        assert!(now - open < 60 || changed >= 3, "only {changed} in the minute to {}", timestamp(now));
    });
}
