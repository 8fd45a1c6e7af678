//! The private certificate authority of an installation: the anchor that paired screens trust.

use std::{collections::BTreeSet, sync::Arc};

use data_encoding::HEXUPPER;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::{crypto::CryptoProvider, sign::CertifiedKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::TlsError;
use crate::{config::PublicName, folder::Folder};

const CERTIFICATE: &str = "authority.pem";
const KEY: &str = "authority.key";

/// Sticks trust it for as long as the installation lives; renewing it means pairing them again.
const AUTHORITY_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365 * 20);
const LEAF_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Renewal begins so long before the end that a server which is off for weeks still starts with time to spare.
const LEAF_RENEWAL: SignedDuration = SignedDuration::from_hours(24 * 60);
/// A client whose clock is a day behind still accepts a fresh certificate.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_hours(24);

/// A private authority on P-256, kept in `pki/`.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    /// Opens the authority, or makes one where there is none.
    ///
    /// # Errors
    /// One of its two files is missing or damaged. A new authority is never made over an old one: every paired screen
    /// would refuse the server.
    pub fn open(folder: &Folder, now: Timestamp) -> Result<Self, TlsError> {
        match (text(folder, CERTIFICATE)?, text(folder, KEY)?) {
            (Some(pem), Some(key)) => {
                let key = KeyPair::from_pem(&key).map_err(|error| damaged(folder, KEY, error.to_string()))?;
                Self::from_pem(folder, pem, key)
            }
            (None, key) => {
                // A certificate that was lost is made again from its key: screens that trust the old one accept it.
                let key = key.as_deref().map_or_else(
                    || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::from),
                    |pem| KeyPair::from_pem(pem).map_err(|error| damaged(folder, KEY, error.to_string())),
                )?;
                let pem = self_signed(&key, now)?;
                folder.write(KEY, key.serialize_pem().as_bytes())?;
                folder.write(CERTIFICATE, pem.as_bytes())?;
                tracing::info!("made a private certificate authority for this installation");
                Self::from_pem(folder, pem, key)
            }
            (Some(_), None) => Err(TlsError::file(
                &folder.path(KEY),
                "is missing. Put it back from a backup; or move pki/authority.pem away to begin with a new authority \
                 (paired screens then have to be paired again)",
            )),
        }
    }

    /// Opens the authority where there is one.
    ///
    /// # Errors
    /// One of its two files is missing or damaged.
    pub fn existing(data: &Folder, now: Timestamp) -> Result<Option<Self>, TlsError> {
        let folder = data.within("pki")?;
        match folder.read(CERTIFICATE)? {
            Some(_) => Self::open(&folder, now).map(Some),
            None => Ok(None),
        }
    }

    fn from_pem(folder: &Folder, pem: String, key: KeyPair) -> Result<Self, TlsError> {
        let damaged = |name: &str, reason: String| damaged(folder, name, reason);
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| damaged(CERTIFICATE, error.to_string()))?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate)
            .map_err(|error| damaged(CERTIFICATE, error.to_string()))?;
        if *parsed.public_key().subject_public_key.data != *key.public_key_raw() {
            return Err(damaged(KEY, "it is not the key of authority.pem".to_owned()));
        }
        let issuer =
            Issuer::from_ca_cert_der(&certificate, key).map_err(|error| damaged(CERTIFICATE, error.to_string()))?;
        Ok(Self { issuer, certificate, pem })
    }

    /// The authority's certificate, PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// SHA-256 of the certificate, as browsers show it: `AB:CD:…`.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.certificate);
        digest.iter().map(|byte| HEXUPPER.encode(&[*byte])).collect::<Vec<_>>().join(":")
    }

    /// A fresh certificate and key for the server, and when it is to be renewed. The key stays in memory.
    ///
    /// By a clock that is behind, the certificate would have ended before a stick meets it, and a stick believes nobody
    /// who says that it is earlier than its program was built. So it lasts from the build on at least.
    pub(super) fn issue(
        &self,
        names: &BTreeSet<PublicName>,
        now: Timestamp,
        provider: &CryptoProvider,
    ) -> Result<(Arc<CertifiedKey>, Timestamp), TlsError> {
        let mut params = CertificateParams::new(names.iter().map(PublicName::to_string).collect::<Vec<_>>())?;
        params.distinguished_name = named("Nexus server");
        params.not_before = at(now - CLOCK_TOLERANCE);
        let built = build_time::built_at();
        if now < built {
            tracing::error!(%now, %built, "this machine's clock is before this program was built; set it right");
        }
        params.not_after = at(now.max(built) + LEAF_LIFETIME);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;

        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = params.signed_by(&key, &self.issuer)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let certified = CertifiedKey::from_der(vec![leaf.der().clone()], private, provider)?;
        Ok((Arc::new(certified), now + LEAF_RENEWAL))
    }
}

fn self_signed(key: &KeyPair, now: Timestamp) -> Result<String, TlsError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Nexus private authority");
    params.not_before = at(now - CLOCK_TOLERANCE);
    params.not_after = at(now + AUTHORITY_LIFETIME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params.self_signed(key)?.pem())
}

/// The text of a file in PEM; `None` where there is none.
fn text(folder: &Folder, name: &str) -> Result<Option<String>, TlsError> {
    let pem = folder.read(name)?.map(String::from_utf8).transpose();
    pem.map_err(|_| damaged(folder, name, "it is no PEM".to_owned()))
}

fn damaged(folder: &Folder, name: &str, reason: String) -> TlsError {
    let reason = format!("is damaged: {reason}. Put it back from a backup; nothing was changed");
    TlsError::file(&folder.path(name), reason)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// The same instant for rcgen; X.509 knows whole seconds.
fn at(instant: Timestamp) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(instant.as_second())
}
