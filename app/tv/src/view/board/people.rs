//! Who is here.

use board::{
    form::{Person, Presence as Is, Roster},
    format,
};

use super::rows::plain;
use crate::view::generated::{Bar, Presence, Row, Status};

/// The four totals.
pub(super) fn totals(roster: &Roster) -> Vec<Row> {
    let total = |name: &str, count: u32, muted| Row {
        muted,
        ..plain(name, name, format::count(count.into(), 9_999).to_string())
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

/// Who is free; then who is busy and who is away. No more of each than `capacity`, the last row then says how many more.
pub(super) fn columns(roster: &Roster, capacity: usize) -> (Vec<Row>, Vec<Row>) {
    let all = |wanted: &[Is]| -> Vec<Row> {
        let of = |wanted: Is| roster.people.iter().filter(move |person| person.presence == wanted).map(row);
        wanted.iter().flat_map(|wanted| of(*wanted)).collect()
    };
    (cut(all(&[Is::Available]), capacity), cut(all(&[Is::Busy, Is::Away, Is::TransfersOnly]), capacity))
}

fn row(person: &Person) -> Row {
    let (presence, word) = match person.presence {
        Is::Available => (Presence::Available, ""),
        Is::Busy => (Presence::Busy, ""),
        Is::Away | Is::Offline => (Presence::Away, "away"),
        Is::TransfersOnly => (Presence::Away, "transfers"),
    };
    Row { presence, status: Status::Ok, ..plain(&person.name, &person.name, word.to_owned()) }
}

fn cut(mut rows: Vec<Row>, capacity: usize) -> Vec<Row> {
    if rows.len() > capacity && capacity > 0 {
        let more = rows.len() - capacity + 1;
        rows.truncate(capacity - 1);
        rows.push(Row { muted: true, ..plain("more", &format!("and {more} more"), String::new()) });
    }
    rows
}
