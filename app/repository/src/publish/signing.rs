//! Signs metadata.

use std::{fmt, fs, num::NonZeroU64, path::PathBuf};

use anyhow::{Context, bail};
use async_trait::async_trait;
use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use data_encoding::HEXLOWER;
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tough::{
    editor::signed::SignedRole,
    key_source::KeySource,
    schema::{
        Hashes, KeyHolder, Metafile, Role, Root,
        decoded::{Decoded, Hex},
        key::Key,
    },
    sign::Sign,
};

/// A private key: Ed25519, PKCS#8, PEM.
#[derive(Clone)]
pub(super) struct SigningKey {
    /// Where it lies.
    pub(super) path: PathBuf,
    pub(super) pem: Vec<u8>,
}

type SourceError = Box<dyn std::error::Error + Send + Sync>;

impl SigningKey {
    pub(super) fn read(path: PathBuf) -> anyhow::Result<Self> {
        let pem = fs::read(&path).with_context(|| format!("cannot read the key {}", path.display()))?;
        Ok(Self { path, pem })
    }

    fn open(&self) -> anyhow::Result<Ed25519KeyPair> {
        let path = self.path.display();
        let der = PrivatePkcs8KeyDer::from_pem_slice(&self.pem);
        let der = der.ok().with_context(|| format!("{path} is no private key (PEM, PKCS#8)"))?;
        let key = Ed25519KeyPair::from_pkcs8(der.secret_pkcs8_der());
        key.ok().with_context(|| format!("{path} is no Ed25519 key"))
    }

    /// The public half, as metadata names it.
    pub(super) fn public(&self) -> anyhow::Result<Key> {
        Ok(self.open()?.tuf_key())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.path.display())
    }
}

#[async_trait]
impl KeySource for SigningKey {
    async fn as_sign(&self) -> Result<Box<dyn Sign>, SourceError> {
        Ok(Box::new(self.open()?))
    }

    async fn write(&self, _value: &str, _id: &str) -> Result<(), SourceError> {
        Err("keys are written by a plan".into())
    }
}

/// Signs a part of the metadata by those of the keys that count for it.
pub(super) async fn sign<T: Role + Serialize>(
    role: T,
    root: &Root,
    keys: &[SigningKey],
) -> anyhow::Result<SignedRole<T>> {
    let what = T::TYPE;
    let sources: Vec<Box<dyn KeySource>> = keys.iter().map(|key| Box::new(key.clone()) as _).collect();
    SignedRole::new(role, &KeyHolder::Root(root.clone()), &sources, &SystemRandom::new()).await.with_context(|| {
        let names = keys.iter().map(|key| key.path.display().to_string()).collect::<Vec<_>>().join(", ");
        format!("{what} cannot be signed by {}", if names.is_empty() { "no key at all".to_owned() } else { names })
    })
}

/// Signs a root by those of the keys that count in it, and in the one before it.
pub(super) async fn sign_root(
    root: Root,
    before: Option<&Root>,
    keys: &[SigningKey],
) -> anyhow::Result<SignedRole<Root>> {
    let mut signed = sign(root.clone(), &root, keys).await?;
    if let Some(before) = before {
        let by_old = sign(root.clone(), before, keys).await?;
        signed = signed.add_old_signatures(by_old.signed().signatures.clone())?;
    }
    for judge in before.into_iter().chain([&root]) {
        if let Err(error) = judge.verify_role(signed.signed()) {
            bail!("too few root keys are here for version {} of the root: {error}", root.version);
        }
    }
    Ok(signed)
}

/// How one part of the metadata names another.
pub(super) fn metafile<T: Role + Serialize>(of: &SignedRole<T>) -> Metafile {
    Metafile {
        length: Some(*of.length()),
        hashes: Some(hashes(of.sha256().to_vec())),
        version: of.signed().signed.version(),
        _extra: Default::default(),
    }
}

pub(super) fn hashes(sha256: Vec<u8>) -> Hashes {
    Hashes { sha256: Decoded::from(sha256), _extra: Default::default() }
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

pub(super) fn hex(id: &Decoded<Hex>) -> String {
    HEXLOWER.encode(id)
}

pub(super) fn next(version: NonZeroU64) -> NonZeroU64 {
    version.saturating_add(1)
}
