//! Reads a drawing: every text with its place and size, and how it stands out from its ground.

use std::{collections::HashMap, ops::ControlFlow, rc::Rc};

use board::theme;
use i_slint_core::{
    item_tree::{ItemRc, ParentItemTraversalMode},
    items::{ComplexText, Opacity, Orientation, SimpleText, TextHorizontalAlignment, TextOverflow, TextWrap},
    lengths::LogicalRect,
    window::{WindowAdapter, WindowInner},
};
use slint::Rgb8Pixel;
use tv::{
    snapshot::{Display, Picture},
    view::{Motion, Screen},
};

use crate::scenes;

/// The smallest text anywhere, in design pixels (wall-ui rule 2).
pub(crate) const SMALLEST: f32 = 51.0;

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
    /// Whether letters without room are drawn beyond it: an ellipsis helps at the right end only.
    pub(crate) spills: bool,
}

impl Text {
    /// Letters that stand on the wall: no further than its room goes.
    fn ink_right(&self) -> f32 {
        self.wanted_right.min(self.right)
    }

    pub(crate) fn is_number(&self) -> bool {
        self.words.chars().any(|letter| letter.is_ascii_digit())
            && !self.words.contains(' ')
            && self.words.chars().all(|letter| letter.is_ascii_digit() || "−+.:€".contains(letter))
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
    pub(crate) texts: Vec<Text>,
    pub(crate) picture: Picture,
    pub(crate) unit: f32,
    pub(crate) size: (f32, f32),
}

/// Draws `screen` and reads it.
pub(crate) fn read(screen: &Screen, (width, height): (u32, u32)) -> Drawing {
    let mut display = Display::new(width, height, Motion::Reduced).unwrap();
    display.show(screen, scenes::now());
    let picture = display.picture();
    let unit = width.min(height) as f32 / 1080.0;
    let window = WindowInner::from_pub(display.ui().window());
    let adapter = window.window_adapter();
    let mut texts = Vec::new();
    ItemRc::new_root(window.component()).visit_descendants(|item| {
        if item.is_visible() && opaque(item) {
            texts.extend(text(item, &adapter));
        }
        ControlFlow::<()>::Continue(())
    });
    Drawing { texts, picture, unit, size: (width as f32 / unit, height as f32 / unit) }
}

fn text(item: &ItemRc, adapter: &Rc<dyn WindowAdapter>) -> Option<Text> {
    let (words, size, wraps, alignment, cut) = if let Some(text) = item.downcast::<SimpleText>() {
        let text = text.as_pin_ref();
        (text.text(), text.font_size(), false, text.horizontal_alignment(), false)
    } else {
        let text = item.downcast::<ComplexText>()?;
        let text = text.as_pin_ref();
        (
            text.text(),
            text.font_size(),
            text.wrap() != TextWrap::NoWrap,
            text.horizontal_alignment(),
            text.overflow() == TextOverflow::Clip,
        )
    };
    if words.trim().is_empty() {
        return None;
    }
    let place = LogicalRect::new(item.map_to_window(item.geometry().origin), item.geometry().size);
    let wanted = item.borrow().as_ref().layout_info(Orientation::Horizontal, -1.0, adapter, item).preferred;
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
        spills: !cut && words.chars().any(|letter| ('\u{590}'..'\u{900}').contains(&letter)) && wanted > place.width(),
        words: words.into(),
    })
}

fn opaque(item: &ItemRc) -> bool {
    std::iter::successors(Some(item.clone()), |item| item.parent_item(ParentItemTraversalMode::StopAtPopups))
        .all(|item| item.downcast::<Opacity>().is_none_or(|opacity| opacity.as_pin_ref().opacity() > 0.0))
}

impl Drawing {
    /// The contrast of a text with its ground: of the most frequent colour around its letters and the one that is
    /// furthest from it.
    pub(crate) fn contrast(&self, text: &Text) -> f64 {
        let ink = self.pixels(text.left, text.top, text.ink_right(), text.bottom);
        let ground = most_frequent(&ink);
        ink.iter().map(|pixel| theme::contrast(rgb(*pixel), rgb(ground))).fold(1.0, f64::max)
    }

    /// How much of a rectangle is not of its most frequent colour.
    pub(crate) fn inked(&self, left: f32, top: f32, right: f32, bottom: f32) -> f64 {
        let pixels = self.pixels(left, top, right, bottom);
        let ground = most_frequent(&pixels);
        pixels.iter().filter(|pixel| **pixel != ground).count() as f64 / pixels.len().max(1) as f64
    }

    fn pixels(&self, left: f32, top: f32, right: f32, bottom: f32) -> Vec<Rgb8Pixel> {
        let pixel = |length: f32, most: u32| ((length * self.unit).round().max(0.0) as u32).min(most);
        let (width, height) = (self.picture.width, self.picture.height);
        let rows = pixel(top, height)..pixel(bottom, height);
        rows.flat_map(|y| (pixel(left, width)..pixel(right, width)).map(move |x| (x, y)))
            .map(|(x, y)| self.picture.pixels[(y * width + x) as usize])
            .collect()
    }
}

fn most_frequent(pixels: &[Rgb8Pixel]) -> Rgb8Pixel {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    pixels.iter().for_each(|pixel| *counts.entry(rgb(*pixel)).or_default() += 1);
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(colour, _)| colour);
    Rgb8Pixel::new((most >> 16) as u8, (most >> 8) as u8, most as u8)
}

fn rgb(pixel: Rgb8Pixel) -> u32 {
    u32::from(pixel.r) << 16 | u32::from(pixel.g) << 8 | u32::from(pixel.b)
}
