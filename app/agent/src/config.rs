//! `nexus.toml`: what the operator wrote on the set-up partition. A mistake is told with its line, and nothing of
//! the file is applied.

use std::ops::Range;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use toml::Spanned;
use url::Url;

/// Largest file that is read, in bytes.
pub const MAX_FILE: u64 = 256 * 1024;

/// What `nexus.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The server's base address, `https`.
    pub server: Option<Url>,
    /// A certificate authority, PEM, that the server must verify against even before pairing.
    pub ca: Option<String>,
    /// Clockwise rotation of the picture in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
}

/// Why the file is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    server: Option<Spanned<String>>,
    trust: Option<TrustTable>,
    rotation: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustTable {
    ca: Option<Spanned<String>>,
}

impl Config {
    /// Reads the file's text.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let mistake = |span: Option<Range<usize>>, reason: String| Mistake { line: line(text, span), reason };
        let file: File = toml::from_str(text).map_err(|error| mistake(error.span(), error.message().to_owned()))?;
        let server = file
            .server
            .map(|server| address(server.get_ref()).map_err(|reason| mistake(Some(server.span()), reason)))
            .transpose()?;
        let ca = file
            .trust
            .and_then(|trust| trust.ca)
            .map(|ca| match authority(ca.get_ref()) {
                Ok(()) => Ok(ca.get_ref().clone()),
                Err(reason) => Err(mistake(Some(ca.span()), reason)),
            })
            .transpose()?;
        let rotation = match file.rotation {
            None => 0,
            Some(rotation) => u16::try_from(*rotation.get_ref())
                .ok()
                .filter(|degrees| matches!(degrees, 0 | 90 | 180 | 270))
                .ok_or_else(|| {
                    mistake(
                        Some(rotation.span()),
                        format!("rotation = {}: only 0, 90, 180 and 270", rotation.get_ref()),
                    )
                })?,
        };
        Ok(Self { server, ca, rotation })
    }
}

fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let end = span.map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
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
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("server = \"{text}\" must end after the host name and port"));
    }
    Ok(url)
}

fn authority(pem: &str) -> Result<(), String> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("ca is not a PEM certificate: {error}"))?;
        roots.add(certificate).map_err(|error| format!("ca cannot be used as a certificate authority: {error}"))?;
    }
    if roots.is_empty() { Err("ca holds no certificate; paste the PEM text, BEGIN to END".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    fn mistake(text: &str) -> String {
        Config::read(text).unwrap_err().to_string()
    }

    #[test]
    fn a_whole_file_is_read() {
        let pem = rcgen::generate_simple_self_signed(["nexus.test".to_owned()]).unwrap().cert.pem();
        let text =
            format!("server = \"https://nexus.example.com:8443\"\nrotation = 90\n[trust]\nca = \"\"\"\n{pem}\"\"\"\n");
        let config = Config::read(&text).unwrap();
        assert_eq!(config.server.unwrap().as_str(), "https://nexus.example.com:8443/");
        assert_eq!((config.ca.as_deref(), config.rotation), (Some(pem.as_str()), 90));
        assert_eq!(Config::read("").unwrap(), Config::default());
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_what_would_be_right() {
        assert_eq!(
            mistake("\nserver = \"http://nexus\""),
            "line 2: server = \"http://nexus\" must begin with https://"
        );
        assert_eq!(mistake("rotation = 0\nserver = \"https://u:p@nexus\"\n").split(':').next(), Some("line 2"));
        assert_eq!(
            mistake("server = \"https://nexus/admin\""),
            "line 1: server = \"https://nexus/admin\" must end after the host name and port"
        );
        assert!(mistake("server = \"nexus\"").contains("write https://nexus.example.com"));
        assert_eq!(mistake("\n\nrotation = 45"), "line 3: rotation = 45: only 0, 90, 180 and 270");
        assert!(mistake("# set-up\nserver = https://nexus\n").starts_with("line 2: "));
        assert!(mistake("serve = \"https://nexus\"").starts_with("line 1: unknown field `serve`"));
        assert!(mistake("server = 7").starts_with("line 1: invalid type: integer"));
        assert!(mistake("[trust]\nca = \"no\"").starts_with("line 2: ca holds no certificate"));
        assert!(
            mistake("[trust]\nca = \"\"\"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\"\"\"")
                .starts_with("line 2: ca cannot be used")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_makes_it_panic(text in "(server|rotation|trust|ca|[ -~]|\n|\"|=|\\PC){0,60}") {
            let _ = Config::read(&text);
        }
    }
}
