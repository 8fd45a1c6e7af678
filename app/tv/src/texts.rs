//! What is written on the wall: read from the very items that are drawn.

use std::ops::ControlFlow;

use i_slint_core::{
    accessibility::AccessibleStringProperty,
    item_tree::{ItemRc, ParentItemTraversalMode},
    items::{ComplexText, Opacity, SimpleText},
    window::WindowInner,
};
use serde::Serialize;
use slint::Window;

/// A text, and the room that it has in the picture, in its pixels before any rotation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Written {
    /// The words. A text that is shortened on the wall is whole here.
    pub text: String,
    /// The left edge of its room.
    pub x: f32,
    /// The upper edge.
    pub y: f32,
    /// How wide the room is.
    pub width: f32,
    /// How high it is.
    pub height: f32,
}

/// The words of [`written`].
pub fn drawn(window: &Window) -> Vec<String> {
    written(window).into_iter().map(|written| written.text).collect()
}

/// Every text that is drawn in a window, in the order of drawing, and the label of what is drawn in pieces.
pub fn written(window: &Window) -> Vec<Written> {
    let mut texts = Vec::new();
    let scale = window.scale_factor();
    let window = WindowInner::from_pub(window);
    window.ensure_tree_instantiated();
    if let Some(tree) = window.try_component() {
        ItemRc::new_root(tree).visit_descendants(|item| {
            if let Some(text) = text(item).filter(|text| !text.is_empty())
                && item.is_visible()
                && !is_transparent(item)
            {
                let (place, size) = (item.map_to_window(item.geometry().origin), item.geometry().size);
                let [x, y, width, height] = [place.x, place.y, size.width, size.height].map(|length| length * scale);
                texts.push(Written { text, x, y, width, height });
            }
            ControlFlow::<()>::Continue(())
        });
    }
    texts
}

fn text(item: &ItemRc) -> Option<String> {
    let simple = || Some(item.downcast::<SimpleText>()?.as_pin_ref().text());
    let complex = || Some(item.downcast::<ComplexText>()?.as_pin_ref().text());
    let label = || item.accessible_string_property(AccessibleStringProperty::Label);
    label().or_else(simple).or_else(complex).map(|text| text.to_string())
}

/// Whether something around the item, or the item itself, is faded out.
fn is_transparent(item: &ItemRc) -> bool {
    std::iter::successors(Some(item.clone()), |item| item.parent_item(ParentItemTraversalMode::StopAtPopups))
        .any(|item| item.downcast::<Opacity>().is_some_and(|opacity| opacity.as_pin_ref().opacity() <= 0.0))
}

#[cfg(test)]
mod tests {
    use board::sample;
    use device::{State, Updating};
    use jiff::{SignedDuration, tz::TimeZone};

    use crate::{
        snapshot::Display,
        view::{Connection, Motion, Screen},
    };

    #[test]
    fn a_pairing_code_is_read_in_one_piece() {
        let mut display = Display::new(1280, 720, Motion::Reduced).unwrap();
        let state = State::Pairing(device::Pairing {
            code: "417-KX7M-2QPD".into(),
            server: "nexus.example.com".into(),
            found_among: None,
            qr: "417-KX7M-2QPD".into(),
            issued_at: sample::now(),
            expires_at: sample::now() + SignedDuration::from_mins(10),
            confirm: None,
            network: None,
        });
        let screen = Screen {
            state,
            board: None,
            identify: None,
            unchecked_days: None,
            connection: Connection::Live,
            zone: TimeZone::UTC,
        };
        display.show(&screen, sample::now());
        let texts = super::drawn(display.ui().window());
        assert!(texts.contains(&"417-KX7M-2QPD".to_owned()), "{texts:?}");
    }

    #[test]
    fn the_words_of_the_screen_that_is_shown_are_read_and_no_others() {
        let mut display = Display::new(1280, 720, Motion::Reduced).unwrap();
        let mut screen = Screen {
            state: State::Removed { server: "nexus.example.com".into() },
            board: None,
            identify: None,
            unchecked_days: None,
            connection: Connection::Live,
            zone: TimeZone::UTC,
        };
        display.show(&screen, sample::now());
        let texts = super::drawn(display.ui().window());
        assert!(texts.contains(&"This screen was removed.".to_owned()), "{texts:?}");
        assert!(texts.contains(&"14:32".to_owned()), "{texts:?}");

        screen.state = State::Updating(Updating { percent: 64, minutes: None });
        display.show(&screen, sample::now());
        let texts = super::drawn(display.ui().window());
        assert!(texts.iter().any(|text| text.contains("64")), "{texts:?}");
        assert!(!texts.contains(&"This screen was removed.".to_owned()), "{texts:?}");
    }
}
