//! The certificate verifier of all calls: holds a chain against the assurance that is asked for, and remembers it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::clock::{Shared, unix_time};
use crate::core::Assurance;
use crate::trust::{Presented, Untrusted, verifier};

/// How many connections' chains are remembered. Calls follow one another, so one is in use and one is old.
const REMEMBERED: usize = 4;

/// What the verifier saw.
#[derive(Debug, Default)]
pub(super) struct Watcher(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    presented: VecDeque<Presented>,
    /// Whether the handshakes since the last call began showed different chains.
    mixed: bool,
    refusal: Option<Untrusted>,
}

impl Watcher {
    /// What the connection presented that has this leaf.
    pub(super) fn presented(&self, leaf: &[u8]) -> Option<Presented> {
        self.seen().presented.iter().rev().find(|presented| presented.chain[0].as_ref() == leaf).cloned()
    }

    /// Why the last handshake was refused, if it was.
    pub(super) fn refusal(&self) -> Option<Untrusted> {
        self.seen().refusal.clone()
    }

    /// What every handshake presented since the call began. It stands in where a connection cannot say what it
    /// presented itself: whichever of them carried the answer, it was this.
    pub(super) fn presented_by_all(&self) -> Option<Presented> {
        let seen = self.seen();
        seen.presented.back().filter(|_| !seen.mixed).cloned()
    }

    /// A call begins. `anew` says that it makes a connection of its own.
    pub(super) fn begin(&self, anew: bool) {
        let mut seen = self.seen();
        seen.refusal = None;
        if anew {
            seen.presented.clear();
            seen.mixed = false;
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Watching {
    rule: Rule,
    watcher: Arc<Watcher>,
    clock: Arc<Shared>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Rule {
    /// Whoever it is; the rules check afterwards what was presented.
    Anybody,
    /// The chain verifies now.
    Strict(Arc<WebPkiServerVerifier>),
    /// The chain verifies at some time of the leaf's life.
    AtSomeTime(Arc<WebPkiServerVerifier>),
}

impl Watching {
    pub(super) fn new(assurance: &Assurance, watcher: Arc<Watcher>, clock: Arc<Shared>) -> Result<Self, Untrusted> {
        let rule = match assurance {
            Assurance::None => Rule::Anybody,
            Assurance::Anchored(trust) => Rule::Strict(verifier(trust)?),
            Assurance::AnchoredAtSomeTime(trust) => Rule::AtSomeTime(verifier(trust)?),
        };
        Ok(Self { rule, watcher, clock, provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()) })
    }

    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        self.provider.clone()
    }
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(leaf).chain(intermediates).map(|der| der.clone().into_owned()).collect();
        let presented = Presented { chain, host: host.to_owned() };
        let verified = match &self.rule {
            Rule::Anybody => Ok(ServerCertVerified::assertion()),
            Rule::Strict(verifier) => verifier.verify_server_cert(leaf, intermediates, host, ocsp, now),
            Rule::AtSomeTime(verifier) => {
                let clock = self.clock.read();
                let trusted = clock.time(Instant::now(), Timestamp::now());
                presented
                    .valid_at(trusted, clock.build())
                    .and_then(unix_time)
                    .ok_or(Error::InvalidCertificate(CertificateError::Expired))
                    .and_then(|time| verifier.verify_server_cert(leaf, intermediates, host, ocsp, time))
            }
        };
        let mut seen = self.watcher.seen();
        if let Err(error) = &verified {
            seen.refusal = Some(Untrusted::from_rustls(error));
        } else {
            if seen.presented.len() == REMEMBERED {
                seen.presented.pop_front();
            }
            seen.mixed |= seen.presented.back().is_some_and(|before| *before != presented);
            seen.presented.push_back(presented);
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
