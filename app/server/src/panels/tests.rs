#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall stop")]

mod named;
mod preset;
mod told;

use board::{
    Form, Panel, PanelId, Status, Value,
    form::{Arrangement, Context, Presence},
    format,
};
use desk::{
    Agent, AgentId, AgentState, Batch, Capabilities, Channel, Client, ClientId, Clock, ClockMetric, ClockState, Desk,
    Priority, Replies, Scope, Ticket, TicketId,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Builder, PRESETS, Settings};

const ALL: Capabilities = Capabilities { sla: true, presence: true, replies: Replies::Known, ratings: false };

/// Monday 16 November 2026, 14:32 in London.
fn now() -> Timestamp {
    "2026-11-16T14:32:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn seconds_later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn settings() -> Settings {
    Settings::new("Request Tracker", TimeZone::get("Europe/London").unwrap())
}

fn ticket(id: u32, age_minutes: i64) -> Ticket {
    Ticket {
        id: TicketId(id.to_string()),
        subject: "Printer offline".into(),
        status: desk::Status::Open,
        priority: Priority::Normal,
        created_at: ago(age_minutes),
        updated_at: ago(age_minutes),
        solved_at: None,
        solved_by: None,
        closed_at: None,
        first_reply_at: None,
        opened_by_agent_reply: false,
        last_requester_at: Some(ago(age_minutes)),
        last_agent_at: None,
        last_agent: None,
        assignee: None,
        group: None,
        client: Some(ClientId("harbour".into())),
        channel: Channel::Email,
        tags: Vec::new(),
        agent_replies: 0,
        reopens: 0,
        clocks: Vec::new(),
        rating: None,
    }
}

fn owned(id: u32, age_minutes: i64) -> Ticket {
    let mia = Some(AgentId("mia".into()));
    Ticket { assignee: mia.clone(), last_agent_at: Some(ago(1)), last_agent: mia, ..ticket(id, age_minutes) }
}

fn batch(tickets: Vec<Ticket>) -> Batch {
    let agent = |id: &str, name: &str, state| Agent {
        id: AgentId(id.into()),
        name: name.into(),
        group: None,
        state: Some(state),
        state_since: None,
        on_shift: None,
    };
    Batch {
        read_at: now(),
        tickets,
        removed: Vec::new(),
        agents: Some(vec![
            agent("mia", "Mia K", AgentState::Available),
            agent("sam", "Sam W", AgentState::Busy),
            agent("sam2", "Sam P", AgentState::TransfersOnly),
            agent("ivo", "Ivo D", AgentState::Offline),
        ]),
        groups: None,
        clients: vec![Client { id: ClientId("harbour".into()), name: "Harbour Dental".into() }],
        activity: Vec::new(),
        complete_since: None,
        capabilities: ALL,
    }
}

fn desk_of(tickets: Vec<Ticket>) -> Desk {
    let mut desk = Desk::new();
    desk.apply(batch(tickets));
    desk
}

fn panel(panels: &[Panel], id: &str) -> Panel {
    panels.iter().find(|panel| panel.id.0 == id).unwrap().clone()
}

fn built(desk: &Desk, id: &str) -> Panel {
    panel(&Builder::new(settings()).refresh(desk, now()), id)
}

fn words(context: Option<Context>) -> String {
    let zone = TimeZone::get("Europe/London").unwrap();
    context.map_or_else(String::new, |context| format::context(&context, now(), &zone).to_string())
}

fn stat(panel: Panel) -> (Value, String) {
    match panel.form {
        Form::Stat(stat) => (stat.value, words(stat.context)),
        other => panic!("{other:?} is not a stat"),
    }
}

fn rows(panel: Panel) -> Vec<board::form::TableRow> {
    match panel.form {
        Form::Table(table) => table.rows,
        other => panic!("{other:?} is not a table"),
    }
}

#[test]
fn tickets_without_an_owner_are_counted_with_the_age_of_the_oldest() {
    let panel = built(&desk_of((0..7).map(|id| ticket(id, 42)).collect()), "unassigned");
    assert_eq!((panel.title.as_str(), panel.short_title.as_deref()), ("Unassigned", Some("No owner")));
    assert_eq!(panel.status, Status::Warn);
    assert_eq!(stat(panel), (Value::Count(7), "oldest 42m".into()));

    let panel = built(&desk_of((0..17).map(|id| ticket(id, 64)).collect()), "unassigned");
    assert_eq!(panel.status, Status::Critical);

    let panel = built(&desk_of(vec![owned(1, 90)]), "unassigned");
    assert_eq!(panel.status, Status::Ok);
    assert_eq!(stat(panel), (Value::Count(0), "all taken".into()));
}

#[test]
fn a_level_is_remembered_from_refresh_to_refresh() {
    let mut desk = desk_of((0..15).map(|id| ticket(id, 5)).collect());
    let mut builder = Builder::new(settings());
    let mut status = |desk: &Desk, seconds| panel(&builder.refresh(desk, seconds_later(seconds)), "unassigned").status;
    let read = |desk: &mut Desk, seconds, tickets| {
        desk.apply(Batch { read_at: seconds_later(seconds), ..batch(tickets) });
    };
    assert_eq!(status(&desk, 0), Status::Critical);
    read(&mut desk, 20, vec![owned(0, 5)]);
    assert_eq!(status(&desk, 20), Status::Critical, "14 is not clearly below 15");
    for second in 21..40 {
        assert_eq!(status(&desk, second), Status::Critical, "nothing was read since, however often it is drawn");
    }
    read(&mut desk, 40, Vec::new());
    assert_eq!(status(&desk, 40), Status::Warn, "but it is after two refreshes");
}

#[test]
fn a_desk_that_is_read_every_two_seconds_does_not_lose_its_colour_within_four() {
    let mut desk = desk_of((0..15).map(|id| ticket(id, 5)).collect());
    let mut builder = Builder::new(settings());
    let mut changes = Vec::new();
    for second in (0..60).step_by(2) {
        let tickets = if second == 2 { vec![owned(0, 5)] } else { Vec::new() };
        desk.apply(Batch { read_at: seconds_later(second), ..batch(tickets) });
        let status = panel(&builder.refresh(&desk, seconds_later(second)), "unassigned").status;
        if changes.last().is_none_or(|(_, before)| *before != status) {
            changes.push((second, status));
        }
    }
    assert_eq!(changes, [(0, Status::Critical), (36, Status::Warn)], "the second refresh after the one of second 0");
}

#[test]
fn the_open_count_is_told_against_what_is_usual() {
    let mut tickets: Vec<_> = (0..100).map(|id| owned(id, 30 * 24 * 60)).collect();
    tickets.extend((100..121).map(|id| owned(id, 10)));
    let panel = built(&desk_of(tickets), "open-tickets");
    assert_eq!((panel.title.as_str(), panel.short_title.as_deref()), ("Open tickets", Some("Open")));
    assert_eq!(panel.status, Status::Warn, "121 of 100");
    let Form::Stat(stat) = panel.form else { panic!("not a stat") };
    assert_eq!(words(stat.context), "usual 100");
    assert_eq!(words(stat.wide_context), "21 over usual");
    let trace = stat.trace.unwrap();
    assert_eq!((trace.target, trace.points.last()), (Some(100.0), Some(&121.0)));
}

#[test]
fn few_replies_are_shown_with_their_number_and_no_colour() {
    let replied = |id| Ticket { first_reply_at: Some(ago(10)), ..owned(id, 130) };
    let panel = built(&desk_of(vec![replied(1), replied(2), replied(3)]), "first-reply-time");
    assert_eq!((panel.short_title.as_deref(), panel.status), (Some("First reply"), Status::Ok));
    assert_eq!(stat(panel), (Value::Duration(7200), "3 replies".into()));

    let panel = built(&desk_of((0..5).map(replied).collect()), "first-reply-time");
    assert_eq!(panel.status, Status::Critical);
    assert_eq!(stat(panel), (Value::Duration(7200), "goal 30m".into()));
}

#[test]
fn the_resolution_time_is_told_beside_that_of_last_week() {
    const WEEK: i64 = 7 * 24 * 60;
    let solved = |id: u32, minutes: i64, took: i64| Ticket {
        status: desk::Status::Solved,
        solved_at: Some(ago(minutes)),
        updated_at: ago(minutes),
        ..ticket(id, minutes + took)
    };
    let next = |tickets: Vec<Ticket>| match built(&desk_of(tickets), "resolution-time").form {
        Form::Stat(stat) => words(stat.next),
        other => panic!("{other:?} is not a stat"),
    };
    let today = || (0..5).map(|id| solved(id, 30, 60));
    let last_week = |count: u32| (10..10 + count).map(move |id| solved(id, WEEK + 30, 200));
    let before = || std::iter::once(ticket(99, 3 * WEEK));
    assert_eq!(next(today().chain(last_week(5)).chain(before()).collect()), "was 3h 20m");
    assert_eq!(next(today().chain(last_week(4)).chain(before()).collect()), "", "too few to tell");
    assert_eq!(next(today().collect()), "", "last week is not known");
}

#[test]
fn the_first_reply_time_is_told_beside_that_of_last_week() {
    const WEEK: i64 = 7 * 24 * 60;
    let replied =
        |id: u32, minutes: i64, took: i64| Ticket { first_reply_at: Some(ago(minutes)), ..owned(id, minutes + took) };
    let next = |last_week: u32| {
        let today = (0..5).map(|id| replied(id, 30, 20));
        let before = (10..10 + last_week).map(|id| replied(id, WEEK + 30, 38));
        let desk = desk_of(today.chain(before).chain(std::iter::once(ticket(99, 3 * WEEK))).collect());
        match built(&desk, "first-reply-time").form {
            Form::Stat(stat) => words(stat.next),
            other => panic!("{other:?} is not a stat"),
        }
    };
    assert_eq!(next(5), "was 38m");
    assert_eq!(next(4), "", "too few to tell");
}

#[test]
fn the_hours_of_first_replies_are_drawn_where_there_were_enough() {
    let replied = |id: u32, hour: i64, took| {
        let reply = "2026-11-16T00:30:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour);
        Ticket { first_reply_at: Some(reply), created_at: reply - SignedDuration::from_mins(took), ..owned(id, 0) }
    };
    let mut tickets = vec![replied(0, 3, 2000)];
    tickets.extend((1..6).map(|id| replied(id, 9, 20)));
    tickets.push(replied(6, 10, 1000));
    tickets.extend((7..12).map(|id| replied(id, 12, 40)));
    let Form::Stat(stat) = built(&desk_of(tickets), "first-reply-time").form else { panic!("not a stat") };
    let trace = stat.trace.unwrap();
    assert_eq!(trace.from, Some("2026-11-16T09:00:00Z".parse().unwrap()));
    assert_eq!(trace.points, [1200.0, 1200.0, 1200.0, 2400.0, 2400.0, 2400.0]);
    assert_eq!((trace.target, trace.target_label.as_deref()), (Some(1800.0), Some("goal")));
}

#[test]
fn a_share_of_nothing_is_no_data() {
    let panel = built(&desk_of(vec![ticket(1, 5)]), "sla-attainment");
    let Form::Gauge(gauge) = panel.form else { panic!("not a gauge") };
    assert_eq!(gauge.value, Value::NoData);
    assert_eq!((gauge.target, words(gauge.context)), (Some(0.95), "goal 95%".into()));
    assert_eq!(panel.status, Status::Ok);
}

#[test]
fn clocks_at_risk_name_who_waits_and_who_owns() {
    let running = |id, minutes: i64| Ticket {
        clocks: vec![Clock {
            metric: ClockMetric::Resolution,
            due_at: now() + SignedDuration::from_mins(minutes),
            goal: None,
            state: ClockState::Running,
            ended_at: None,
        }],
        ..owned(id, 90)
    };
    let other = Ticket { client: None, ..running(1, 18) };
    let panel = built(&desk_of(vec![other, running(2, 7)]), "sla-at-risk");
    assert_eq!((panel.title.as_str(), panel.status), ("SLA at risk", Status::Critical));
    let Form::Queue(queue) = panel.form else { panic!("not a queue") };
    assert_eq!(queue.total, 2);
    let first = &queue.rows[0];
    assert_eq!((first.client.as_str(), first.owner.as_deref()), ("Harbour Dental", Some("Mia K")));
    assert_eq!((first.subject.as_deref(), queue.by_subject), (Some("Printer offline"), false));
    assert_eq!((first.due_at, first.window), (now() + SignedDuration::from_mins(7), 3600));
}

#[test]
fn the_backlog_is_drawn_in_six_bands_and_three_on_a_small_tile() {
    let ages = [10, 100, 600, 2 * 1440, 5 * 1440, 8 * 1440, 9 * 1440];
    let panel = built(&desk_of((0..).zip(ages).map(|(id, age)| ticket(id, age)).collect()), "backlog-age");
    let Form::Bars(bars) = panel.form else { panic!("not bars") };
    let read = |bars: &[board::form::Bar]| bars.iter().map(|bar| (bar.label.clone(), bar.value)).collect::<Vec<_>>();
    assert_eq!(bars.arrangement, Arrangement::Columns);
    assert_eq!(read(&bars.bars).iter().map(|bar| bar.1).collect::<Vec<_>>(), [1, 1, 1, 1, 1, 2]);
    assert_eq!(read(&bars.small), [("<1d".into(), 3), ("<7d".into(), 2), ("7d+".into(), 2)]);
    assert_eq!(words(bars.context), "29% over 7d");
    assert_eq!(panel.status, Status::Warn, "two of seven are over a week old");
}

#[test]
fn old_tickets_are_marked_row_by_row() {
    let panel = built(&desk_of(vec![owned(1, 2 * 1440), owned(2, 4 * 1440), owned(3, 9 * 1440)]), "oldest-open");
    assert_eq!(panel.status, Status::Ok);
    let rows = rows(panel);
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [Status::Critical, Status::Warn, Status::Ok]);
    assert_eq!(rows[0].value, Value::Since(ago(9 * 1440)));
}

#[test]
fn the_latest_says_who_did_what() {
    let mut desk = desk_of(vec![ticket(1, 30)]);
    let solved = |agent: &str| Ticket {
        status: desk::Status::Solved,
        solved_by: Some(AgentId(agent.into())),
        solved_at: Some(ago(2)),
        updated_at: ago(2),
        ..ticket(1, 30)
    };
    desk.apply(batch(vec![solved("mia")]));
    let read =
        |row: &board::form::TableRow| (row.name.clone(), row.detail.clone().unwrap(), row.extra.clone().unwrap());
    let rows = rows(built(&desk, "live-feed"));
    assert_eq!(read(&rows[0]), ("Mia".into(), "solved".into(), "Harbour Dental".into()));
    assert_eq!(read(rows.last().unwrap()), ("New".into(), "Printer offline".into(), "Harbour Dental".into()));
}

#[test]
fn who_is_on_counts_and_names_those_who_are_here() {
    let panel = built(&desk_of(vec![owned(1, 5)]), "agent-status");
    assert_eq!(panel.title, "Who\u{2019}s on");
    let Form::Roster(roster) = panel.form else { panic!("not a roster") };
    assert_eq!((roster.available, roster.busy, roster.away, roster.offline), (1, 1, 1, 1));
    let names: Vec<_> = roster.people.iter().map(|person| (person.name.as_str(), person.open)).collect();
    assert_eq!(names, [("Mia K", Some(1)), ("Sam W", Some(0)), ("Sam P", Some(0))]);
    let states: Vec<_> = roster.people.iter().map(|person| person.presence).collect();
    assert_eq!(states, [Presence::Available, Presence::Busy, Presence::TransfersOnly]);
    assert!(!roster.estimated);
}

#[test]
fn a_board_for_one_client_does_not_show_who_is_on() {
    let scope = Scope { clients: Some([ClientId("harbour".into())].into()), ..Scope::default() };
    let panels = Builder::new(Settings { scope, ..settings() }).refresh(&desk_of(vec![ticket(1, 5)]), now());
    assert_eq!(panel(&panels, "agent-status").status, Status::Unavailable);
    assert_eq!(stat(panel(&panels, "open-tickets")).0, Value::Count(1));
}

#[test]
fn stale_data_is_shown_as_it_was_read_and_without_colour() {
    let desk = desk_of((0..20).map(|id| ticket(id, 9000)).collect());
    let mut builder = Builder::new(settings());
    let fresh = builder.refresh(&desk, seconds_later(300));
    assert_eq!(panel(&fresh, "unassigned").status, Status::Critical);
    let stale = builder.refresh(&desk, "2026-11-17T09:00:00Z".parse().unwrap());
    for panel in stale.iter().filter(|panel| panel.id.0 != "clock") {
        assert_eq!(panel.status, Status::Stale, "{}", panel.id.0);
        assert_eq!(panel.updated_at, now());
        if let Form::Table(table) = &panel.form {
            assert!(table.rows.iter().all(|row| row.status == Status::Ok));
        }
    }
    let today = stat(panel(&stale, "new-today")).0;
    assert_eq!(today, stat(panel(&fresh, "new-today")).0, "no new day begins without data");
}

#[test]
fn nothing_changes_on_the_wall_while_nothing_happens() {
    let mut tickets: Vec<_> = (0..30).map(|id| ticket(id, 30 * 24 * 60 + i64::from(id) * 77)).collect();
    tickets.extend((30..60).map(|id| Ticket { first_reply_at: Some(ago(3)), ..owned(id, i64::from(id) * 3) }));
    let desk = desk_of(tickets);
    let mut builder = Builder::new(settings());
    let before = builder.refresh(&desk, now());
    let after = builder.refresh(&desk, seconds_later(50));
    assert_eq!(
        before.iter().map(|panel| (&panel.form, panel.status)).collect::<Vec<_>>(),
        after.iter().map(|panel| (&panel.form, panel.status)).collect::<Vec<_>>()
    );
}

#[test]
fn the_clock_is_called_by_its_city() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let panels = Builder::new(Settings::new("Demo", zone)).refresh(&desk_of(Vec::new()), now());
    let clock = panel(&panels, "clock");
    assert_eq!((clock.title.as_str(), clock.status), ("New York", Status::Ok));
    assert!(matches!(clock.form, Form::Clock(clock) if clock.zone == "America/New_York"));
}
