//! The server as a source of updates: the mirror of the vendor's repository, which is trusted with nothing, and its word on
//! whose turn it is.

use std::path::PathBuf;
use std::time::Instant;

use device::fleet::{Candidates, MAX_REASON, Turn};
use futures_util::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use pairing::message::Trust;
use repository::{Source, Transport, TransportError, TransportErrorKind, TransportStream, async_trait, follow};
use tokio::sync::watch;
use updates::{Manifest, Name};
use url::Url;

use super::{Origin, UpdateSource};
use crate::connection::SignedIn;
use crate::core::{Assurance, CallError};
use crate::folder;

/// Where the server has the repository's metadata, and the targets with the bundles beside them.
const METADATA: &str = "/updates/metadata/";
const TARGETS: &str = "/updates/targets/";
/// By how much the system's clock may be off: a server's certificate counts from a day before it was made.
const OFF: SignedDuration = SignedDuration::from_hours(24);
/// Everybody may read it: the certificates are no secret, and RAUC fetches as a user of its own.
const PUBLIC: u32 = 0o644;

/// The mirror.
#[derive(Debug)]
pub struct Mirror {
    /// The session, whenever there is one.
    pub session: watch::Receiver<Option<SignedIn>>,
    /// The vendor's `root.json` that came with the image.
    pub root: Vec<u8>,
    /// A folder for what is known of the repository.
    pub kept: PathBuf,
    /// The file for the certificates by which RAUC verifies the server.
    pub ca: PathBuf,
}

impl Mirror {
    fn session(&self) -> Result<SignedIn, String> {
        self.session.borrow().clone().ok_or_else(|| "this screen is not signed in".to_owned())
    }
}

impl UpdateSource for Mirror {
    async fn releases(&self, compatible: &Name) -> Result<Vec<Manifest>, String> {
        let session = self.session()?;
        let (metadata, targets) = (&at(&session, METADATA)?, &at(&session, TARGETS)?);
        let source = Source { root: &self.root, kept: &self.kept, metadata, targets };
        let followed = follow(source, Some(compatible), Carried(session)).await.map_err(|error| error.to_string())?;
        for (target, why) in &followed.unreadable {
            tracing::warn!("{target} is passed over: {why}");
        }
        Ok(followed.releases.into_iter().map(|release| release.manifest).collect())
    }

    async fn turn(&self, candidates: &Candidates) -> Result<Turn, String> {
        let turn = self.session()?.turn(candidates).await.map_err(|error| error.to_string())?;
        Ok(match turn {
            Turn::Held { why } => Turn::Held { why: why.chars().take(MAX_REASON).collect() },
            granted @ Turn::Granted { .. } => granted,
        })
    }

    fn origin(&self, release: &Manifest) -> Result<Origin, String> {
        let session = self.session()?;
        let (instant, system) = (Instant::now(), Timestamp::now());
        near(system, session.clock().read().time(instant, system))?;
        let url = at(&session, TARGETS)?.join(release.bundle.name.as_str()).map_err(|error| error.to_string())?;
        folder::replace(&self.ca, certificates(session.assurance()).as_bytes(), PUBLIC)
            .map_err(|error| error.to_string())?;
        Ok(Origin { url, ca: self.ca.clone() })
    }
}

/// Whether the system's clock is right enough for RAUC, which goes by it alone.
fn near(system: Timestamp, trusted: Timestamp) -> Result<(), String> {
    if trusted.duration_since(system).abs() <= OFF {
        return Ok(());
    }
    Err(format!(
        "this screen's clock says {system:.0}, and it is {trusted:.0}: RAUC would trust no server. Give it a time server, by \
         DHCP or as ntp in nexus.toml"
    ))
}

fn at(session: &SignedIn, path: &str) -> Result<Url, String> {
    session.at(path).map_err(|error| error.to_string())
}

/// What a server verifies against, as a file of certificates (PEM).
fn certificates(assurance: &Assurance) -> String {
    match assurance {
        Assurance::Anchored(Trust::Anchor(pem)) | Assurance::AnchoredAtSomeTime(Trust::Anchor(pem)) => pem.clone(),
        Assurance::Anchored(Trust::WebPki(_)) | Assurance::AnchoredAtSomeTime(Trust::WebPki(_)) | Assurance::None => {
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
            roots.map(|root| pem::encode(&pem::Pem::new("CERTIFICATE", root.to_vec()))).collect()
        }
    }
}

/// Carries what the mirror has to what verifies it.
#[derive(Clone, Debug)]
struct Carried(SignedIn);

#[async_trait]
impl Transport for Carried {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let failed = |error: CallError| TransportError::new_with_cause(TransportErrorKind::Other, &url, error);
        match self.0.fetch(url.clone()).await.map_err(failed)? {
            Some(stream) => {
                let url = url.clone();
                let stream =
                    stream.map_err(move |error| TransportError::new_with_cause(TransportErrorKind::Other, &url, error));
                Ok(Box::pin(stream))
            }
            None => Err(TransportError::new(TransportErrorKind::FileNotFound, &url)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_by_more_than_a_day_is_told_and_nothing_is_fetched_by_it() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let off = |hours| near(now + SignedDuration::from_hours(hours), now);
        for hours in [-24, -1, 0, 1, 24] {
            assert_eq!(off(hours), Ok(()), "{hours}");
        }
        for hours in [-24 * 365, -25, 25, 24 * 365] {
            assert!(off(hours).unwrap_err().contains("Give it a time server"), "{hours}");
        }
    }
}
