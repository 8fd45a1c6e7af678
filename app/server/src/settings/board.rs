//! One board: which, what it is called, how it looks and which tickets it is about.

use std::num::NonZeroU32;

use ::board::{BoardId, Look, Theme, form::OtherZone};
use desk::Scope;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{OwnThresholds, SlaWindow, is_zone};
use crate::panels::{PRESETS, Preset};

/// One board: which, and how it looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a board, such as {\"id\": \"overview\"}")]
pub struct BoardSettings {
    /// Its name in URLs.
    pub id: BoardId,
    /// Which of the ready-made boards it is; without it, the one that is called like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// What follows the team's name in its title, where that is not the ready-made board's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its colours.
    #[serde(default, deserialize_with = "theme")]
    pub theme: Theme,
    /// Its surfaces.
    #[serde(default, deserialize_with = "look")]
    pub look: Look,
    /// Lines of its footer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticker: Vec<String>,
    /// Which tickets its panels are about.
    #[serde(default, skip_serializing_if = "is_all")]
    pub scope: Scope,
    /// Whether subjects and clients are hidden; a ticket is then called by its number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// Tickets to be solved in a day, if there is a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved_target: Option<NonZeroU32>,
    /// Over which time the share of kept promises is taken.
    #[serde(default, skip_serializing_if = "SlaWindow::is_today")]
    pub sla_window: SlaWindow,
    /// Other zones of its clock, two at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_zones: Vec<OtherZone>,
    /// When its values need people, where that differs from the catalogue.
    #[serde(default, skip_serializing_if = "OwnThresholds::is_empty")]
    pub thresholds: OwnThresholds,
}

/// Zones that a clock has room for beside its own.
pub(crate) const OTHER_ZONES: usize = 2;

/// Characters of a name that a title has room for beside the team's.
pub(crate) const LONGEST_NAME: usize = 40;

/// Characters of a name in URLs; screens and links keep no longer one.
const LONGEST_ID: usize = 64;

fn is_all(scope: &Scope) -> bool {
    *scope == Scope::default()
}

impl BoardSettings {
    /// A ready-made board as it comes.
    pub(crate) fn new(preset: &str) -> Self {
        Self {
            id: BoardId(preset.to_owned()),
            preset: None,
            name: None,
            theme: Theme::default(),
            look: Look::default(),
            ticker: Vec::new(),
            scope: Scope::default(),
            private: false,
            solved_target: None,
            sla_window: SlaWindow::Today,
            other_zones: Vec::new(),
            thresholds: OwnThresholds::default(),
        }
    }

    /// Which of the ready-made boards it is, if there is one like that.
    pub(crate) fn preset(&self) -> Option<&'static Preset> {
        let named = self.preset.as_ref().unwrap_or(&self.id.0);
        PRESETS.iter().find(|preset| preset.id == named)
    }

    /// What stands above it on the wall.
    pub(crate) fn title(&self, team: &str) -> String {
        let title = self.preset().map(|preset| preset.title(team, self.name.as_deref()));
        title.unwrap_or_else(|| self.id.0.clone())
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let id = &self.id.0;
        let known = || PRESETS.iter().map(|preset| preset.id).collect::<Vec<_>>().join(", ");
        if self.preset().is_none() {
            return Err(match &self.preset {
                None => format!(
                    "there is no board {id:?}; the boards are {}. A board of another name says which of them it is, \
                     such as \"preset\": \"overview\"",
                    known()
                ),
                Some(preset) => format!("the board {id:?} has no preset {preset:?}; the presets are {}", known()),
            });
        }
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(is_plain) {
            return Err(format!("the board {id:?} is not called by 1 to {LONGEST_ID} of a to z, 0 to 9 and -"));
        }
        self.check_rest().map_err(|reason| format!("on the board {id:?}, {reason}"))
    }

    fn check_rest(&self) -> Result<(), String> {
        if self.name.as_ref().is_some_and(|name| !is_name(name)) {
            return Err(format!("name has not 1 to {LONGEST_NAME} characters on one line"));
        }
        self.thresholds.over_catalogue()?;
        if self.other_zones.len() > OTHER_ZONES {
            return Err(format!("other_zones has {}; a clock has room for {OTHER_ZONES}", self.other_zones.len()));
        }
        self.other_zones.iter().try_for_each(|other| is_zone("other_zones", &other.zone))
    }
}

/// Whether a board can be called so.
pub(crate) fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    (1..=LONGEST_NAME).contains(&length) && name.trim() == name && !name.chars().any(char::is_control)
}

/// A theme that there is. A client takes one that it does not know for the usual one, as a newer server may have sent it;
/// in a person's own file it is a slip.
fn theme<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Theme, D::Error> {
    named(deserializer, &[("midnight", Theme::Midnight), ("daylight", Theme::Daylight), ("signal", Theme::Signal)])
}

/// A look that there is, as [`theme`].
fn look<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Look, D::Error> {
    named(deserializer, &[("classic", Look::Classic)])
}

fn named<'de, D: Deserializer<'de>, T: Copy>(deserializer: D, all: &[(&str, T)]) -> Result<T, D::Error> {
    let given = String::deserialize(deserializer)?;
    all.iter().find(|(name, _)| *name == given).map(|(_, value)| *value).ok_or_else(|| {
        let names = all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        D::Error::custom(format!("{given:?} is not one of {names}"))
    })
}
