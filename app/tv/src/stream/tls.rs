//! TLS as the agent says it: exactly one anchor, or the public web's roots; and a clock that may be wrong.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use device::Trust;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    time_provider::TimeProvider,
};

/// Why no connection can be verified.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The anchor does not read.
    #[error("the trust anchor from the agent is not a PEM certificate: {0}; pair this screen again")]
    Anchor(String),
    /// rustls refuses.
    #[error("TLS is not to be had: {0}")]
    Tls(#[from] rustls::Error),
}

/// The client's side of TLS.
pub(super) fn config(trust: &Trust, clock: Arc<Clock>) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::WebPki => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Trust::Anchor(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|error| Error::Anchor(error.to_string()))?;
                roots.add(certificate).map_err(|error| Error::Anchor(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(Error::Anchor("it is empty".to_owned()));
            }
        }
    }
    Ok(ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), clock)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The time for verifying: the device's clock, corrected by what the agent trusts, and never before the program was built.
#[derive(Debug, Default)]
pub(super) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Takes the correction, in seconds.
    pub(super) fn set(&self, offset: i64) {
        self.offset.store(offset, Ordering::Relaxed);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let now = UnixTime::now().as_secs().saturating_add_signed(self.offset.load(Ordering::Relaxed));
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now).max(built())))
    }
}

/// When the program was built, since 1970.
fn built() -> Duration {
    Duration::from_secs(build_time::built_at().as_second().try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_corrected_and_never_before_the_build() {
        let clock = Clock::default();
        let now = UnixTime::now().as_secs();
        clock.set(1_000_000);
        assert!((now + 1_000_000..now + 1_000_010).contains(&clock.current_time().unwrap().as_secs()));
        clock.set(-(now as i64));
        assert_eq!(clock.current_time().unwrap().as_secs(), built().as_secs());
        assert!(built().as_secs() > 1_700_000_000);
    }

    #[test]
    fn an_anchor_that_is_none_is_refused_in_words() {
        for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let error = config(&Trust::Anchor(pem.into()), Arc::default()).unwrap_err().to_string();
            assert!(error.contains("pair this screen again"), "{error}");
        }
    }
}
