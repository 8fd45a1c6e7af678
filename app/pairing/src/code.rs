//! The one-time code `nameplate-XXXX-XXXX`: drawn, shown, and read back from whatever a person typed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Entropy;

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random characters of a code: 35 bits, spent by a single guess.
const RANDOM: usize = 7;
/// Longest text that is looked at; longer ones are refused unread.
const MAX_TYPED: usize = 64;

/// A number by which the server finds the open pairing that a code belongs to. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Nameplate(u16);

impl Nameplate {
    /// Smallest nameplate.
    pub const MIN: u16 = 100;
    /// Largest nameplate.
    pub const MAX: u16 = 9999;

    /// A nameplate of three or four digits; `None` for any other number.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number >= Self::MIN && number <= Self::MAX { Some(Self(number)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Nameplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Nameplate> for u16 {
    fn from(nameplate: Nameplate) -> Self {
        nameplate.0
    }
}

impl TryFrom<u16> for Nameplate {
    type Error = CodeError;

    fn try_from(number: u16) -> Result<Self, CodeError> {
        Self::new(number).ok_or(CodeError::Length)
    }
}

/// The seven random characters of a code, as values 0 to 31. They alone are the PAKE's password; they never travel.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; RANDOM]);

impl Secret {
    pub(crate) fn draw(entropy: &Entropy) -> Self {
        Self(entropy.draw::<RANDOM>("code").map(|byte| byte & 31))
    }

    /// What the PAKE takes as its password: the characters as they are shown.
    pub(crate) fn password(&self) -> zeroize::Zeroizing<[u8; RANDOM]> {
        zeroize::Zeroizing::new(self.0.map(|value| ALPHABET[usize::from(value)]))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A whole code: nameplate, secret, and a check character over both.
///
/// The check character covers the nameplate too, so that a slip anywhere is caught before a guess is spent; it
/// follows from the rest and adds nothing to the secret. It is `Σ αⁱ·dᵢ` over GF(2⁵), which catches every single wrong
/// character and every two that changed places.
///
/// Reading is forgiving: lower case, spaces, missing or other hyphens, `O` for `0`, `I` and `L` for `1`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    nameplate: Nameplate,
    secret: Secret,
}

/// Why what was typed is no code. No guess is spent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too short or too long.
    #[error("a code has a number of three or four digits and eight characters, like 417-KX7M-2QPD")]
    Length,
    /// A character that no code contains.
    #[error("\u{201c}{0}\u{201d} is in no code; look at the screen again")]
    Character(char),
    /// The check character does not fit.
    #[error("one of the characters is wrong; look at the screen again")]
    Slip,
}

impl Code {
    pub(crate) const fn new(nameplate: Nameplate, secret: Secret) -> Self {
        Self { nameplate, secret }
    }

    /// The public part.
    #[must_use]
    pub const fn nameplate(&self) -> Nameplate {
        self.nameplate
    }

    /// The secret part.
    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The code as the screen shows it, `417-KX7M-2QPD`.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut text = format!("{}-", self.nameplate);
        for (index, value) in self.secret.0.iter().copied().chain([check(self.nameplate, &self.secret)]).enumerate() {
            if index == 4 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(value)]));
        }
        text
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(typed: &str) -> Result<Self, CodeError> {
        if typed.len() > MAX_TYPED {
            return Err(CodeError::Length);
        }
        let mut values = Vec::with_capacity(12);
        for character in typed.chars().filter(|c| !separates(*c)) {
            values.push(value_of(character).ok_or(CodeError::Character(character))?);
        }
        let (digits, secret) =
            values.split_at_checked(values.len().wrapping_sub(RANDOM + 1)).ok_or(CodeError::Length)?;
        let [random @ .., typed_check] = secret else { return Err(CodeError::Length) };
        let random: [u8; RANDOM] = random.try_into().map_err(|_| CodeError::Length)?;
        if !(3..=4).contains(&digits.len()) {
            return Err(CodeError::Length);
        }
        if digits.iter().any(|digit| *digit > 9) {
            return Err(CodeError::Slip);
        }
        let number = digits.iter().fold(0, |number, digit| number * 10 + u16::from(*digit));
        // A nameplate never begins with 0, so one that does is a slip.
        let nameplate = Nameplate::new(number).ok_or(CodeError::Slip)?;
        let code = Self { nameplate, secret: Secret(random) };
        if digits[0] == 0 || check(nameplate, &code.secret) != *typed_check {
            return Err(CodeError::Slip);
        }
        Ok(code)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({}-..)", self.nameplate)
    }
}

/// Spaces, and the hyphens and dashes that keyboards and text fields put in a hyphen's place.
fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value_of(character: char) -> Option<u8> {
    let upper = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|symbol| char::from(*symbol) == upper).and_then(|index| u8::try_from(index).ok())
}

/// The check character's value: the sum of all characters, each times its own power of α. Powers 1 to 7 belong to the
/// secret from its end, 8 to 11 to the nameplate; the check character itself has power 0. All differ, as α has order 31.
fn check(nameplate: Nameplate, secret: &Secret) -> u8 {
    let digits = (0..4).map(|place| u8::try_from(nameplate.0 / 10_u16.pow(place) % 10).unwrap_or_default());
    secret.0.iter().rev().copied().chain(digits).rev().fold(0, |sum, value| times_alpha(sum ^ value))
}

/// Multiplication by α in GF(2⁵) with the primitive polynomial x⁵ + x² + 1.
const fn times_alpha(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    fn code(seed: [u8; 32], number: u16) -> Code {
        Code::new(Nameplate::new(number).unwrap(), Secret::draw(&Entropy::from_seed(seed)))
    }

    #[test]
    fn a_code_reads_as_its_nameplate_and_two_groups_of_four() {
        let shown = code([7; 32], 417).shown();
        assert_eq!(shown.len(), 13, "{shown}");
        assert!(shown.starts_with("417-") && shown.as_bytes()[8] == b'-', "{shown}");
    }

    #[test]
    fn the_secret_is_not_printed_by_debug() {
        let code = code([7; 32], 417);
        assert_eq!(format!("{code:?} {:?}", code.secret), "Code(417-..) Secret(..)");
    }

    #[test]
    fn a_nameplate_has_three_or_four_digits() {
        assert_eq!(
            [0, 99, 100, 9999, 10_000].map(|number| Nameplate::new(number).is_some()),
            [false, false, true, true, false]
        );
        assert!(serde_json::from_str::<Nameplate>("42").is_err());
    }

    #[test]
    fn what_no_code_contains_is_named() {
        assert_eq!("417-KX7M-2QP!".parse::<Code>(), Err(CodeError::Character('!')));
        assert_eq!("417-KX7M-2QPU".parse::<Code>(), Err(CodeError::Character('U')));
        assert_eq!("417-KX7M".parse::<Code>(), Err(CodeError::Length));
        assert_eq!("".parse::<Code>(), Err(CodeError::Length));
        assert_eq!("1".repeat(65).parse::<Code>(), Err(CodeError::Length));
    }

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_typed(
            seed: [u8; 32],
            number in Nameplate::MIN..=Nameplate::MAX,
            lower: bool,
            separator in "[ \u{2013}-]{0,2}",
        ) {
            let code = code(seed, number);
            let mut typed = code.shown().replace('-', &separator);
            if lower {
                typed = typed.to_lowercase().replace('0', "o").replace('1', "l");
            }
            prop_assert_eq!(typed.parse::<Code>(), Ok(code));
        }

        #[test]
        fn every_wrong_character_is_caught(
            seed: [u8; 32], number in Nameplate::MIN..=Nameplate::MAX, place in 0_usize..12, wrong in 0_usize..32,
        ) {
            let right = code(seed, number).shown().replace('-', "");
            let place = place % right.len();
            let mut typed = right.clone().into_bytes();
            typed[place] = ALPHABET[wrong];
            prop_assume!(typed != right.as_bytes());
            prop_assert!(String::from_utf8(typed).unwrap().parse::<Code>().is_err());
        }

        #[test]
        fn two_characters_that_changed_places_are_caught(
            seed: [u8; 32], number in Nameplate::MIN..=Nameplate::MAX, one in 0_usize..12, other in 0_usize..12,
        ) {
            let right = code(seed, number).shown().replace('-', "");
            let mut typed = right.clone().into_bytes();
            typed.swap(one % right.len(), other % right.len());
            prop_assume!(typed != right.as_bytes());
            prop_assert!(String::from_utf8(typed).unwrap().parse::<Code>().is_err());
        }

        #[test]
        fn nothing_that_is_typed_makes_it_panic(typed in "\\PC{0,70}") {
            let _ = typed.parse::<Code>();
        }
    }
}
