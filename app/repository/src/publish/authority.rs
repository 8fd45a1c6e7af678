//! The certificates by which bundles are signed, for RAUC.

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use time::OffsetDateTime;

/// For as long as a screen may live.
const AUTHORITY_DAYS: i64 = 30 * 365;
/// RAUC looks at the day on which a bundle was signed; see `use-bundle-signing-time`.
const SIGNER_DAYS: i64 = 2 * 365;

/// A certificate and its key, PEM.
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// An authority of the vendor.
pub(super) fn authority(now: Timestamp) -> anyhow::Result<Pair> {
    let mut params = params("Nexus releases: authority", now, AUTHORITY_DAYS)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(Pair { certificate: params.self_signed(&key)?.pem(), key: key.serialize_pem() })
}

/// A certificate that signs bundles, by this authority.
pub(super) fn signer(authority: &Pair, now: Timestamp) -> anyhow::Result<Pair> {
    let key = KeyPair::from_pem(&authority.key).context("the key of the bundles' authority does not read")?;
    let issuer =
        Issuer::from_ca_cert_pem(&authority.certificate, key).context("the bundles' authority does not read")?;
    let mut params = params("Nexus releases: bundles", now, SIGNER_DAYS)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // RAUC asks for the first one unless it is told to ask for the second one (`check-purpose`).
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection, ExtendedKeyUsagePurpose::CodeSigning];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(Pair { certificate: params.signed_by(&key, &issuer)?.pem(), key: key.serialize_pem() })
}

fn params(name: &str, now: Timestamp, days: i64) -> anyhow::Result<CertificateParams> {
    let at = |days: i64| -> anyhow::Result<OffsetDateTime> {
        let at = now.checked_add(SignedDuration::from_hours(24 * days))?;
        Ok(OffsetDateTime::from_unix_timestamp(at.as_second())?)
    };
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    // A clock that is some hours slow still takes it.
    params.not_before = at(-1)?;
    params.not_after = at(days)?;
    Ok(params)
}
