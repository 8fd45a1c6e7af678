//! How and where the display hangs.

use device::Place;
use jiff::tz::TimeZone;

use super::reader::Table;
use super::{Mistake, document, without_mark};

pub(super) fn read(root: &Table<'_>) -> Result<Place, Mistake> {
    Ok(Place { turned: rotation(root)?, time_zone: time_zone(root)?, reduce_motion: reduce_motion(root)? })
}

/// What a file says of the place, also where the rest of it has a mistake, or letters that are no UTF-8: so that what is
/// said about that stands upright. Of a text that is no TOML, what stands above the mistake counts.
#[must_use]
pub fn place(file: &[u8]) -> Place {
    let text = String::from_utf8_lossy(file);
    let text = without_mark(&text);
    let Some(document) = document::beginning(text) else { return Place::default() };
    let root = Table::root(text, &document);
    Place {
        turned: rotation(&root).unwrap_or_default(),
        time_zone: time_zone(&root).unwrap_or_default(),
        reduce_motion: reduce_motion(&root).unwrap_or_default(),
    }
}

fn rotation(root: &Table<'_>) -> Result<u16, Mistake> {
    let Some(rotation) = root.integer("rotation")? else { return Ok(0) };
    u16::try_from(rotation.value)
        .ok()
        .filter(|degrees| matches!(degrees, 0 | 90 | 180 | 270))
        .ok_or_else(|| rotation.mistake(format!("rotation = {}: only 0, 90, 180 and 270", rotation.value)))
}

fn reduce_motion(root: &Table<'_>) -> Result<bool, Mistake> {
    Ok(root.boolean("reduce_motion")?.is_some_and(|reduce| reduce.value))
}

fn time_zone(root: &Table<'_>) -> Result<Option<String>, Mistake> {
    let Some(zone) = root.string("time_zone")? else { return Ok(None) };
    match TimeZone::get(zone.value) {
        Ok(_) => Ok(Some(zone.value.to_owned())),
        Err(_) => Err(zone.mistake(format!("time_zone = \"{}\" is none; write one like Europe/Berlin", zone.value))),
    }
}
