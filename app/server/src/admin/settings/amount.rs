//! Amounts as people write them: `12`, `95 %`, `30 min`, `1 h 30 min`.

/// What an amount is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Tickets, or agents.
    Count,
    /// Per cent.
    Share,
    /// A duration, kept in seconds.
    Time,
}

const SPANS: [(&str, u32); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

impl Unit {
    /// An amount as text, which [`Unit::parse`] reads back.
    pub(super) fn written(self, amount: u32) -> String {
        match self {
            Self::Count => amount.to_string(),
            Self::Share => format!("{amount} %"),
            Self::Time => {
                let fits = |(_, seconds): &&(&str, u32)| amount.is_multiple_of(*seconds) && amount >= *seconds;
                let (name, seconds) = SPANS.iter().find(fits).copied().unwrap_or(("s", 1));
                format!("{} {name}", amount / seconds)
            }
        }
    }

    /// The amount that a text says.
    pub(super) fn parse(self, text: &str) -> Option<u32> {
        match self {
            Self::Count => text.trim().parse().ok(),
            Self::Share => text.trim().trim_end_matches('%').trim_end().parse().ok(),
            Self::Time => span(text),
        }
    }

    /// How it is written, for people.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Count => "a whole number",
            Self::Share => "a whole number of per cent",
            Self::Time => "a time such as 30 min, 4 h or 1 d 12 h",
        }
    }
}

/// Seconds of one or more numbers with their units.
fn span(text: &str) -> Option<u32> {
    let mut rest = text.trim();
    let mut sum = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number = rest[..digits].parse::<u32>().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, seconds) = SPANS.iter().find(|(name, _)| *name == &rest[..letters])?;
        rest = rest[letters..].trim_start();
        sum = Some(number.checked_mul(*seconds)?.checked_add(sum.unwrap_or(0))?);
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(amount: u32) {
            for unit in [Unit::Count, Unit::Share, Unit::Time] {
                prop_assert_eq!(unit.parse(&unit.written(amount)), Some(amount));
            }
        }

        #[test]
        fn nothing_that_is_typed_is_a_panic(text in "[0-9a-z% ü]{0,12}|\\PC{0,12}") {
            for unit in [Unit::Count, Unit::Share, Unit::Time] {
                unit.parse(&text);
            }
        }
    }

    #[test]
    fn times_are_written_in_the_largest_unit_that_fits() {
        for (seconds, text) in
            [(0, "0 s"), (90, "90 s"), (1800, "30 min"), (5400, "90 min"), (14_400, "4 h"), (259_200, "3 d")]
        {
            assert_eq!(Unit::Time.written(seconds), text);
        }
    }

    #[test]
    fn times_are_read_with_their_units_and_not_without() {
        assert_eq!(Unit::Time.parse(" 1h30 min "), Some(5400));
        assert_eq!(Unit::Time.parse("1 d 12 h"), Some(129_600));
        for text in ["", "30", "h", "30 weeks", "-5 min", "1.5 h", "99999999 d", "5 min 3"] {
            assert_eq!(Unit::Time.parse(text), None, "{text}");
        }
    }
}
