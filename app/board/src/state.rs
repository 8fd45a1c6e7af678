//! A board: panels, where they stand, and how the whole looks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Overlay, Panel, PanelId};

/// The name of a board in URLs, for example `overview`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BoardId(pub String);

/// A counter that grows with every change of a board within one server run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// A colour theme (wall-ui section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Light, for bright rooms.
    Daylight,
    /// Highest contrast; status is backed by patterns.
    Signal,
    /// Dark blue, the default; also what a client shows for a theme that it does not know.
    #[default]
    #[serde(other)]
    Midnight,
}

/// A look: surfaces, never colour meaning or sizes (wall-ui section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// 16 px corners, a 1 px decorative edge; also what a client shows for a look that it does not know.
    #[default]
    #[serde(other)]
    Classic,
}

/// A rectangle of grid cells: 0-based column and row, then how many of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// First column, 0-based.
    pub column: u8,
    /// First row, 0-based.
    pub row: u8,
    /// Columns covered, at least 1.
    pub columns: u8,
    /// Rows covered, at least 1.
    pub rows: u8,
}

/// Where one panel stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Which panel.
    pub panel: PanelId,
    /// Where on the landscape grid.
    pub area: Area,
}

/// A KPI strip: rows of the grid that its panels divide equally, whatever the number of columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strip {
    /// First row, 0-based.
    pub row: u8,
    /// Rows covered.
    pub rows: u8,
    /// Panels from left to right, four to eight.
    pub panels: Vec<PanelId>,
}

/// The landscape arrangement, most urgent first. Other screen shapes are derived from it (`layout`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Columns of the grid, 12 by default.
    pub columns: u8,
    /// Rows of the grid, 8 by default.
    pub rows: u8,
    /// The KPI strip, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strip: Option<Strip>,
    /// The other panels, in order of importance.
    pub placements: Vec<Placement>,
}

/// The whole state of a board, as a client gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Its name in URLs.
    pub id: BoardId,
    /// The team's name for it, shown top left.
    pub title: String,
    /// Grows with every change.
    pub revision: Revision,
    /// Colours.
    #[serde(default)]
    pub theme: Theme,
    /// Surfaces.
    #[serde(default)]
    pub look: Look,
    /// IANA name of the zone in which the board tells time, for example `Europe/London`.
    pub time_zone: String,
    /// Whether the data is simulated; clients then show the mark "Demo data".
    #[serde(default)]
    pub demo: bool,
    /// How the board's own time runs, where that is not real time: every instant of its panels is told in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<SimulatedTime>,
    /// Where panels stand.
    pub layout: Layout,
    /// Every panel of the layout.
    pub panels: Vec<Panel>,
    /// Lines of the footer, shown one at a time for 10 s each; without lines there is no footer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticker: Vec<String>,
    /// What lies over the board, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay: Option<Overlay>,
}

/// A time of its own: a demonstration in which it is always a working day, or in which hours pass in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedTime {
    /// At this real instant...
    pub at: Timestamp,
    /// ...the board's time is this one.
    pub shows: Timestamp,
    /// Seconds of the board for each real second.
    pub speed: u16,
}

impl SimulatedTime {
    /// The board's time at a real instant; the nearest there is where that would lie outside all calendars.
    pub fn time(&self, now: Timestamp) -> Timestamp {
        let elapsed = i128::from(self.speed) * (now.as_nanosecond() - self.at.as_nanosecond());
        let bounds = (Timestamp::MIN.as_nanosecond(), Timestamp::MAX.as_nanosecond());
        let shown = (self.shows.as_nanosecond() + elapsed).clamp(bounds.0, bounds.1);
        Timestamp::from_nanosecond(shown).unwrap_or(self.shows)
    }
}

impl Board {
    /// The time that the board is at, at a real instant: its clocks show it, and its waits are counted by it.
    pub fn time(&self, now: Timestamp) -> Timestamp {
        self.simulated.map_or(now, |simulated| simulated.time(now))
    }

    /// When the desk was last read; `None` while there are no data of it. Of its panels the newest tells: one that says the
    /// same as before is sent again later than one that changed, and a heavy one is computed less often.
    pub fn newest_data(&self) -> Option<Timestamp> {
        self.panels.iter().filter(|panel| panel.tells_the_desks_age()).map(|panel| panel.updated_at).max()
    }

    /// The zone in which the board tells time.
    ///
    /// # Errors
    /// The time zone database has no zone of that name.
    pub fn zone(&self) -> Result<jiff::tz::TimeZone, jiff::Error> {
        jiff::tz::TimeZone::get(&self.time_zone)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{Status, sample};

    #[test]
    fn a_board_without_data_has_none_however_new_its_panels_are() {
        let board = sample::overview();
        let newest = board.panels.iter().map(|panel| panel.updated_at).max();
        assert_eq!(board.newest_data(), newest);
        assert_eq!(sample::Stress::Status(Status::Unavailable).apply(board).newest_data(), None);
    }

    #[test]
    fn what_comes_from_beside_the_desk_does_not_make_the_desks_numbers_newer() {
        let mut board = sample::overview();
        let read = board.newest_data().unwrap();
        board.panels[2] =
            Panel { updated_at: read + SignedDuration::from_mins(40), beside_desk: true, ..board.panels[2].clone() };
        assert_eq!(board.newest_data(), Some(read));
        board.panels.retain(|panel| panel.beside_desk);
        assert_eq!(board.newest_data(), None, "a calendar is no desk");
    }

    #[test]
    fn a_panel_of_a_server_that_says_nothing_of_where_its_data_come_from_is_the_desks() {
        let panel = sample::overview().panels[0].clone();
        let text = serde_json::to_string(&panel).unwrap();
        assert!(!text.contains("beside_desk"), "nor does one say so of the desk's: {text}");
        assert!(serde_json::from_str::<Panel>(&text).unwrap().tells_the_desks_age());
    }

    #[test]
    fn simulated_time_runs_at_its_own_speed_and_stays_within_the_calendar() {
        let at: Timestamp = "2026-11-16T22:00:00Z".parse().unwrap();
        let shows: Timestamp = "2026-11-17T08:30:00Z".parse().unwrap();
        let simulated = SimulatedTime { at, shows, speed: 5 };
        assert_eq!(simulated.time(at), shows);
        assert_eq!(simulated.time(at + SignedDuration::from_secs(12)), shows + SignedDuration::from_mins(1));
        assert_eq!(simulated.time(at - SignedDuration::from_secs(12)), shows - SignedDuration::from_mins(1));
        assert_eq!(SimulatedTime { speed: u16::MAX, ..simulated }.time(Timestamp::MAX), Timestamp::MAX);
    }
}
