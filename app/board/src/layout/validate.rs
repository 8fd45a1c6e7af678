//! Checks a layout before it is stored or sent.

use super::seats::overlap;
use crate::{Area, Layout, Panel, PanelId};

/// The finest grid.
pub const FINEST: u8 = 24;
/// A landscape board of more tiles is not read by anybody.
const TILES: usize = 9;

/// What is wrong with a layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No columns or rows, or too many.
    #[error("the grid has {columns} columns and {rows} rows; both must be 1 to {FINEST}")]
    Grid {
        /// Columns given.
        columns: u8,
        /// Rows given.
        rows: u8,
    },
    /// An area without columns or rows.
    #[error("panel {:?} is {} columns wide and {} rows high; both must be at least 1", .panel.0, .area.columns, .area.rows)]
    Empty {
        /// Which panel.
        panel: PanelId,
        /// Its area.
        area: Area,
    },
    /// An area that leaves the grid.
    #[error(
        "panel {:?} ends at column {} and row {}, but the grid has {columns} columns and {rows} rows",
        .panel.0, u16::from(.area.column) + u16::from(.area.columns), u16::from(.area.row) + u16::from(.area.rows)
    )]
    Outside {
        /// Which panel.
        panel: PanelId,
        /// Its area.
        area: Area,
        /// Columns of the grid.
        columns: u8,
        /// Rows of the grid.
        rows: u8,
    },
    /// Two panels on the same cells.
    #[error("panel {:?} overlaps panel {:?}; move one of them", .panel.0, .other.0)]
    Overlap {
        /// The later one.
        panel: PanelId,
        /// The earlier one.
        other: PanelId,
    },
    /// One panel in two places.
    #[error("panel {:?} stands in two places; remove one of them", .panel.0)]
    Twice {
        /// Which panel.
        panel: PanelId,
    },
    /// A place for a panel that the board does not have.
    #[error("the layout places panel {:?}, which this board does not have", .panel.0)]
    Unknown {
        /// Which panel.
        panel: PanelId,
    },
    /// A panel without a place.
    #[error("panel {:?} has no place in the layout; place it or remove it from the board", .panel.0)]
    Missing {
        /// Which panel.
        panel: PanelId,
    },
    /// A strip with too few or too many panels.
    #[error("the strip holds {count} panels; it takes four to eight")]
    Strip {
        /// How many it holds.
        count: usize,
    },
    /// A strip without rows, or below the grid.
    #[error("the strip ends at row {end}, but the grid has {rows} rows, and a strip needs at least one")]
    StripRows {
        /// The row behind its last.
        end: u16,
        /// Rows of the grid.
        rows: u8,
    },
    /// More tiles than a wall can carry.
    #[error("the board has {count} tiles; more than {TILES} are not read from across a room")]
    Crowded {
        /// How many there are.
        count: usize,
    },
}

impl Layout {
    /// Checks that exactly `panels` are placed, once each, on the grid, without overlap.
    ///
    /// # Errors
    /// The first thing that is wrong, naming the panel.
    pub fn validate(&self, panels: &[Panel]) -> Result<(), Error> {
        if !(1..=FINEST).contains(&self.columns) || !(1..=FINEST).contains(&self.rows) {
            return Err(Error::Grid { columns: self.columns, rows: self.rows });
        }
        let areas = self.areas()?;
        for (index, (panel, area)) in areas.iter().enumerate() {
            if !panels.iter().any(|known| known.id == *panel) {
                return Err(Error::Unknown { panel: panel.clone() });
            }
            for (other, earlier) in &areas[..index] {
                if panel == other {
                    return Err(Error::Twice { panel: panel.clone() });
                }
                let in_strip = self.strip.as_ref().is_some_and(|strip| index < strip.panels.len());
                if !in_strip && overlap(area, earlier) {
                    return Err(Error::Overlap { panel: panel.clone(), other: other.clone() });
                }
            }
        }
        if let Some(panel) = panels.iter().find(|panel| !areas.iter().any(|(placed, _)| *placed == panel.id)) {
            return Err(Error::Missing { panel: panel.id.clone() });
        }
        if areas.len() > TILES {
            return Err(Error::Crowded { count: areas.len() });
        }
        Ok(())
    }

    /// Every panel with its area, those of the strip first and as wide as the grid.
    fn areas(&self) -> Result<Vec<(PanelId, Area)>, Error> {
        let mut areas = Vec::new();
        if let Some(strip) = &self.strip {
            let end = u16::from(strip.row) + u16::from(strip.rows);
            if strip.rows == 0 || end > u16::from(self.rows) {
                return Err(Error::StripRows { end, rows: self.rows });
            }
            if !(4..=8).contains(&strip.panels.len()) {
                return Err(Error::Strip { count: strip.panels.len() });
            }
            let area = Area { column: 0, row: strip.row, columns: self.columns, rows: strip.rows };
            areas.extend(strip.panels.iter().map(|panel| (panel.clone(), area)));
        }
        for placement in &self.placements {
            let (panel, area) = (placement.panel.clone(), placement.area);
            if area.columns == 0 || area.rows == 0 {
                return Err(Error::Empty { panel, area });
            }
            let right = u16::from(area.column) + u16::from(area.columns);
            let bottom = u16::from(area.row) + u16::from(area.rows);
            if right > u16::from(self.columns) || bottom > u16::from(self.rows) {
                return Err(Error::Outside { panel, area, columns: self.columns, rows: self.rows });
            }
            areas.push((panel, area));
        }
        Ok(areas)
    }
}
