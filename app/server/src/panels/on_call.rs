//! Who is on call: panel 29.

use board::{
    Form, Panel, PanelId, Revision, Status, Value,
    form::{Context, Stat, Term},
};
use connectors::calendar::Shift;
use desk::Level;
use jiff::{SignedDuration, Timestamp};

use super::{Builder, settings::Covered, words};
use crate::on_call::Rota;

/// The panel's name.
pub(super) const ID: &str = "on-call";

/// A feed that was not read for longer is worth a look.
const FAILED: SignedDuration = SignedDuration::from_mins(60);

/// Names that fit a tile.
const NAMED: usize = 2;

impl Builder {
    /// The panel at `now`, where there is a calendar. A rota is made ahead, so the last good one is shown for as long as the
    /// feed fails.
    pub(crate) fn on_call(&self, rota: &Rota, now: Timestamp) -> Panel {
        let failed = rota.age(now) > FAILED;
        let (form, level) = if self.settings.scope.clients.is_some() {
            // A rota has no client dimension, so whoever may see some clients only may not see it.
            (words::prose("Shown on boards for all clients only"), None)
        } else if rota.read_at.is_none() {
            (words::prose(if failed { "The calendar cannot be read" } else { "Waiting for the calendar" }), None)
        } else {
            let on_call = rota.calendar.on_call(now);
            let level = match (on_call.is_empty() && self.settings.covered.contains(now), failed) {
                (true, _) => Level::Critical,
                (false, true) => Level::Warn,
                (false, false) => Level::Ok,
            };
            (Form::Stat(stat(rota, &on_call, now)), Some(level))
        };
        let title = match rota.calendar.on_call(now).first().and_then(|shift| shift.role.as_deref()) {
            Some(role) if level.is_some() => format!("On call · {role}"),
            _ => "On call".to_owned(),
        };
        Panel {
            id: PanelId(ID.to_owned()),
            short_title: (title != "On call").then(|| "On call".to_owned()),
            title,
            form,
            status: level.map_or(Status::Unavailable, words::status),
            revision: Revision(0),
            updated_at: rota.read_at.unwrap_or(now),
            beside_desk: true,
        }
    }
}

fn stat(rota: &Rota, on_call: &[&Shift], now: Timestamp) -> Stat {
    let first = on_call.first();
    let coming = rota.calendar.next(now, first.and_then(|shift| shift.role.as_deref()));
    let names = on_call.iter().take(NAMED).map(|shift| shift.name.as_str()).collect::<Vec<_>>().join(", ");
    let context: Option<Context> = match (first, coming) {
        (Some(shift), _) => Some(words::before("until", Value::At(shift.end))),
        (None, Some(next)) => Some(words::before("next at", Value::At(next.start))),
        (None, None) => None,
    };
    Stat {
        value: Value::Text(if names.is_empty() { "Nobody".to_owned() } else { names }),
        context,
        wide_context: None,
        trace: None,
        term: first.map(|shift| Term { from: shift.start, until: shift.end }),
        next: coming.map(|next| words::before("then", Value::Text(next.name.clone()))),
    }
}

impl Covered {
    /// Whether somebody must be on call at an instant.
    pub(super) fn contains(&self, at: Timestamp) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::During(schedule) => schedule.is_open(at),
        }
    }
}
