//! The password-authenticated key exchange, behind a door narrow enough to change what stands behind it.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Entropy, Secret};

/// What the exchange agreed on: 32 bytes that only somebody with the same password and the same view of both
/// identities has. Never used as a key itself.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Shared(pub(crate) [u8; 32]);

/// The other end's public value is not one that this exchange can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the other end's PAKE message is malformed")]
pub struct PakeError;

/// One side of a balanced PAKE with distinct roles: `A` is the device, `B` the server.
pub trait Pake: Sized {
    /// Length of a public value in bytes.
    const LENGTH: usize;

    /// The device's side. `device` and `server` are the two identities.
    fn start_device(secret: &Secret, device: &[u8], server: &[u8], entropy: &Entropy) -> (Self, Vec<u8>);

    /// The server's side, with the same identities.
    fn start_server(secret: &Secret, device: &[u8], server: &[u8], entropy: &Entropy) -> (Self, Vec<u8>);

    /// Takes the other end's public value. Another password gives another, unrelated result, not an error.
    ///
    /// # Errors
    /// The value is malformed, or is one of our own role (a reflection).
    fn finish(self, theirs: &[u8]) -> Result<Shared, PakeError>;
}

/// SPAKE2 over Ed25519's group (Abdalla and Pointcheval 2005), as python-spake2 and Magic Wormhole speak it.
///
/// The crate is unaudited and older than RFC 9382: it has no key confirmation of its own, so ours is in the key
/// schedule, and it does not wipe its scalars, which are of no use once the code is spent.
pub struct Spake2(spake2::Spake2<spake2::Ed25519Group>);

impl Pake for Spake2 {
    const LENGTH: usize = 33;

    fn start_device(secret: &Secret, device: &[u8], server: &[u8], entropy: &Entropy) -> (Self, Vec<u8>) {
        let (state, public) = spake2::Spake2::start_a_with_rng(
            &spake2::Password::new(secret.password()),
            &spake2::Identity::new(device),
            &spake2::Identity::new(server),
            Drawn(entropy.draw("device pake")),
        );
        (Self(state), public)
    }

    fn start_server(secret: &Secret, device: &[u8], server: &[u8], entropy: &Entropy) -> (Self, Vec<u8>) {
        let (state, public) = spake2::Spake2::start_b_with_rng(
            &spake2::Password::new(secret.password()),
            &spake2::Identity::new(device),
            &spake2::Identity::new(server),
            Drawn(entropy.draw("server pake")),
        );
        (Self(state), public)
    }

    fn finish(self, theirs: &[u8]) -> Result<Shared, PakeError> {
        let mut agreed = self.0.finish(theirs).map_err(|_| PakeError)?;
        let shared = <[u8; 32]>::try_from(agreed.as_slice()).map(Shared).map_err(|_| PakeError);
        agreed.zeroize();
        shared
    }
}

impl std::fmt::Debug for Spake2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spake2(..)")
    }
}

/// The 64 bytes that SPAKE2 draws for its scalar, in the form that the crate takes them.
struct Drawn([u8; 64]);

impl rand_core_06::RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        assert!(bytes.len() <= self.0.len(), "SPAKE2 draws one scalar of 64 bytes");
        bytes.copy_from_slice(&self.0[..bytes.len()]);
        // A second draw must never repeat the first.
        let mut next = crate::Entropy::from_seed(crate::schedule::digest(&[b"next", &self.0])).draw("next");
        std::mem::swap(&mut self.0, &mut next);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rand_core_06::CryptoRng for Drawn {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn secret(seed: u8) -> Secret {
        Secret::draw(&Entropy::from_seed([seed; 32]))
    }

    #[test]
    fn the_same_secret_agrees_and_another_one_does_not() {
        let (device, a) = Spake2::start_device(&secret(1), b"d", b"s", &Entropy::from_seed([2; 32]));
        let (server, b) = Spake2::start_server(&secret(1), b"d", b"s", &Entropy::from_seed([3; 32]));
        assert_eq!((a.len(), b.len()), (Spake2::LENGTH, Spake2::LENGTH));
        let key = server.finish(&a).unwrap().0;
        assert_eq!(device.finish(&b).unwrap().0, key);

        let (wrong, c) = Spake2::start_server(&secret(9), b"d", b"s", &Entropy::from_seed([3; 32]));
        assert_ne!(b, c);
        assert_ne!(wrong.finish(&a).unwrap().0, key);
    }

    #[test]
    fn other_identities_do_not_agree() {
        let (device, a) = Spake2::start_device(&secret(1), b"d", b"s", &Entropy::from_seed([2; 32]));
        let (server, b) = Spake2::start_server(&secret(1), b"e", b"s", &Entropy::from_seed([3; 32]));
        assert_ne!(device.finish(&b).unwrap().0, server.finish(&a).unwrap().0);
    }

    #[test]
    fn a_reflected_public_value_is_refused() {
        let (device, a) = Spake2::start_device(&secret(1), b"d", b"s", &Entropy::from_seed([2; 32]));
        assert!(device.finish(&a).is_err());
    }
}
