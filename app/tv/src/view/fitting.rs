//! Words that are written from right to left, cut to their room.
//!
//! Slint cuts a line at its right end and sets the ellipsis there. That is where Hebrew and Arabic begin, so such words
//! lose letters at their own end here, before Slint has them.

use std::pin::{Pin, pin};

use i_slint_core::{
    graphics::FontRequest,
    item_rendering::{HasFont, PlainOrStyledText, RenderString},
    item_tree::ItemRc,
    items::TextWrap,
    lengths::{LogicalLength, LogicalSize},
    textlayout::sharedparley::text_size,
    window::WindowInner,
};
use slint::{SharedString, Window};
use tv_components::Setting;
use unicode_segmentation::UnicodeSegmentation as _;

use super::direction;

/// `words` as they are drawn in `window`: whole if they have room, or if they run from left to right, which is Slint's.
pub(super) fn fitted(words: SharedString, setting: &Setting, window: &Window) -> SharedString {
    if !words.chars().any(direction::is_right_to_left) {
        return words;
    }
    shortened(&words, setting, window).unwrap_or(words)
}

/// As many whole letters as there is room for, and an ellipsis; nothing where nothing has to go.
fn shortened(words: &SharedString, setting: &Setting, window: &Window) -> Option<SharedString> {
    let size = |words: SharedString| size(words, setting, window);
    let line = size("…".into())?.height;
    // Lines are whole, so half a one too many is one too many.
    let most = LogicalSize::new(setting.room, (setting.lines as f32 + 0.5) * line);
    let fits =
        |words: SharedString| size(words).is_some_and(|size| size.width <= most.width && size.height <= most.height);
    if fits(words.clone()) {
        return None;
    }
    let cut = |end: usize| slint::format!("{}…", words[..end].trim_end());
    let ends: Vec<usize> = words.grapheme_indices(true).map(|(end, _)| end).collect();
    let fitting = ends.partition_point(|end| fits(cut(*end)));
    Some(fitting.checked_sub(1).map(|last| cut(ends[last])).unwrap_or_default())
}

/// What `words` take, as Slint measures and draws them; nothing while the window has nothing to draw.
fn size(words: SharedString, setting: &Setting, window: &Window) -> Option<LogicalSize> {
    let window = WindowInner::from_pub(window);
    let item = ItemRc::new_root(window.try_component()?);
    let sample = pin!(Sample { words, setting });
    let wrap = if setting.lines > 1 { TextWrap::WordWrap } else { TextWrap::NoWrap };
    let room = LogicalLength::new(setting.room);
    text_size(window.window_adapter().renderer(), sample.as_ref(), &item, Some(room), wrap, None)
}

/// A text that is only measured.
struct Sample<'a> {
    words: SharedString,
    setting: &'a Setting,
}

impl HasFont for Sample<'_> {
    fn font_request(self: Pin<&Self>, _: &ItemRc) -> FontRequest {
        FontRequest {
            family: Some(self.setting.family.clone()),
            weight: Some(self.setting.weight),
            pixel_size: Some(LogicalLength::new(self.setting.size)),
            letter_spacing: Some(LogicalLength::new(self.setting.spacing)),
            line_height_factor: None,
            italic: false,
        }
    }
}

impl RenderString for Sample<'_> {
    fn text(self: Pin<&Self>) -> PlainOrStyledText {
        PlainOrStyledText::Plain(self.words.clone())
    }
}
