//! Who is here.

use board::{
    Value,
    form::{Person, Presence as Is, Roster},
    format,
};
use tv_components::{Bar, Presence, Row, Status};

use super::{
    Moment,
    rows::{plain, width},
};

/// What somebody's shape takes before their name, and what is between that and a word behind it.
const SHAPE: f32 = 70.0;
const APART: f32 = 24.0;
/// How wide the first column is where names leave it that, and what is between it and the other.
const FIRST: f32 = 350.0;
const BETWEEN: f32 = 24.0;

/// The four totals; thousands are rounded, in a tile that is hardly wider than their names.
pub(super) fn totals(roster: &Roster) -> Vec<Row> {
    let total = |name: &str, count: u32, muted| Row {
        muted,
        ..plain(name, name, format::count(count.into(), 999).to_string())
    };
    vec![
        total("Free", roster.available, false),
        total("Busy", roster.busy, true),
        total("Away", roster.away, true),
        total("Off", roster.offline, true),
    ]
}

/// The four totals as segments of one strip; `part` is where one begins.
pub(super) fn segments(roster: &Roster) -> Vec<Bar> {
    let counts = [roster.available, roster.busy, roster.away, roster.offline].map(f64::from);
    let whole = counts.iter().sum::<f64>().max(1.0);
    let mut begin = 0.0;
    let segment = |count: f64| {
        let bar = Bar { share: (count / whole) as f32, part: (begin / whole) as f32, ..Bar::default() };
        begin += count;
        bar
    };
    counts.into_iter().filter(|count| *count > 0.0).map(segment).collect()
}

/// Those who are not free, where there is room for two numbers: "4 busy, 3 away".
pub(super) fn others(roster: &Roster) -> String {
    let [busy, away] = [roster.busy, roster.away].map(|count| format::count(count.into(), 9_999));
    if roster.away == 0 { format!("{busy} busy") } else { format!("{busy} busy, {away} away") }
}

/// Who is free; then who is busy and who is away. Each column has `capacity` rows: who has none on their own side stands
/// below the others, if these leave some, under a word that says what they are; and the last row says how many more there
/// are.
pub(super) fn columns(roster: &Roster, capacity: usize, moment: Moment<'_>) -> (Vec<Row>, Vec<Row>) {
    let all = |wanted: &[Is]| -> Vec<Row> {
        let row = |person| row(person, moment);
        let of = |wanted: Is| roster.people.iter().filter(move |person| person.presence == wanted).map(row);
        wanted.iter().flat_map(|wanted| of(*wanted)).collect()
    };
    let (mut free, mut absent) = (all(&[Is::Available]), all(&[Is::Busy, Is::Away, Is::TransfersOnly]));
    flow(&mut absent, &mut free, capacity);
    flow(&mut free, &mut absent, capacity);
    (cut(free, capacity), cut(absent, capacity))
}

/// How wide the first of two columns is that share `room` by need. So that no name is cut, words give way: first "away",
/// which its ring tells as well.
pub(super) fn divide(first: &mut [Row], other: &mut [Row], room: f32) -> f32 {
    let both = room - BETWEEN;
    for word in ["away", "transfers"] {
        if wanted(first).max(FIRST) + wanted(other) <= both {
            break;
        }
        let said = first.iter_mut().chain(other.iter_mut()).filter(|row| row.value == word);
        said.for_each(|row| row.value = "".into());
    }
    let left = both - wanted(other);
    wanted(first).max(FIRST).min(left.max(both / 2.0))
}

/// What the widest of some people takes.
fn wanted(rows: &[Row]) -> f32 {
    let word = |row: &Row| if row.value.is_empty() { 0.0 } else { APART + width(&row.value, 51.0) };
    let wide = |row: &Row| match row.presence {
        Presence::None => width(&row.name, 51.0),
        _ => SHAPE + width(&row.name, 64.0) + word(row),
    };
    rows.iter().map(wide).fold(0.0, f32::max)
}

/// Moves rows that `from` has too many below those of `to`, if there is room for somebody and for what they are: the number
/// over the column counts others.
fn flow(from: &mut Vec<Row>, to: &mut Vec<Row>, capacity: usize) {
    if from.len() <= capacity || to.len() + 2 > capacity {
        return;
    }
    let moved = from.split_off(capacity);
    to.push(plain("group", &states(&moved), String::new()));
    to.extend(moved);
}

/// What these people are: "busy, away".
fn states(rows: &[Row]) -> String {
    let named = [(Presence::Available, "free"), (Presence::Busy, "busy"), (Presence::Away, "away")];
    let seen = |(presence, _): &(Presence, &str)| rows.iter().any(|row| row.presence == *presence);
    named.into_iter().filter(seen).map(|(_, word)| word).collect::<Vec<_>>().join(", ")
}

/// What somebody is doing, since when, and how many tickets wait for them.
fn row(person: &Person, moment: Moment<'_>) -> Row {
    let (presence, word) = match person.presence {
        Is::Available => (Presence::Available, ""),
        Is::Busy => (Presence::Busy, ""),
        Is::Away | Is::Offline => (Presence::Away, "away"),
        Is::TransfersOnly => (Presence::Away, "transfers"),
    };
    let since = |since| {
        let since = format::row(&Value::Since(since), moment.now, moment.zone).to_string();
        // Their shape alone does not tell them from who is away.
        if person.presence == Is::TransfersOnly { format!("{word} {since}") } else { since }
    };
    Row {
        presence,
        status: Status::Ok,
        // Nothing counts while no data comes: they may have been called away.
        detail: person.since.filter(|_| !moment.lost).map(since).unwrap_or_default().into(),
        extra: person.open.map(|open| format::count(open.into(), 999).to_string()).unwrap_or_default().into(),
        ..plain(&person.name, &person.name, word.to_owned())
    }
}

fn cut(mut rows: Vec<Row>, capacity: usize) -> Vec<Row> {
    if rows.len() > capacity && capacity > 0 {
        let more = rows.len() - capacity + 1;
        rows.truncate(capacity - 1);
        rows.push(Row { muted: true, ..plain("more", &format!("and {more} more"), String::new()) });
    }
    rows
}
