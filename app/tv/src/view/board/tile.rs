//! A panel in its place: the frame of a tile, filled by its form.

use board::{Panel, Status, format, layout};
use tv_components::{Form, Status as Shown, TileData};

use super::{Moment, forms, models::Models};

/// The floor of a tile, where its status stands.
pub(super) const FLOOR: f32 = 96.0;
/// The share of a screen that may be filled whole with status colours. Tiles beyond it fill number and floor, no more
/// (visual-design, Status): where nearly everything needs people, a third of the screen can come together all the same.
const CALM: f32 = 0.2;

/// Where a tile stands, in design pixels.
pub(super) struct Place {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) columns: u8,
    pub(super) small: bool,
    pub(super) strip: bool,
    pub(super) main: f32,
    /// Pixels of the screen in a design pixel.
    pub(super) unit: f32,
}

impl Place {
    pub(super) fn of(tile: &layout::Tile, unit: f32) -> Self {
        Self {
            x: tile.rect.x / unit,
            y: tile.rect.y / unit,
            width: tile.rect.width / unit,
            height: tile.rect.height / unit,
            columns: tile.columns,
            small: tile.size == layout::Size::Small,
            strip: tile.strip,
            main: tile.main_number.design_px(),
            unit,
        }
    }

    /// Between the paddings.
    pub(super) fn inner(&self) -> f32 {
        self.width - 64.0
    }
}

/// How much more of the screen may be filled whole.
pub(super) struct Budget {
    left: f32,
}

impl Budget {
    pub(super) fn of(frame: &layout::Frame) -> Self {
        let side = frame.unit.max(f32::EPSILON);
        let whole = (frame.body.x * 2.0 + frame.body.width) * (frame.body.bottom() + frame.body.x) / (side * side);
        Self { left: whole * CALM }
    }

    /// Takes the fill of a tile; false where it would be too much for one screen.
    fn take(&mut self, fill: f32) -> bool {
        let calm = fill <= self.left;
        self.left -= fill;
        calm
    }
}

/// All that the tile of `panel` is told.
pub(super) fn data(panel: &Panel, place: &Place, models: &Models, budget: &mut Budget, moment: Moment<'_>) -> TileData {
    let status = if moment.lost { Status::Ok } else { panel.status };
    let frozen = moment.lost || matches!(status, Status::Stale | Status::Unavailable);
    let word = match status {
        Status::Ok => String::new(),
        Status::Warn => "Watch".to_owned(),
        Status::Critical => "Act now".to_owned(),
        Status::Stale => format::from(panel.updated_at, moment.now, moment.zone),
        Status::Unavailable => "no data".to_owned(),
    };
    let short_word = match status {
        Status::Critical => "Act".to_owned(),
        Status::Stale => "stale".to_owned(),
        _ => word.clone(),
    };
    let mut data = TileData {
        x: place.x,
        y: place.y,
        width: place.width,
        height: place.height,
        columns: i32::from(place.columns),
        strip: place.strip,
        main: place.main,
        title: panel.title.as_str().into(),
        short_title: panel.short_title.as_deref().unwrap_or_default().into(),
        status: shown(status),
        status_word: word.into(),
        short_status_word: short_word.into(),
        quiet: frozen,
        share: -1.0,
        target: -1.0,
        limit: -1.0,
        current: -1,
        ..TileData::default()
    };
    let told = forms::Told { place, models, moment: Moment { lost: frozen, ..moment }, marked: status != Status::Ok };
    told.fill(&mut data, panel);
    let calm = budget.take(fill(&data, place));
    data.reduced = !calm && fills_number(&data);
    data
}

pub(super) fn shown(status: Status) -> Shown {
    match status {
        Status::Ok => Shown::Ok,
        Status::Warn => Shown::Warn,
        Status::Critical => Shown::Critical,
        Status::Stale => Shown::Stale,
        Status::Unavailable => Shown::Unavailable,
    }
}

/// Whether the status colour fills more than floor and frame: only then is there something to reduce.
fn fills_number(data: &TileData) -> bool {
    data.status == Shown::Critical && matches!(data.form, Form::Stat | Form::Gauge)
}

/// Design pixels that the status colour fills.
fn fill(data: &TileData, place: &Place) -> f32 {
    let number = matches!(data.form, Form::Stat | Form::Gauge);
    let frame = 2.0 * (place.width + place.height);
    match data.status {
        Shown::Critical if fills_number(data) => place.width * (place.height - 83.0),
        Shown::Critical if data.form == Form::Queue && data.close => place.width * 174.0 + 8.0 * frame,
        Shown::Critical => 8.0 * frame,
        Shown::Warn if number => place.width * FLOOR + 4.0 * frame,
        Shown::Warn => 4.0 * frame,
        Shown::Ok | Shown::Stale | Shown::Unavailable => 0.0,
    }
}
