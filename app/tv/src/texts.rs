//! What is written on the wall: read from the very items that are drawn.

use std::ops::ControlFlow;

use i_slint_core::{
    item_tree::ItemRc,
    items::{ComplexText, SimpleText},
    window::WindowInner,
};
use slint::Window;

/// Every text that is drawn in a window, in the order of drawing. One that is shortened on the wall is whole here.
pub fn drawn(window: &Window) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(tree) = WindowInner::from_pub(window).try_component() {
        ItemRc::new_root(tree).visit_descendants(|item| {
            if let Some(text) = text(item).filter(|text| !text.is_empty())
                && item.is_visible()
            {
                texts.push(text);
            }
            ControlFlow::<()>::Continue(())
        });
    }
    texts
}

fn text(item: &ItemRc) -> Option<String> {
    let simple = item.downcast::<SimpleText>().map(|item| item.as_pin_ref().text());
    let text = simple.or_else(|| item.downcast::<ComplexText>().map(|item| item.as_pin_ref().text()))?;
    Some(text.to_string())
}

#[cfg(test)]
mod tests {
    use board::sample;
    use device::{State, Updating};
    use jiff::tz::TimeZone;

    use crate::{
        snapshot::Display,
        view::{Connection, Motion, Screen},
    };

    #[test]
    fn the_words_of_the_screen_that_is_shown_are_read_and_no_others() {
        let mut display = Display::new(1280, 720, Motion::Reduced).unwrap();
        let mut screen = Screen {
            state: State::Removed { server: "nexus.example.com".into() },
            board: None,
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
