use data_encoding::BASE64;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[cfg(not(windows))]
use crate::aesgcm as scheme;
use crate::cost::Recorded;
#[cfg(windows)]
use crate::dpapi as scheme;
use crate::{Cost, Error, Name, Passphrase};

/// A secret at rest: the blob, and beside it the cost of its key.
///
/// What stands before the blob's colon says who sealed it, and only they are asked to open it:
///
/// - `aesgcm:`, on macOS and Linux, is base64 of `salt | iv | tag | ciphertext` (16, 12, 16 and n bytes): AES-256-GCM, the
///   key stretched from the passphrase with that salt, the setting's name as authenticated data. Salt and iv are fresh
///   for every seal, so one secret sealed twice gives unrelated blobs.
/// - `dpapi:`, on Windows, is base64 of what the system's data protection interface made of it, for this account of this
///   machine and with the setting's name as further entropy. The passphrase has no part in it.
///
/// The form of an `aesgcm:` blob has no room for the cost, so it stands beside it. That way the cost can rise
/// for new secrets while old ones stay readable. It needs no protection: another cost is another key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    blob: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scrypt: Option<Recorded>,
}

const AESGCM: &str = "aesgcm:";
const DPAPI: &str = "dpapi:";

impl Sealed {
    /// The blob as it lies in the file.
    pub fn blob(&self) -> &str {
        &self.blob
    }

    /// Seals a secret for one setting. Only Windows can without a passphrase.
    pub fn seal(
        name: &Name,
        secret: &SecretString,
        passphrase: Option<&Passphrase>,
        cost: Cost,
    ) -> Result<Self, Error> {
        let (bytes, cost) = scheme::seal(name, secret, passphrase, cost)?;
        Ok(Self { blob: format!("{}{}", scheme::PREFIX, BASE64.encode(&bytes)), scrypt: cost.map(Cost::recorded) })
    }

    /// Opens it again, for the setting that it was sealed for.
    pub fn open(&self, name: &Name, passphrase: Option<&Passphrase>) -> Result<SecretString, Error> {
        let Some(encoded) = self.blob.strip_prefix(scheme::PREFIX) else {
            return Err(self.foreign(name));
        };
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| Error::Encoding(name.clone()))?;
        let text: Zeroizing<Vec<u8>> = scheme::open(name, &bytes, passphrase, self.cost())?;
        let text = std::str::from_utf8(&text).map_err(|_| Error::NotText(name.clone()))?;
        Ok(SecretString::from(text))
    }

    /// What its key cost, where that is recorded and within bounds.
    pub(crate) fn cost(&self) -> Option<Cost> {
        self.scrypt?.check()
    }

    /// Why a blob that does not begin as ours do is never read as one of ours.
    fn foreign(&self, name: &Name) -> Error {
        if self.blob.starts_with(DPAPI) {
            Error::SealedOnWindows(name.clone())
        } else if self.blob.starts_with(AESGCM) {
            Error::SealedElsewhere(name.clone())
        } else {
            Error::Scheme { name: name.clone(), expected: scheme::PREFIX }
        }
    }
}
