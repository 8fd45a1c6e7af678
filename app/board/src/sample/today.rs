//! Today: what came in hour by hour, and numbers that say over which time, and by which hours, they are taken.

use super::{HOUR, MINUTE, before, board, context, grid, overview, panel, queue};
use crate::{
    Board, Form, Panel, Value,
    form::{Bars, Context, Gauge, Stat, Trace, TraceShape},
};

/// The tickets of each hour of the day that has begun.
const CREATED: [f64; 15] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 9.0, 17.0, 21.0, 14.0, 12.0, 9.0, 15.0, 6.0];
const CALLS: [f64; 15] = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 6.0, 9.0, 4.0, 5.0, 3.0, 7.0, 2.0];

/// The day so far.
pub fn today() -> Board {
    let layout = grid(
        &[],
        &[
            ("new-today", [0, 0, 6, 4]),
            ("calls-today", [6, 0, 3, 4]),
            ("first-reply-time", [9, 0, 3, 4]),
            ("backlog-age", [0, 4, 6, 4]),
            ("awaiting-reply", [6, 4, 3, 4]),
            ("sla-attainment", [9, 4, 3, 4]),
        ],
    );
    let created = Stat {
        wide_context: more("more than last Monday", Value::Count(15)),
        ..by_hour(108, context("was", Value::Count(93)), &CREATED)
    };
    let calls = by_hour(38, context("was", Value::Count(41)), &CALLS);
    let first_reply = Stat {
        trace: None,
        ..overview::stat(Value::Duration(24 * 60), context("goal", Value::Duration(30 * 60)), &[])
    };
    let by_age = Bars { context: more("over 7d", Value::Ratio(6.0 / 128.0)), ..queue::by_age() };
    let since = Value::Since(before(38 * MINUTE));
    let waiting = Stat {
        wide_context: Some(Context {
            before: "longest".into(),
            value: Some(since.clone()),
            after: "in business hours".into(),
        }),
        ..overview::stat(
            Value::Count(9),
            context("longest", since),
            &[3.0, 4.0, 4.0, 6.0, 5.0, 7.0, 8.0, 6.0, 7.0, 9.0],
        )
    };
    let met = Gauge { value: Value::Ratio(0.94), ..overview::sla_met() };
    let panels = vec![
        Panel { short_title: Some("New today".into()), ..panel("new-today", "Created today", Form::Stat(created)) },
        panel("calls-today", "Calls today", Form::Stat(calls)),
        Panel {
            short_title: Some("First reply".into()),
            ..panel("first-reply-time", "First reply, business hours", Form::Stat(first_reply))
        },
        Panel { short_title: Some("By age".into()), ..panel("backlog-age", "Open by age", Form::Bars(by_age)) },
        Panel { short_title: Some("Waiting".into()), ..panel("awaiting-reply", "Waiting on us", Form::Stat(waiting)) },
        Panel {
            short_title: Some("SLA met 7d".into()),
            ..panel("sla-attainment", "SLA met, 7 days", Form::Gauge(met))
        },
    ];
    board("today", "Service desk · Today", layout, panels)
}

/// A number of things, and how many of them each hour since midnight brought.
fn by_hour(count: i64, context: Option<Context>, hours: &[f64]) -> Stat {
    let trace = Trace {
        points: hours.to_vec(),
        shape: TraceShape::Bars,
        slots: Some(24),
        target: None,
        target_label: None,
        from: Some(before(14 * HOUR + 32 * MINUTE)),
    };
    Stat { trace: Some(Box::new(trace)), ..overview::stat(Value::Count(count), context, &[]) }
}

/// "15 more than last Monday".
fn more(words: &str, value: Value) -> Option<Context> {
    Some(Context { before: String::new(), value: Some(value), after: words.into() })
}
