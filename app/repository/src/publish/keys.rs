//! The vendor's keys, in a folder that belongs to the person who publishes.
//!
//! | file | what | where it belongs |
//! |---|---|---|
//! | `root-N.key` | says which other keys count; two of three sign | offline, each in another place |
//! | `targets-N.key` | says which releases there are | where releases are made |
//! | `snapshot-N.key`, `timestamp-N.key` | say what belongs together, and what is newest | where the repository is refreshed |
//! | `bundle-ca.key` | the authority of those who sign bundles | offline |
//! | `bundle.key`, `bundle.pem` | sign bundles, for RAUC | where releases are made |
//! | `bundle-ca.pem`, `root.json` | what every image carries | anywhere |
//! | `keys.json` | which key is which | beside the others |

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use rcgen::{KeyPair, PKCS_ED25519};
use tough::schema::{RoleKeys, RoleType, Root};

use super::{
    Plan, ROOT_KEYS, ROOT_THRESHOLD,
    authority::{self, Pair},
    lifetime,
    signing::{SigningKey, hex, next, sign_root},
};

const NAMES: &str = "keys.json";
const ROOT: &str = "root.json";
const AUTHORITY: &str = "bundle-ca";
const SIGNER: &str = "bundle";
const ROLES: [RoleType; 4] = [RoleType::Root, RoleType::Targets, RoleType::Snapshot, RoleType::Timestamp];

/// The folder of the keys, and further root keys that lie elsewhere.
#[derive(Clone, Debug)]
pub struct Keys {
    folder: PathBuf,
    elsewhere: Vec<PathBuf>,
    /// The name of every key that was ever made, and its identifier.
    names: BTreeMap<String, String>,
}

/// Whether a new key takes the place of one that is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Successor {
    /// Always.
    Always,
    /// Only where too few would be left.
    IfNeeded,
}

impl Keys {
    /// Plans the keys of a new vendor.
    ///
    /// # Errors
    /// There are some already.
    pub async fn make(folder: &Path, now: Timestamp) -> anyhow::Result<Plan> {
        if folder.join(NAMES).exists() {
            bail!("{} has keys already; they are replaced one by one, by rotate", folder.display());
        }
        let mut plan = Plan::default();
        let mut keys = Self { folder: folder.to_owned(), elsewhere: Vec::new(), names: BTreeMap::new() };
        let mut root = Root {
            spec_version: "1.0.0".to_owned(),
            consistent_snapshot: true,
            version: NonZeroU64::MIN,
            expires: in_days(now, lifetime::ROOT)?,
            keys: HashMap::new(),
            roles: HashMap::new(),
            _extra: HashMap::new(),
        };
        let mut signing = Vec::new();
        for role in ROLES {
            let is_root = role == RoleType::Root;
            let threshold = NonZeroU64::new(if is_root { ROOT_THRESHOLD } else { 1 }).unwrap_or(NonZeroU64::MIN);
            root.roles.insert(role, RoleKeys { keyids: Vec::new(), threshold, _extra: HashMap::new() });
            for _ in 0..if is_root { ROOT_KEYS } else { 1 } {
                let key = keys.add(role, &mut root, &mut plan)?;
                signing.extend(is_root.then_some(key));
            }
        }
        let signed = sign_root(root, None, &signing).await?;
        plan.write(keys.folder.join(ROOT), signed.buffer().clone());
        let authority = authority::authority(now)?;
        let signer = authority::signer(&authority, now)?;
        keys.write_pair(&mut plan, AUTHORITY, &authority);
        keys.write_pair(&mut plan, SIGNER, &signer);
        plan.write(keys.folder.join(NAMES), keys.names()?);
        plan.say(format!(
            "makes {ROOT_KEYS} root keys, of which {ROOT_THRESHOLD} sign, and one key of each other role"
        ));
        plan.say("move root-1.key, root-2.key, root-3.key and bundle-ca.key to places of their own, offline");
        Ok(plan)
    }

    /// Opens the folder of the keys; some of the root keys may be in other files.
    ///
    /// # Errors
    /// There are none.
    pub fn open(folder: &Path, elsewhere: &[PathBuf]) -> anyhow::Result<Self> {
        let path = folder.join(NAMES);
        let text = fs::read(&path)
            .with_context(|| format!("{} cannot be read: there are no keys; make some first", path.display()))?;
        let names = serde_json::from_slice(&text).with_context(|| format!("{} does not read", path.display()))?;
        Ok(Self { folder: folder.to_owned(), elsewhere: elsewhere.to_vec(), names })
    }

    /// The root with which a repository begins, as it is in the folder.
    pub(super) fn first_root(&self) -> anyhow::Result<Vec<u8>> {
        let path = self.folder.join(ROOT);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The keys of this folder, and those elsewhere, that are there.
    pub(super) fn present(&self) -> anyhow::Result<Vec<SigningKey>> {
        let here = self.names.keys().map(|name| self.file(name)).filter(|path| path.exists());
        here.chain(self.elsewhere.iter().cloned()).map(SigningKey::read).collect()
    }

    /// Plans a next root, in which this key counts no more.
    pub(super) async fn without(
        mut self,
        name: &str,
        successor: Successor,
        before: &Root,
        now: Timestamp,
        plan: &mut Plan,
    ) -> anyhow::Result<(Root, Vec<u8>, Vec<SigningKey>)> {
        let Some(old) = self.names.get(name).cloned() else {
            bail!("there is no key {name:?}; there are {}", self.counting(before).join(", "));
        };
        let holds = |keys: &RoleKeys| keys.keyids.iter().any(|id| hex(id) == old);
        let Some(role) = ROLES.into_iter().find(|role| before.roles.get(role).is_some_and(holds)) else {
            bail!("{name} counts no more; there are {}", self.counting(before).join(", "));
        };
        let mut root = before.clone();
        root.version = next(before.version);
        root.expires = in_days(now, lifetime::ROOT)?;
        root.keys.retain(|id, _| hex(id) != old);
        let mut is_short = false;
        if let Some(keys) = root.roles.get_mut(&role) {
            keys.keyids.retain(|id| hex(id) != old);
            is_short = (keys.keyids.len() as u64) < keys.threshold.get();
        }
        // The old key signs for the last time: where too few others are here, by it the new root is believed.
        let mut signing = self.present()?;
        if is_short || successor == Successor::Always {
            signing.push(self.add(role, &mut root, plan)?);
        }
        plan.write(self.folder.join(NAMES), self.names()?);
        let signed = sign_root(root.clone(), Some(before), &signing).await?;
        plan.write(self.folder.join(ROOT), signed.buffer().clone());
        if self.file(name).exists() {
            plan.remove(self.file(name));
        }
        plan.say(format!("{name} counts no more, from version {} of the root on", root.version));
        Ok((root, signed.buffer().clone(), signing))
    }

    /// Plans a new certificate that signs bundles.
    ///
    /// # Errors
    /// The authority's key is not here.
    pub fn rotate_signer(&self, now: Timestamp) -> anyhow::Result<Plan> {
        let read = |name: &str| {
            let path = self.folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let authority = Pair { certificate: read("bundle-ca.pem")?, key: read("bundle-ca.key")? };
        let mut plan = Plan::default();
        self.write_pair(&mut plan, SIGNER, &authority::signer(&authority, now)?);
        plan.say("bundles are signed by a new certificate of the same authority; screens take both");
        Ok(plan)
    }

    /// The names of the keys that count.
    fn counting(&self, root: &Root) -> Vec<String> {
        let counts = |id: &String| root.keys.keys().any(|key| hex(key) == *id);
        self.names.iter().filter(|(_, id)| counts(id)).map(|(name, _)| name.clone()).collect()
    }

    /// Makes a key and lets it count for a role.
    fn add(&mut self, role: RoleType, root: &mut Root, plan: &mut Plan) -> anyhow::Result<SigningKey> {
        let number = (1..).find(|number| !self.names.contains_key(&format!("{role}-{number}"))).unwrap_or(1);
        let name = format!("{role}-{number}");
        let pem = KeyPair::generate_for(&PKCS_ED25519)?.serialize_pem().into_bytes();
        let key = SigningKey { path: self.file(&name), pem };
        let public = key.public()?;
        let id = public.key_id()?;
        self.names.insert(name.clone(), hex(&id));
        if let Some(keys) = root.roles.get_mut(&role) {
            keys.keyids.push(id.clone());
        }
        root.keys.insert(id, public);
        plan.write_secret(key.path.clone(), key.pem.clone());
        plan.say(format!("makes the key {name}"));
        Ok(key)
    }

    fn write_pair(&self, plan: &mut Plan, name: &str, pair: &Pair) {
        plan.write_secret(self.folder.join(format!("{name}.key")), pair.key.clone().into_bytes());
        plan.write(self.folder.join(format!("{name}.pem")), pair.certificate.clone().into_bytes());
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    fn names(&self) -> anyhow::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(&self.names)?;
        text.push(b'\n');
        Ok(text)
    }
}

pub(super) fn in_days(now: Timestamp, days: i64) -> anyhow::Result<Timestamp> {
    let at = now.checked_add(SignedDuration::from_hours(24 * days))?;
    // Metadata has whole seconds.
    Ok(Timestamp::from_second(at.as_second())?)
}
