//! `settings.json`: what an administrator chose. Never a secret.

mod alerts;
mod board;
mod desk;
mod follow;
mod sla_window;
mod thresholds;
mod updates;

use std::collections::HashSet;

use ::desk::{Hours, Schedule, ScheduleError};
use jiff::{Timestamp, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    config::Config,
    folder::{Folder, FolderError},
    panels::{Covered, PRESETS},
};

pub use alerts::Alerts;
pub(crate) use alerts::{SPIKE, WAIT, WARNING};
pub use board::BoardSettings;
pub(crate) use board::{LONGEST_NAME, OTHER_ZONES, is_name};
pub use desk::{Connected, Demo, DemoHours, Desk, Scenario};
pub(crate) use follow::Follower;
pub use sla_window::SlaWindow;
pub(crate) use thresholds::Choice;
pub use thresholds::OwnThresholds;
pub use updates::{MaintenanceHours, Updates};

pub use crate::group::Group;

/// The file's name within the data folder.
pub const FILE: &str = "settings.json";

/// Why the settings could not be read. The file is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The file is not what it should be.
    #[error(
        "{file}, line {line}, column {column}: {reason}. Nothing was changed. Mend that line, or put back a copy of the \
         file from a backup; to begin with fresh settings, move the file away (paired screens then have to be paired again)"
    )]
    Malformed {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// There is no file to change.
    #[error(
        "{file} is gone. Put it back from a backup; without it, the next start begins with fresh settings (paired screens \
         then have to be paired again)"
    )]
    Gone {
        /// The file.
        file: String,
    },
    /// A value contradicts another.
    #[error("{file}: {reason}. Nothing was changed. Mend it and start again")]
    Contradiction {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
}

impl SettingsError {
    /// There is no file.
    pub(crate) fn gone(folder: &Folder) -> Self {
        Self::Gone { file: folder.path(FILE).display().to_string() }
    }
}

/// Whether there is such a time zone; `what` names the setting in the complaint.
pub(crate) fn is_zone(what: &str, name: &str) -> Result<(), String> {
    let known = TimeZone::get(name).map(|_| ());
    known.map_err(|_| format!("{what} {name:?} is not an IANA time zone name such as Europe/London"))
}

/// Business hours on Monday to Friday, in the board's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "business hours, such as {\"from\": \"08:00\", \"to\": \"18:00\"}")]
pub struct BusinessHours {
    /// When the desk opens: `08:00`.
    pub from: Time,
    /// When it closes: `18:00`.
    pub to: Time,
}

impl BusinessHours {
    /// The hours of the demo desk.
    const DEMO: Self = Self { from: Time::constant(8, 0, 0, 0), to: Time::constant(18, 0, 0, 0) };

    fn hours(self) -> Result<Hours, ScheduleError> {
        let minute = |time: Time| time.hour().unsigned_abs() as u16 * 60 + time.minute().unsigned_abs() as u16;
        Hours::new(minute(self.from), minute(self.to))
    }
}

/// When somebody must be on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCallCovered {
    /// At every hour.
    Always,
    /// In business hours.
    BusinessHours,
}

/// What an administrator chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "settings, which begin with { and end with }")]
pub struct Settings {
    /// Who this server is; paired screens remember it.
    pub instance: Uuid,
    /// Which helpdesk is read.
    pub desk: Desk,
    /// IANA name of the zone in which days begin and clocks run.
    pub time_zone: String,
    /// Business hours; durations are told in business time where there are any, otherwise in calendar time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_hours: Option<BusinessHours>,
    /// When somebody must be on call; without it, nobody need be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_call_covered: Option<OnCallCovered>,
    /// Which alerts are raised, and from when on.
    #[serde(default, skip_serializing_if = "Alerts::are_usual")]
    pub alerts: Alerts,
    /// When screens take which release.
    #[serde(default, skip_serializing_if = "Updates::are_usual")]
    pub updates: Updates,
    /// The team's name, which leads the title of every board.
    pub team: String,
    /// The boards, at least one. The first is what a new screen shows.
    pub boards: Vec<BoardSettings>,
}

impl Settings {
    /// Reads the settings; the first start of an installation writes them, and so does one whose configuration names
    /// another demo desk or time zone than before.
    ///
    /// # Errors
    /// The file is there but does not read as settings: it is not touched.
    pub fn open(folder: &Folder, config: &Config, now: Timestamp) -> Result<Self, SettingsError> {
        let before = Self::read(folder)?;
        let settings = match before.clone() {
            Some(settings) => Self {
                desk: settings.desk.following(&config.desk, now),
                time_zone: config.time_zone.clone().unwrap_or(settings.time_zone),
                ..settings
            },
            None => Self::first(config, now),
        };
        if before.as_ref() != Some(&settings) {
            settings.write(folder)?;
        }
        Ok(settings)
    }

    /// Reads the settings where there are any.
    ///
    /// # Errors
    /// As [`Settings::open`].
    pub fn read(folder: &Folder) -> Result<Option<Self>, SettingsError> {
        folder.read(FILE)?.map(|json| Self::parse(folder, &json)).transpose()
    }

    fn parse(folder: &Folder, json: &[u8]) -> Result<Self, SettingsError> {
        let file = folder.path(FILE).display().to_string();
        // A list of the right values would be read too, and who wrote another one would be told about its length.
        if json.trim_ascii_start().starts_with(b"[") {
            let reason = "settings begin with { and end with }".to_owned();
            return Err(SettingsError::Malformed { file, line: 1, column: 1, reason });
        }
        let settings: Self = serde_json::from_slice(json).map_err(|error| SettingsError::Malformed {
            file: file.clone(),
            line: error.line(),
            column: error.column(),
            reason: reason(&error),
        })?;
        settings.check().map_err(|reason| SettingsError::Contradiction { file, reason })?;
        Ok(settings)
    }

    /// Changes the file as it is now, while no other process does the same, and returns what it holds then. A server that
    /// runs follows within seconds.
    ///
    /// # Errors
    /// Whatever `change` says, or the file cannot be read, does not make sense with the change, or cannot be written: it
    /// is left as it is.
    pub fn change<E: From<SettingsError>>(
        folder: &Folder,
        change: impl FnOnce(Self) -> Result<Self, E>,
    ) -> Result<Self, E> {
        let _others_wait = folder.lock(FILE).map_err(SettingsError::from)?;
        let before = Self::read(folder)?.ok_or_else(|| SettingsError::gone(folder))?;
        let settings = change(before)?;
        settings.check().map_err(|reason| {
            let file = folder.path(FILE).display().to_string();
            SettingsError::Contradiction { file, reason }
        })?;
        settings.write(folder).map_err(SettingsError::from)?;
        Ok(settings)
    }

    /// Writes the settings.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        folder.write_json(FILE, self)
    }

    fn first(config: &Config, now: Timestamp) -> Self {
        Self {
            instance: Uuid::new_v4(),
            desk: Desk::demo(&config.desk, now),
            time_zone: config.time_zone.clone().unwrap_or_else(|| "Etc/UTC".to_owned()),
            business_hours: None,
            on_call_covered: None,
            alerts: Alerts::default(),
            updates: Updates::default(),
            team: "Support".to_owned(),
            boards: PRESETS.iter().map(|preset| BoardSettings::new(preset.id)).collect(),
        }
    }

    /// Whether a source that reads by `before` reads the right thing by these settings too.
    pub(crate) fn read_like(&self, before: &Self) -> bool {
        let simulated = matches!(self.desk, Desk::Demo(_));
        self.desk.is_read_like(&before.desk) && (!simulated || self.time_zone == before.time_zone)
    }

    /// When the desk is open, if that is known. The demo desk has hours of its own.
    pub(crate) fn schedule(&self, zone: &TimeZone) -> Option<Schedule> {
        let demo = matches!(self.desk, Desk::Demo(_)).then_some(BusinessHours::DEMO);
        let hours = self.business_hours.or(demo)?.hours().ok()?;
        Some(Schedule::weekdays(zone.clone(), hours))
    }

    /// When somebody must be on call.
    pub(crate) fn covered(&self, zone: &TimeZone) -> Covered {
        match self.on_call_covered {
            None => Covered::Never,
            Some(OnCallCovered::Always) => Covered::Always,
            Some(OnCallCovered::BusinessHours) => self.schedule(zone).map_or(Covered::Never, Covered::During),
        }
    }

    /// What stands above each board, in their order.
    pub(crate) fn titles(&self) -> Vec<String> {
        self.boards.iter().map(|board| board.title(&self.team)).collect()
    }

    fn check(&self) -> Result<(), String> {
        self.desk.mapping().check().map_err(|reason| format!("in the mapping of the desk, {reason}"))?;
        is_zone("time_zone", &self.time_zone)?;
        self.alerts.check()?;
        self.updates.check()?;
        if let Some(hours) = self.business_hours {
            hours.hours().map_err(|_| "business_hours must end later than they begin, on one day".to_owned())?;
        }
        if self.on_call_covered == Some(OnCallCovered::BusinessHours) && self.business_hours.is_none() {
            return Err("on_call_covered says business_hours, and there are none".to_owned());
        }
        if self.boards.is_empty() {
            return Err("boards is empty, and a screen needs one to show".to_owned());
        }
        let mut seen = HashSet::new();
        for board in &self.boards {
            let id = &board.id.0;
            if !seen.insert(id) {
                return Err(format!("the board {id:?} is named twice"));
            }
            board.check()?;
        }
        Ok(())
    }
}

/// serde_json's message without its own " at line 1 column 2".
fn reason(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "it is cut short".to_owned();
    }
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}
