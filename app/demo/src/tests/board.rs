//! Tickets and agents make sense, one by one and together.

use std::collections::BTreeMap;

use desk::{ActivityKind, AgentState, Status, TicketId};

use super::super::calendar::{DAY, HOUR, timestamp};
use super::*;

#[test]
fn the_first_poll_has_eight_weeks_and_everybody() {
    let mut demo = Demo::new(settings(1));
    let now = timestamp(at("2026-03-11T11:00:00Z"));
    let batch = demo.read(now);
    assert!((7_500..10_500).contains(&batch.tickets.len()), "{} tickets", batch.tickets.len());
    let oldest = batch.tickets.iter().map(|ticket| ticket.created_at).min().unwrap();
    assert!(now.as_second() - oldest.as_second() >= 8 * WEEK);
    assert_eq!(batch.agents.unwrap().len(), 14);
    assert_eq!(batch.groups.unwrap().len(), 4);
    assert_eq!(batch.clients.len(), 24);
    assert_eq!(demo.provider(), "Demo");
}

#[test]
fn every_ticket_is_in_order() {
    let mut demo = Demo::new(settings(2));
    let batch = demo.read(timestamp(at("2026-03-11T11:00:00Z")));
    let ids: std::collections::BTreeSet<_> = batch.tickets.iter().map(|ticket| &ticket.id).collect();
    assert_eq!(ids.len(), batch.tickets.len());
    for ticket in &batch.tickets {
        let created = ticket.created_at;
        assert!(ticket.first_reply_at.is_none_or(|at| at >= created), "{ticket:?}");
        assert!(ticket.solved_at.is_none_or(|at| ticket.first_reply_at.is_some_and(|reply| reply <= at)), "{ticket:?}");
        assert!(ticket.closed_at.is_none_or(|at| ticket.solved_at.is_some_and(|solved| solved < at)), "{ticket:?}");
        assert!(ticket.updated_at >= created && ticket.updated_at <= batch.read_at, "{ticket:?}");
        assert!(ticket.last_agent_at >= ticket.first_reply_at, "{ticket:?}");
        assert_eq!(ticket.status == Status::New, ticket.assignee.is_none() && ticket.agent_replies == 0, "{ticket:?}");
        assert_eq!(ticket.agent_replies > 0, ticket.first_reply_at.is_some(), "{ticket:?}");
        assert_eq!(ticket.clocks[0].ended_at, ticket.first_reply_at, "{ticket:?}");
        if !ticket.status.is_unsolved() {
            assert!(ticket.assignee.is_some() && ticket.solved_at.is_some(), "{ticket:?}");
            assert!(ticket.clocks.iter().all(|clock| clock.ended_at.is_some()), "{ticket:?}");
        }
        assert!(!ticket.subject.contains('{'), "{}", ticket.subject);
    }
}

#[test]
fn created_less_solved_plus_reopened_is_the_change_of_the_backlog() {
    let mut demo = Demo::new(settings(3));
    let start = at("2026-03-02T00:00:00Z");
    let unsolved = |demo: &Demo| demo.eras.iter().map(|(_, era)| era.unsolved.len() as i64).sum::<i64>();
    demo.read(timestamp(start));
    for day in 1..=14 {
        let before = unsolved(&demo);
        let batch = demo.read(timestamp(start + day * DAY));
        let count = |kind| batch.activity.iter().filter(|activity| activity.kind == kind).count() as i64;
        let change = count(ActivityKind::Created) - count(ActivityKind::Solved) + count(ActivityKind::Reopened);
        assert_eq!(unsolved(&demo) - before, change, "day {day}");
        let by_status =
            demo.eras.iter().flat_map(|(_, era)| era.cases()).filter(|case| case.status.is_unsolved()).count();
        assert_eq!(by_status as i64, unsolved(&demo));
    }
}

#[test]
fn nobody_works_on_two_tickets_and_no_ticket_has_two_owners() {
    use super::super::case::Stage;
    let mut simulation = simulation(&settings(4), "2026-03-02T00:00:00Z");
    for second in 0..3 * DAY {
        simulation.advance(at("2026-03-02T00:00:00Z") + second);
        let mut at_work = BTreeMap::new();
        for number in &simulation.unsolved {
            let case = simulation.case(*number);
            if let Stage::Touched { agent, until } = case.stage {
                assert_eq!(at_work.insert(agent, *number), None, "{agent} has two");
                assert_eq!(case.owner, Some(agent));
                assert!(until >= simulation.now);
            }
        }
        for (agent, seat) in simulation.seats.iter().enumerate() {
            assert_eq!(seat.current, at_work.get(&agent).copied());
            assert_eq!(seat.state == AgentState::Busy, seat.current.is_some());
        }
    }
}

#[test]
fn presence_follows_the_shifts() {
    let simulation = |instant| {
        let simulation = simulation(&settings(5), instant);
        simulation.seats.iter().filter(|seat| seat.state != AgentState::Offline).count()
    };
    assert!((1..=3).contains(&simulation("2026-03-04T03:00:00Z")));
    assert!((13..=14).contains(&simulation("2026-03-04T10:00:00Z")));
    assert!((3..=7).contains(&simulation("2026-03-04T20:00:00Z")));
    assert!((1..=4).contains(&simulation("2026-03-08T12:00:00Z")));
}

#[test]
fn who_owned_a_ticket_is_told_once_for_each_change() {
    let mut demo = Demo::new(settings(6));
    let start = at("2026-03-03T08:00:00Z");
    demo.read(timestamp(start));
    let mut owners: BTreeMap<TicketId, Option<desk::AgentId>> = BTreeMap::new();
    let (mut assigned, mut unexplained) = (0, Vec::new());
    for second in 1..2 * HOUR {
        let batch = demo.read(timestamp(start + second));
        for ticket in &batch.tickets {
            let before = owners.insert(ticket.id.clone(), ticket.assignee.clone());
            if before.is_some_and(|before| before != ticket.assignee) && ticket.assignee.is_some() {
                assigned += 1;
                let told = batch.activity.iter().any(|activity| {
                    activity.ticket == ticket.id
                        && activity.kind == ActivityKind::Assigned
                        && activity.by == ticket.assignee
                });
                if !told {
                    unexplained.push(ticket.id.clone());
                }
            }
        }
    }
    assert!(assigned > 20 && unexplained.is_empty(), "{assigned} assigned, {unexplained:?} without a word");
}
