//! Randomness as a value: one seed for one step, so that the rules stay deterministic functions.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A fresh 256-bit seed for one step of an exchange. It is consumed by that step and cannot be copied.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Entropy([u8; 32]);

/// The operating system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random numbers: {0}")]
pub struct Unavailable(getrandom::Error);

impl Entropy {
    /// A seed from the operating system.
    ///
    /// # Errors
    /// The operating system's source fails, which on Linux means that the kernel is older than 3.17 or a filter is
    /// in the way.
    pub fn system() -> Result<Self, Unavailable> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(Unavailable)?;
        Ok(Self(seed))
    }

    /// A chosen seed: whoever knows it knows every secret drawn from it, so this is for tests.
    #[must_use]
    pub const fn from_seed(seed: [u8; 32]) -> Self {
        Self(seed)
    }

    /// A seed for a part of the step, unrelated to the seeds of other labels and to everything drawn from this one.
    #[must_use]
    pub fn split(&self, label: &str) -> Self {
        Self(self.draw(&format!("split {label}")))
    }

    /// Draws bytes for one purpose. Different labels give unrelated bytes (HKDF-SHA256, RFC 5869).
    #[must_use]
    pub fn draw<const N: usize>(&self, label: &str) -> [u8; N] {
        const { assert!(N <= 255 * 32, "longer than HKDF can give") };
        let mut bytes = [0; N];
        #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes and N is checked above")]
        Hkdf::<Sha256>::new(Some(b"nexus pairing entropy v1"), &self.0)
            .expand(label.as_bytes(), &mut bytes)
            .expect("N is at most 8160");
        bytes
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(..)")
    }
}
