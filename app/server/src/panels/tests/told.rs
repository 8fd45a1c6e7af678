//! What a panel says of itself: over which time it is taken, by which hours, and hour by hour.

use board::form::{Gauge, Stat, TraceShape};
use desk::{Hours, Schedule};

use super::*;

const DAY: i64 = 24 * 60;

fn office_hours() -> Settings {
    let zone = TimeZone::get("Europe/London").unwrap();
    Settings { schedule: Some(Schedule::weekdays(zone, Hours::new(8 * 60, 18 * 60).unwrap())), ..settings() }
}

fn told(desk: &Desk, settings: Settings, id: &str) -> Panel {
    panel(&Builder::new(settings).refresh(desk, now()), id)
}

fn as_stat(panel: Panel) -> Stat {
    match panel.form {
        Form::Stat(stat) => stat,
        other => panic!("{other:?} is not a stat"),
    }
}

fn as_gauge(panel: &Panel) -> &Gauge {
    match &panel.form {
        Form::Gauge(gauge) => gauge,
        other => panic!("{other:?} is not a gauge"),
    }
}

#[test]
fn what_came_in_today_is_a_bar_an_hour_with_room_for_the_rest_of_the_day() {
    let desk = desk_of(vec![ticket(1, 10), ticket(2, 20), ticket(3, 60), ticket(4, 14 * 60), ticket(5, DAY)]);
    let stat = as_stat(built(&desk, "new-today"));
    assert_eq!(stat.value, Value::Count(4));
    let trace = stat.trace.unwrap();
    assert_eq!((trace.shape, trace.slots), (TraceShape::Bars, Some(24)));
    let mut hours = [0.0; 15];
    (hours[0], hours[13], hours[14]) = (1.0, 1.0, 2.0);
    assert_eq!(trace.points, hours);
    assert_eq!(trace.from, Some("2026-11-16T00:00:00Z".parse().unwrap()));
    let open = as_stat(built(&desk_of(vec![owned(1, 30 * DAY)]), "open-tickets"));
    assert_eq!(open.trace.unwrap().shape, TraceShape::Line);
}

#[test]
fn durations_say_by_which_hours_they_are_counted_and_not_where_there_is_no_room() {
    let replied = |id| Ticket {
        status: desk::Status::Solved,
        first_reply_at: Some(ago(10)),
        solved_at: Some(ago(5)),
        ..owned(id, 130)
    };
    let tickets = (0..5).map(replied).chain([ticket(9, 42)]).collect();
    let desk = desk_of(tickets);
    let titles = |settings: Settings| {
        ["first-reply-time", "resolution-time"].map(|id| {
            let panel = told(&desk, settings.clone(), id);
            (panel.title, panel.short_title.unwrap())
        })
    };
    let called = |title: &str, short: &str| (title.to_owned(), short.to_owned());
    assert_eq!(
        titles(office_hours()),
        [called("First reply, business hours", "First reply"), called("Resolution time, business hours", "Resolution")]
    );
    assert_eq!(titles(settings())[0], called("First reply, around the clock", "First reply"));
    assert_eq!(titles(settings())[1], called("Resolution time, around the clock", "Resolution"));

    let contexts = |settings: Settings, id: &str| {
        let stat = as_stat(told(&desk, settings, id));
        (words(stat.context), words(stat.wide_context))
    };
    for (id, label) in [("unassigned", "oldest"), ("awaiting-reply", "longest")] {
        let said = |hours| ("oldest 42m".to_owned(), format!("{label} 42m {hours}"));
        assert_eq!(contexts(office_hours(), id), said("in business hours"));
        assert_eq!(contexts(settings(), id), said("around the clock"));
    }
    let taken = as_stat(told(&desk_of(vec![owned(1, 90)]), office_hours(), "unassigned"));
    assert_eq!((words(taken.context), taken.wide_context), ("all taken".to_owned(), None));
}

#[test]
fn the_share_of_kept_promises_says_over_which_days_it_is_taken() {
    let ended = |id: u32, days: i64, state| {
        let at = ago(days * DAY + 5);
        let clock = Clock { metric: ClockMetric::Resolution, due_at: at, goal: None, state, ended_at: Some(at) };
        Ticket {
            status: desk::Status::Solved,
            solved_at: Some(at),
            updated_at: at,
            clocks: vec![clock],
            ..owned(id, days * DAY + 60)
        }
    };
    let (met, breached) = (ClockState::Met, ClockState::Breached);
    let tickets = vec![
        ended(1, 0, met),
        ended(2, 0, met),
        ended(3, 3, breached),
        ended(4, 6, met),
        ended(5, 7, breached),
        ended(6, 20, breached),
        ticket(7, 40 * DAY),
    ];
    let desk = desk_of(tickets.clone());
    let over = |desk: &Desk, sla_days| {
        let panel = told(desk, Settings { sla_days, ..settings() }, "sla-attainment");
        let value = as_gauge(&panel).value.clone();
        (panel.title, panel.short_title, value)
    };
    let named = |title: &str, short: Option<&str>, share| (title.to_owned(), short.map(str::to_owned), share);
    assert_eq!(over(&desk, 1), named("SLA met", None, Value::Ratio(1.0)));
    assert_eq!(over(&desk, 7), named("SLA met, 7 days", Some("SLA met 7d"), Value::Ratio(0.75)));
    assert_eq!(over(&desk, 30), named("SLA met, 30 days", Some("SLA met 30d"), Value::Ratio(0.5)));

    let mut young = Desk::new();
    young.apply(Batch { complete_since: Some(ago(2 * DAY)), ..batch(tickets.clone()) });
    let so_far = named("SLA met, 2 days so far", Some("SLA met 2d"), Value::Ratio(1.0));
    assert_eq!(over(&young, 7), so_far, "a breach of three days ago may not be the only one");
    assert_eq!(over(&young, 30), so_far);
    let mut newborn = Desk::new();
    newborn.apply(Batch { complete_since: Some(ago(60)), ..batch(tickets) });
    assert_eq!(over(&newborn, 7).0, "SLA met, 1 day so far");
}

#[test]
fn who_is_on_tells_since_when_where_the_provider_does() {
    let mut desk = Desk::new();
    let mut told = batch(vec![owned(1, 5)]);
    told.agents.iter_mut().flatten().for_each(|agent| agent.state_since = Some(ago(25)));
    desk.apply(told);
    let Form::Roster(roster) = built(&desk, "agent-status").form else { panic!("not a roster") };
    let people: Vec<_> = roster.people.iter().map(|person| (person.since, person.open)).collect();
    assert_eq!(people, [(Some(ago(25)), Some(1)), (Some(ago(25)), Some(0)), (Some(ago(25)), Some(0))]);
}
