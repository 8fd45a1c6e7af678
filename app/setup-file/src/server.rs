//! Where the server is, how it is reached, and what it is verified against.

use pairing::link;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use url::Url;

use super::Mistake;
use super::reader::Table;

/// An access link as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub address: link::Address,
    /// Its key; none where it was taken over and erased.
    pub key: Option<link::Key>,
}

/// Server and access link, which must agree.
pub(super) fn read(root: &Table<'_>) -> Result<(Option<Url>, Option<Link>), Mistake> {
    let server = root
        .string("server")?
        .map(|server| address(server.value).map_err(|reason| server.mistake(reason)))
        .transpose()?;
    let Some(text) = root.string("access_link")? else { return Ok((server, None)) };
    let (address, key) =
        link::Address::read(text.value).map_err(|error| text.mistake(format!("access_link: {error}")))?;
    if server.as_ref().is_some_and(|server| server != address.server()) {
        let there = address.server().as_str().trim_end_matches('/');
        return Err(text.mistake(format!(
            "access_link is for {there}, which is not what server says; leave server out, or make them the same"
        )));
    }
    Ok((Some(address.server().clone()), Some(Link { address, key })))
}

pub(super) fn authority(root: &Table<'_>) -> Result<Option<String>, Mistake> {
    let Some(trust) = root.table("trust")? else { return Ok(None) };
    trust.knows(&["ca"])?;
    let Some(ca) = trust.string("ca")? else { return Ok(None) };
    certificates(ca.value).map_err(|reason| ca.mistake(reason))?;
    Ok(Some(ca.value.to_owned()))
}

pub(super) fn proxy(root: &Table<'_>) -> Result<Option<Url>, Mistake> {
    let Some(proxy) = root.string("proxy")? else { return Ok(None) };
    let refuse = |reason: &str| Err(proxy.mistake(format!("proxy {reason}; write http://proxy.example.com:3128")));
    let Ok(url) = Url::parse(proxy.value) else { return refuse("is no address") };
    if url.scheme() != "http" {
        return refuse("must begin with http:// (what goes through it is encrypted all the same)");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not contain a user name or password: a proxy that asks for one is not supported");
    }
    if url.host_str().is_none_or(str::is_empty) || url.path() != "/" || url.query().is_some() {
        return refuse("is a host name and a port, and nothing more");
    }
    Ok(Some(url))
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|error| format!("server = \"{text}\" is no address ({error}); write https://nexus.example.com"))?;
    if url.scheme() != "https" {
        return Err(format!("server = \"{text}\" must begin with https://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("server = \"{text}\" has no host name"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("server must not contain a user name or password".to_owned());
    }
    if url.path().starts_with("/s/") || url.fragment().is_some() {
        // Not repeated: it may hold a key.
        return Err("server must end after the host name and port; a whole link belongs into access_link".to_owned());
    }
    if url.path() != "/" || url.query().is_some() {
        return Err(format!("server = \"{text}\" must end after the host name and port"));
    }
    Ok(url)
}

fn certificates(pem: &str) -> Result<(), String> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("ca is not a PEM certificate: {error}"))?;
        roots.add(certificate).map_err(|error| format!("ca cannot be used as a certificate authority: {error}"))?;
    }
    if roots.is_empty() { Err("ca holds no certificate; paste the PEM text, BEGIN to END".to_owned()) } else { Ok(()) }
}
