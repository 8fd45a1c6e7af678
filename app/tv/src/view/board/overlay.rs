//! What lies over a board: a message, the war room.

use std::rc::Rc;

use board::{Board, Overlay, Value, format, layout, overlay};
use jiff::Timestamp;
use slint::{SharedString, VecModel};
use tv_components::{Main, MessageData, UrgentRow, WarRoomData};

use super::{Moment, demo, figure, models::sync, rows, tile::shown};

/// Clocks that the war room shows.
const CLOCKS: usize = 6;

/// The lists of the war room, kept between drawings.
#[derive(Default)]
pub(super) struct Kept {
    rows: Rc<VecModel<UrgentRow>>,
    free: Rc<VecModel<SharedString>>,
}

impl Kept {
    /// Lays the overlay of `board` over it, or takes it away.
    pub(super) fn show(
        &self,
        main: &Main,
        board: &Board,
        frame: &layout::Frame,
        newest: Option<Timestamp>,
        moment: Moment<'_>,
    ) {
        let (mut message, mut war_room) = (MessageData::default(), WarRoomData::default());
        match &board.overlay {
            Some(Overlay::Message(said)) if said.until.is_none_or(|until| until > moment.now) => {
                message = told(said, layout::message(board, frame), frame.unit, moment);
            }
            Some(Overlay::WarRoom(room)) if !moment.lost => war_room = self.urgent(board, room, newest, moment),
            Some(Overlay::Message(_) | Overlay::WarRoom(_) | Overlay::Unknown) | None => {}
        }
        main.set_message(message);
        main.set_war_room(war_room);
    }

    fn urgent(
        &self,
        board: &Board,
        room: &overlay::WarRoom,
        newest: Option<Timestamp>,
        moment: Moment<'_>,
    ) -> WarRoomData {
        let Moment { now, zone, .. } = moment;
        let row = |clock: &overlay::UrgentClock| UrgentRow {
            client: clock.client.as_str().into(),
            owner: clock.owner.as_deref().unwrap_or_default().into(),
            left: format::worded(&Value::Until(clock.due_at), now, zone).to_string().into(),
            status: shown(clock.status),
        };
        let on_call = room.on_call.as_ref();
        let counts = [room.late, room.soon, room.unanswered];
        let [late, soon, unanswered] = counts.map(|count| figure::number(&Value::Count(count.into()), moment).figure);
        let widths = [&late, &soon, &unanswered].map(|figure| slint::format!("{}{}", figure.number, figure.unit));
        WarRoomData {
            shown: true,
            since: format!("since {}", format::time(room.since, zone)).into(),
            demo: demo(board),
            short_demo: if board.demo { "Demo".into() } else { SharedString::default() },
            age: format::updated(newest, now).into(),
            brief_age: newest.map_or_else(|| format::updated(None, now), |newest| format::ago(newest, now)).into(),
            clock: format::time(now, zone).into(),
            widest_count: rows::widest(widths.iter()),
            late,
            soon,
            unanswered,
            rows: sync(&self.rows, room.rows.iter().take(CLOCKS).map(row).collect()),
            on_call: on_call.map(|person| person.name.as_str().into()).unwrap_or_default(),
            until: on_call.map(|person| format::until(person.until, now, zone)).unwrap_or_default().into(),
            free: sync(&self.free, room.free.iter().map(SharedString::from).collect()),
        }
    }
}

fn told(message: &overlay::Message, place: layout::Rect, unit: f32, moment: Moment<'_>) -> MessageData {
    let until = |until: Timestamp| format::until(until, moment.now, moment.zone);
    MessageData {
        shown: true,
        x: place.x / unit,
        y: place.y / unit,
        width: place.width / unit,
        height: place.height / unit,
        headline: message.headline.as_str().into(),
        detail: message.detail.as_deref().unwrap_or_default().into(),
        from: message.from.as_deref().map(|from| format!("From {from}")).unwrap_or_default().into(),
        until: message.until.map(until).unwrap_or_default().into(),
    }
}
