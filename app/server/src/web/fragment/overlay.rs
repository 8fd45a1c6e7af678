//! What lies over a board: a message, or the SLA war room.

use askama::Template;
use board::{Overlay, Value, format, overlay};

use super::{Moment, figure::Figure};

/// Rows of the war room.
const ROWS: usize = 6;

#[derive(Template)]
#[template(path = "board/message.html")]
struct Message<'a> {
    message: &'a overlay::Message,
}

#[derive(Template)]
#[template(path = "board/war_room.html")]
struct WarRoom<'a> {
    room: &'a overlay::WarRoom,
    since: String,
    counts: [(String, &'static str); 3],
    rows: Vec<(&'a overlay::UrgentClock, Figure)>,
    until: Option<String>,
}

/// The overlay, or nothing.
pub(super) fn html(overlay: Option<&Overlay>, moment: Moment<'_>) -> Result<String, askama::Error> {
    match overlay {
        Some(Overlay::Message(message)) => Message { message }.render(),
        Some(Overlay::WarRoom(room)) => war_room(room, moment).render(),
        Some(Overlay::Unknown) | None => Ok(String::new()),
    }
}

fn war_room<'a>(room: &'a overlay::WarRoom, moment: Moment<'_>) -> WarRoom<'a> {
    let count = |count: u32| format::count(count.into(), 9_999).to_string();
    let row = |clock: &'a overlay::UrgentClock| (clock, Figure::main(&Value::Until(clock.due_at), moment));
    WarRoom {
        since: format::time(room.since, moment.zone),
        counts: [
            (count(room.late), "already late"),
            (count(room.soon), "under 15 min"),
            (count(room.unanswered), "urgent, no reply"),
        ],
        rows: room.rows.iter().take(ROWS).map(row).collect(),
        until: room.on_call.as_ref().map(|on_call| format::until(on_call.until, moment.now, moment.zone)),
        room,
    }
}
