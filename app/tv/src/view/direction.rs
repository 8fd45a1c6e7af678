//! The direction of writing.

/// Whether the first letter that has a direction is of a script written from right to left (UAX #9, rule P2).
#[must_use]
pub fn is_right_to_left(text: &str) -> bool {
    text.chars().find(|letter| letter.is_alphabetic()).is_some_and(|letter| {
        matches!(letter, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    })
}

#[cfg(test)]
mod tests {
    use super::is_right_to_left;

    #[test]
    fn hebrew_and_arabic_run_from_right_to_left_and_others_do_not() {
        for text in ["בית הספר", "مدرسة", "12 מדעים", "(ميناء)"] {
            assert!(is_right_to_left(text), "{text}");
        }
        for text in ["", "12:04", "Café Ångström", "Larkfield בית", "Δήμος", "школа"] {
            assert!(!is_right_to_left(text), "{text}");
        }
    }
}
