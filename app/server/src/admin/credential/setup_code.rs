//! The setup code of a new installation.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Crockford base 32: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Ten characters are 50 bits, far beyond what the throttle lets anybody try.
const CODE: usize = 10;

/// The setup code: printed to the console of a server that has no password yet, and nowhere else.
#[derive(Clone)]
pub struct SetupCode(SecretString);

impl SetupCode {
    pub(super) fn draw() -> Self {
        let bytes = crate::random::bytes::<CODE>();
        let text = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect::<String>();
        Self(SecretString::from(format!("{}-{}", &text[..5], &text[5..])))
    }

    /// The code as a person types it. For the console only.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(super) fn is(&self, typed: &str) -> bool {
        // Lower case, spaces and the letters that look like digits are what people type.
        let normal = |text: &str| -> Zeroizing<Vec<u8>> {
            Zeroizing::new(
                text.bytes()
                    .filter(u8::is_ascii_alphanumeric)
                    .map(|byte| match byte.to_ascii_uppercase() {
                        b'O' => b'0',
                        b'I' | b'L' => b'1',
                        byte => byte,
                    })
                    .collect(),
            )
        };
        normal(typed).ct_eq(&normal(self.expose())).into()
    }
}
