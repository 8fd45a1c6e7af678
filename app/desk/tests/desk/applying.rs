//! Batches, one after the other.

use std::collections::BTreeMap;

use desk::{AgentId, Applied, Batch, ClockState, Desk, Lens, Status, Ticket, TicketId, metric};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::world::{all_metrics, at, batch, desk_of, lens, minutes_ago, moment, now, plain, polls};

/// What is left after all polls.
fn remaining(polls: &[Batch]) -> Vec<Ticket> {
    let mut tickets: BTreeMap<TicketId, Ticket> = BTreeMap::new();
    for poll in polls {
        tickets.extend(poll.tickets.iter().map(|ticket| (ticket.id.clone(), ticket.clone())));
        poll.removed.iter().for_each(|id| {
            tickets.remove(id);
        });
    }
    tickets.into_values().collect()
}

fn after(polls: &[Batch], lens: &Lens) -> Desk {
    let mut desk = Desk::new();
    desk.watch(lens.clone());
    for poll in polls {
        desk.apply(poll.clone());
    }
    desk
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn many_small_changes_give_what_one_reading_gives(polls in polls(), lens in lens()) {
        let desk = after(&polls, &lens);
        let tickets = remaining(&polls);
        prop_assert_eq!(desk.len(), tickets.len());
        let mut fresh = desk_of(tickets.into_iter().rev().collect());
        let moment = moment();
        let unwatched = all_metrics(&fresh.view(&lens), &moment);
        fresh.watch(lens.clone());
        prop_assert_eq!(&all_metrics(&fresh.view(&lens), &moment), &unwatched);
        prop_assert_eq!(all_metrics(&desk.view(&lens), &moment), unwatched);
    }

    #[test]
    fn the_same_batch_twice_changes_nothing(polls in polls(), lens in lens()) {
        let mut desk = after(&polls, &lens);
        let moment = moment();
        let before = (all_metrics(&desk.view(&lens), &moment), desk.activity().collect::<Vec<_>>());
        prop_assert_eq!(desk.apply(polls.last().unwrap().clone()), Applied::default());
        prop_assert_eq!(before, (all_metrics(&desk.view(&lens), &moment), desk.activity().collect::<Vec<_>>()));
    }

    #[test]
    fn every_split_of_the_backlog_sums_to_it(polls in polls(), lens in lens()) {
        let desk = after(&polls, &lens);
        let (view, moment) = (desk.view(&lens), moment());
        let open = metric::open_tickets(&view, &moment).count;
        let load = metric::group_load(&view, &moment);
        prop_assert_eq!(metric::status_mix(&view).total(), open);
        prop_assert_eq!(metric::priority_mix(&view).total(), open);
        prop_assert_eq!(metric::backlog_age(&view, &moment).total(), open);
        let teams = load.teams.iter().chain(&load.other);
        prop_assert_eq!(teams.clone().map(|team| team.unsolved).sum::<u32>(), open);
        prop_assert_eq!(
            teams.map(|team| team.unassigned).sum::<u32>(),
            metric::unassigned(&view, &moment).count
        );
        let new = metric::new_today(&view, &moment);
        prop_assert_eq!(new.hours.iter().sum::<u32>(), new.count);
    }

    #[test]
    fn counts_are_those_of_a_plain_scan(polls in polls(), lens in lens()) {
        let desk = after(&polls, &lens);
        let (view, moment, now) = (desk.view(&lens), moment(), now());
        let tickets: Vec<Ticket> =
            remaining(&polls).into_iter().filter(|ticket| lens.scope.contains(ticket)).collect();
        let count = |keep: &dyn Fn(&Ticket) -> bool| tickets.iter().filter(|ticket| keep(ticket)).count() as u32;

        let midnight = at("2026-11-16T00:00:00Z");
        let today = |at: jiff::Timestamp| midnight <= at && at <= now;
        prop_assert_eq!(metric::new_today(&view, &moment).count, count(&|ticket| today(ticket.created_at)));
        prop_assert_eq!(
            metric::solved_today(&view, &moment).count,
            count(&|ticket| !ticket.status.is_unsolved() && ticket.solved_at.is_some_and(today))
        );
        prop_assert_eq!(
            metric::awaiting_reply(&view, &moment).count,
            count(&|ticket| ticket.status.is_active()
                && (ticket.last_agent_at.is_none() || ticket.last_requester_at > ticket.last_agent_at))
        );
        prop_assert_eq!(
            metric::sla_breached(&view, &moment).tickets,
            count(&|ticket| ticket.status.is_unsolved()
                && ticket.clocks.iter().any(|clock| clock.state == ClockState::Breached
                    || clock.state == ClockState::Running && clock.due_at <= now))
        );
        let at_risk = tickets
            .iter()
            .filter(|ticket| ticket.status.is_unsolved())
            .flat_map(|ticket| &ticket.clocks)
            .filter(|clock| clock.state == ClockState::Running)
            .filter(|clock| now < clock.due_at && clock.due_at.duration_since(now).as_secs() <= 3600)
            .count() as u32;
        prop_assert_eq!(metric::sla_at_risk(&view, &moment, 3).total, at_risk);
        prop_assert_eq!(
            metric::first_reply_time(&view, &moment).today.samples as u32,
            count(&|ticket| !ticket.opened_by_agent_reply && ticket.first_reply_at.is_some_and(today))
        );
        let created = tickets.iter().filter(|ticket| ticket.status.is_active());
        let mut oldest: Vec<_> = created.map(|ticket| (ticket.created_at, ticket.id.clone())).collect();
        oldest.sort();
        oldest.truncate(3);
        let found = metric::oldest_open(&view, 3);
        prop_assert_eq!(found.iter().map(|ticket| (ticket.created_at, ticket.id.clone())).collect::<Vec<_>>(), oldest);
    }
}

#[test]
fn where_time_goes_back_so_does_the_desk() {
    let mut desk =
        desk_of(vec![Ticket { last_agent_at: Some(now()), last_agent: Some(AgentId("1".into())), ..plain(1) }]);
    desk.watch(Lens::default());
    desk.sample(now());
    let earlier = minutes_ago(30);
    desk.apply(batch(earlier, vec![plain(1)]));
    assert_eq!(desk.read_at(), Some(earlier));
    assert_eq!(desk.ticket(&TicketId("1".into())), Some(&plain(1)));
    assert_eq!(desk.last_seen(&AgentId("1".into())), None);
    assert!(desk.activity().all(|activity| activity.at <= earlier));
    assert_ne!(desk.sample(earlier), []);
    desk.apply(batch(now(), Vec::new()));
    assert_ne!(desk.sample(now()), [], "what was sampled later was forgotten");
}

#[test]
fn a_ticket_is_kept_for_ten_weeks_after_it_was_solved() {
    let solved =
        |id, days: i64| Ticket { status: Status::Solved, solved_at: Some(minutes_ago(days * 24 * 60)), ..plain(id) };
    let mut desk = desk_of(vec![solved(1, 71), solved(2, 69), plain(3)]);
    assert_eq!(desk.len(), 2);
    let later = now() + SignedDuration::from_hours(48);
    assert_eq!(desk.apply(batch(later, Vec::new())), Applied { changed: 0, removed: 1 });
    assert_eq!(desk.len(), 1, "the unsolved one stays");
}
