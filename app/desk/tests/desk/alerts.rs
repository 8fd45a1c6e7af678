use desk::{
    Batch, ClockMetric, ClockState, Desk, Lens, Moment, Priority, Ticket,
    alert::{Alert, Limits, Mark, Phase, Rule, Watch},
};
use jiff::{SignedDuration, Timestamp};

use crate::world::{batch, clock, london, now, plain};

fn minutes(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

/// A desk that was read at that minute, with these tickets.
fn desk(at: i64, tickets: &[Ticket]) -> Desk {
    let mut desk = Desk::new();
    desk.apply(Batch { agents: None, ..batch(minutes(at), tickets.to_vec()) });
    desk
}

fn look(watch: &mut Watch, desk: &Desk, at: i64) -> Vec<Alert> {
    let lens = Lens::default();
    watch.look(&desk.view(&lens), &Moment::new(minutes(at), london()), |_| true, &Limits::default())
}

fn told(alerts: &[Alert]) -> Vec<(Rule, Phase, u32)> {
    alerts.iter().map(|alert| (alert.rule, alert.phase, alert.count)).collect()
}

fn due(id: u32, priority: Priority, at: i64) -> Ticket {
    let clock = clock(ClockMetric::FirstReply, ClockState::Running, minutes(at));
    Ticket { priority, clocks: vec![clock], assignee: Some(desk::AgentId("1".into())), ..plain(id) }
}

fn urgent(id: u32, created: i64) -> Ticket {
    Ticket { priority: Priority::Urgent, created_at: minutes(created), ..plain(id) }
}

#[test]
fn a_clock_warns_once_and_breaches_once() {
    let mut watch = Watch::new(now(), []);
    let tickets = [due(1, Priority::Urgent, 30), due(2, Priority::Normal, 30)];
    let mut all = Vec::new();
    for minute in 0..120 {
        let alerts = look(&mut watch, &desk(minute, &tickets), minute);
        all.extend(told(&alerts).into_iter().map(|told| (minute, told)));
    }
    assert_eq!(
        all,
        [(15, (Rule::SlaWarning, Phase::Raised, 1)), (30, (Rule::SlaBreach, Phase::Raised, 2))],
        "a normal clock does not warn"
    );
}

#[test]
fn an_old_backlog_is_no_news_on_the_first_day() {
    let mut watch = Watch::new(now(), []);
    let tickets: Vec<_> = (0..50).flat_map(|id| [due(id, Priority::Urgent, -5), urgent(100 + id, -60)]).collect();
    for minute in 0..200 {
        assert_eq!(told(&look(&mut watch, &desk(minute, &tickets), minute)), [], "minute {minute}");
    }
}

#[test]
fn what_comes_together_is_told_together() {
    let mut watch = Watch::new(now(), []);
    let tickets: Vec<_> = (0..40).map(|id| due(id, Priority::Low, 2)).collect();
    let alerts = look(&mut watch, &desk(3, &tickets), 3);
    assert_eq!(told(&alerts), [(Rule::SlaBreach, Phase::Raised, 40)]);
    assert_eq!(alerts[0].tickets.len(), 5);
}

#[test]
fn a_restart_tells_nothing_twice_and_skips_what_is_long_past() {
    let mut watch = Watch::new(now(), []);
    let tickets = [due(1, Priority::Low, 10)];
    assert_eq!(told(&look(&mut watch, &desk(11, &tickets), 11)), [(Rule::SlaBreach, Phase::Raised, 1)]);
    let marks: Vec<Mark> = watch.marks().collect();
    let mut again = Watch::new(now(), marks);
    assert_eq!(told(&look(&mut again, &desk(12, &tickets), 12)), []);
    // Down over night: a breach of three hours ago wakes nobody, one of half an hour ago does.
    let night = [due(1, Priority::Low, 10), due(2, Priority::Low, 100), due(3, Priority::Low, 250)];
    assert_eq!(told(&look(&mut again, &desk(280, &night), 280)), [(Rule::SlaBreach, Phase::Raised, 1)]);
}

#[test]
fn an_urgent_ticket_without_an_owner_is_told_again_every_half_hour_until_somebody_has_it() {
    let mut watch = Watch::new(now(), []);
    let free = urgent(1, 0);
    let owned = Ticket { assignee: Some(desk::AgentId("1".into())), ..free.clone() };
    let mut at = Vec::new();
    for minute in 0..100 {
        let ticket = if (50..60).contains(&minute) { &owned } else { &free };
        for (rule, phase, _) in told(&look(&mut watch, &desk(minute, std::slice::from_ref(ticket)), minute)) {
            at.push((minute, rule == Rule::UnassignedUrgent, phase));
        }
    }
    let expected = [(10, Phase::Raised), (40, Phase::Ongoing), (60, Phase::Raised), (90, Phase::Ongoing)];
    assert_eq!(at, expected.map(|(minute, phase)| (minute, true, phase)));
}

#[test]
fn a_provider_that_is_down_is_told_hourly_and_its_recovery_once() {
    let mut watch = Watch::new(now(), []);
    let read = desk(0, &[]);
    let mut all = Vec::new();
    for minute in 0..130 {
        all.extend(told(&look(&mut watch, &read, minute)).into_iter().map(|(_, phase, _)| (minute, phase)));
    }
    assert_eq!(all, [(5, Phase::Raised), (65, Phase::Ongoing), (125, Phase::Ongoing)]);
    // Over a restart of the server, too.
    let mut again = Watch::new(now(), watch.marks().collect::<Vec<_>>());
    assert_eq!(told(&look(&mut again, &read, 131)), []);
    assert_eq!(told(&look(&mut again, &desk(132, &[]), 132)), [(Rule::ProviderDown, Phase::Recovered, 0)]);
    assert_eq!(told(&look(&mut again, &desk(133, &[]), 133)), []);
    // One that was never read counts from when the watch began.
    let mut never = Watch::new(now(), []);
    assert_eq!(told(&look(&mut never, &Desk::new(), 4)), []);
    assert_eq!(told(&look(&mut never, &Desk::new(), 5)), [(Rule::ProviderDown, Phase::Raised, 0)]);
}

#[test]
fn a_spike_is_told_after_two_refreshes_and_every_two_hours() {
    let mut watch = Watch::new(now(), []);
    let day = |days: i64| now() - SignedDuration::from_hours(24 * days);
    let arrived =
        |id: u32, at: Timestamp| Ticket { created_at: at, assignee: Some(desk::AgentId("1".into())), ..plain(id) };
    let mut tickets: Vec<_> = (0..30).map(|id| arrived(id, day(7) - SignedDuration::from_mins(60))).collect();
    tickets.push(arrived(999, day(9)));
    tickets.extend((100..160).map(|id| arrived(id, now() - SignedDuration::from_mins(30))));
    let mut all = Vec::new();
    for minute in 0..130 {
        all.extend(told(&look(&mut watch, &desk(minute, &tickets), minute)).into_iter().map(|told| (minute, told)));
    }
    assert_eq!(
        all,
        [(1, (Rule::QueueSpike, Phase::Raised, 60)), (121, (Rule::QueueSpike, Phase::Ongoing, 60))],
        "one critical refresh is not enough"
    );
}

#[test]
fn a_spike_that_is_only_looked_at_again_is_not_told() {
    let mut watch = Watch::new(now(), []);
    let arrived = |id: u32, at| Ticket { created_at: at, assignee: Some(desk::AgentId("1".into())), ..plain(id) };
    let mut tickets: Vec<_> = (0..30).map(|id| arrived(id, minutes(-7 * 24 * 60 - 60))).collect();
    tickets.push(arrived(999, minutes(-9 * 24 * 60)));
    tickets.extend((100..160).map(|id| arrived(id, minutes(-30))));
    let read = desk(0, &tickets);
    for minute in 0..4 {
        assert_eq!(told(&look(&mut watch, &read, minute)), [], "one reading is one refresh");
    }
    assert_eq!(told(&look(&mut watch, &desk(4, &tickets), 4)), [(Rule::QueueSpike, Phase::Raised, 60)]);
}

#[test]
fn a_rule_that_is_off_tells_nothing() {
    let mut watch = Watch::new(now(), []);
    let desk = desk(11, &[due(1, Priority::Low, 10)]);
    let lens = Lens::default();
    let moment = Moment::new(minutes(11), london());
    let off = |rule| rule != Rule::SlaBreach;
    assert_eq!(watch.look(&desk.view(&lens), &moment, off, &Limits::default()), []);
}

#[test]
fn limits_say_from_when_on_something_is_told() {
    let limits = Limits {
        warning: SignedDuration::from_mins(40),
        unassigned: SignedDuration::from_mins(3),
        down: SignedDuration::from_mins(60),
        ..Limits::default()
    };
    let mut watch = Watch::new(now(), []);
    let tickets = [due(1, Priority::High, 50), urgent(2, 0)];
    let read = desk(0, &tickets);
    let lens = Lens::default();
    let mut all = Vec::new();
    for minute in 0..70 {
        let alerts = watch.look(&read.view(&lens), &Moment::new(minutes(minute), london()), |_| true, &limits);
        let new = told(&alerts).into_iter().filter(|(_, phase, _)| *phase == Phase::Raised);
        all.extend(new.map(|(rule, ..)| (minute, rule)));
    }
    let expected =
        [(3, Rule::UnassignedUrgent), (10, Rule::SlaWarning), (50, Rule::SlaBreach), (60, Rule::ProviderDown)];
    assert_eq!(all, expected);
}
