//! Cuts what a server sent to what a wall can show.
//!
//! An event may be a megabyte of tiles, rows or letters. What no screen has room for is dropped once, when it arrives,
//! so that neither drawing nor memory grows with what a server sends. Every field is named: a new one is decided on here.

use board::{
    Board, Form, Layout, Overlay, Panel, Strip, Value,
    form::{
        Bar, Bars, Clock, Context, Entry, Gauge, GaugePart, Heatmap, HeatmapRow, Leaderboard, Limit, OtherZone, Person,
        Plate, Queue, Roster, Series, Stat, Table, TableRow, Text, Ticker, Tiles, Trace, Trend, Wait,
    },
    overlay::{Message, OnCall, UrgentClock, WarRoom},
    wire::Event,
};

/// Tiles of one screen: some six times of what can be read across a room.
const TILES: usize = 64;
/// Rows of a list, bars, lines of a ticker.
const ROWS: usize = 64;
/// Plates stand in several columns.
const PLATES: usize = 256;
/// The people of a team: those without a row are counted ("and 12 more").
const PEOPLE: usize = 1_000;
const DAYS: usize = 7;
const HOURS: usize = 24;
/// Letters of a line: the narrowest ones across the widest screen.
const LINE: usize = 200;
/// Letters of six lines.
const PROSE: usize = 6 * LINE;

/// Leaves in `event` what can be drawn.
pub(super) fn cut(event: &mut Event) {
    match event {
        Event::Board(board) => cut_board(board),
        Event::Panel(panel) => cut_panel(panel),
        Event::Layout(layout) => cut_layout(layout),
        Event::Overlay(Some(overlay)) => cut_overlay(overlay),
        Event::Overlay(None) | Event::Bye(_) => {}
    }
}

fn cut_board(board: &mut Board) {
    let Board {
        id: _,
        title,
        revision: _,
        theme: _,
        look: _,
        time_zone: _,
        demo: _,
        simulated: _,
        layout,
        panels,
        ticker,
        overlay,
    } = board;
    line(title);
    cut_layout(layout);
    panels.truncate(TILES);
    panels.iter_mut().for_each(cut_panel);
    lines(ticker);
    overlay.iter_mut().for_each(cut_overlay);
}

fn cut_layout(layout: &mut Layout) {
    let Layout { columns: _, rows: _, strip, placements } = layout;
    placements.truncate(TILES);
    if let Some(Strip { row: _, rows: _, panels }) = strip {
        panels.truncate(TILES);
    }
}

fn cut_overlay(overlay: &mut Overlay) {
    match overlay {
        Overlay::Message(Message { headline, detail, from, until: _ }) => {
            letters(headline, PROSE);
            detail.iter_mut().for_each(|detail| letters(detail, PROSE));
            from.iter_mut().for_each(line);
        }
        Overlay::WarRoom(WarRoom { since: _, late: _, soon: _, unanswered: _, rows, on_call, free }) => {
            rows.truncate(ROWS);
            for UrgentClock { client, owner, due_at: _, status: _ } in rows {
                line(client);
                owner.iter_mut().for_each(line);
            }
            if let Some(OnCall { name, until: _ }) = on_call {
                line(name);
            }
            lines(free);
        }
        Overlay::Unknown => {}
    }
}

fn cut_panel(panel: &mut Panel) {
    let Panel { id: _, title, short_title, form, status: _, revision: _, updated_at: _, beside_desk: _ } = panel;
    line(title);
    short_title.iter_mut().for_each(line);
    match form {
        Form::Stat(Stat { value, context, wide_context, trace, term: _, next }) => {
            cut_value(value);
            [context, wide_context, next].into_iter().flatten().for_each(cut_context);
            // Points, and the room for those to come, are thinned by the width that they are drawn in.
            if let Some(trace) = trace {
                let Trace { points: _, shape: _, slots: _, target: _, target_label, from: _ } = &mut **trace;
                target_label.iter_mut().for_each(line);
            }
        }
        Form::Gauge(Gauge { value, target: _, context, parts }) => {
            cut_value(value);
            context.iter_mut().for_each(cut_context);
            parts.truncate(ROWS);
            for GaugePart { label, value } in parts {
                line(label);
                cut_value(value);
            }
        }
        Form::Bars(Bars { arrangement: _, bars, limit, headline, context, small }) => {
            for bars in [bars, small] {
                bars.truncate(ROWS);
                bars.iter_mut().for_each(|Bar { label, value: _, part: _, status: _ }| line(label));
            }
            if let Some(Limit { label, value: _ }) = limit {
                line(label);
            }
            headline.iter_mut().for_each(cut_value);
            context.iter_mut().for_each(cut_context);
        }
        Form::Trend(Trend { series }) => {
            series.truncate(2);
            for Series { name, points: _, value } in series {
                line(name);
                cut_value(value);
            }
        }
        Form::Heatmap(Heatmap { rows, hours, current: _ }) => {
            hours.truncate(HOURS);
            rows.truncate(DAYS);
            for HeatmapRow { label, cells } in rows {
                line(label);
                cells.truncate(HOURS);
            }
        }
        Form::Table(Table { rows, by_subject: _ }) => {
            rows.truncate(ROWS);
            for TableRow { key: _, name, detail, subject, extra, value, status: _ } in rows {
                line(name);
                [detail, subject, extra].into_iter().flatten().for_each(line);
                cut_value(value);
            }
        }
        Form::Leaderboard(Leaderboard { entries }) => {
            entries.truncate(ROWS);
            for Entry { rank: _, name, value } in entries {
                line(name);
                cut_value(value);
            }
        }
        Form::Roster(Roster { available: _, busy: _, away: _, offline: _, estimated: _, people }) => {
            people.truncate(PEOPLE);
            people.iter_mut().for_each(|Person { name, presence: _, since: _, open: _ }| line(name));
        }
        Form::Queue(Queue { total: _, rows, by_subject: _ }) => {
            rows.truncate(ROWS);
            for Wait { key: _, client, subject, owner, due_at: _, window: _ } in rows {
                line(client);
                [subject, owner].into_iter().flatten().for_each(line);
            }
        }
        Form::Tiles(Tiles { plates }) => {
            plates.truncate(PLATES);
            plates.iter_mut().for_each(|Plate { name, status: _, down: _ }| line(name));
        }
        Form::Ticker(Ticker { lines: all }) => lines(all),
        Form::Text(Text { text, written_at: _ }) => letters(text, PROSE),
        Form::Clock(Clock { zone: _, others }) => {
            others.truncate(ROWS);
            others.iter_mut().for_each(|OtherZone { label, zone: _ }| line(label));
        }
        Form::Unknown { name } => line(name),
    }
}

fn cut_context(context: &mut Context) {
    let Context { before, value, after } = context;
    line(before);
    line(after);
    value.iter_mut().for_each(cut_value);
}

fn cut_value(value: &mut Value) {
    match value {
        Value::Text(words) => line(words),
        Value::Money { minor: _, currency } => line(currency),
        Value::Count(_)
        | Value::Ratio(_)
        | Value::Duration(_)
        | Value::Since(_)
        | Value::Until(_)
        | Value::At(_)
        | Value::NoData
        | Value::Unknown => {}
    }
}

fn lines(all: &mut Vec<String>) {
    all.truncate(ROWS);
    all.iter_mut().for_each(line);
}

fn line(text: &mut String) {
    letters(text, LINE);
}

fn letters(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
}
