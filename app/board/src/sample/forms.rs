//! The forms that the other samples lack.

use super::{HOUR, MINUTE, after, before, board, context, grid, overview, panel, queue};
use crate::{
    Board, Form, Panel, Status, Value,
    form::{
        Arrangement, Bars, Clock, Context, Heatmap, HeatmapRow, OtherZone, Plate, Series, Stat, Text, Ticker, Tiles,
        Trend,
    },
};

/// A gauge, a heatmap, a clock, a trend, sites and stale data, over a footer.
pub fn forms() -> Board {
    let layout = grid(
        &[],
        &[
            ("sla-attainment", [0, 0, 3, 4]),
            ("volume-heatmap", [3, 0, 5, 4]),
            ("clock", [8, 0, 4, 4]),
            ("volume-trend", [0, 4, 4, 4]),
            ("network-health", [4, 4, 5, 4]),
            ("calls-now", [9, 4, 3, 4]),
        ],
    );
    let calls = Stat { trace: None, ..overview::stat(Value::Count(2), None, &[]) };
    let panels = vec![
        panel("sla-attainment", "SLA met", Form::Gauge(overview::sla_met())),
        Panel {
            short_title: Some("Arrivals".into()),
            ..panel("volume-heatmap", "When work arrives", Form::Heatmap(week()))
        },
        panel("clock", "London", Form::Clock(clock())),
        panel("volume-trend", "30-day trend", Form::Trend(trend())),
        Panel { status: Status::Critical, ..panel("network-health", "Sites", Form::Tiles(sites())) },
        Panel {
            status: Status::Stale,
            updated_at: before(6 * MINUTE),
            ..panel("calls-now", "Calls waiting", Form::Stat(calls))
        },
    ];
    let ticker = [
        "New phone numbers are on the intranet",
        "Tonight 20:00: printers restart at all sites",
        "Quay Hotels moves to the new mail server on Thursday",
        "Parking level 2 is closed this week",
        "Team lunch on Friday at 12:30",
    ];
    Board { ticker: ticker.map(String::from).into(), ..board("forms", "Service desk · Forms", layout, panels) }
}

/// Opposed bars, a strip, prose, a ticker, money, a countdown, an unavailable panel and a form of a newer server.
pub fn more_forms() -> Board {
    let layout = grid(
        &[],
        &[
            ("backlog-change", [0, 0, 6, 4]),
            ("status-mix", [6, 0, 6, 4]),
            ("daily-summary", [0, 4, 3, 4]),
            ("notices", [3, 4, 2, 4]),
            ("next-breach", [5, 4, 2, 4]),
            ("revenue", [7, 4, 3, 2]),
            ("calls-now", [7, 6, 3, 2]),
            ("radar", [10, 4, 2, 4]),
        ],
    );
    let opposed = Bars {
        headline: Some(Value::Count(-24)),
        context: Some(Context { before: String::new(), value: Some(Value::Ratio(1.19)), after: "of created".into() }),
        ..queue::bars(Arrangement::Opposed, &[("Created", 126), ("Solved", 150)])
    };
    let mix = queue::bars(Arrangement::Strip, &[("New", 12), ("Open", 61), ("Pending", 38), ("On hold", 17)]);
    let text = Text {
        text: "A calm Monday. Mail at Quay Hotels was slow until 11:20 and is well again. Nine clients wait for an \
               answer, the longest for 38 minutes."
            .into(),
        written_at: Some(before(HOUR + 32 * MINUTE)),
    };
    let notices = Ticker { lines: vec!["Door code changed".into(), "Backup at 18:00".into()] };
    let next =
        overview::stat(Value::Until(after(7 * MINUTE + 42)), context("client", Value::Text("Harbour".into())), &[]);
    let money = Value::Money { minor: 124_000, currency: "EUR".into() };
    let panels = vec![
        Panel {
            short_title: Some("In and out".into()),
            ..panel("backlog-change", "Created against solved", Form::Bars(opposed))
        },
        panel("status-mix", "By status", Form::Bars(mix)),
        Panel { short_title: Some("Today".into()), ..panel("daily-summary", "The day so far", Form::Text(text)) },
        panel("notices", "Notices", Form::Ticker(notices)),
        panel("next-breach", "Next due", Form::Stat(Stat { trace: None, ..next })),
        Panel {
            short_title: Some("Sold".into()),
            ..panel("revenue", "Hours sold", Form::Stat(Stat { trace: None, ..overview::stat(money, None, &[]) }))
        },
        Panel {
            status: Status::Unavailable,
            ..panel("calls-now", "Calls", Form::Stat(Stat { trace: None, ..overview::stat(Value::NoData, None, &[]) }))
        },
        panel("radar", "Radar", Form::Unknown { name: "radar".into() }),
    ];
    board("more-forms", "Service desk · More forms", layout, panels)
}

fn clock() -> Clock {
    let other = |label: &str, zone: &str| OtherZone { label: label.into(), zone: zone.into() };
    Clock { zone: "Europe/London".into(), others: vec![other("New York", "America/New_York")] }
}

fn sites() -> Tiles {
    let plate = |name: &str, status, down| Plate { name: name.into(), status, down };
    Tiles {
        plates: vec![
            plate("Quay", Status::Critical, 4),
            plate("Castle", Status::Warn, 1),
            plate("Elm", Status::Ok, 0),
            plate("Ferry", Status::Ok, 0),
            plate("Hill", Status::Ok, 0),
            plate("Park", Status::Ok, 0),
        ],
    }
}

fn trend() -> Trend {
    let series = |name: &str, newest, points: [f64; 15]| Series {
        name: name.into(),
        points: points.into(),
        value: Value::Count(newest),
    };
    Trend {
        series: vec![
            series(
                "in",
                206,
                [
                    151.0, 158.0, 171.0, 167.0, 181.0, 190.0, 184.0, 173.0, 168.0, 175.0, 187.0, 194.0, 201.0, 199.0,
                    206.0,
                ],
            ),
            series(
                "out",
                168,
                [
                    146.0, 150.0, 160.0, 169.0, 170.0, 176.0, 181.0, 178.0, 171.0, 168.0, 172.0, 176.0, 174.0, 171.0,
                    168.0,
                ],
            ),
        ],
    }
}

/// Tickets an hour in cells of two hours.
fn week() -> Heatmap {
    let days = [
        ("Mon", [0, 0, 0, 0, 9, 12, 12, 12, 12, 6, 3, 3]),
        ("Tue", [0, 0, 0, 0, 9, 12, 12, 12, 9, 6, 3, 3]),
        ("Wed", [0, 0, 0, 0, 9, 12, 9, 9, 9, 6, 3, 3]),
        ("Thu", [0, 0, 0, 0, 6, 12, 9, 9, 9, 6, 3, 0]),
        ("Fri", [0, 0, 0, 0, 6, 12, 9, 9, 9, 6, 3, 0]),
        ("Sat", [0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 0, 0]),
        ("Sun", [0, 0, 0, 0, 3, 3, 3, 3, 3, 0, 0, 0]),
    ];
    let row = |(label, cells): (&str, [u8; 12])| HeatmapRow {
        label: label.into(),
        cells: cells.into_iter().map(f64::from).collect(),
    };
    Heatmap { rows: days.into_iter().map(row).collect(), hours: (0..24).step_by(2).collect(), current: Some((0, 7)) }
}
