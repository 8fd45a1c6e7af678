//! The direction of writing.

/// Whether `letter` is of a script written from right to left.
#[must_use]
pub fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Whether the first letter of `text` that has a direction is of such a script (UAX #9, rule P2).
#[must_use]
pub fn begins_right(text: &str) -> bool {
    text.chars().find(|letter| letter.is_alphabetic()).is_some_and(is_right_to_left)
}

#[cfg(test)]
mod tests {
    use super::{begins_right, is_right_to_left};

    #[test]
    fn hebrew_and_arabic_run_from_right_to_left_and_others_do_not() {
        for text in ["בית", "مدرسة", "ﻣﺪﺭﺳﺔ", "ޝުކުރިއްޔާ"] {
            assert!(text.chars().all(is_right_to_left), "{text}");
        }
        for text in ["12:04", "Café Ångström", "Δήμος", "школа", "学校", "(–…)"] {
            assert!(!text.chars().any(is_right_to_left), "{text}");
        }
    }

    #[test]
    fn the_first_letter_says_where_a_text_begins() {
        for text in ["בית הספר", "12 מדעים", "(ميناء)"] {
            assert!(begins_right(text), "{text}");
        }
        for text in ["", "12:04", "Larkfield בית"] {
            assert!(!begins_right(text), "{text}");
        }
    }
}
