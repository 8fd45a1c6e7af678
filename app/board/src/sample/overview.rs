//! The overview: a strip of five numbers, waits at risk, latest activity, who is on.

use jiff::SignedDuration;

use super::{HOUR, MINUTE, after, before, board, context, grid, now, panel};
use crate::{
    Board, Form, Overlay, Panel, Status, Value,
    form::{
        Context, Gauge, GaugePart, Person, Presence, Queue, Roster, Stat, Table, TableRow, Trace, TraceShape, Wait,
    },
    overlay::{Message, OnCall, UrgentClock, WarRoom},
};

/// The open tickets of the last nine hours, half an hour apart.
pub(super) const OPEN: [f64; 19] = [
    96.0, 94.0, 92.0, 90.0, 89.0, 88.0, 90.0, 95.0, 103.0, 111.0, 118.0, 121.0, 116.0, 114.0, 118.0, 122.0, 126.0,
    124.0, 128.0,
];

/// The team's day at a glance.
pub fn overview() -> Board {
    let layout = grid(
        &["open-tickets", "unassigned", "first-reply-time", "sla-attainment", "csat"],
        &[("sla-at-risk", [0, 4, 6, 4]), ("live-feed", [6, 4, 4, 4]), ("agent-status", [10, 4, 2, 4])],
    );
    let panels = vec![
        Panel { short_title: Some("Open".into()), ..panel("open-tickets", "Open tickets", Form::Stat(open(None))) },
        Panel {
            short_title: Some("No owner".into()),
            status: Status::Warn,
            ..panel("unassigned", "Unassigned", Form::Stat(unassigned()))
        },
        panel("first-reply-time", "First reply", Form::Stat(first_reply())),
        panel("sla-attainment", "SLA met", Form::Gauge(sla_met())),
        Panel { short_title: Some("CSAT".into()), ..panel("csat", "Satisfaction", Form::Gauge(satisfaction())) },
        Panel { status: Status::Critical, ..panel("sla-at-risk", "SLA at risk", Form::Queue(at_risk())) },
        panel("live-feed", "Latest", Form::Table(latest())),
        panel("agent-status", "Who’s on", Form::Roster(who_is_on())),
    ];
    board("overview", "Service desk", layout, panels)
}

/// The overview as it was when the server was lost at 14:04. Clients draw it muted and say so.
pub fn offline() -> Board {
    let lost = SignedDuration::from_mins(28);
    let mut board = overview();
    for panel in &mut board.panels {
        panel.updated_at = now() - lost;
        match &mut panel.form {
            Form::Table(table) => {
                for row in &mut table.rows {
                    if let Value::Since(since) = &mut row.value {
                        *since -= lost;
                    }
                }
            }
            Form::Stat(stat) => {
                if let Some(Context { value: Some(Value::Since(since)), .. }) = &mut stat.context {
                    *since -= lost;
                }
            }
            _ => {}
        }
    }
    board
}

/// The overview under a message from reception.
pub fn message() -> Board {
    let message = Message {
        headline: "Fire drill at 15:00.".into(),
        detail: Some("Leave by the north stairs.".into()),
        from: Some("reception".into()),
        until: Some(after(58 * MINUTE)),
    };
    Board { overlay: Some(Overlay::Message(message)), ..overview() }
}

/// The overview under the war room.
pub fn war_room() -> Board {
    let row = |client: &str, owner: &str, left: i64| UrgentClock {
        client: client.into(),
        owner: Some(owner.into()),
        due_at: after(left),
        status: if left <= 0 { Status::Critical } else { Status::Warn },
    };
    let overlay = Overlay::WarRoom(WarRoom {
        since: before(11 * MINUTE),
        late: 6,
        soon: 4,
        unanswered: 1,
        rows: vec![
            row("Harbour Dental", "Amara O", -26 * MINUTE),
            row("Quay Hotels", "Jonas P", -14 * MINUTE),
            row("Larkfield School", "Noor H", -8 * MINUTE),
            row("Northgate Legal", "Tomás R", 4 * MINUTE + 12),
            row("Ferry Books", "Priya S", 7 * MINUTE + 42),
            row("Castle Vets", "Mei L", 11 * MINUTE + 30),
        ],
        on_call: Some(OnCall { name: "Amara O".into(), until: after(3 * HOUR + 28 * MINUTE) }),
        free: vec!["Mia K".into(), "Sam W".into()],
    });
    Board { overlay: Some(overlay), ..overview() }
}

/// 128 open tickets, with the usual level on the trace where one is given.
pub(super) fn open(usual: Option<f64>) -> Stat {
    Stat {
        value: Value::Count(128),
        context: context("usual", Value::Count(116)),
        wide_context: Some(Context {
            after: "over usual".into(),
            before: String::new(),
            value: Some(Value::Count(12)),
        }),
        trace: Some(Box::new(Trace {
            points: OPEN.to_vec(),
            shape: TraceShape::Line,
            slots: None,
            target: usual,
            target_label: usual.map(|_| "usual".into()),
            from: Some(before(6 * HOUR + 32 * MINUTE)),
        })),
        term: None,
        next: None,
    }
}

/// A number with its context and a trace.
pub(super) fn stat(value: Value, context: Option<Context>, points: &[f64]) -> Stat {
    let trace = Trace {
        points: points.to_vec(),
        shape: TraceShape::Line,
        slots: None,
        target: None,
        target_label: None,
        from: None,
    };
    Stat { value, context, wide_context: None, trace: Some(Box::new(trace)), term: None, next: None }
}

fn unassigned() -> Stat {
    let oldest = context("oldest", Value::Since(before(42 * MINUTE)));
    stat(Value::Count(7), oldest, &[3.0, 4.0, 3.0, 5.0, 4.0, 6.0, 5.0, 6.0, 7.0, 7.0])
}

fn first_reply() -> Stat {
    let minutes = [14.3, 18.1, 25.7, 30.7, 22.5, 17.3, 18.7, 22.6, 27.3, 24.6, 21.5, 24.0];
    let mut stat = stat(
        Value::Duration(24 * 60),
        context("goal", Value::Duration(30 * 60)),
        &minutes.map(|minutes| (minutes * 60.0_f64).round()),
    );
    if let Some(trace) = &mut stat.trace {
        trace.target = Some(30.0 * 60.0);
        trace.target_label = Some("goal".into());
    }
    stat
}

/// 96 % against a goal of 95 %.
pub(super) fn sla_met() -> Gauge {
    let part = |label: &str, share| GaugePart { label: label.into(), value: Value::Ratio(share) };
    Gauge {
        value: Value::Ratio(0.96),
        target: Some(0.95),
        context: context("goal", Value::Ratio(0.95)),
        parts: vec![part("Reply", 0.97), part("Fix", 0.94)],
    }
}

fn satisfaction() -> Gauge {
    Gauge {
        value: Value::Ratio(0.93),
        target: Some(0.9),
        context: context("goal", Value::Ratio(0.9)),
        parts: Vec::new(),
    }
}

fn at_risk() -> Queue {
    let wait = |client: &str, owner: &str, left: i64| Wait {
        key: client.to_lowercase().replace(' ', "-"),
        client: client.into(),
        subject: None,
        owner: Some(owner.into()),
        due_at: after(left),
        window: HOUR.unsigned_abs(),
    };
    Queue {
        total: 4,
        rows: vec![
            wait("Harbour Dental", "Amara O", 7 * MINUTE + 42),
            wait("Northgate Legal", "Tomás R", 18 * MINUTE),
            wait("Ferry Books", "Priya S", 31 * MINUTE),
            wait("Quay Hotels", "Jonas P", 46 * MINUTE),
        ],
        by_subject: false,
    }
}

fn latest() -> Table {
    let row = |name: &str, detail: &str, client: &str, age: i64| TableRow {
        key: format!("{name}-{client}").to_lowercase().replace(' ', "-"),
        name: name.into(),
        detail: Some(detail.into()),
        subject: None,
        extra: Some(client.into()),
        value: Value::Since(before(age)),
        status: Status::Ok,
    };
    Table {
        rows: vec![
            row("Mia", "solved", "Ferry Books", 12),
            row("Mei", "replied", "Castle Vets", MINUTE + 5),
            row("New", "printer", "Quay Hotels", 2 * MINUTE + 8),
            row("Priya", "solved", "Hill Farm", 4 * MINUTE + 20),
        ],
        by_subject: false,
    }
}

/// Fourteen people, six of them free.
pub(super) fn who_is_on() -> Roster {
    let of = |presence: Presence, names: &[&str]| -> Vec<Person> {
        let person = |(index, name): (u32, &&str)| Person {
            name: (*name).into(),
            presence,
            since: Some(before(i64::from(index * index * 13 + 4) * MINUTE)),
            open: (presence != Presence::Offline).then_some((index * 5 + 4) % 14),
        };
        (0..).zip(names).map(person).collect()
    };
    let people = [
        of(Presence::Available, &["Amara O", "Leila B", "Mia K", "Noor H", "Priya S", "Sam W"]),
        of(Presence::Busy, &["Beatriz N", "Jonas P", "Mei L", "Tomás R"]),
        of(Presence::Away, &["Chidi E", "Hana V", "Ivo D"]),
        of(Presence::Offline, &["Kofi A"]),
    ];
    Roster { available: 6, busy: 4, away: 3, offline: 1, estimated: false, people: people.concat() }
}
