//! The device's end: first it is settled what the connection must verify against, then there is something to send.

use super::{Address, AnchorHash, Exchange, Key};
use crate::DeviceKey;
use crate::device::Paired;
use crate::message::{Description, Octets, Trust, VERSION};
use crate::session::Nonce;

/// A device with a link, and nobody yet whom it would show the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    address: Address,
    key: Key,
}

/// What answers is not the server that the link means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its certificate authority is not the one that the access link means")]
pub struct Foreign;

impl Holder {
    /// This device holds a link.
    #[must_use]
    pub const fn new(address: Address, key: Key) -> Self {
        Self { address, key }
    }

    /// The link without its key.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// The server named its anchor, over a connection to whomever. `hash` gives the hash of one.
    ///
    /// # Errors
    /// It is not the one that the link means. Nothing was sent yet.
    pub fn anchored(
        &self,
        certificates: String,
        hash: impl FnOnce(&str) -> Option<AnchorHash>,
    ) -> Result<Ready, Foreign> {
        let meant = self.address.anchor().ok_or(Foreign)?;
        if hash(&certificates).as_ref() != Some(meant) {
            return Err(Foreign);
        }
        Ok(Ready { holder: self.clone(), trust: Trust::Anchor(certificates) })
    }

    /// The link has no anchor hash: the connection must verify against `otherwise`, which is the public web's roots for
    /// the link's host or what else the operator wrote beside the link.
    #[must_use]
    pub fn unanchored(&self, otherwise: Trust) -> Option<Ready> {
        self.address.anchor().is_none().then(|| Ready { holder: self.clone(), trust: otherwise })
    }
}

/// It is settled what the connection must verify against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    holder: Holder,
    trust: Trust,
}

impl Ready {
    /// What every connection must verify against that carries [`Self::exchange`].
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// What to post. It holds the key.
    #[must_use]
    pub fn exchange(&self, key: &DeviceKey, description: Description, nonce: Nonce) -> Exchange {
        let mut exchange = Exchange {
            version: VERSION,
            key: self.holder.key.clone(),
            device_key: key.public(),
            description,
            nonce,
            signature: Octets::new([0; 64]),
        };
        exchange.signature = key.sign(&exchange.signed(&self.holder.address.id()));
        exchange
    }

    /// The server registered the device. `verify` says whether the connection that carried the answer verifies against
    /// the trust that the server names for the time to come.
    ///
    /// # Errors
    /// It does not: with it, the device could never come back.
    pub fn joined<E>(&self, paired: Paired, verify: impl FnOnce(&Trust) -> Result<(), E>) -> Result<Paired, E> {
        verify(&paired.payload.trust).map(|()| paired)
    }
}
