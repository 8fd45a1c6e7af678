//! Counts, shares and money.

use super::{NO_DATA, Worded};

/// A minus sign as wide as a plus, unlike the hyphen.
const MINUS: &str = "\u{2212}";

const SCALES: [(u64, &str); 3] = [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")];
const LARGEST: (u64, &str) = (1_000_000_000_000, "T");

/// A number of things; in thousands (`12k`, `1.2k`), millions and so on once it is above `plain_up_to` and 999.
pub fn count(things: i64, plain_up_to: u64) -> Worded {
    let sign = if things < 0 { MINUS } else { "" };
    let amount = things.unsigned_abs();
    if amount <= plain_up_to.max(999) {
        return Worded::plain(format!("{sign}{amount}"));
    }
    // The first scale at which the amount, as rounded, stays below a thousand.
    let (scale, unit) = SCALES.into_iter().find(|(scale, _)| half_up(amount, *scale) < 1_000).unwrap_or(LARGEST);
    let tenths = half_up(amount, scale / 10);
    let number = match (tenths / 10, tenths % 10) {
        (whole @ ..10, 0) => whole.to_string(),
        (whole @ ..10, tenth) => format!("{whole}.{tenth}"),
        _ => half_up(amount, scale).to_string(),
    };
    Worded::with_unit(format!("{sign}{number}"), unit)
}

/// A difference with its sign: "+12", "−7", "0".
pub fn signed(difference: i64) -> Worded {
    let mut worded = count(difference, 9_999);
    if difference > 0 {
        worded.number.insert(0, '+');
    }
    worded
}

/// A share in whole per cent, rounded half up; below 1 never 100 %, above 0 never 0 %, ">999" beyond that.
pub fn percent(share: f64) -> Worded {
    if !share.is_finite() {
        return Worded::plain(NO_DATA);
    }
    // The addend makes halves of decimal shares (0.285) count as halves although binary holds slightly less. A
    // quotient of counts below 10^8 is either exactly a half or further from it than that.
    let rounded = (share.abs() * 100.0 + 0.5 + 1e-9).floor();
    let whole = match rounded {
        _ if share == 0.0 => 0.0,
        100.0 if share.abs() < 1.0 => 99.0,
        0.0 => 1.0,
        _ => rounded,
    };
    let beyond = if whole > 999.0 { ">" } else { "" };
    let sign = if share < 0.0 { MINUS } else { "" };
    Worded::with_unit(format!("{beyond}{sign}{:.0}", whole.min(999.0)), "%")
}

/// An amount in minor units of an ISO 4217 currency, in whole major units: "€1240", "1240 CHF".
pub fn money(minor: i64, currency: &str) -> Worded {
    let per_major = 10_u64.pow(minor_digits(currency));
    let sign = if minor < 0 { MINUS } else { "" };
    let major = half_up(minor.unsigned_abs(), per_major);
    let sign = if major == 0 { "" } else { sign };
    let amount = count(i64::try_from(major).unwrap_or(i64::MAX), 9_999);
    let scale = amount.unit.unwrap_or_default();
    match currency {
        "EUR" => Worded { number: format!("{sign}€{}", amount.number), unit: scale_unit(scale), second: None },
        "GBP" => Worded { number: format!("{sign}£{}", amount.number), unit: scale_unit(scale), second: None },
        "USD" => Worded { number: format!("{sign}${}", amount.number), unit: scale_unit(scale), second: None },
        _ => Worded::with_unit(format!("{sign}{}", amount.number), format!("{scale}\u{a0}{currency}")),
    }
}

fn scale_unit(scale: String) -> Option<String> {
    (!scale.is_empty()).then_some(scale)
}

/// Digits of the minor unit by ISO 4217, list one: two unless listed here.
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// `amount / divisor`, rounded half up.
fn half_up(amount: u64, divisor: u64) -> u64 {
    amount / divisor + u64::from(amount % divisor >= divisor.div_ceil(2) && divisor > 1)
}
