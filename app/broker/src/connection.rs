//! A static connection: one that needs no consent, only a credential that somebody entered.

use std::fmt;
use std::str::FromStr;

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{BaseUrl, Error};

/// What a connection is called, such as `request-tracker`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

impl Id {
    /// The id of the one connection to Request Tracker.
    pub fn request_tracker() -> Self {
        Self("request-tracker".to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
            return Err(Error::Id);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the credential is put on a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Strategy {
    /// In a header, after a fixed prefix.
    Header {
        /// The header's name, in lower case.
        name: String,
        /// What stands before the credential, with its space: `"Bearer "`.
        prefix: String,
    },
}

/// A base address, a strategy and a credential that belong together and are sealed together.
#[derive(Clone, Debug)]
pub struct Connection {
    base_url: BaseUrl,
    strategy: Strategy,
    credential: SecretString,
    ca_certificate: Option<String>,
}

/// How it is sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<C> {
    base_url: BaseUrl,
    strategy: Strategy,
    credential: C,
    ca_certificate: Option<String>,
}

impl Connection {
    /// Shorter credentials cannot be told from ordinary text in an answer, and can be guessed.
    const SHORTEST: usize = 8;

    /// A connection to Request Tracker: the address of its web interface and an authentication token of
    /// the user whose tickets are shown. The token is used for REST 2.0 and for no other page.
    pub fn request_tracker(web: &BaseUrl, token: SecretString, ca_certificate: Option<String>) -> Result<Self, Error> {
        let strategy = Strategy::Header { name: AUTHORIZATION.as_str().to_owned(), prefix: "token ".to_owned() };
        Self::new(web.join("REST/2.0")?, strategy, token, ca_certificate)
    }

    /// Checks that the parts can be used. `ca_certificate` is PEM and trusted beside the public ones, for
    /// this connection only. Space around the credential is dropped, since files end with a newline.
    pub fn new(
        base_url: BaseUrl,
        strategy: Strategy,
        credential: SecretString,
        ca_certificate: Option<String>,
    ) -> Result<Self, Error> {
        let credential = SecretString::from(credential.expose_secret().trim());
        if credential.expose_secret().len() < Self::SHORTEST {
            return Err(Error::Credential("is missing or shorter than 8 characters"));
        }
        let connection = Self { base_url, strategy, credential, ca_certificate };
        connection.sign(&mut HeaderMap::new())?;
        connection.extra_roots()?;
        Ok(connection)
    }

    /// Where it leads.
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Puts the credential on a request.
    pub(crate) fn sign(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        const UNFIT: Error = Error::Credential("holds characters that no header can carry; give the token alone");
        let Strategy::Header { name, prefix } = &self.strategy;
        let name = HeaderName::from_str(name).map_err(|_| UNFIT)?;
        let text = Zeroizing::new(format!("{prefix}{}", self.credential.expose_secret()));
        let mut value = HeaderValue::from_str(&text).map_err(|_| UNFIT)?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    }

    /// Whether bytes that came from outside hold the credential.
    pub(crate) fn is_echoed_in(&self, bytes: &[u8]) -> bool {
        let credential = self.credential.expose_secret().as_bytes();
        bytes.windows(credential.len()).any(|window| window == credential)
    }

    /// The certificates to trust beside the public ones.
    pub(crate) fn extra_roots(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let Some(pem) = &self.ca_certificate else { return Ok(Vec::new()) };
        let unusable = |reason: String| Error::CaCertificate(reason);
        let roots = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(error.to_string()))?;
        if roots.is_empty() {
            return Err(unusable("it holds no certificate".to_owned()));
        }
        let mut store = rustls::RootCertStore::empty();
        for root in &roots {
            store.add(root.clone()).map_err(|error| unusable(error.to_string()))?;
        }
        Ok(roots)
    }

    pub(crate) fn to_sealable(&self) -> SecretString {
        let Self { base_url, strategy, credential, ca_certificate } = self;
        let entry = Entry {
            base_url: base_url.clone(),
            strategy: strategy.clone(),
            credential: credential.expose_secret(),
            ca_certificate: ca_certificate.clone(),
        };
        #[expect(clippy::expect_used, reason = "text and plain enums always serialise")]
        SecretString::from(serde_json::to_string(&entry).expect("a connection serialises"))
    }

    pub(crate) fn from_sealed(id: &Id, text: &SecretString) -> Result<Self, Error> {
        // serde_json's own words may quote what it met, so they are not passed on.
        let entry: Entry<SecretString> =
            serde_json::from_str(text.expose_secret()).map_err(|_| Error::Sealed(id.to_string()))?;
        Self::new(entry.base_url, entry.strategy, entry.credential, entry.ca_certificate)
    }
}
