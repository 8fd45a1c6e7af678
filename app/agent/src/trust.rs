//! What a certificate is held against: roots, and the chain that a connection presented. No I/O.

use std::sync::Arc;

use jiff::Timestamp;
use pairing::link::AnchorHash;
use pairing::message::Trust;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::{CertificateError, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::clock::unix_time;

/// Why a connection is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// The anchor itself cannot be used.
    #[error("the trust anchor cannot be used: {0}")]
    Anchor(String),
    /// Web PKI was named, for another host than the one that is connected to.
    #[error("the server says that it is {named}, but is reached as {host}")]
    Host {
        /// The host that the server named.
        named: String,
        /// The host of the connection.
        host: String,
    },
    /// Right but for the time: the certificate "has expired", or "is not valid yet".
    #[error("its certificate {0}")]
    Time(String),
    /// The chain does not lead to the anchor, or is for another name; in words that go on: "comes from another authority".
    #[error("its certificate {0}")]
    Chain(String),
}

impl Untrusted {
    pub(crate) fn from_rustls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(
                reason @ (CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }),
            ) => Self::Time(fault(reason)),
            rustls::Error::InvalidCertificate(reason) => Self::Chain(fault(reason)),
            other => Self::Chain(format!("cannot be verified ({other})")),
        }
    }
}

/// What is wrong with a certificate, for who stands before the screen and for who looks after the server.
fn fault(reason: &CertificateError) -> String {
    use CertificateError as Is;
    let words = match reason {
        Is::Expired | Is::ExpiredContext { .. } => "has expired",
        Is::NotValidYet | Is::NotValidYetContext { .. } => "is not valid yet",
        // A new authority of the same name, as of a server that was installed anew, is known by its signature alone.
        Is::UnknownIssuer | Is::BadSignature => "comes from another authority",
        Is::NotValidForName | Is::NotValidForNameContext { .. } => "is for another name",
        Is::Revoked => "was revoked",
        Is::BadEncoding => "is damaged",
        other => return format!("cannot be verified ({other})"),
    };
    words.to_owned()
}

/// A verifier that holds chains against exactly this anchor.
///
/// # Errors
/// [`Untrusted::Anchor`].
pub fn verifier(trust: &Trust) -> Result<Arc<WebPkiServerVerifier>, Untrusted> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::WebPki(_) => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Trust::Anchor(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|error| Untrusted::Anchor(error.to_string()))?;
                roots.add(certificate).map_err(|error| Untrusted::Anchor(error.to_string()))?;
            }
        }
    }
    WebPkiServerVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
    )
    .build()
    .map_err(|error| Untrusted::Anchor(error.to_string()))
}

/// The hash by which access links name an anchor; `None` where it cannot be used as one.
#[must_use]
pub fn anchor_hash(pem: &str) -> Option<AnchorHash> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().ok()?;
    let parsed = certificates
        .iter()
        .map(|der| X509Certificate::from_der(der).map(|(_, certificate)| certificate))
        .collect::<Result<Vec<_>, _>>()
        .ok()?;
    Some(AnchorHash::of(parsed.iter().map(|certificate| certificate.public_key().raw)))
}

/// What the other end of one connection presented, and proved to hold the key of in the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The end entity's certificate first, as it came.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whom the connection was made to.
    pub host: ServerName<'static>,
}

impl Presented {
    /// Whether this very connection verifies against an anchor.
    ///
    /// # Errors
    /// Why it does not.
    pub fn verify(&self, trust: &Trust, now: Timestamp) -> Result<(), Untrusted> {
        if let Trust::WebPki(named) = trust
            && !self.host.to_str().eq_ignore_ascii_case(named)
        {
            return Err(Untrusted::Host { named: named.to_string(), host: self.host.to_str().into_owned() });
        }
        let time = unix_time(now).ok_or_else(|| Untrusted::Time("the clock is before 1970".to_owned()))?;
        let (leaf, intermediates) =
            self.chain.split_first().ok_or_else(|| Untrusted::Chain("there is none".to_owned()))?;
        verifier(trust)?
            .verify_server_cert(leaf, intermediates, &self.host, &[], time)
            .map(|_| ())
            .map_err(|error| Untrusted::from_rustls(&error))
    }

    /// The time nearest to `now` at which the leaf is valid; `None` where it ended before `earliest`.
    ///
    /// It serves to ask a pinned server for the time when the clock is off: at that moment the validity dates cannot
    /// count, as the clock is what is in doubt. The authority's key can sign a new leaf at any time and lies beside
    /// the leaf's own, so this gives an attacker nothing that he would not have.
    #[must_use]
    pub fn valid_at(&self, now: Timestamp, earliest: Timestamp) -> Option<Timestamp> {
        let leaf = self.chain.first()?;
        let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
        let validity = leaf.validity();
        let from = Timestamp::from_second(validity.not_before.timestamp()).ok()?;
        let until = Timestamp::from_second(validity.not_after.timestamp()).ok()?;
        (from <= until && until >= earliest).then(|| now.max(earliest).clamp(from, until))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use jiff::SignedDuration;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        (pem, Issuer::new(params, key))
    }

    fn presented(issuer: &Issuer<'_, KeyPair>, name: &str, host: &str) -> Presented {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 12, 31);
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap();
        Presented { chain: vec![leaf.der().clone()], host: ServerName::try_from(host.to_owned()).unwrap() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_chain_verifies_against_its_own_anchor_name_and_time_only() {
        let (pem, ours) = authority("ours");
        let (_, theirs) = authority("ours");
        let (trust, now) = (Trust::Anchor(pem), at("2026-06-01T00:00:00Z"));
        assert_eq!(presented(&ours, "nexus.test", "nexus.test").verify(&trust, now), Ok(()));
        assert!(matches!(presented(&theirs, "nexus.test", "nexus.test").verify(&trust, now), Err(Untrusted::Chain(_))));
        assert!(matches!(presented(&ours, "nexus.test", "other.test").verify(&trust, now), Err(Untrusted::Chain(_))));
        let ours = presented(&ours, "nexus.test", "nexus.test");
        assert!(matches!(ours.verify(&trust, now + 365 * DAY), Err(Untrusted::Time(_))));
        assert!(matches!(ours.verify(&trust, now - 365 * DAY), Err(Untrusted::Time(_))));
    }

    #[test]
    fn web_pki_counts_for_the_named_host_only_and_not_for_private_authorities() {
        let (_, ours) = authority("ours");
        let now = at("2026-06-01T00:00:00Z");
        let presented = presented(&ours, "nexus.test", "nexus.test");
        let named = |name: &str| Trust::WebPki(name.parse().unwrap());
        assert!(matches!(presented.verify(&named("other.test"), now), Err(Untrusted::Host { .. })));
        assert!(matches!(presented.verify(&named("nexus.test"), now), Err(Untrusted::Chain(_))));
    }

    #[test]
    fn an_anchor_that_is_none_trusts_nobody() {
        let (_, ours) = authority("ours");
        for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let trust = Trust::Anchor(pem.to_owned());
            let refused = presented(&ours, "nexus.test", "nexus.test").verify(&trust, at("2026-06-01T00:00:00Z"));
            assert!(matches!(refused, Err(Untrusted::Anchor(_))), "{refused:?}");
        }
    }

    #[test]
    fn the_time_for_asking_the_time_lies_in_the_leafs_life_and_after_the_build() {
        let (_, ours) = authority("ours");
        let presented = presented(&ours, "nexus.test", "nexus.test");
        let (build, last) = (at("2026-05-01T00:00:00Z"), at("2026-12-31T00:00:00Z"));
        assert_eq!(presented.valid_at(at("2027-11-22T00:00:00Z"), build), Some(last), "a year ahead");
        assert_eq!(presented.valid_at(at("1970-01-01T00:00:00Z"), build), Some(build), "reset");
        let today = at("2026-06-01T00:00:00Z");
        assert_eq!(presented.valid_at(today, build), Some(today));
        assert_eq!(presented.valid_at(today, last + DAY), None, "it ended before this program was built");
    }
}
