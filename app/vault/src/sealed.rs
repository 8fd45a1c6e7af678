use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::cost::Recorded;
use crate::{Cost, Error, Name, Passphrase};

/// A secret at rest: the blob, and beside it the cost of its key.
///
/// The blob is `aesgcm:` and base64 of `salt | iv | tag | ciphertext` (16, 12, 16 and n bytes):
/// AES-256-GCM, the key stretched from the passphrase with that salt, the setting's name as
/// authenticated data. Salt and iv are fresh for every seal, so one secret sealed twice gives
/// unrelated blobs.
///
/// The form of the blob has no room for the cost, so it stands beside it. That way the cost can rise
/// for new secrets while old ones stay readable. It needs no protection: another cost is another key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    blob: String,
    scrypt: Recorded,
}

const SCHEME: &str = "aesgcm:";
const WINDOWS: &str = "dpapi:";
const SALT: usize = 16;
const IV: usize = 12;
const TAG: usize = 16;

impl Sealed {
    /// The blob as it lies in the file.
    pub fn blob(&self) -> &str {
        &self.blob
    }

    /// Seals a secret for one setting.
    pub fn seal(name: &Name, secret: &SecretString, passphrase: &Passphrase, cost: Cost) -> Result<Self, Error> {
        let mut salt = [0; SALT];
        let mut iv = [0; IV];
        getrandom::fill(&mut salt).map_err(Error::Random)?;
        getrandom::fill(&mut iv).map_err(Error::Random)?;

        let mut text = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
        #[expect(clippy::expect_used, reason = "AES-GCM refuses only messages above 64 GiB")]
        let tag = cipher(passphrase, &salt, cost)
            .encrypt_inout_detached(&Nonce::from(iv), name.as_str().as_bytes(), text.as_mut_slice().into())
            .expect("a secret is shorter than 64 GiB");

        let bytes = [&salt[..], &iv, &tag, &text].concat();
        Ok(Self { blob: format!("{SCHEME}{}", BASE64.encode(&bytes)), scrypt: cost.recorded() })
    }

    /// Opens it again, for the setting that it was sealed for.
    pub fn open(&self, name: &Name, passphrase: &Passphrase) -> Result<SecretString, Error> {
        if self.blob.starts_with(WINDOWS) {
            return Err(Error::Windows(name.clone()));
        }
        let encoded = self.blob.strip_prefix(SCHEME).ok_or_else(|| Error::Scheme(name.clone()))?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| Error::Encoding(name.clone()))?;
        let cost = self.scrypt.check().ok_or_else(|| Error::Cost(name.clone()))?;

        let parts = || {
            let (salt, rest) = bytes.split_first_chunk::<SALT>()?;
            let (iv, rest) = rest.split_first_chunk::<IV>()?;
            let (tag, ciphertext) = rest.split_first_chunk::<TAG>()?;
            Some((salt, iv, tag, ciphertext))
        };
        let (salt, iv, tag, ciphertext) = parts().ok_or_else(|| Error::Truncated(name.clone()))?;

        let mut text = Zeroizing::new(ciphertext.to_vec());
        cipher(passphrase, salt, cost)
            .decrypt_inout_detached(
                &Nonce::from(*iv),
                name.as_str().as_bytes(),
                text.as_mut_slice().into(),
                &Tag::from(*tag),
            )
            .map_err(|_| Error::Unreadable(name.clone()))?;
        let text = std::str::from_utf8(&text).map_err(|_| Error::NotText(name.clone()))?;
        Ok(SecretString::from(text))
    }
}

fn cipher(passphrase: &Passphrase, salt: &[u8; SALT], cost: Cost) -> Aes256Gcm {
    let key = passphrase.key(salt, cost);
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}
