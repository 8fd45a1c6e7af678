//! Where every panel stands on a screen, in whole pixels, for any size and shape.
//!
//! A board describes one landscape arrangement ([`crate::Layout`]); portrait and ultrawide screens are
//! derived from it here, so that every client agrees. All lengths below are in design pixels, of which [`unit`]
//! tells the size. [`arrange`] never fails: what cannot be shown (a panel without data,
//! a second panel on the same cells) is left out. Who edits a layout checks it with [`crate::Layout::validate`].

mod portrait;
mod seats;
mod validate;

pub use seats::{Seat, of as seats};
pub use validate::{Error, FINEST};

use crate::{Board, Panel, PanelId, Status};

/// Around the picture.
const MARGIN: f64 = 48.0;
/// Between tiles.
const GAP: f64 = 24.0;
/// Top of the tiles.
const TOP: f64 = 112.0;
/// How much higher tiles end where there is a footer.
const FOOTER: f64 = 64.0;
/// From cap top to baseline of a header or footer line.
const LINE: f64 = 37.0;
/// Width of one column, with its gap, on a 1920 × 1080 screen of 12 columns.
const COLUMN: f64 = 154.0;

/// A rectangle in pixels from the top left of the screen. Edges lie on whole pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Rect {
    /// The first pixel column behind the right edge.
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// The first pixel row below the bottom edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// Pixels covered.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// Whether the two share at least one pixel.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// The shape of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Wider than high, up to twice.
    Landscape,
    /// Higher than wide: two columns, the list last.
    Portrait,
    /// At least twice as wide as high: wider columns, extra columns in lists, full titles.
    Ultrawide,
}

impl Shape {
    /// The shape of a screen of so many pixels.
    pub fn of(width: u32, height: u32) -> Self {
        if height > width {
            Self::Portrait
        } else if width / 2 >= height {
            Self::Ultrawide
        } else {
            Self::Landscape
        }
    }
}

/// How much a tile can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// Up to four columns.
    Small,
    /// Five or six columns.
    Medium,
    /// Seven columns or more.
    Large,
}

/// The size of main numbers, one for the whole board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MainNumber {
    /// 168: boards of seven tiles or more, and boards whose tiles are lower because of a footer.
    Regular,
    /// 192: boards of up to six tiles, and ultrawide screens.
    Large,
}

impl MainNumber {
    /// Font size in design pixels.
    pub fn design_px(self) -> f32 {
        match self {
            Self::Regular => 168.0,
            Self::Large => 192.0,
        }
    }
}

/// One panel on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Which panel.
    pub panel: PanelId,
    /// Where.
    pub rect: Rect,
    /// How much it can show.
    pub size: Size,
    /// Its width as columns of a 1920 × 1080 screen with 12 columns, to the nearest; more than 12 on wider screens.
    pub columns: u8,
    /// Size of its main number.
    pub main_number: MainNumber,
    /// Whether it belongs to the KPI strip: its title may be short, and a gauge stays a bar on the floor.
    pub strip: bool,
}

/// The arrangement of a whole screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Pixels per design pixel: see [`unit`].
    pub unit: f32,
    /// The shape of the screen.
    pub shape: Shape,
    /// The header line, from cap top to baseline.
    pub header: Rect,
    /// The footer line, from cap top to baseline, on boards with a ticker.
    pub footer: Option<Rect>,
    /// Everything between header and footer.
    pub body: Rect,
    /// Panels in reading order, most urgent first.
    pub tiles: Vec<Tile>,
}

/// Pixels per design pixel on a screen of `width` × `height` pixels: the shorter side / 1080 of the largest 16:9 picture that
/// fits, upright on a portrait screen.
///
/// So a screen that is nearer to a square than 16:9 has the letters of one that is as long, and more room across: no form
/// gets less than it is drawn for. The distance that letters are made for is that of a 16:9 screen of the same length.
pub fn unit(width: u32, height: u32) -> f32 {
    exact_unit(width, height) as f32
}

fn exact_unit(width: u32, height: u32) -> f64 {
    let (short, long) = (f64::from(width.min(height).max(1)), f64::from(width.max(height).max(1)));
    short.min(long * 9.0 / 16.0) / 1080.0
}

/// Arranges `board` on a screen of `width` × `height` pixels.
///
/// Total: for any board and size, tiles lie inside the body, are at least one pixel wide and high, and do not overlap.
pub fn arrange(board: &Board, width: u32, height: u32) -> Frame {
    let shape = Shape::of(width, height);
    let canvas = Canvas::new(width, height, !board.ticker.is_empty());
    let seats = seats(board);
    let seated = match shape {
        Shape::Landscape => on_grid(&seats, &board.layout, &canvas),
        Shape::Ultrawide => on_grid(&seats::level_lists(seats), &board.layout, &canvas),
        Shape::Portrait => portrait::arrange(seats, &canvas),
    };
    let main_number = if canvas.footer || (seated.len() > 6 && shape != Shape::Ultrawide) {
        MainNumber::Regular
    } else {
        MainNumber::Large
    };
    let tile = |(panel, strip, area): (&Panel, bool, Region)| {
        let columns = ((area.width + GAP) / COLUMN).round().clamp(1.0, f64::from(u8::MAX)) as u8;
        Some(Tile {
            panel: panel.id.clone(),
            rect: canvas.snap(area)?,
            size: match columns {
                0..=4 => Size::Small,
                5..=6 => Size::Medium,
                7.. => Size::Large,
            },
            columns,
            main_number,
            strip,
        })
    };
    let line = |y| Region { x: MARGIN, y, width: canvas.width - 2.0 * MARGIN, height: LINE };
    let nothing = Rect { x: 0.0, y: 0.0, width: 0.0, height: 0.0 };
    Frame {
        unit: canvas.unit as f32,
        shape,
        header: canvas.snap(line(MARGIN)).unwrap_or(nothing),
        footer: canvas.footer.then(|| canvas.snap(line(canvas.height - MARGIN - LINE)).unwrap_or(nothing)),
        body: canvas.snap(canvas.body).unwrap_or(nothing),
        tiles: seated.into_iter().filter_map(tile).collect(),
    }
}

/// Where a message lies over `board`: the part of the body with fewer pixels of exceptional status, the upper if equal.
///
/// The parts are halves, or what the gap between tiles nearest to the middle divides.
pub fn message(board: &Board, frame: &Frame) -> Rect {
    let (end, start) = parting(frame);
    let body = frame.body;
    let upper = Rect { height: end - body.y, ..body };
    let lower = Rect { y: start, height: body.bottom() - start, ..body };
    if unrest(board, frame, &lower) < unrest(board, frame, &upper) { lower } else { upper }
}

/// Where the upper part of the body ends and the lower one starts.
fn parting(frame: &Frame) -> (f32, f32) {
    let body = frame.body;
    let middle = (body.y + body.bottom()) / 2.0;
    let gaps = frame.tiles.iter().filter_map(|tile| {
        let end = tile.rect.bottom();
        let crossed = frame.tiles.iter().any(|other| other.rect.y < end && end < other.rect.bottom());
        let below = frame.tiles.iter().map(|other| other.rect.y).filter(|top| *top >= end);
        (!crossed).then_some((end, below.min_by(f32::total_cmp)?))
    });
    let distance = |(end, start): &(f32, f32)| ((end + start) / 2.0 - middle).abs();
    let nearest = gaps.min_by(|one, other| distance(one).total_cmp(&distance(other)));
    nearest.filter(|gap| distance(gap) < body.height / 4.0).unwrap_or_else(|| {
        let half = (GAP as f32 * frame.unit / 2.0).round();
        ((middle - half).round(), (middle + half).round())
    })
}

/// Pixels of exceptional status in `part`, critical ones counted four times.
fn unrest(board: &Board, frame: &Frame, part: &Rect) -> f32 {
    let weigh = |tile: &Tile| {
        let weight = match board.panels.iter().find(|panel| panel.id == tile.panel).map(|panel| panel.status) {
            Some(Status::Critical) => 4.0,
            Some(Status::Warn) => 1.0,
            _ => 0.0,
        };
        weight * tile.rect.width * (tile.rect.bottom().min(part.bottom()) - tile.rect.y.max(part.y)).max(0.0)
    };
    frame.tiles.iter().map(weigh).sum()
}

/// A rectangle in design pixels.
#[derive(Clone, Copy, Debug)]
struct Region {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// The screen in design pixels.
struct Canvas {
    unit: f64,
    width: f64,
    height: f64,
    footer: bool,
    body: Region,
}

impl Canvas {
    fn new(width: u32, height: u32, footer: bool) -> Self {
        let unit = exact_unit(width, height);
        let (width, height) = (f64::from(width) / unit, f64::from(height) / unit);
        let bottom = height - MARGIN - if footer { FOOTER } else { 0.0 };
        let body = Region { x: MARGIN, y: TOP, width: width - 2.0 * MARGIN, height: bottom - TOP };
        Self { unit, width, height, footer, body }
    }

    /// To whole pixels; nothing if no pixel is left.
    fn snap(&self, area: Region) -> Option<Rect> {
        let pixel = |length: f64| (length * self.unit).round() as f32;
        let (x, y) = (pixel(area.x), pixel(area.y));
        let (width, height) = (pixel(area.x + area.width) - x, pixel(area.y + area.height) - y);
        (width >= 1.0 && height >= 1.0).then_some(Rect { x, y, width, height })
    }
}

/// One direction of a grid: equal cells with gaps between them.
struct Track {
    start: f64,
    cell: f64,
    gap: f64,
}

impl Track {
    /// Gaps give way on grids so fine that they would take more than half of the room.
    fn new(start: f64, length: f64, cells: usize) -> Self {
        let cells = cells.max(1) as f64;
        let gap = GAP.min(length / (2.0 * cells));
        Self { start, cell: (length - gap * (cells - 1.0)) / cells, gap }
    }

    /// Start and length of `count` cells from `first` on.
    fn span(&self, first: usize, count: usize) -> (f64, f64) {
        let pitch = self.cell + self.gap;
        (self.start + pitch * first as f64, pitch * count as f64 - self.gap)
    }
}

/// Seats on the grid of the layout.
fn on_grid<'a>(seats: &[Seat<'a>], layout: &crate::Layout, canvas: &Canvas) -> Vec<(&'a Panel, bool, Region)> {
    let body = canvas.body;
    let columns = Track::new(body.x, body.width, usize::from(layout.columns));
    let rows = Track::new(body.y, body.height, usize::from(layout.rows));
    let in_strip = seats.iter().filter(|seat| seat.strip).count();
    let strip = Track::new(body.x, body.width, in_strip);
    let place = |(index, seat): (usize, &Seat<'a>)| {
        // Seats of the strip come first, so the index of one is its position within the strip.
        let (x, width) = if seat.strip {
            strip.span(index, 1)
        } else {
            columns.span(usize::from(seat.area.column), usize::from(seat.area.columns))
        };
        let (y, height) = rows.span(usize::from(seat.area.row), usize::from(seat.area.rows));
        (seat.panel, seat.strip, Region { x, y, width, height })
    };
    seats.iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests;
