//! What each panel counts, case by case.

use desk::{
    Activity, ActivityKind, AgentId, AgentState, Batch, Capabilities, ClientId, Clock, ClockMetric, ClockState, Desk,
    Lens, Moment, Ratio, Replies, Sample, Scope, Series, Status, Ticket, TicketId, metric,
};
use jiff::{SignedDuration, Timestamp};

use crate::world::{at, batch, clock, desk_of, london, minutes_ago, moment, now, office_hours, plain};

const DAY: i64 = 24 * 60;

fn solved(id: u32, created_at: Timestamp, solved_at: Timestamp) -> Ticket {
    Ticket { status: Status::Solved, created_at, solved_at: Some(solved_at), updated_at: solved_at, ..plain(id) }
}

/// Eight weeks in which every ticket of a day is solved the next, ten a day and `more` on Mondays.
fn eight_weeks(more: u32) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for day in 1..=56i64 {
        let count = if day % 7 == 0 { 10 + more } else { 10 };
        for _ in 0..count {
            let created = minutes_ago(day * DAY + 60);
            tickets.push(solved(tickets.len() as u32, created, created + SignedDuration::from_hours(24)));
        }
    }
    tickets
}

#[test]
fn the_usual_backlog_is_that_of_this_weekday_and_hour() {
    let lens = Lens::default();
    let desk = desk_of(eight_weeks(7));
    let open = metric::open_tickets(&desk.view(&lens), &moment());
    assert_eq!(open.count, 0);
    assert_eq!(open.usual, Some(17.0));
    assert_eq!(open.week_ago, Some(17));
    assert_eq!(open.percent_of_usual(), Some(0.0));
    let course = open.course.unwrap();
    assert_eq!((course.points.len(), course.points.last()), (49, Some(&0)));
    assert_eq!(course.points.first(), Some(&10));
}

#[test]
fn two_weeks_of_history_are_needed_to_know_what_is_usual() {
    let lens = Lens::default();
    let since = |days: i64| desk_of(vec![Ticket { created_at: minutes_ago(days * DAY), ..plain(1) }]);
    assert_eq!(metric::open_tickets(&since(13).view(&lens), &moment()).usual, None);
    assert_eq!(metric::open_tickets(&since(14).view(&lens), &moment()).usual, Some(1.0));
}

#[test]
fn nothing_is_compared_with_days_of_which_tickets_are_still_to_come() {
    let lens = Lens::default();
    let mut desk = Desk::new();
    let told = |days: Option<i64>| Batch {
        complete_since: days.map(|days| minutes_ago(days * DAY)),
        ..batch(now(), eight_weeks(7))
    };
    let known = |desk: &Desk| {
        let view = desk.view(&lens);
        let open = metric::open_tickets(&view, &moment());
        let new = metric::new_today(&view, &moment()).week_ago;
        let solved = metric::resolution_time(&view, &moment()).week_ago.map(|before| before.samples);
        (open.usual, open.week_ago, new, solved)
    };
    desk.apply(told(Some(5)));
    assert_eq!(known(&desk), (None, None, None, None));
    desk.apply(told(Some(9)));
    assert_eq!(known(&desk), (None, Some(17), Some(17), Some(10)), "last week is known, and four weeks are not");
    desk.apply(told(None));
    assert_eq!(known(&desk), (Some(17.0), Some(17), Some(17), Some(10)));
}

#[test]
fn days_are_known_as_far_back_as_they_were_told_whole() {
    let lens = Lens::default();
    let mut desk = Desk::new();
    assert_eq!(desk.view(&lens).known_days(&moment(), 30), 1, "nothing was read");
    let told = |days: Option<i64>| Batch {
        complete_since: days.map(|days| minutes_ago(days * DAY)),
        ..batch(now(), eight_weeks(0))
    };
    for (complete, known) in [(Some(9), 9), (Some(3), 3), (Some(0), 1), (None, 30)] {
        desk.apply(told(complete));
        assert_eq!(desk.view(&lens).known_days(&moment(), 30), known, "told whole for {complete:?} days");
    }
    assert_eq!(desk.view(&lens).known_days(&moment(), 7), 7);
    // Friday 13 November began without this desk.
    let young = desk_of(vec![Ticket { created_at: at("2026-11-13T09:00:00Z"), ..plain(1) }]);
    assert_eq!(young.view(&lens).known_days(&moment(), 7), 3);
}

#[test]
fn the_past_comes_from_samples_where_no_ticket_tells_of_it() {
    let mut desk = desk_of(vec![Ticket { created_at: minutes_ago(60), ..plain(1) }]);
    let lens = Lens::default();
    assert_eq!(desk.view(&lens).unsolved_at(minutes_ago(120)), None, "nothing was recorded");
    desk.restore([Sample {
        scope: Scope::default(),
        series: Series::Unsolved,
        at: at("2026-11-16T12:30:00Z"),
        count: 42,
    }]);
    assert_eq!(desk.view(&lens).unsolved_at(minutes_ago(120)), Some(42));
    assert_eq!(desk.view(&lens).unsolved_at(minutes_ago(30)), Some(1), "tickets tell the last hour");
}

#[test]
fn a_slot_is_sampled_once() {
    let mut desk = desk_of(vec![plain(1)]);
    desk.watch(Lens::default());
    assert_eq!(desk.sample(now()).len(), Series::ALL.len());
    assert_eq!(desk.sample(now() + SignedDuration::from_secs(60)), []);
    let later = now() + SignedDuration::from_secs(300);
    desk.apply(batch(later, Vec::new()));
    let next = desk.sample(later);
    assert_eq!(next[0].at, at("2026-11-16T14:35:00Z"));
    assert_eq!(next[0].count, 1);
}

#[test]
fn a_slot_in_which_nothing_was_read_stays_empty() {
    let mut desk = Desk::new();
    desk.watch(Lens::default());
    assert_eq!(desk.sample(now()), [], "nothing was ever read");
    desk.apply(batch(now(), vec![plain(1)]));
    assert_eq!(desk.sample(now() + SignedDuration::from_secs(300)), [], "what was read is of the slot before");
}

#[test]
fn a_reopened_ticket_is_not_solved() {
    let reopened = Ticket { solved_at: Some(minutes_ago(5)), reopens: 1, ..plain(1) };
    let desk = desk_of(vec![reopened, solved(2, minutes_ago(90), minutes_ago(10))]);
    let lens = Lens::default();
    assert_eq!(metric::solved_today(&desk.view(&lens), &moment()).count, 1);
    assert_eq!(metric::open_tickets(&desk.view(&lens), &moment()).count, 1);
}

#[test]
fn a_daily_target_is_taken_pro_rata_of_the_working_day() {
    let desk = desk_of((0..10).map(|id| solved(id, minutes_ago(90), minutes_ago(10))).collect());
    let lens = Lens { schedule: Some(office_hours()), ..Lens::default() };
    let solved = metric::solved_today(&desk.view(&lens), &Moment::new(at("2026-11-16T13:00:00Z"), london()));
    assert!((solved.day_passed - 0.5).abs() < 1e-9);
    let solved = metric::solved_today(&desk.view(&lens), &moment());
    assert!((solved.percent_of_target(20).unwrap() - 76.53).abs() < 0.01);
    let night = metric::solved_today(&desk.view(&lens), &Moment::new(at("2026-11-16T03:00:00Z"), london()));
    assert_eq!(night.percent_of_target(20), None);
}

#[test]
fn the_pace_is_judged_in_the_afternoon_only() {
    let desk = desk_of((0..8).map(|id| Ticket { created_at: at("2026-11-16T09:00:00Z"), ..plain(id) }).collect());
    let lens = Lens::default();
    let change = |text| metric::backlog_change(&desk.view(&lens), &Moment::new(at(text), london()));
    assert_eq!(change("2026-11-16T11:59:00Z").judged(), None);
    assert_eq!(change("2026-11-16T12:00:00Z").judged(), Some(0.0));
    assert_eq!(change("2026-11-16T12:00:00Z").difference(), 8);
}

#[test]
fn bands_of_age_begin_on_the_hour() {
    let aged = [0, 59, 60, 8 * 60, DAY, 3 * DAY, 7 * DAY];
    let tickets = aged.into_iter().zip(0..).map(|(age, id)| Ticket { created_at: minutes_ago(age), ..plain(id) });
    let desk = desk_of(tickets.collect());
    let age = metric::backlog_age(&desk.view(&Lens::default()), &moment());
    assert_eq!(age.bands, [2, 1, 1, 1, 1, 1]);
    assert_eq!(age.over_a_week(), Ratio { part: 1, whole: 7 });
}

#[test]
fn teams_beyond_eight_are_other() {
    let group = |id: u32| Some(desk::GroupId(format!("{:02}", id % 10)));
    let desk = desk_of((0..25).map(|id| Ticket { group: group(id), ..plain(id) }).collect());
    let load = metric::group_load(&desk.view(&Lens::default()), &moment());
    assert_eq!(load.teams.iter().map(|team| team.unsolved).collect::<Vec<_>>(), [3, 3, 3, 3, 3, 2, 2, 2]);
    assert_eq!(load.other.map(|other| (other.unsolved, other.unassigned)), Some((4, 4)));
}

#[test]
fn a_team_is_compared_with_its_own_past() {
    let group = Some(desk::GroupId("0".into()));
    let mut tickets = eight_weeks(0);
    tickets.iter_mut().for_each(|ticket| ticket.group = group.clone());
    tickets.extend((1000..1016).map(|id| Ticket { group: group.clone(), ..plain(id) }));
    let desk = desk_of(tickets);
    let load = metric::group_load(&desk.view(&Lens::default()), &moment());
    assert_eq!(load.teams[0].usual, Some(10.0));
    assert_eq!(load.teams[0].percent_of_usual(), Some(160.0));
}

#[test]
fn a_reopened_ticket_counts_as_unsolved_throughout() {
    let group = Some(desk::GroupId("0".into()));
    let done = Ticket { group, ..solved(1, minutes_ago(20 * DAY), minutes_ago(19 * DAY)) };
    let mut desk = Desk::new();
    let lens = Lens::default();
    desk.watch(lens.clone());
    desk.apply(batch(now(), vec![done.clone()]));
    assert_eq!(desk.view(&lens).unsolved_at(minutes_ago(5 * DAY)), Some(0));
    desk.apply(batch(now(), vec![Ticket { status: Status::Open, reopens: 1, ..done }]));
    assert_eq!(desk.view(&lens).unsolved_at(minutes_ago(5 * DAY)), Some(1));
    assert_eq!(metric::group_load(&desk.view(&lens), &moment()).teams[0].usual, Some(1.0));
}

#[test]
fn a_first_reply_counts_on_its_own_day_and_not_when_an_agent_opened_the_ticket() {
    let replied = |id, created, reply| Ticket {
        created_at: minutes_ago(created),
        first_reply_at: Some(minutes_ago(reply)),
        ..plain(id)
    };
    let opened = Ticket { opened_by_agent_reply: true, ..replied(3, 30, 30) };
    let desk = desk_of(vec![replied(1, 2 * DAY, 30), replied(2, 2 * DAY, 2 * DAY - 5), opened]);
    let reply = metric::first_reply_time(&desk.view(&Lens::default()), &moment());
    assert_eq!(reply.today.samples, 1);
    assert_eq!(reply.today.median, Some(f64::from((2 * DAY as i32 - 30) * 60)));
    assert_eq!(reply.hours.len(), 15);
    assert_eq!(reply.hours.iter().map(|hour| hour.samples).sum::<usize>(), 1);
}

#[test]
fn durations_are_business_time_where_there_is_a_schedule() {
    let overnight = Ticket {
        created_at: at("2026-11-13T17:00:00Z"),
        first_reply_at: Some(at("2026-11-16T08:30:00Z")),
        ..solved(1, at("2026-11-13T17:00:00Z"), at("2026-11-16T10:00:00Z"))
    };
    let desk = desk_of(vec![overnight]);
    let lens = Lens { schedule: Some(office_hours()), ..Lens::default() };
    assert_eq!(metric::first_reply_time(&desk.view(&lens), &moment()).today.median, Some(5400.0));
    assert_eq!(metric::resolution_time(&desk.view(&lens), &moment()).today.median, Some(3.0 * 3600.0));
    let calendar = metric::resolution_time(&desk.view(&Lens::default()), &moment());
    assert_eq!(calendar.today.median, Some(65.0 * 3600.0));

    let desk = desk_of(vec![Ticket { created_at: at("2026-11-13T17:00:00Z"), ..plain(2) }]);
    let age = |lens: &Lens| metric::unassigned(&desk.view(lens), &moment()).oldest_age;
    assert_eq!(age(&lens), Some(3600 + (6 * 60 + 32) * 60), "an hour on Friday, and Monday since eight");
    assert_eq!(age(&Lens::default()), Some((69 * 60 + 32) * 60));
}

#[test]
fn a_requester_waits_until_an_agent_wrote_last() {
    let wrote = |id, requester: Option<i64>, agent: Option<i64>| Ticket {
        last_requester_at: requester.map(minutes_ago),
        last_agent_at: agent.map(minutes_ago),
        ..plain(id)
    };
    let pending = Ticket { status: Status::Pending, ..wrote(6, Some(50), None) };
    let desk = desk_of(vec![
        wrote(1, Some(10), Some(20)),
        wrote(2, Some(20), Some(10)),
        wrote(3, Some(15), Some(15)),
        wrote(4, None, Some(5)),
        wrote(5, Some(38), None),
        pending,
    ]);
    let waiting = metric::awaiting_reply(&desk.view(&Lens::default()), &moment());
    assert_eq!((waiting.count, waiting.longest), (2, Some(38 * 60)));
}

#[test]
fn a_clock_is_at_risk_until_it_is_due() {
    let running =
        |id, due_at| Ticket { clocks: vec![clock(ClockMetric::FirstReply, ClockState::Running, due_at)], ..plain(id) };
    let ahead = |minutes: i64| now() + SignedDuration::from_mins(minutes);
    let mut paused = running(5, ahead(10));
    paused.clocks[0].state = ClockState::Paused;
    let desk =
        desk_of(vec![running(1, now()), running(2, ahead(60)), running(3, ahead(61)), running(4, ahead(8)), paused]);
    let view_lens = Lens::default();
    let view = desk.view(&view_lens);
    let risk = metric::sla_at_risk(&view, &moment(), 8);
    assert_eq!(risk.total, 2);
    assert_eq!(risk.nearest.iter().map(|clock| clock.ticket.id.0.as_str()).collect::<Vec<_>>(), ["4", "2"]);
    assert_eq!(risk.left, Some(480));
    assert_eq!(metric::sla_breached(&view, &moment()).tickets, 1, "the one that is due now");
}

#[test]
fn a_breach_counts_once_when_it_happens() {
    let late = Clock {
        ended_at: Some(minutes_ago(30)),
        ..clock(ClockMetric::Resolution, ClockState::Breached, minutes_ago(2 * DAY))
    };
    let met = Clock { ended_at: Some(minutes_ago(30)), ..clock(ClockMetric::FirstReply, ClockState::Met, now()) };
    let running = clock(ClockMetric::FirstReply, ClockState::Running, minutes_ago(20));
    let desk = desk_of(vec![
        Ticket { clocks: vec![late, met], ..solved(1, minutes_ago(3 * DAY), minutes_ago(30)) },
        Ticket { clocks: vec![running], ..plain(2) },
    ]);
    let lens = Lens::default();
    let view = desk.view(&lens);
    let today = metric::sla_attainment(&view, moment().today());
    assert_eq!(today.all, Ratio { part: 1, whole: 2 }, "the breach of Saturday is not today's");
    assert_eq!(today.first_reply, Ratio { part: 1, whole: 2 });
    assert_eq!(today.resolution, Ratio { part: 0, whole: 0 });
    assert_eq!(metric::sla_attainment(&view, moment().last_days(7)).all, Ratio { part: 1, whole: 3 });
    let breached = metric::sla_breached(&view, &moment());
    assert_eq!((breached.tickets, breached.today), (1, 1), "solved tickets are not open breaches");
}

#[test]
fn the_feed_is_derived_where_the_provider_gives_none() {
    let mut desk = desk_of(vec![plain(1)]);
    let owner = Some(AgentId("2".into()));
    desk.apply(batch(now(), vec![Ticket { assignee: owner.clone(), updated_at: minutes_ago(9), ..plain(1) }]));
    let done = Ticket {
        assignee: owner.clone(),
        last_agent_at: Some(minutes_ago(4)),
        last_agent: Some(AgentId("1".into())),
        ..solved(1, minutes_ago(60), minutes_ago(3))
    };
    desk.apply(batch(now(), vec![done]));
    let lens = Lens::default();
    let view = desk.view(&lens);
    let told: Vec<_> =
        metric::live_feed(&view, 20).into_iter().map(|one| (one.activity.kind, one.activity.by)).collect();
    assert_eq!(
        told,
        [
            // Nobody said who; the owner is not taken for it.
            (ActivityKind::Solved, None),
            (ActivityKind::Replied, Some(AgentId("1".into()))),
            (ActivityKind::Assigned, owner),
            (ActivityKind::Created, None),
        ]
    );
}

#[test]
fn a_told_feed_is_not_mixed_with_a_derived_one() {
    let told = Activity { at: now(), ticket: TicketId("1".into()), kind: ActivityKind::Updated, by: None };
    let mut desk = Desk::new();
    desk.apply(Batch { activity: vec![told.clone()], ..batch(now(), vec![plain(1)]) });
    desk.apply(batch(now(), vec![solved(1, minutes_ago(60), minutes_ago(3))]));
    assert_eq!(desk.activity().collect::<Vec<_>>(), [told]);
}

#[test]
fn the_feed_is_kept_to_the_scope() {
    let desk = desk_of(vec![Ticket { tags: vec!["spam".into()], ..plain(1) }, plain(2)]);
    let lens = Lens { scope: Scope { without_tags: ["spam".to_owned()].into(), ..Scope::default() }, schedule: None };
    let view = desk.view(&lens);
    let feed = metric::live_feed(&view, 20);
    assert_eq!(feed.iter().map(|one| one.ticket.id.0.as_str()).collect::<Vec<_>>(), ["2"]);
}

#[test]
fn the_feed_tells_what_the_catalogue_names_and_each_act_once() {
    let told = |id: u32, minutes, kind, by: Option<&str>| Activity {
        at: minutes_ago(minutes),
        ticket: TicketId(id.to_string()),
        kind,
        by: by.map(|by| AgentId(by.into())),
    };
    let activity = vec![
        told(1, 5, ActivityKind::Created, None),
        told(1, 4, ActivityKind::Replied, Some("1")),
        told(1, 4, ActivityKind::Updated, Some("1")),
        told(2, 3, ActivityKind::Replied, Some("1")),
        told(2, 3, ActivityKind::Solved, Some("1")),
        told(1, 2, ActivityKind::Assigned, Some("2")),
        told(1, 2, ActivityKind::Reopened, None),
        told(2, 1, ActivityKind::Updated, None),
    ];
    let mut desk = Desk::new();
    desk.apply(Batch { activity, ..batch(now(), vec![plain(1), plain(2)]) });
    let lens = Lens::default();
    let view = desk.view(&lens);
    let read = |count| {
        let feed = metric::live_feed(&view, count);
        feed.iter().map(|one| (one.ticket.id.0.clone(), one.activity.kind)).collect::<Vec<_>>()
    };
    let named = |id: &str, kind| (id.to_owned(), kind);
    assert_eq!(
        read(20),
        [
            named("1", ActivityKind::Reopened),
            named("1", ActivityKind::Assigned),
            named("2", ActivityKind::Solved),
            named("1", ActivityKind::Replied),
            named("1", ActivityKind::Created),
        ]
    );
    assert_eq!(read(3).len(), 3);
}

#[test]
fn the_only_client_is_that_of_all_unsolved_tickets() {
    let of = |id: u32, client: Option<&str>| Ticket { client: client.map(|id| ClientId(id.into())), ..plain(id) };
    let only = |tickets: Vec<Ticket>| {
        let (desk, lens) = (desk_of(tickets), Lens::default());
        desk.view(&lens).only_client().map(|client| client.0.clone())
    };
    assert_eq!(only(Vec::new()), None);
    assert_eq!(only(vec![of(1, Some("harbour")), of(2, Some("harbour"))]), Some("harbour".to_owned()));
    assert_eq!(only(vec![of(1, Some("harbour")), of(2, Some("gym"))]), None);
    assert_eq!(only(vec![of(1, Some("harbour")), of(2, None)]), None);
    let solved = Ticket { client: Some(ClientId("gym".into())), ..solved(2, minutes_ago(60), minutes_ago(3)) };
    assert_eq!(only(vec![of(1, Some("harbour")), solved]), Some("harbour".to_owned()));
}

#[test]
fn presence_is_estimated_from_activity_where_the_provider_has_none() {
    let answered = |id: u32, minutes| Ticket {
        assignee: Some(AgentId(id.to_string())),
        last_agent: Some(AgentId(id.to_string())),
        last_agent_at: Some(minutes_ago(minutes)),
        ..plain(id)
    };
    let capabilities = Capabilities { sla: false, presence: false, replies: Replies::Known, ratings: false };
    let mut desk = Desk::new();
    desk.apply(Batch { capabilities, ..batch(now(), vec![answered(0, 15), answered(1, 16)]) });
    let lens = Lens::default();
    let view = desk.view(&lens);
    let status = metric::agent_status(&view, &moment());
    assert!(status.estimated);
    let states: Vec<_> = status.agents.iter().map(|one| (one.agent.name.as_str(), one.state, one.open)).collect();
    assert_eq!(
        states,
        [
            ("Agent 0", AgentState::Available, 1),
            ("Agent 1", AgentState::Offline, 1),
            ("Agent 2", AgentState::Offline, 0),
        ]
    );
    assert_eq!(status.available(), Ratio { part: 1, whole: 1 });
}
