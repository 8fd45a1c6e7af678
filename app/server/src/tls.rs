//! The server's end of TLS: its certificate, how it is renewed, and what screens verify it against.

mod authority;
mod resolver;

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use pairing::{
    link::AnchorHash,
    message::{FieldError, Text},
};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    sign::CertifiedKey,
};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};

pub use authority::Authority;

use crate::{
    config::{Certificate, FileAnchor, PublicName},
    folder::{Folder, FolderError},
};
use resolver::Resolver;

/// Why the server has no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be written or read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file is there but of no use.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Making(#[from] rcgen::Error),
    /// rustls does not take it.
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

impl TlsError {
    fn file(path: &Path, reason: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), reason: reason.into() }
    }
}

/// What a screen verifies this server against once it is paired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// These certificates, PEM.
    Certificates(String),
    /// The public web's roots, for this host name.
    WebPki(Text<253>),
}

impl Anchor {
    /// The hash by which an access link names this anchor; `None` for the public web's roots.
    ///
    /// # Errors
    /// A certificate of the anchor does not read as one.
    pub fn hash(&self) -> Result<Option<AnchorHash>, TlsError> {
        let Self::Certificates(pem) = self else { return Ok(None) };
        let malformed = |error: String| TlsError::file(Path::new("the trust anchor"), error);
        let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| malformed(error.to_string()))?;
        let parsed = certificates
            .iter()
            .map(|der| x509_parser::parse_x509_certificate(der).map(|(_, certificate)| certificate))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| malformed(error.to_string()))?;
        Ok(Some(AnchorHash::of(parsed.iter().map(|certificate| certificate.public_key().raw))))
    }
}

/// The server's identity. It is renewed while connections live on.
pub struct Identity {
    origin: Origin,
    resolver: Arc<Resolver>,
    anchor: Anchor,
    provider: Arc<CryptoProvider>,
}

enum Origin {
    Authority { authority: Box<Authority>, names: Vec<PublicName>, leaf: Mutex<Leaf> },
    Files { certificate: PathBuf, key: PathBuf },
}

struct Leaf {
    covers: BTreeSet<PublicName>,
    renew_at: Timestamp,
}

impl Identity {
    /// The identity that the configuration asks for; makes the private authority at the first start.
    ///
    /// # Errors
    /// Certificate files that are missing, malformed or do not belong together; a damaged private authority.
    pub fn open(choice: &Certificate, names: &[PublicName], data: &Folder, now: Timestamp) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        match choice {
            Certificate::PrivateAuthority => {
                let authority = Authority::open(&data.within("pki")?, now)?;
                let covers = covered_names(names);
                let (key, renew_at) = authority.issue(&covers, now, &provider)?;
                Ok(Self {
                    anchor: Anchor::Certificates(authority.pem().to_owned()),
                    resolver: Arc::new(Resolver::new(key)),
                    origin: Origin::Authority {
                        authority: Box::new(authority),
                        names: names.to_vec(),
                        leaf: Mutex::new(Leaf { covers, renew_at }),
                    },
                    provider,
                })
            }
            Certificate::Files { certificate, key, anchor } => Ok(Self {
                anchor: match anchor {
                    FileAnchor::File(path) => Anchor::Certificates(anchor_file(path)?),
                    FileAnchor::WebPki(host) => {
                        let long = |error: FieldError| TlsError::file(certificate, error.to_string());
                        Anchor::WebPki(host.parse().map_err(long)?)
                    }
                },
                resolver: Arc::new(Resolver::new(from_files(certificate, key, &provider)?)),
                origin: Origin::Files { certificate: certificate.clone(), key: key.clone() },
                provider,
            }),
        }
    }

    /// What screens verify this server against.
    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// A rustls configuration that always offers the newest certificate.
    ///
    /// # Errors
    /// rustls refuses the combination; it does not with the provider used here.
    pub fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.resolver.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(config)
    }

    /// From when to when the certificate holds that new connections get.
    ///
    /// # Errors
    /// It does not read as a certificate.
    pub fn validity(&self) -> Result<(Timestamp, Timestamp), TlsError> {
        let key = self.resolver.current();
        let parsed = key.cert.first().and_then(|leaf| x509_parser::parse_x509_certificate(leaf).ok());
        let instant = |seconds: i64| Timestamp::from_second(seconds).ok();
        parsed
            .and_then(|(_, leaf)| {
                let validity = leaf.validity();
                Some((instant(validity.not_before.timestamp())?, instant(validity.not_after.timestamp())?))
            })
            .ok_or_else(|| TlsError::file(Path::new("the server's certificate"), "does not read as one"))
    }

    /// Renews the certificate where it is due, where this machine got a new address, or where the operator's files
    /// changed. New connections get the new one; open ones are not touched. Says whether it did.
    ///
    /// # Errors
    /// A new certificate could not be made or read; the old one stays in use.
    pub fn renew(&self, now: Timestamp) -> Result<bool, TlsError> {
        match &self.origin {
            Origin::Authority { authority, names, leaf } => {
                let covers = covered_names(names);
                let mut leaf = leaf.lock().unwrap_or_else(PoisonError::into_inner);
                if now < leaf.renew_at && covers.is_subset(&leaf.covers) {
                    return Ok(false);
                }
                let (key, renew_at) = authority.issue(&covers, now, &self.provider)?;
                self.resolver.replace(key);
                *leaf = Leaf { covers, renew_at };
                Ok(true)
            }
            Origin::Files { certificate, key } => {
                let key = from_files(certificate, key, &self.provider)?;
                Ok(self.resolver.replace(key))
            }
        }
    }
}

/// The configured names, `localhost`, and every address of this machine.
fn covered_names(names: &[PublicName]) -> BTreeSet<PublicName> {
    let mut covered = names.iter().cloned().collect::<BTreeSet<_>>();
    covered.insert(PublicName::Host("localhost".to_owned()));
    covered.insert(PublicName::Address(Ipv4Addr::LOCALHOST.into()));
    covered.insert(PublicName::Address(Ipv6Addr::LOCALHOST.into()));
    covered.extend(local_addresses().into_iter().map(PublicName::Address));
    covered
}

/// The addresses of this machine that others can reach.
fn local_addresses() -> Vec<IpAddr> {
    let interfaces = match nix::ifaddrs::getifaddrs() {
        Ok(interfaces) => interfaces,
        Err(error) => {
            tracing::warn!(%error, "this machine's addresses are unknown; the certificate covers the configured names only");
            return Vec::new();
        }
    };
    interfaces
        .filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
        })
        // Link-local IPv6 addresses mean nothing without a zone, which a URL of a stick cannot carry.
        .filter(|address| !matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local()))
        .collect()
}

fn from_files(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates(certificate, "tls.certificate (NEXUS_CERTIFICATE)")?;
    let setting = "tls.key (NEXUS_KEY)";
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, "private key", &error, setting))?;
    CertifiedKey::from_der(chain, private, provider).map(Arc::new).map_err(|error| {
        TlsError::file(key, format!("does not belong to {}: {error}; check {setting}", certificate.display()))
    })
}

fn certificates(path: &Path, setting: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(path, "certificate chain", &error, setting))?;
    if chain.is_empty() {
        return Err(TlsError::file(path, format!("holds no certificate in PEM; check {setting}")));
    }
    Ok(chain)
}

fn anchor_file(path: &Path) -> Result<String, TlsError> {
    certificates(path, "tls.anchor (NEXUS_ANCHOR)")?;
    fs::read_to_string(path).map_err(|error| TlsError::file(path, format!("cannot be read: {error}")))
}

fn unusable(path: &Path, what: &str, error: &pem::Error, setting: &str) -> TlsError {
    let reason = match error {
        pem::Error::Io(error) => format!("cannot be read: {error}"),
        pem::Error::NoItemsFound => format!("holds no {what} in PEM"),
        error => format!("is not a {what} in PEM: {error}"),
    };
    TlsError::file(path, format!("{reason}; check {setting}"))
}
