use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{Cost, Error};

/// What the operator gave in `DASHBOARD_SECRET_PASSPHRASE`. Never empty, never printed.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Takes a passphrase; an empty one is refused, because a variable that is set but empty is a
    /// mistake and not a choice.
    pub fn new(text: SecretString) -> Result<Self, Error> {
        if text.expose_secret().is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        Ok(Self(text))
    }

    /// Whether both are the same. Asked by whoever typed both.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }

    /// The AES-256 key of one secret (RFC 7914).
    pub(crate) fn key(&self, salt: &[u8], cost: Cost) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        #[expect(clippy::expect_used, reason = "scrypt refuses only output lengths of 0 and above 2^37 bytes")]
        scrypt::scrypt(self.0.expose_secret().as_bytes(), salt, &cost.params(), &mut *key)
            .expect("32 bytes is a length that scrypt can give");
        key
    }
}

/// For whoever hands it to the process that uses it.
impl ExposeSecret<str> for Passphrase {
    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
