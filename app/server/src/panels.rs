//! Turns the desk's metrics into panels: forms, titles, contexts and colours in the words of the wall.
//!
//! A [`Builder`] is kept for each lens, because thresholds remember what was before. Revisions are the
//! caller's: a panel built here carries revision 0.

mod backlog;
mod flow;
mod judges;
mod on_call;
mod people;
mod preset;
mod promises;
mod response;
mod settings;
#[cfg(test)]
mod tests;
mod words;

use board::{Form, Panel, PanelId, Revision, Status, Value, form};
use desk::{Capabilities, Desk, Lens, Level, Moment, Replies, View};
use jiff::Timestamp;

pub(crate) use preset::{PRESETS, Preset};
pub(crate) use settings::{Covered, Settings};

use judges::Judges;

/// Builds the panels of one lens, again and again.
#[derive(Debug)]
pub(crate) struct Builder {
    settings: Settings,
    lens: Lens,
    judges: Judges,
    superseded: bool,
}

impl Builder {
    /// Panels by these settings. The desk should watch [`Builder::lens`].
    pub(crate) fn new(settings: Settings) -> Self {
        let lens = Lens { scope: settings.scope.clone(), schedule: settings.schedule.clone() };
        Self { settings, lens, judges: Judges::default(), superseded: false }
    }

    /// Which tickets the panels are about, and by which hours they measure.
    pub(crate) fn lens(&self) -> &Lens {
        &self.lens
    }

    /// The settings by which panels are built.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// From now on all data counts as stale, however new it is: it is no longer what is asked for.
    pub(crate) fn supersede(&mut self) {
        self.superseded = true;
    }

    /// Every panel as it stands at `now`. Thresholds count how often the desk was refreshed, not how often this is called.
    ///
    /// Stale data is shown as it was when it was read, without colour.
    pub(crate) fn refresh(&mut self, desk: &Desk, now: Timestamp) -> Vec<Panel> {
        let read_at = desk.read_at();
        let stale =
            read_at.is_some_and(|read_at| self.superseded || desk::is_stale(read_at, now, self.settings.refresh));
        let told = if stale { read_at.unwrap_or(now) } else { now };
        self.judges.begin(read_at, self.settings.refresh);
        let view = desk.view(&self.lens);
        let moment = Moment::new(told, self.settings.time_zone.clone());
        let mut refresh =
            Refresh { view: &view, moment: &moment, settings: &self.settings, judges: &mut self.judges, stale };
        let mut panels = Vec::with_capacity(CATALOGUE.len() + 1);
        for (id, build) in CATALOGUE {
            let draft = if read_at.is_some() { build(&mut refresh) } else { refresh.nothing_yet(build) };
            panels.push(draft.into_panel(id, stale, read_at.unwrap_or(now)));
        }
        panels.push(self.clock(now));
        panels
    }

    fn clock(&self, now: Timestamp) -> Panel {
        let zone = self.settings.zone_name();
        Panel {
            id: PanelId("clock".into()),
            title: words::city(zone),
            short_title: None,
            form: Form::Clock(form::Clock { zone: zone.to_owned(), others: self.settings.other_zones.clone() }),
            status: Status::Ok,
            revision: Revision(0),
            updated_at: now,
            beside_desk: false,
        }
    }
}

type Build = fn(&mut Refresh<'_>) -> Draft;

/// Every panel that is computed, by its id in the catalogue.
const CATALOGUE: [(&str, Build); 18] = [
    ("open-tickets", |refresh| refresh.open_tickets()),
    ("unassigned", |refresh| refresh.unassigned()),
    ("new-today", |refresh| refresh.new_today()),
    ("solved-today", |refresh| refresh.solved_today()),
    ("backlog-change", |refresh| refresh.backlog_change()),
    ("backlog-age", |refresh| refresh.backlog_age()),
    ("status-mix", |refresh| refresh.status_mix()),
    ("priority-mix", |refresh| refresh.priority_mix()),
    ("group-load", |refresh| refresh.group_load()),
    ("oldest-open", |refresh| refresh.oldest_open()),
    ("live-feed", |refresh| refresh.live_feed()),
    ("awaiting-reply", |refresh| refresh.awaiting_reply()),
    ("first-reply-time", |refresh| refresh.first_reply_time()),
    ("resolution-time", |refresh| refresh.resolution_time()),
    ("sla-attainment", |refresh| refresh.sla_attainment()),
    ("sla-at-risk", |refresh| refresh.sla_at_risk()),
    ("sla-breached", |refresh| refresh.sla_breached()),
    ("agent-status", |refresh| refresh.agent_status()),
];

/// Panels that tell nothing but what follows from the tickets in their scope, and the time. Whoever may see some clients
/// only sees these: a panel that is not named here is hidden from them.
const ABOUT_CLIENTS: [&str; 18] = [
    "open-tickets",
    "unassigned",
    "new-today",
    "solved-today",
    "backlog-change",
    "backlog-age",
    "status-mix",
    "priority-mix",
    "group-load",
    "oldest-open",
    "live-feed",
    "awaiting-reply",
    "first-reply-time",
    "resolution-time",
    "sla-attainment",
    "sla-at-risk",
    "sla-breached",
    "clock",
];

/// Whether a panel may be shown to who may see some clients only.
pub(crate) fn is_about_clients(id: &PanelId) -> bool {
    ABOUT_CLIENTS.contains(&id.0.as_str())
}

/// One drawing under way.
struct Refresh<'a> {
    view: &'a View<'a>,
    moment: &'a Moment,
    settings: &'a Settings,
    judges: &'a mut Judges,
    stale: bool,
}

impl Refresh<'_> {
    /// The level of a named value in this drawing. Stale data has no colour, and teaches nothing.
    fn judge(&mut self, name: &str, threshold: &desk::Threshold, value: Option<f64>) -> Level {
        if self.stale { Level::Ok } else { self.judges.level(name, threshold, value) }
    }

    /// The level of a value that needs no memory, because it only ever grows.
    fn level(&self, threshold: &desk::Threshold, value: f64) -> Level {
        if self.stale { Level::Ok } else { threshold.level(value) }
    }

    /// A panel before the first data: its title, and what it waits for.
    fn nothing_yet(&mut self, build: Build) -> Draft {
        let form = words::prose(format!("Waiting for {}", self.settings.provider));
        Draft { form, level: None, ..build(self) }
    }

    /// What the provider can supply; before it has said so, nothing.
    fn provider(&self) -> Capabilities {
        let nothing = Capabilities { sla: false, presence: false, replies: Replies::Absent, ratings: false };
        self.view.desk().capabilities().unwrap_or(nothing)
    }

    /// Whether tickets are told apart by what they are about, because all that are open are of one client.
    fn by_subject(&self) -> bool {
        let of_one = self.settings.scope.clients.as_ref().is_some_and(|clients| clients.len() == 1);
        !self.settings.private && (of_one || self.view.only_client().is_some())
    }

    /// How long something waits: `seconds`, since an instant.
    fn waited(&self, label: &'static str, since: Timestamp, seconds: u64) -> form::Context {
        match self.settings.schedule {
            // Business time stands still at night, so it cannot count up on the wall.
            Some(_) => words::before(label, Value::Duration(seconds - seconds % 60)),
            None => words::before(label, Value::Since(since)),
        }
    }

    /// The same where there is room to say by which hours that is counted.
    fn waited_in_full(&self, label: &'static str, since: Timestamp, seconds: u64) -> form::Context {
        let after = match self.settings.schedule {
            Some(_) => "in business hours",
            None => AROUND_THE_CLOCK,
        };
        form::Context { after: after.to_owned(), ..self.waited(label, since, seconds) }
    }

    /// A title of lengths of time, which says by which hours they are counted.
    fn titled_by_hours(&self, title: &str) -> String {
        let hours = if self.settings.schedule.is_some() { "business hours" } else { AROUND_THE_CLOCK };
        format!("{title}, {hours}")
    }

    /// A panel whose data the provider cannot supply, and what it lacks.
    fn unable(&self, title: &'static str, short_title: Option<&'static str>, lacks: &str) -> Draft {
        // Three short lines: so much fits the narrowest tile.
        Draft::unavailable(title, short_title, format!("No {lacks} in {}", self.settings.provider))
    }
}

/// How time is counted where there are no business hours, as the settings say it.
const AROUND_THE_CLOCK: &str = "around the clock";

/// A panel before it is dated.
struct Draft {
    title: String,
    short_title: Option<String>,
    form: Form,
    /// How it stands; nothing where its data cannot be supplied and the form says why.
    level: Option<Level>,
}

impl Draft {
    fn new(title: &'static str, short_title: Option<&'static str>, form: Form, level: Level) -> Self {
        Self { title: title.to_owned(), short_title: short_title.map(str::to_owned), form, level: Some(level) }
    }

    /// The same with a title that says more, and a shorter one for where that has no room.
    fn titled(self, title: String, short_title: impl Into<String>) -> Self {
        Self { title, short_title: Some(short_title.into()), ..self }
    }

    /// Words instead of a number that nobody can supply.
    fn unavailable(title: &'static str, short_title: Option<&'static str>, text: String) -> Self {
        let form = words::prose(text);
        Self { title: title.to_owned(), short_title: short_title.map(str::to_owned), form, level: None }
    }

    fn into_panel(self, id: &str, stale: bool, updated_at: Timestamp) -> Panel {
        Panel {
            id: PanelId(id.to_owned()),
            title: self.title,
            short_title: self.short_title,
            form: self.form,
            status: match self.level {
                None => Status::Unavailable,
                Some(_) if stale => Status::Stale,
                Some(level) => words::status(level),
            },
            revision: Revision(0),
            updated_at,
            beside_desk: false,
        }
    }
}
