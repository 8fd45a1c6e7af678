//! A board: panels, where they stand, and how the whole looks.

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

impl Board {
    /// The zone in which the board tells time.
    ///
    /// # Errors
    /// The time zone database has no zone of that name.
    pub fn zone(&self) -> Result<jiff::tz::TimeZone, jiff::Error> {
        jiff::tz::TimeZone::get(&self.time_zone)
    }
}
