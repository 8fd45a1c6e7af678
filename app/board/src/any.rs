//! Any board, panel and overlay, for property tests.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use jiff::Timestamp;
use proptest::{collection::vec, option::of, prelude::*, sample::select};

use crate::{
    Area, Board, BoardId, Form, Layout, Look, Overlay, Panel, PanelId, Placement, Revision, SimulatedTime, Status,
    Strip, Theme, Value,
    form::{
        Arrangement, Bar, Bars, Clock, Context, Entry, Gauge, GaugePart, Heatmap, HeatmapRow, Leaderboard, Limit,
        OtherZone, Person, Plate, Presence, Queue, Roster, Series, Stat, Table, TableRow, Term, Text, Ticker, Tiles,
        Trace, TraceShape, Trend, Wait,
    },
    overlay::{Message, OnCall, UrgentClock, WarRoom},
};

fn words() -> impl Strategy<Value = String> {
    "\\PC{0,6}"
}

fn number() -> impl Strategy<Value = f64> {
    use prop::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-377_705_023_201_i64..=253_402_207_200, 0_i32..1_000_000_000)
        .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap_or(Timestamp::MAX))
}

fn status() -> impl Strategy<Value = Status> {
    select(vec![Status::Ok, Status::Warn, Status::Critical, Status::Stale, Status::Unavailable])
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Count),
        number().prop_map(Value::Ratio),
        any::<u64>().prop_map(Value::Duration),
        instant().prop_map(Value::Since),
        instant().prop_map(Value::Until),
        instant().prop_map(Value::At),
        (any::<i64>(), "[A-Z]{3}").prop_map(|(minor, currency)| Value::Money { minor, currency }),
        words().prop_map(Value::Text),
        Just(Value::NoData),
        Just(Value::Unknown),
    ]
}

fn context() -> impl Strategy<Value = Option<Context>> {
    of((words(), of(value()), words()).prop_map(|(before, value, after)| Context { before, value, after }))
}

fn stat() -> impl Strategy<Value = Stat> {
    let shape = select(vec![TraceShape::Line, TraceShape::Bars]);
    let trace = (vec(number(), 0..4), shape, of(any::<u16>()), of(number()), of(words()), of(instant())).prop_map(
        |(points, shape, slots, target, target_label, from)| {
            Box::new(Trace { points, shape, slots, target, target_label, from })
        },
    );
    let term = (instant(), instant()).prop_map(|(from, until)| Term { from, until });
    (value(), context(), context(), of(trace), of(term), context()).prop_map(
        |(value, context, wide_context, trace, term, next)| Stat { value, context, wide_context, trace, term, next },
    )
}

fn gauge() -> impl Strategy<Value = Gauge> {
    let part = (words(), value()).prop_map(|(label, value)| GaugePart { label, value });
    (value(), of(number()), context(), vec(part, 0..3)).prop_map(|(value, target, context, parts)| Gauge {
        value,
        target,
        context,
        parts,
    })
}

fn bars() -> impl Strategy<Value = Bars> {
    let bar = || {
        vec(
            (words(), any::<i64>(), of(any::<i64>()), status()).prop_map(|(label, value, part, status)| Bar {
                label,
                value,
                part,
                status,
            }),
            0..3,
        )
    };
    let arrangement = select(vec![Arrangement::Columns, Arrangement::Opposed, Arrangement::Strip, Arrangement::Rows]);
    let limit = of((words(), any::<i64>()).prop_map(|(label, value)| Limit { label, value }));
    (arrangement, bar(), limit, of(value()), context(), bar()).prop_map(
        |(arrangement, bars, limit, headline, context, small)| Bars {
            arrangement,
            bars,
            limit,
            headline,
            context,
            small,
        },
    )
}

fn table() -> impl Strategy<Value = Table> {
    let row = (words(), words(), of(words()), of(words()), of(words()), value(), status()).prop_map(
        |(key, name, detail, subject, extra, value, status)| TableRow {
            key,
            name,
            detail,
            subject,
            extra,
            value,
            status,
        },
    );
    (vec(row, 0..3), any::<bool>()).prop_map(|(rows, by_subject)| Table { rows, by_subject })
}

fn roster() -> impl Strategy<Value = Roster> {
    use Presence::{Available, Away, Busy, Offline, TransfersOnly};
    let presence = select(vec![Available, Busy, Away, TransfersOnly, Offline]);
    let person = (words(), presence, of(instant()), of(any::<u32>()))
        .prop_map(|(name, presence, since, open)| Person { name, presence, since, open });
    (any::<[u32; 4]>(), any::<bool>(), vec(person, 0..3)).prop_map(
        |([available, busy, away, offline], estimated, people)| Roster {
            available,
            busy,
            away,
            offline,
            estimated,
            people,
        },
    )
}

fn queue() -> impl Strategy<Value = Queue> {
    let wait = (words(), words(), of(words()), of(words()), instant(), any::<u64>())
        .prop_map(|(key, client, subject, owner, due_at, window)| Wait { key, client, subject, owner, due_at, window });
    (any::<u32>(), vec(wait, 0..3), any::<bool>()).prop_map(|(total, rows, by_subject)| Queue {
        total,
        rows,
        by_subject,
    })
}

fn heatmap() -> impl Strategy<Value = Heatmap> {
    let row = (words(), vec(number(), 0..3)).prop_map(|(label, cells)| HeatmapRow { label, cells });
    (vec(row, 0..3), vec(any::<u8>(), 0..3), of(any::<(u8, u8)>())).prop_map(|(rows, hours, current)| Heatmap {
        rows,
        hours,
        current,
    })
}

/// Any form, one of a newer server among them.
pub fn form() -> impl Strategy<Value = Form> {
    let series =
        (words(), vec(number(), 0..4), value()).prop_map(|(name, points, value)| Series { name, points, value });
    let entry = (any::<u32>(), words(), value()).prop_map(|(rank, name, value)| Entry { rank, name, value });
    let plate = (words(), status(), any::<u32>()).prop_map(|(name, status, down)| Plate { name, status, down });
    let other = (words(), words()).prop_map(|(label, zone)| OtherZone { label, zone });
    prop_oneof![
        stat().prop_map(Form::Stat),
        gauge().prop_map(Form::Gauge),
        bars().prop_map(Form::Bars),
        vec(series, 0..3).prop_map(|series| Form::Trend(Trend { series })),
        heatmap().prop_map(Form::Heatmap),
        table().prop_map(Form::Table),
        vec(entry, 0..3).prop_map(|entries| Form::Leaderboard(Leaderboard { entries })),
        roster().prop_map(Form::Roster),
        queue().prop_map(Form::Queue),
        vec(plate, 0..3).prop_map(|plates| Form::Tiles(Tiles { plates })),
        vec(words(), 0..3).prop_map(|lines| Form::Ticker(Ticker { lines })),
        (words(), of(instant())).prop_map(|(text, written_at)| Form::Text(Text { text, written_at })),
        (words(), vec(other, 0..3)).prop_map(|(zone, others)| Form::Clock(Clock { zone, others })),
        "new-[a-z]{1,8}".prop_map(|name| Form::Unknown { name }),
    ]
}

/// Any panel called `panel-0` to `panel-4`.
pub fn panel() -> impl Strategy<Value = Panel> {
    (0_u8..5, words(), of(words()), form(), status(), any::<u64>(), instant(), any::<bool>()).prop_map(
        |(id, title, short_title, form, status, revision, updated_at, beside_desk)| Panel {
            id: PanelId(format!("panel-{id}")),
            title,
            short_title,
            form,
            status,
            revision: Revision(revision),
            updated_at,
            beside_desk,
        },
    )
}

/// Any layout, right or wrong.
pub fn layout() -> impl Strategy<Value = Layout> {
    let area = || any::<[u8; 4]>().prop_map(|[column, row, columns, rows]| Area { column, row, columns, rows });
    let placement = (words(), area()).prop_map(|(panel, area)| Placement { panel: PanelId(panel), area });
    let strip = (any::<(u8, u8)>(), vec(words().prop_map(PanelId), 0..3)).prop_map(|((row, rows), panels)| Strip {
        row,
        rows,
        panels,
    });
    (any::<(u8, u8)>(), of(strip), vec(placement, 0..3)).prop_map(|((columns, rows), strip, placements)| Layout {
        columns,
        rows,
        strip,
        placements,
    })
}

/// Any overlay or none, one of a newer server among them.
pub fn overlay() -> impl Strategy<Value = Option<Overlay>> {
    let message = (words(), of(words()), of(words()), of(instant()))
        .prop_map(|(headline, detail, from, until)| Overlay::Message(Message { headline, detail, from, until }));
    let row = (words(), of(words()), instant(), status()).prop_map(|(client, owner, due_at, status)| UrgentClock {
        client,
        owner,
        due_at,
        status,
    });
    let on_call = (words(), instant()).prop_map(|(name, until)| OnCall { name, until });
    let war_room = (instant(), any::<[u32; 3]>(), vec(row, 0..3), of(on_call), vec(words(), 0..3)).prop_map(
        |(since, [late, soon, unanswered], rows, on_call, free)| {
            Overlay::WarRoom(WarRoom { since, late, soon, unanswered, rows, on_call, free })
        },
    );
    of(prop_oneof![message, war_room, Just(Overlay::Unknown)])
}

/// Any board.
pub fn board() -> impl Strategy<Value = Board> {
    let theme = select(vec![Theme::Midnight, Theme::Daylight, Theme::Signal]);
    let simulated =
        (instant(), instant(), any::<u16>()).prop_map(|(at, shows, speed)| SimulatedTime { at, shows, speed });
    let heading = (words(), words(), any::<u64>(), theme, words(), any::<bool>(), of(simulated));
    (heading, layout(), vec(panel(), 0..4), vec(words(), 0..3), overlay()).prop_map(
        |((id, title, revision, theme, time_zone, demo, simulated), layout, panels, ticker, overlay)| Board {
            id: BoardId(id),
            title,
            revision: Revision(revision),
            theme,
            look: Look::Classic,
            time_zone,
            demo,
            simulated,
            layout,
            panels,
            ticker,
            overlay,
        },
    )
}
