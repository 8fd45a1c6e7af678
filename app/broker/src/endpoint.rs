//! An address that is a secret as a whole: of a calendar feed, of a webhook.

use egress::{Client, Destination, Limits, Policy, Refusal};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Error, Failure, Secret};

/// An address that nobody but the Broker knows, and who may be asked by it.
///
/// It is sealed as its bare text, which is what an administrator enters on a page, or as JSON where an administrator approved
/// a host of the local network or gave a certificate authority.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: SecretString,
    /// Whether the host may be one of the local network.
    lan: bool,
    ca_certificate: Option<String>,
}

/// How it is sealed where there is more to say than the address.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<U> {
    url: U,
    #[serde(default)]
    allow_lan_host: bool,
    #[serde(default)]
    ca_certificate: Option<String>,
}

impl Endpoint {
    /// Judges an address. `allow_lan_host` approves its host on the local network; without it, only the internet is asked.
    ///
    /// # Errors
    /// It may not be asked, or the certificate is none.
    pub fn new(url: SecretString, allow_lan_host: bool, ca_certificate: Option<String>) -> Result<Self, Error> {
        let endpoint = Self { url, lan: allow_lan_host, ca_certificate };
        endpoint.destination()?;
        endpoint.authorities()?;
        Ok(endpoint)
    }

    pub(crate) fn to_sealable(&self) -> SecretString {
        let Self { url, lan, ca_certificate } = self;
        let url = url.expose_secret().trim();
        let entry = Entry { url, allow_lan_host: *lan, ca_certificate: ca_certificate.clone() };
        #[expect(clippy::expect_used, reason = "text and booleans always serialise")]
        SecretString::from(serde_json::to_string(&entry).expect("an endpoint serialises"))
    }

    pub(crate) fn from_sealed(secret: Secret, text: &SecretString) -> Result<Self, Error> {
        if !text.expose_secret().trim_start().starts_with('{') {
            return Self::new(text.clone(), false, None);
        }
        // serde_json's own words may quote what it met, so they are not passed on.
        let entry: Entry<SecretString> =
            serde_json::from_str(text.expose_secret()).map_err(|_| Error::SealedAddress(secret.name()))?;
        Self::new(entry.url, entry.allow_lan_host, entry.ca_certificate)
    }

    /// A client for this address alone.
    pub(crate) fn client(&self, limits: Limits) -> Result<(Client, Destination), Error> {
        Ok((Client::new(self.policy()?, &self.authorities()?, limits)?, self.destination()?))
    }

    /// The part of the address that is known to nobody else, where it has one.
    pub(crate) fn secret_part(&self) -> Result<Option<SecretString>, Error> {
        let url = self.parsed()?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let part = format!("{}{query}", url.path());
        // A shorter one can be guessed, and stands in ordinary text.
        Ok((part.len() >= 8).then(|| SecretString::from(part)))
    }

    fn destination(&self) -> Result<Destination, Error> {
        Ok(Destination::parse(self.url.expose_secret(), &self.policy()?)?)
    }

    fn policy(&self) -> Result<Policy, Error> {
        let host = self.parsed()?.host().map(|host| host.to_owned());
        Ok(match host {
            Some(host) if self.lan => Policy::Lan(host),
            _ => Policy::Public,
        })
    }

    fn parsed(&self) -> Result<Url, Error> {
        Ok(Url::parse(self.url.expose_secret().trim()).map_err(Refusal::Url)?)
    }

    fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let Some(pem) = &self.ca_certificate else { return Ok(Vec::new()) };
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        match read {
            Ok(all) if !all.is_empty() => Ok(all),
            Ok(_) => Err(Error::CaCertificate("it holds no certificate".to_owned())),
            Err(error) => Err(Error::CaCertificate(error.to_string())),
        }
    }
}

/// What a status other than success means to whoever entered the address.
pub(crate) fn answered(destination: &Destination, status: http::StatusCode) -> Failure {
    Failure::Status(destination.to_string(), status)
}
