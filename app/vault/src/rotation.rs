use secrecy::SecretString;

use crate::{Error, Name, Passphrase, Sealed, Vault};

/// What [`Vault::rotate`] found and did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The secrets that were sealed anew, in order.
    pub resealed: Vec<Name>,
    /// Those that were sealed with the new passphrase already, at the present cost or a higher one.
    pub kept: Vec<Name>,
}

impl Vault {
    /// Seals every secret with another passphrase, at the present cost or a higher one that it had.
    ///
    /// A crash at any moment leaves a file that one passphrase opens: all of it is sealed anew in memory, and the file is
    /// then replaced by one rename, so it is as it was or as it shall be. A further run finds out which: a secret that
    /// opens with the new passphrase counts as done. That also mends a file in which both are used.
    ///
    /// No other process can write meanwhile: the lock is held from the first read to the rename. Whoever waited for it
    /// with the old passphrase is refused afterwards ([`Error::OtherPassphrase`]), so nothing is stored that the new
    /// one does not open.
    ///
    /// # Errors
    /// A secret opens with neither passphrase, or the file cannot be written. Nothing was changed then.
    pub fn rotate(&self, new: &Passphrase) -> Result<Rotation, Error> {
        let old = self.passphrase.as_ref().ok_or(Error::NoPassphrase)?;
        let mut rotation = Rotation::default();
        self.change(|secrets| {
            for (name, sealed) in secrets {
                match self.present(name, sealed, old, new)? {
                    Present::AsItShallBe => rotation.kept.push(name.clone()),
                    Present::Outdated(secret) => {
                        let cost = sealed.cost().filter(|cost| self.cost.is_below(*cost)).unwrap_or(self.cost);
                        *sealed = Sealed::seal(name, &secret, Some(new), cost)?;
                        rotation.resealed.push(name.clone());
                    }
                }
            }
            Ok(!rotation.resealed.is_empty())
        })?;
        Ok(rotation)
    }

    fn present(&self, name: &Name, sealed: &Sealed, old: &Passphrase, new: &Passphrase) -> Result<Present, Error> {
        match sealed.open(name, Some(old)) {
            Ok(secret) if !old.is(new) => Ok(Present::Outdated(secret)),
            Err(Error::Unreadable(_)) | Ok(_) => {
                let secret = sealed.open(name, Some(new))?;
                let is_cheap = sealed.cost().is_some_and(|cost| cost.is_below(self.cost));
                Ok(if is_cheap { Present::Outdated(secret) } else { Present::AsItShallBe })
            }
            Err(other) => Err(other),
        }
    }
}

/// How a secret was found.
enum Present {
    AsItShallBe,
    Outdated(SecretString),
}
