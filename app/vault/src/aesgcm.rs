//! `aesgcm:`, the scheme of macOS and Linux.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{Cost, Error, Name, Passphrase};

pub(crate) const PREFIX: &str = "aesgcm:";

const SALT: usize = 16;
const IV: usize = 12;
const TAG: usize = 16;

/// The bytes of the blob, and the cost to record beside it.
pub(crate) fn seal(
    name: &Name,
    secret: &SecretString,
    passphrase: Option<&Passphrase>,
    cost: Cost,
) -> Result<(Vec<u8>, Option<Cost>), Error> {
    let passphrase = passphrase.ok_or(Error::NoPassphrase)?;
    let mut salt = [0; SALT];
    let mut iv = [0; IV];
    getrandom::fill(&mut salt).map_err(Error::Random)?;
    getrandom::fill(&mut iv).map_err(Error::Random)?;

    let mut text = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
    #[expect(clippy::expect_used, reason = "AES-GCM refuses only messages above 64 GiB")]
    let tag = cipher(passphrase, &salt, cost)
        .encrypt_inout_detached(&Nonce::from(iv), name.as_str().as_bytes(), text.as_mut_slice().into())
        .expect("a secret is shorter than 64 GiB");
    Ok(([&salt[..], &iv, &tag, &text].concat(), Some(cost)))
}

pub(crate) fn open(
    name: &Name,
    bytes: &[u8],
    passphrase: Option<&Passphrase>,
    cost: Option<Cost>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let passphrase = passphrase.ok_or(Error::NoPassphrase)?;
    let cost = cost.ok_or_else(|| Error::Cost(name.clone()))?;
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
    Ok(text)
}

fn cipher(passphrase: &Passphrase, salt: &[u8; SALT], cost: Cost) -> Aes256Gcm {
    let key = passphrase.key(salt, cost);
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}
