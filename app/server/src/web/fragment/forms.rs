//! Every form as HTML.

use askama::Template;
use board::{
    Form, Panel, Status, Value,
    form::{self, Arrangement, Presence},
    format,
};
use jiff::tz::TimeZone;

use super::{
    Moment,
    bars::{self, Bar, Compared, percent},
    figure::{Figure, Line as Words},
    plot::{Line, Scale, Trace},
    rows::{self, Row},
};

/// Rows of people in one column before the rest is only counted.
const PEOPLE: usize = 24;

#[derive(Template)]
#[template(path = "board/stat.html")]
struct Stat {
    value: Figure,
    context: Option<Words>,
    wide_context: Option<Words>,
    trace: Option<Trace>,
    level_label: String,
    from: Option<String>,
    /// From, until, and the share that has passed.
    term: Option<(i64, i64, String)>,
    next: Option<Words>,
}

#[derive(Template)]
#[template(path = "board/gauge.html")]
struct Gauge {
    value: Figure,
    context: Option<Words>,
    share: Option<String>,
    rest: String,
    target: Option<(String, String)>,
    parts: Vec<Row>,
}

#[derive(Template)]
#[template(path = "board/bars.html")]
struct Bars {
    arrangement: Arrangement,
    /// All bars, and the same in fewer for small tiles.
    sets: Vec<(&'static str, Compared)>,
    parts: Vec<Bar>,
    headline: Option<Figure>,
    context: Option<Words>,
}

#[derive(Template)]
#[template(path = "board/trend.html")]
struct Trend {
    lines: Vec<(Line, String, String)>,
}

#[derive(Template)]
#[template(path = "board/heatmap.html")]
struct Heatmap<'a> {
    /// Hours, and whether they are named.
    hours: Vec<(u8, bool)>,
    days: Vec<(&'a str, Vec<Cell>)>,
}

/// A cell of a heatmap.
struct Cell {
    step: usize,
    amount: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "board/rows.html")]
struct Rows {
    rows: Vec<Row>,
    /// Whether rows have a value that matters less than what stands before it.
    muted: bool,
}

#[derive(Template)]
#[template(path = "board/queue.html")]
struct Queue {
    /// The first wait as a main number, for as long as it is close.
    first: Option<(Figure, String, Option<String>)>,
    close: bool,
    rows: Rows,
}

#[derive(Template)]
#[template(path = "board/roster.html")]
struct Roster<'a> {
    free: Figure,
    busy: String,
    away: Option<String>,
    totals: [(&'static str, String); 4],
    /// Who is free; then who is busy and who is away. With each, how many more there are.
    columns: [(Vec<Person<'a>>, usize); 2],
}

/// Somebody, with the shape of their presence and its word.
struct Person<'a> {
    name: &'a str,
    icon: &'static str,
    word: &'static str,
    /// For how long; nothing where that is not known, or may be over.
    since: Option<Figure>,
    /// Tickets that wait for them.
    open: Option<String>,
}

#[derive(Template)]
#[template(path = "board/tiles.html")]
struct Tiles<'a> {
    plates: Vec<Plate<'a>>,
}

/// A site, with the shape of its status and its word.
struct Plate<'a> {
    name: &'a str,
    down: u32,
    status: Status,
    icon: &'static str,
    word: &'static str,
}

#[derive(Template)]
#[template(path = "board/clock.html")]
struct Clock<'a> {
    /// The zone, what time it is there, and the date; nothing where there is no such zone.
    here: Option<(&'a str, String, String)>,
    others: Rows,
}

#[derive(Template)]
#[template(path = "board/text.html")]
struct Text<'a> {
    text: &'a str,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "board/ticker.html")]
struct Ticker<'a> {
    lines: &'a [String],
}

/// The class of a form; one of a newer server is plain text.
pub(super) fn class(form: &Form) -> &str {
    if form.is_newer() { "text" } else { form.name() }
}

/// What `panel` shows.
pub(super) fn html(panel: &Panel, moment: Moment<'_>) -> Result<String, askama::Error> {
    if panel.form.is_newer() {
        return Text { text: "This page is older than its server.", after: None }.render();
    }
    match &panel.form {
        Form::Stat(form) => stat(form, moment).render(),
        Form::Gauge(form) => gauge(form, moment).render(),
        Form::Bars(form) => bars(form, moment).render(),
        Form::Trend(form) => trend(form, moment).render(),
        Form::Heatmap(form) => heatmap(form).render(),
        Form::Table(form) => {
            let muted = form.rows.iter().any(|row| row.detail.is_some());
            Rows { rows: rows::table(form, moment), muted }.render()
        }
        Form::Leaderboard(form) => Rows { rows: rows::leaderboard(form, moment), muted: false }.render(),
        Form::Roster(form) => roster(form, moment).render(),
        Form::Queue(form) => queue(form, moment).render(),
        Form::Tiles(form) => Tiles { plates: form.plates.iter().map(|site| plate(site, moment)).collect() }.render(),
        Form::Ticker(form) => Ticker { lines: &form.lines }.render(),
        Form::Text(form) => {
            let after = form.written_at.map(|at| format!("written {}", format::time(at, moment.zone)));
            Text { text: &form.text, after }.render()
        }
        Form::Clock(form) => clock(form, moment).render(),
        Form::Unknown { .. } => Ok(String::new()),
    }
}

fn stat(stat: &form::Stat, moment: Moment<'_>) -> Stat {
    let words = |context: &Option<form::Context>| context.as_ref().map(|context| Words::of(context, moment));
    let term = |term: &form::Term| {
        let length = term.until.duration_since(term.from).as_secs_f64();
        let passed = moment.now.duration_since(term.from).as_secs_f64();
        let share = if length > 0.0 { (passed / length).clamp(0.0, 1.0) } else { 1.0 };
        (term.from.as_millisecond(), term.until.as_millisecond(), percent(share))
    };
    let trace = stat.trace.as_deref();
    Stat {
        value: Figure::main(&stat.value, moment),
        context: words(&stat.context),
        wide_context: words(&stat.wide_context),
        trace: trace.and_then(Trace::of),
        level_label: trace.and_then(|trace| trace.target_label.clone()).unwrap_or_default(),
        from: trace.and_then(|trace| trace.from).map(|from| format::time(from, moment.zone)),
        term: stat.term.as_ref().map(term),
        next: words(&stat.next),
    }
}

fn gauge(gauge: &form::Gauge, moment: Moment<'_>) -> Gauge {
    let share = match gauge.value {
        Value::Ratio(share) if share.is_finite() => Some(share.clamp(0.0, 1.0)),
        _ => None,
    };
    let target = gauge.target.filter(|target| target.is_finite()).map(|target| target.clamp(0.0, 1.0));
    Gauge {
        value: Figure::main(&gauge.value, moment),
        context: gauge.context.as_ref().map(|context| Words::of(context, moment)),
        share: share.map(percent),
        rest: percent(1.0 - share.unwrap_or(0.0)),
        target: target.map(|target| (percent(target), percent(1.0 - target))),
        parts: rows::parts(gauge, moment),
    }
}

fn bars(bars: &form::Bars, moment: Moment<'_>) -> Bars {
    let Moment { now, zone, frozen } = moment;
    let compared = |set: &[form::Bar]| bars::compared(set, bars.limit.as_ref(), frozen);
    let sets = match bars.small.is_empty() {
        true => vec![("every", compared(&bars.bars))],
        false => vec![("all", compared(&bars.bars)), ("few", compared(&bars.small))],
    };
    let headline = bars.headline.as_ref().map(|headline| match headline {
        Value::Count(difference) => Figure::fixed(format::signed(*difference)),
        headline => Figure::fixed(format::worded(headline, now, zone)),
    });
    let parts =
        if bars.arrangement == Arrangement::Strip { bars::proportional(&bars.bars, frozen) } else { Vec::new() };
    // Of columns without a headline it stands beside the title.
    let is_aside = bars.arrangement == Arrangement::Columns && bars.headline.is_none();
    let context = bars.context.as_ref().filter(|_| !is_aside).map(|context| Words::of(context, moment));
    Bars { arrangement: bars.arrangement, sets, parts, headline, context }
}

fn trend(trend: &form::Trend, moment: Moment<'_>) -> Trend {
    let series = || trend.series.iter().take(2);
    let scale = Scale::of(series().flat_map(|series| series.points.iter().copied()));
    let line = |series: &form::Series| {
        let value = format::worded(&series.value, moment.now, moment.zone).to_string();
        Some((Line::of(&series.points, None, scale?)?, series.name.clone(), value))
    };
    Trend { lines: series().filter_map(line).collect() }
}

fn queue(queue: &form::Queue, moment: Moment<'_>) -> Queue {
    let first = queue.rows.first().filter(|_| !moment.frozen);
    // Inside a quarter of an hour, the seconds count.
    let close = first.is_some_and(|wait| (1..15 * 60).contains(&wait.due_at.duration_since(moment.now).as_secs()));
    let first = first
        .map(|wait| (Figure::main(&Value::Until(wait.due_at), moment), rows::first(queue, wait), wait.owner.clone()));
    Queue { first, close, rows: Rows { rows: rows::waits(queue, moment), muted: false } }
}

fn roster<'a>(roster: &'a form::Roster, moment: Moment<'_>) -> Roster<'a> {
    let counts = [roster.available, roster.busy, roster.away, roster.offline];
    let worded = |count: u32| format::count(count.into(), 9_999).to_string();
    let of = |wanted: Presence| roster.people.iter().filter(move |person| person.presence == wanted);
    let others = [Presence::Busy, Presence::Away, Presence::TransfersOnly];
    let columns: [Vec<_>; 2] = [of(Presence::Available).collect(), others.into_iter().flat_map(of).collect()];
    Roster {
        free: Figure::main(&Value::Count(roster.available.into()), moment),
        busy: worded(roster.busy),
        away: (roster.away > 0).then(|| worded(roster.away)),
        totals: [("Free", counts[0]), ("Busy", counts[1]), ("Away", counts[2]), ("Off", counts[3])]
            .map(|(name, count)| (name, worded(count))),
        columns: columns.map(|column| {
            let more = column.len().saturating_sub(PEOPLE);
            (column.into_iter().take(PEOPLE).map(|someone| person(someone, moment)).collect(), more)
        }),
    }
}

fn clock<'a>(clock: &'a form::Clock, moment: Moment<'_>) -> Clock<'a> {
    // The time of another zone under the name of this one would be a lie.
    let here = TimeZone::get(&clock.zone).ok();
    let here = here.map(|zone| (clock.zone.as_str(), format::time(moment.now, &zone), format::date(moment.now, &zone)));
    Clock { here, others: Rows { rows: rows::zones(&clock.others, moment), muted: false } }
}

fn heatmap(heatmap: &form::Heatmap) -> Heatmap<'_> {
    let cell = |row: usize, column: usize, amount: f64| Cell {
        step: heatmap.step(amount),
        amount: format!("{amount:.0}"),
        current: heatmap.current.is_some_and(|(r, c)| (usize::from(r), usize::from(c)) == (row, column)),
    };
    let day = |(index, day): (usize, &'_ form::HeatmapRow)| {
        let amount = |column: usize| day.cells.get(column).copied().unwrap_or(0.0);
        (0..heatmap.hours.len()).map(|column| cell(index, column, amount(column))).collect()
    };
    Heatmap {
        hours: heatmap.hours.iter().map(|hour| (*hour, [8, 14, 20].contains(hour))).collect(),
        days: heatmap.rows.iter().take(7).enumerate().map(|row| (row.1.label.as_str(), day(row))).collect(),
    }
}

fn person<'a>(person: &'a form::Person, moment: Moment<'_>) -> Person<'a> {
    let (icon, word) = match person.presence {
        Presence::Available => ("available", "free"),
        Presence::Busy => ("busy", "busy"),
        Presence::Away | Presence::Offline => ("away", "away"),
        Presence::TransfersOnly => ("away", "transfers"),
    };
    let since = person.since.filter(|_| !moment.frozen);
    Person {
        name: &person.name,
        icon,
        word,
        since: since.map(|since| Figure::row(&Value::Since(since), moment)),
        open: person.open.map(|open| format::count(open.into(), 999).to_string()),
    }
}

fn plate<'a>(site: &'a form::Plate, moment: Moment<'_>) -> Plate<'a> {
    let status = if moment.frozen { Status::Stale } else { site.status };
    let (icon, word) = match status {
        Status::Ok => ("ok", "OK"),
        Status::Warn => ("warn", "Watch"),
        Status::Critical => ("critical", "Act now"),
        Status::Stale | Status::Unavailable => ("stale", "no data"),
    };
    Plate { name: &site.name, down: site.down, status, icon, word }
}
