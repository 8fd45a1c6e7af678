//! The device's Ed25519 key, and its sealed form for the state folder.
//!
//! The key is sealed with AES-256-GCM under a key derived from a machine-bound secret: 32 random bytes in a file. On the
//! appliance that file lies beside the key, so a copied card is a copied device; [`crate::rotation`] is how that is
//! noticed. A TPM is not used yet.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Entropy;
use crate::message::{Octets, PublicKey, Signature};

/// The device's signing key. Wiped when dropped, never printed, never sent.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// A new key.
    #[must_use]
    pub fn draw(entropy: &Entropy) -> Self {
        Self(SigningKey::from_bytes(&Zeroizing::new(entropy.draw("device key"))))
    }

    /// The public half, which is what the server knows the device by.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        Octets::new(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Octets::new(self.0.sign(message).to_bytes())
    }

    pub(crate) const fn signing_key(&self) -> &SigningKey {
        &self.0
    }

    /// Seals the key for the state folder.
    #[must_use]
    pub fn seal(&self, machine: &MachineKey, entropy: &Entropy) -> SealedKey {
        let (salt, nonce) = (entropy.draw::<32>("seal salt"), entropy.draw::<12>("seal nonce"));
        #[expect(clippy::expect_used, reason = "AES-GCM only fails beyond 64 GiB; a key has 32 bytes")]
        let sealed = machine
            .cipher(&salt)
            .encrypt(&nonce.into(), Payload { msg: self.0.as_bytes(), aad: SealedKey::FORMAT.as_bytes() })
            .expect("32 bytes are below 64 GiB");
        let mut bytes = [0; 48];
        bytes.copy_from_slice(&sealed);
        SealedKey {
            format: SealedKey::FORMAT.to_owned(),
            salt: Octets::new(salt),
            nonce: Octets::new(nonce),
            sealed: Octets::new(bytes),
        }
    }
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// The machine-bound secret.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MachineKey([u8; 32]);

impl MachineKey {
    /// A new one.
    #[must_use]
    pub fn draw(entropy: &Entropy) -> Self {
        Self(entropy.draw("machine key"))
    }

    /// As read from its file.
    ///
    /// # Errors
    /// The file has not exactly 32 bytes.
    pub fn from_file(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self).map_err(|_| KeyError::Machine(bytes.len()))
    }

    /// As written to its file.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self, salt: &[u8; 32]) -> Aes256Gcm {
        let mut key = Zeroizing::new([0; 32]);
        #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes")]
        Hkdf::<Sha256>::new(Some(salt), &self.0)
            .expand(SealedKey::FORMAT.as_bytes(), key.as_mut())
            .expect("32 bytes are fewer than 8160");
        Aes256Gcm::new((&*key).into())
    }
}

impl std::fmt::Debug for MachineKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MachineKey(..)")
    }
}

/// A device key as it lies in the state folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedKey {
    format: String,
    salt: Octets<32>,
    nonce: Octets<12>,
    sealed: Octets<48>,
}

impl SealedKey {
    const FORMAT: &'static str = "nexus-device-key-1";

    /// Opens the key.
    ///
    /// # Errors
    /// Another format, another machine, or damage.
    pub fn open(&self, machine: &MachineKey) -> Result<DeviceKey, KeyError> {
        if self.format != Self::FORMAT {
            return Err(KeyError::Format);
        }
        let seed = machine
            .cipher(self.salt.as_bytes())
            .decrypt(
                &(*self.nonce.as_bytes()).into(),
                Payload { msg: self.sealed.as_bytes(), aad: Self::FORMAT.as_bytes() },
            )
            .map(Zeroizing::new)
            .map_err(|_| KeyError::Sealed)?;
        let seed = Zeroizing::new(<[u8; 32]>::try_from(seed.as_slice()).map_err(|_| KeyError::Sealed)?);
        Ok(DeviceKey(SigningKey::from_bytes(&seed)))
    }
}

/// Why a stored key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Written by a newer version.
    #[error("the device key was written in a format that this version does not know")]
    Format,
    /// The seal does not open.
    #[error("the device key does not open: it was sealed on other hardware, or the file is damaged")]
    Sealed,
    /// The keys for rotation do not belong to the device's key.
    #[error("the keys here do not belong to the one in device-key.json; one of the two files was put back from a copy")]
    Ring,
    /// The machine key has the wrong length.
    #[error("the machine key has {0} bytes instead of 32")]
    Machine(usize),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn entropy(seed: u8) -> Entropy {
        Entropy::from_seed([seed; 32])
    }

    #[test]
    fn a_sealed_key_opens_on_its_machine_only() {
        let (key, machine) = (DeviceKey::draw(&entropy(1)), MachineKey::draw(&entropy(2)));
        let sealed = key.seal(&machine, &entropy(3));
        let stored: SealedKey = serde_json::from_str(&serde_json::to_string(&sealed).unwrap()).unwrap();
        let kept = MachineKey::from_file(machine.expose()).unwrap();
        assert_eq!(stored.open(&kept).unwrap().public(), key.public());
        assert_eq!(stored.open(&MachineKey::draw(&entropy(4))).unwrap_err(), KeyError::Sealed);
    }

    #[test]
    fn a_damaged_key_is_refused() {
        let (key, machine) = (DeviceKey::draw(&entropy(1)), MachineKey::draw(&entropy(2)));
        let mut sealed = key.seal(&machine, &entropy(3));
        let mut bytes = *sealed.sealed.as_bytes();
        bytes[5] ^= 1;
        sealed.sealed = Octets::new(bytes);
        assert_eq!(sealed.open(&machine).unwrap_err(), KeyError::Sealed);
        assert_eq!(MachineKey::from_file(b"short").unwrap_err(), KeyError::Machine(5));
    }

    #[test]
    fn keys_are_not_printed_by_debug() {
        assert_eq!(
            format!("{:?} {:?}", DeviceKey::draw(&entropy(1)), MachineKey::draw(&entropy(2))),
            "DeviceKey(..) MachineKey(..)"
        );
    }
}
