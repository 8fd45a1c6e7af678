//! How a tile must say that it is not as it should be: with a word beside its shape (wall-ui rule 15), on a floor of its own.

use board::{Status, format};

use super::{PADDING, Read, Tile};
use crate::reading::Text;

/// Where a status stands in a tile that has it at its foot.
const FLOOR: f32 = 96.0;
/// The shape of a status, and a dot in it, are no wider than this.
const ICON: f32 = 52.0;

impl Read<'_> {
    /// Tiles that do not say in a word how they stand, or say it beyond their padding.
    pub(crate) fn statuses(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for tile in &self.tiles {
            let words = self.status_words(tile);
            let said = self.texts(tile).find(|text| words.contains(&text.words) && !text.is_cut());
            match said {
                None if words.is_empty() => {}
                None => faults.push(format!("{:?} says none of {words:?}", tile.panel.title)),
                Some(said) => {
                    let right = tile.right - PADDING;
                    // What has no shorter form stands in the middle.
                    if said.right > right + 1.0 && said.words != "no data" {
                        faults.push(format!("{:?} ends {} px beyond its room", said.words, said.right - right));
                    }
                    faults.extend(self.bars_over(tile, said));
                }
            }
        }
        faults
    }

    /// The words for how a panel stands, the longer one first.
    fn status_words(&self, tile: &Tile<'_>) -> Vec<String> {
        match tile.panel.status {
            Status::Ok => Vec::new(),
            Status::Warn => vec!["Watch".to_owned()],
            Status::Critical => vec!["Act now".to_owned(), "Act".to_owned()],
            Status::Stale => vec![format::from(tile.panel.updated_at, self.now, &self.zone), "stale".to_owned()],
            Status::Unavailable => vec!["no data".to_owned()],
        }
    }

    /// Bars that lie on the floor on which a status stands.
    fn bars_over(&self, tile: &Tile<'_>, said: &Text) -> Vec<String> {
        let floor = tile.bottom - FLOOR;
        if said.top < floor {
            return Vec::new();
        }
        let bars = self.drawing.boxes.iter().filter(|mark| {
            let (width, height) = (mark.right - mark.left, mark.bottom - mark.top);
            mark.hollow.is_none()
                && width > ICON
                && height < FLOOR - 8.0
                && mark.bottom > floor + 1.0
                && tile.holds((mark.left + mark.right) / 2.0, (mark.top + mark.bottom) / 2.0)
        });
        bars.map(|bar| format!("{bar:?} lies over {:?} of {:?}", said.words, tile.panel.title)).collect()
    }
}
