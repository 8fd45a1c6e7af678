//! The boards of this installation: panels of the desk, arranged as the settings say.

use board::Board;
use desk::Desk;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    panels::{self, Builder, PRESETS},
    settings::{self, Settings},
};

/// Draws every board of the settings.
pub(crate) struct Boards {
    builder: Builder,
    team: String,
    demo: bool,
    boards: Vec<settings::BoardSettings>,
}

impl Boards {
    /// Boards about a desk that is read from `provider`.
    pub(crate) fn new(settings: &Settings, provider: &str) -> Result<Self, jiff::Error> {
        let zone = TimeZone::get(&settings.time_zone)?;
        Ok(Self {
            builder: Builder::new(panels::Settings {
                schedule: settings.schedule(&zone),
                ..panels::Settings::new(provider, zone)
            }),
            team: settings.team.clone(),
            demo: matches!(settings.desk, settings::Desk::Demo { .. }),
            boards: settings.boards.clone(),
        })
    }

    /// Lets the desk keep ready what the panels ask for.
    pub(crate) fn watch(&self, desk: &mut Desk) {
        desk.watch(self.builder.lens().clone());
    }

    /// Every board as it stands at `now`; to be called once a refresh.
    pub(crate) fn draw(&mut self, desk: &Desk, now: Timestamp) -> Vec<Board> {
        let panels = self.builder.refresh(desk, now);
        let settings = self.builder.settings();
        self.boards
            .iter()
            .filter_map(|chosen| {
                let preset = PRESETS.iter().find(|preset| preset.id == chosen.id.0)?;
                Some(Board {
                    theme: chosen.theme,
                    look: chosen.look,
                    demo: self.demo,
                    ticker: chosen.ticker.clone(),
                    ..preset.board(&self.team, settings, &panels)
                })
            })
            .collect()
    }
}
