//! Where the server's certificate comes from.

use std::path::PathBuf;

use super::{ConfigError, PublicName, setting::Setting};

/// Where the server's certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// A private authority under `pki/`, made at the first start.
    PrivateAuthority,
    /// Files of the operator, PEM.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
        /// What screens verify the chain against.
        anchor: FileAnchor,
    },
}

/// What screens verify certificate files against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAnchor {
    /// These certificates, PEM: the operator's own authority.
    File(PathBuf),
    /// The public web's roots, for this host name.
    WebPki(String),
}

/// What the settings of a certificate, of its key and of what verifies it say together.
pub(super) fn from_settings(
    certificate: Option<Setting>,
    key: Option<Setting>,
    anchor: Option<Setting>,
    names: &[PublicName],
) -> Result<Certificate, ConfigError> {
    let wrong = |setting: &Setting, reason: &str| Err(ConfigError::new(&setting.place, reason));
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let anchor = match (anchor, names.iter().find_map(PublicName::host)) {
                (Some(anchor), _) => FileAnchor::File(anchor.text.into()),
                (None, Some(host)) => FileAnchor::WebPki(host.to_owned()),
                (None, None) => {
                    return wrong(
                        &certificate,
                        "screens must know for which host name this certificate is; set names (NEXUS_NAMES). For a \
                         certificate of your own authority, name that authority's file in tls.anchor (NEXUS_ANCHOR)",
                    );
                }
            };
            Ok(Certificate::Files { certificate: certificate.text.into(), key: key.text.into(), anchor })
        }
        (None, None) => match anchor {
            None => Ok(Certificate::PrivateAuthority),
            Some(anchor) => wrong(
                &anchor,
                "an anchor belongs to certificate files; set tls.certificate and tls.key, or leave it out",
            ),
        },
        (Some(certificate), None) => {
            wrong(&certificate, "the certificate needs its private key; set tls.key (NEXUS_KEY)")
        }
        (None, Some(key)) => {
            wrong(&key, "the private key needs its certificate; set tls.certificate (NEXUS_CERTIFICATE)")
        }
    }
}
