//! Reads a drawing: every text with its place and size, the filled boxes around it, and how it stands out from its ground.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    rc::Rc,
};

use board::theme;
use i_slint_core::{
    accessibility::AccessibleStringProperty,
    item_tree::{ItemRc, ParentItemTraversalMode},
    items::{
        BasicBorderRectangle, BorderRectangle, Clip, ComplexText, Opacity, Orientation, Rectangle, SimpleText,
        TextHorizontalAlignment, TextWrap,
    },
    lengths::LogicalRect,
    window::{WindowAdapter, WindowInner},
};
use jiff::Timestamp;
use slint::{Brush, Rgb8Pixel};
use tv::{
    snapshot::{Display, Picture},
    view::{
        Motion, Screen,
        direction::{begins_right, is_right_to_left},
    },
};

use crate::scenes;

/// The smallest text anywhere, in design pixels (wall-ui rule 2).
pub(crate) const SMALLEST: f32 = 51.0;
/// Three dots in Inter, in shares of the size, and how far above the baseline they stand.
const ELLIPSIS: f32 = 0.75;
const DOT: f32 = 0.2;

/// A text as it stands on the wall; lengths in design pixels.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) words: String,
    pub(crate) left: f32,
    /// Where its room ends.
    pub(crate) right: f32,
    /// Where it would end with all its letters.
    pub(crate) wanted_right: f32,
    /// From cap top to baseline; of several lines the first cap top and the last baseline.
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    pub(crate) size: f32,
    pub(crate) wraps: bool,
    /// Whether letters were left out before Slint was told it.
    pub(crate) shortened: bool,
    /// Whether some of its letters are written from right to left: Slint would cut them where they begin.
    pub(crate) backwards: bool,
    /// Whether its first letter is, so that it begins at its right end.
    begins_right: bool,
    /// Whether not all of it has room: a line goes too far, or there is a line too many.
    pub(crate) overflows: bool,
    /// How many boxes were drawn before it.
    pub(crate) above: usize,
}

/// A filled rectangle; lengths in design pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
    pub(crate) opaque: bool,
    /// Its colour, or that of its edge where it is hollow.
    pub(crate) colour: theme::Rgb,
    /// How wide its edge is where it has nothing but an edge.
    pub(crate) hollow: Option<f32>,
}

impl Filled {
    fn lies_in(&self, other: &Self) -> bool {
        let (x, y) = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
        other.left <= x && x <= other.right && other.top <= y && y <= other.bottom
    }
}

impl Text {
    /// Letters that stand on the wall: no further than its room goes.
    fn ink_right(&self) -> f32 {
        self.wanted_right.min(self.right)
    }

    /// A number, perhaps with its units: "128", "07:42", "123k", "3h 03m", "26m late".
    pub(crate) fn is_number(&self) -> bool {
        let part = |word: &str| {
            word == "late"
                || word.contains(|letter: char| letter.is_ascii_digit())
                    && word.chars().all(|letter| letter.is_ascii_digit() || "−+<>.:€£$%kMGTdhms".contains(letter))
        };
        self.words.contains(|letter: char| letter.is_ascii_digit()) && self.words.split_whitespace().all(part)
    }

    /// Whether letters are missing at its end. The blank beside a figure may be cut in its cell, the figure may not.
    pub(crate) fn is_cut(&self) -> bool {
        !self.wraps && self.wanted_right > self.right + 1.5 + 0.03 * self.size
    }

    /// Whether the edge of a box runs through its letters.
    pub(crate) fn crosses(&self, filled: &Filled) -> bool {
        let apart = self.ink_right() <= filled.left + 1.0
            || filled.right <= self.left + 1.0
            || self.bottom <= filled.top + 1.0
            || filled.bottom <= self.top + 1.0;
        !apart && !self.stands_on(filled)
    }

    fn stands_on(&self, filled: &Filled) -> bool {
        filled.left <= self.left + 1.0
            && self.ink_right() <= filled.right + 1.0
            && filled.top <= self.top + 1.0
            && self.bottom <= filled.bottom + 1.0
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.left + 1.0 < other.ink_right()
            && other.left + 1.0 < self.ink_right()
            && self.top + 1.0 < other.bottom
            && other.top + 1.0 < self.bottom
    }
}

/// A drawing, and what stands in it.
pub(crate) struct Drawing {
    /// Those of a board are left out where something lies over it.
    pub(crate) texts: Vec<Text>,
    /// Numbers whose digits stand in cells of their own, in one piece each.
    pub(crate) in_cells: Vec<Text>,
    /// In the order of drawing.
    pub(crate) boxes: Vec<Filled>,
    display: Display,
    picture: OnceCell<Picture>,
    pub(crate) unit: f32,
    pub(crate) size: (f32, f32),
}

/// Lays out `screen` as it is at [`scenes::now`] and reads it. Pixels are drawn when they are asked for.
pub(crate) fn read(screen: &Screen, size: (u32, u32)) -> Drawing {
    read_at(screen, scenes::now(), size)
}

/// The same at another instant.
pub(crate) fn read_at(screen: &Screen, now: Timestamp, (width, height): (u32, u32)) -> Drawing {
    let mut display = Display::new(width, height, Motion::Reduced).unwrap();
    display.show(screen, now);
    let unit = board::layout::unit(width, height);
    let window = WindowInner::from_pub(display.ui().window());
    let adapter = window.window_adapter();
    let (mut texts, mut in_cells, mut boxes) = (Vec::new(), Vec::new(), Vec::new());
    let whole = (width as f32 / unit, height as f32 / unit);
    ItemRc::new_root(window.component()).visit_descendants(|item| {
        if item.is_visible() && opaque(item) {
            texts.extend(text(item, &adapter, boxes.len()));
            in_cells.extend(cells(item, boxes.len()));
            if let Some(filled) = filled(item) {
                let covers = filled.hollow.is_none();
                if covers
                    && filled.left <= 0.0
                    && filled.top <= 0.0
                    && filled.right >= whole.0
                    && filled.bottom >= whole.1
                {
                    texts.clear();
                    in_cells.clear();
                }
                boxes.push(filled);
            }
        }
        ControlFlow::<()>::Continue(())
    });
    Drawing { texts, in_cells, boxes, display, picture: OnceCell::new(), unit, size: whole }
}

/// The box that `item` fills with a colour or draws the edge of, as far as nothing clips it.
fn filled(item: &ItemRc) -> Option<Filled> {
    let (background, edge): (Brush, Option<(Brush, f32)>) = if let Some(plain) = item.downcast::<Rectangle>() {
        (plain.as_pin_ref().background(), None)
    } else if let Some(rounded) = item.downcast::<BasicBorderRectangle>() {
        let rounded = rounded.as_pin_ref();
        (rounded.background(), Some((rounded.border_color(), rounded.border_width().get())))
    } else {
        let rounded = item.downcast::<BorderRectangle>()?;
        let rounded = rounded.as_pin_ref();
        (rounded.background(), Some((rounded.border_color(), rounded.border_width().get())))
    };
    let place = |item: &ItemRc| LogicalRect::new(item.map_to_window(item.geometry().origin), item.geometry().size);
    let mut clips = std::iter::successors(item.parent_item(ParentItemTraversalMode::StopAtPopups), |item| {
        item.parent_item(ParentItemTraversalMode::StopAtPopups)
    })
    .filter(|item| item.downcast::<Clip>().is_some_and(|clip| clip.as_pin_ref().clip()));
    let place = clips.try_fold(place(item), |left, clip| left.intersection(&place(&clip)))?;
    let edge = edge.filter(|(brush, width)| *width > 0.0 && brush.color().alpha() > 0);
    let (brush, hollow) = match edge {
        Some((brush, width)) if background.color().alpha() == 0 => (brush, Some(width)),
        _ => (background, None),
    };
    let colour = brush.color();
    (colour.alpha() > 0 && place.width() > 0.0 && place.height() > 0.0).then_some(Filled {
        left: place.min_x(),
        top: place.min_y(),
        right: place.max_x(),
        bottom: place.max_y(),
        opaque: colour.alpha() == u8::MAX && hollow.is_none(),
        colour: rgb(Rgb8Pixel::new(colour.red(), colour.green(), colour.blue())),
        hollow,
    })
}

/// A number whose digits stand in cells, by the label that says it in one piece.
fn cells(item: &ItemRc, above: usize) -> Option<Text> {
    let words = item.accessible_string_property(AccessibleStringProperty::Label)?;
    let is_number = words.contains(|letter: char| letter.is_ascii_digit());
    (is_number && item.downcast::<SimpleText>().is_none() && item.downcast::<ComplexText>().is_none()).then(|| {
        let (place, size) = (item.map_to_window(item.geometry().origin), item.geometry().size);
        Text {
            words: words.into(),
            left: place.x,
            right: place.x + size.width,
            wanted_right: place.x + size.width,
            top: place.y,
            bottom: place.y + size.height,
            size: size.height,
            wraps: false,
            shortened: false,
            backwards: false,
            begins_right: false,
            overflows: false,
            above,
        }
    })
}

fn text(item: &ItemRc, adapter: &Rc<dyn WindowAdapter>, above: usize) -> Option<Text> {
    let (words, size, wraps, alignment) = if let Some(text) = item.downcast::<SimpleText>() {
        let text = text.as_pin_ref();
        (text.text(), text.font_size(), false, text.horizontal_alignment())
    } else {
        let text = item.downcast::<ComplexText>()?;
        let text = text.as_pin_ref();
        (text.text(), text.font_size(), text.wrap() != TextWrap::NoWrap, text.horizontal_alignment())
    };
    if words.trim().is_empty() {
        return None;
    }
    let whole = item.accessible_string_property(AccessibleStringProperty::Label);
    let place = LogicalRect::new(item.map_to_window(item.geometry().origin), item.geometry().size);
    let preferred =
        |orientation, across| item.borrow().as_ref().layout_info(orientation, across, adapter, item).preferred;
    let wanted = preferred(Orientation::Horizontal, -1.0);
    let high = preferred(Orientation::Vertical, place.width());
    let size = size.get();
    let spare = (place.width() - wanted).max(0.0);
    let left = place.min_x()
        + match alignment {
            TextHorizontalAlignment::Center => spare / 2.0,
            TextHorizontalAlignment::Right => spare,
            _ => 0.0,
        };
    Some(Text {
        left,
        right: place.max_x(),
        wanted_right: left + wanted,
        top: place.min_y() + (0.969 - 0.727) * size,
        bottom: if wraps { place.max_y() - 0.24 * size } else { place.min_y() + 0.969 * size },
        size,
        wraps,
        shortened: whole.is_some_and(|whole| whole != words),
        backwards: words.chars().any(is_right_to_left),
        begins_right: begins_right(&words),
        // A line is more than half of its letters high.
        overflows: if wraps { high > place.height() + 0.5 * size } else { wanted > place.width() + 1.0 },
        above,
        words: words.into(),
    })
}

fn opaque(item: &ItemRc) -> bool {
    std::iter::successors(Some(item.clone()), |item| item.parent_item(ParentItemTraversalMode::StopAtPopups))
        .all(|item| item.downcast::<Opacity>().is_none_or(|opacity| opacity.as_pin_ref().opacity() > 0.0))
}

impl Drawing {
    /// The boxes that can be seen where `text` stands: those over the last one that it stands on.
    pub(crate) fn boxes_around(&self, text: &Text) -> impl Iterator<Item = &Filled> {
        let ground = self.boxes[..text.above].iter().rposition(|filled| filled.opaque && text.stands_on(filled));
        self.boxes[ground.map_or(0, |ground| ground + 1)..].iter().filter(|filled| filled.hollow.is_none())
    }

    /// The colour under `mark`, which is the box of this index or a part of it: of the last filled one that it stands on.
    pub(crate) fn ground(&self, index: usize, mark: &Filled) -> Option<theme::Rgb> {
        let under = self.boxes[..index].iter().rev();
        under.filter(|filled| filled.opaque && mark.lies_in(filled)).map(|filled| filled.colour).next()
    }

    fn picture(&self) -> &Picture {
        self.picture.get_or_init(|| self.display.picture())
    }

    /// The contrast of a text with its ground: of the most frequent colour around its letters and the one that is
    /// furthest from it.
    pub(crate) fn contrast(&self, text: &Text) -> f64 {
        let ink = self.pixels(text.left, text.top, text.ink_right(), text.bottom);
        let counts = counted(&ink);
        let ground = most_frequent(&counts);
        counts.keys().map(|colour| theme::contrast(*colour, ground)).fold(1.0, f64::max)
    }

    /// How much of a rectangle is not of its most frequent colour.
    pub(crate) fn inked(&self, left: f32, top: f32, right: f32, bottom: f32) -> f64 {
        let pixels = self.pixels(left, top, right, bottom);
        let counts = counted(&pixels);
        let ground = counts.get(&most_frequent(&counts)).copied().unwrap_or_default();
        (pixels.len() - ground) as f64 / pixels.len().max(1) as f64
    }

    /// Whether three dots stand at the end of `text`, which is at its left if it begins at its right, and nothing over
    /// them. The last of several lines ends where it likes.
    pub(crate) fn ends_in_an_ellipsis(&self, text: &Text) -> bool {
        if text.wraps || !text.words.ends_with('…') {
            return text.wraps && text.words.ends_with('…');
        }
        let width = ELLIPSIS * text.size;
        let left = if text.begins_right { text.left } else { text.ink_right() - width };
        let foot = text.bottom - DOT * text.size;
        let above = self.pixels(left, text.top, left + width, foot);
        let ground = most_frequent(&counted(&above));
        let inked = |pixel: &Rgb8Pixel| theme::contrast(rgb(*pixel), ground) > 1.5;
        let column = |x: f32| self.pixels(x, foot, x + 1.0 / self.unit, text.bottom);
        let columns = (0..(width * self.unit) as usize).map(|x| left + x as f32 / self.unit);
        let columns: Vec<bool> = columns.map(|x| column(x).iter().any(inked)).collect();
        let dots = columns.chunk_by(|one, next| one == next).filter(|run| run[0]).count();
        dots == 3 && !above.iter().any(inked)
    }

    /// The colours within left, top, right and bottom.
    pub(crate) fn colours(&self, [left, top, right, bottom]: [f32; 4]) -> HashSet<theme::Rgb> {
        runs(&self.pixels(left, top, right, bottom)).map(|(colour, _)| colour).collect()
    }

    /// From the highest to the lowest pixel of exactly this colour within left, top, right and bottom.
    pub(crate) fn height_of(&self, colour: theme::Rgb, [left, top, right, bottom]: [f32; 4]) -> f32 {
        let step = 1.0 / self.unit;
        let rows = (0..((bottom - top) * self.unit) as usize).map(|row| top + row as f32 * step);
        let inked: Vec<f32> = rows.filter(|y| self.colours([left, *y, right, y + step]).contains(&colour)).collect();
        inked.first().zip(inked.last()).map_or(0.0, |(first, last)| last - first + step)
    }

    fn pixels(&self, left: f32, top: f32, right: f32, bottom: f32) -> Vec<Rgb8Pixel> {
        let pixel = |length: f32, most: u32| ((length * self.unit).round().max(0.0) as u32).min(most);
        let picture = self.picture();
        let (width, height, pixels) = (picture.width, picture.height, picture.pixels());
        let rows = pixel(top, height)..pixel(bottom, height);
        let from = pixel(left, width);
        let to = pixel(right, width).max(from);
        rows.map(|y| &pixels[(y * width + from) as usize..(y * width + to) as usize]).collect::<Vec<_>>().concat()
    }
}

/// How often there is which colour.
fn counted(pixels: &[Rgb8Pixel]) -> HashMap<theme::Rgb, usize> {
    let mut counts = HashMap::new();
    runs(pixels).for_each(|(colour, length)| *counts.entry(colour).or_default() += length);
    counts
}

/// Pixels of one colour that follow one another, of which a picture is mostly made: their colour and how many they are.
fn runs(pixels: &[Rgb8Pixel]) -> impl Iterator<Item = (theme::Rgb, usize)> {
    pixels.chunk_by(|one, next| one == next).map(|run| (rgb(run[0]), run.len()))
}

fn most_frequent(counts: &HashMap<theme::Rgb, usize>) -> theme::Rgb {
    counts.iter().max_by_key(|(_, count)| **count).map_or(0, |(colour, _)| *colour)
}

fn rgb(pixel: Rgb8Pixel) -> theme::Rgb {
    u32::from(pixel.r) << 16 | u32::from(pixel.g) << 8 | u32::from(pixel.b)
}
