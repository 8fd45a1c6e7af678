use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Cost, Error, Name, Passphrase, Sealed, file};

/// The secrets of one installation, in one file.
///
/// The file is read anew on every call, so that what another process stored (`nexus connect` beside a
/// running Broker) counts at once. It is JSON:
///
/// ```json
/// {"version": 1, "secrets": {"connection.request-tracker":
///     {"blob": "aesgcm:…", "scrypt": {"log_n": 15, "r": 8, "p": 1}}}}
/// ```
///
/// A file that cannot be read is never written over.
#[derive(Debug)]
pub struct Vault {
    path: PathBuf,
    pub(crate) passphrase: Option<Passphrase>,
    pub(crate) cost: Cost,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    secrets: BTreeMap<Name, Sealed>,
}

const VERSION: u32 = 1;

impl Vault {
    /// The vault in this file, which need not exist yet. Reads nothing.
    pub fn new(path: impl Into<PathBuf>, passphrase: Option<Passphrase>) -> Self {
        Self { path: path.into(), passphrase, cost: Cost::standard() }
    }

    /// The same vault with another cost for new secrets.
    pub fn with_cost(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    /// Whether it was given a passphrase, or needs none, as on Windows. Says nothing about whether that is the right one.
    pub fn has_passphrase(&self) -> bool {
        cfg!(windows) || self.passphrase.is_some()
    }

    /// Whether a secret is set. All that may ever be told about a secret. Needs no passphrase.
    pub fn contains(&self, name: &Name) -> Result<bool, Error> {
        Ok(self.load()?.secrets.contains_key(name))
    }

    /// The names of all secrets that are set, in order. Needs no passphrase.
    pub fn names(&self) -> Result<Vec<Name>, Error> {
        Ok(self.load()?.secrets.into_keys().collect())
    }

    /// A secret as it lies in the file, if it is set. Needs no passphrase. Comparing it with an earlier
    /// one tells whether the secret was stored anew, without the cost of opening it.
    pub fn sealed(&self, name: &Name) -> Result<Option<Sealed>, Error> {
        Ok(self.load()?.secrets.remove(name))
    }

    /// Opens a secret. Takes about a tenth of a second of one core; call it where blocking is allowed.
    pub fn open(&self, name: &Name) -> Result<SecretString, Error> {
        let sealed = self.sealed(name)?.ok_or_else(|| Error::Missing(name.clone()))?;
        self.open_sealed(name, &sealed)
    }

    /// Opens what [`Vault::sealed`] gave. Costs as much as [`Vault::open`].
    pub fn open_sealed(&self, name: &Name, sealed: &Sealed) -> Result<SecretString, Error> {
        sealed.open(name, self.passphrase.as_ref())
    }

    /// Stores a secret, in place of one of that name if there is one. Durable when it returns. Costs twice
    /// as much as [`Vault::open`].
    ///
    /// A file whose other secrets were sealed with another passphrase takes none: whoever was started
    /// before the passphrase was rotated would store what nobody can open after the next start.
    pub fn set(&self, name: &Name, secret: &SecretString) -> Result<(), Error> {
        let passphrase = self.passphrase.as_ref();
        let sealed = Sealed::seal(name, secret, passphrase, self.cost)?;
        self.change(|secrets| {
            if !fits(passphrase, secrets.iter().filter(|(other, _)| *other != name)) {
                return Err(Error::OtherPassphrase(self.path.clone()));
            }
            secrets.insert(name.clone(), sealed);
            Ok(true)
        })
    }

    /// Removes a secret and says whether it was set. Needs no passphrase.
    pub fn remove(&self, name: &Name) -> Result<bool, Error> {
        let mut was_set = false;
        self.change(|secrets| {
            was_set = secrets.remove(name).is_some();
            Ok(was_set)
        })?;
        Ok(was_set)
    }

    /// Changes the secrets and writes them, where `change` says that it changed any.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<Name, Sealed>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let _others_wait = self.lock()?;
        let mut stored = self.load()?;
        if !change(&mut stored.secrets)? {
            return Ok(());
        }
        #[expect(clippy::expect_used, reason = "string keys and plain fields always serialise")]
        let text = serde_json::to_string_pretty(&stored).expect("the secret file serialises");
        Ok(file::write(&self.path, format!("{text}\n").as_bytes())?)
    }

    /// Held while the file is read, changed and written, so that two processes lose nothing.
    fn lock(&self) -> Result<File, Error> {
        Ok(file::lock(&self.path.with_added_extension("lock"))?)
    }

    fn load(&self) -> Result<Stored, Error> {
        let Some(bytes) = file::read(&self.path)? else {
            return Ok(Stored { version: VERSION, secrets: BTreeMap::new() });
        };
        let stored = parse(&self.path, &bytes)?;
        match stored.version {
            VERSION => Ok(stored),
            version => Err(Error::Version { path: self.path.clone(), version }),
        }
    }
}

/// Whether these secrets may be this passphrase's: one of them is, or none says that it is another's.
fn fits<'a>(passphrase: Option<&Passphrase>, mut secrets: impl Iterator<Item = (&'a Name, &'a Sealed)>) -> bool {
    let mut is_another = false;
    let opens = secrets.any(|(name, sealed)| {
        let opened = sealed.open(name, passphrase);
        is_another |= matches!(opened, Err(Error::Unreadable(_)));
        opened.is_ok()
    });
    opens || !is_another
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Stored, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
        // serde_json's own words may quote the value it met.
        reason: match error.classify() {
            serde_json::error::Category::Eof => "the file ends too early",
            serde_json::error::Category::Data => "the value is not of the expected form",
            _ => "this is not valid JSON",
        },
    })
}
