//! A password or passcode at rest.

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::CredentialError;

/// A password as scrypt leaves it, with its cost, so that the cost can rise.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Hashed {
    log_n: u8,
    r: u32,
    p: u32,
    salt: String,
    hash: String,
}

/// The same as it stands in the file, before its cost was looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    log_n: u8,
    r: u32,
    p: u32,
    salt: String,
    hash: String,
}

impl TryFrom<Written> for Hashed {
    type Error = &'static str;

    fn try_from(Written { log_n, r, p, salt, hash }: Written) -> Result<Self, Self::Error> {
        vault::Cost::new(log_n, r, p).ok_or("no machine has the memory for this cost of scrypt")?;
        Ok(Self { log_n, r, p, salt, hash })
    }
}

impl Hashed {
    const LOG_N: u8 = 15;
    const R: u32 = 8;
    const P: u32 = 1;

    pub(super) fn of(password: &SecretString) -> Result<Self, CredentialError> {
        let salt = crate::random::bytes::<16>();
        let hash = stretch(password, &salt, Self::LOG_N, Self::R, Self::P)?;
        let (salt, hash) = (BASE64.encode(&salt), BASE64.encode(&hash));
        Ok(Self { log_n: Self::LOG_N, r: Self::R, p: Self::P, salt, hash })
    }

    pub(super) fn verify(&self, password: &SecretString) -> Result<bool, CredentialError> {
        let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| CredentialError::Hashing);
        let hash = stretch(password, &decode(&self.salt)?, self.log_n, self.r, self.p)?;
        Ok(decode(&self.hash)?.ct_eq(&hash).into())
    }

    /// What is kept, for keys that shall be worth nothing once it is another.
    pub(crate) fn material(&self) -> &[u8] {
        self.hash.as_bytes()
    }
}

fn stretch(password: &SecretString, salt: &[u8], log_n: u8, r: u32, p: u32) -> Result<[u8; 32], CredentialError> {
    let params = scrypt::Params::new(log_n, r, p).map_err(|_| CredentialError::Hashing)?;
    let mut hash = [0; 32];
    scrypt::scrypt(password.expose_secret().as_bytes(), salt, &params, &mut hash)
        .map_err(|_| CredentialError::Hashing)?;
    Ok(hash)
}
