//! Who may look at the server's inner workings without being an administrator: `/metrics`, and the reasons of `/readyz`.

use std::{
    io,
    path::{Path, PathBuf},
};

use http::{HeaderMap, header};
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{config, forwarded::Client};

/// A token that nobody can guess: 16 characters, if they are drawn at random.
const SHORTEST: usize = 16;

/// Why the server does not know its observers.
#[derive(Debug, thiserror::Error)]
pub enum ObserversError {
    /// The token's file cannot be read.
    #[error("cannot read the token of /metrics from {}: {source}; check metrics.token_file (NEXUS_METRICS_TOKEN_FILE)", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What was seen.
        source: io::Error,
    },
    /// The token could be guessed, or cannot stand in a header.
    #[error(
        "the token of /metrics in {} has to be one line of at least {SHORTEST} characters without spaces; `openssl rand \
         -hex 32` makes a good one",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
    },
}

/// Who may observe, as the configuration says.
pub(crate) struct Observers {
    /// Of the token only its hash is kept.
    token: Option<[u8; 32]>,
    networks: Vec<IpNet>,
}

/// What somebody is to the server's inner workings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There are no observers.
    Nobody,
    /// Not one of them.
    Stranger,
    /// One of them.
    Observer,
}

impl Observers {
    /// Reads the token's file, where there is to be one.
    ///
    /// # Errors
    /// It cannot be read, or holds no token.
    pub(crate) fn open(choice: &config::Observers) -> Result<Self, ObserversError> {
        let token = choice.token_file.as_deref().map(token).transpose()?;
        Ok(Self { token, networks: choice.networks.clone() })
    }

    /// What a client's request is. An address counts where it is known to be the client's.
    pub(crate) fn standing(&self, headers: &HeaderMap, client: Client) -> Standing {
        if self.token.is_none() && self.networks.is_empty() {
            return Standing::Nobody;
        }
        let near = client.is_known() && self.networks.iter().any(|network| network.contains(&client.ip()));
        if near || self.is_token(headers) { Standing::Observer } else { Standing::Stranger }
    }

    fn is_token(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let (Some(token), Some(given)) = (&self.token, given) else { return false };
        // Hashes are of one length, and tell nothing of how much was right.
        Sha256::digest(given)[..].ct_eq(token).into()
    }
}

fn token(path: &Path) -> Result<[u8; 32], ObserversError> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| ObserversError::Unreadable { path: path.to_owned(), source })?;
    let token = text.trim();
    if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ObserversError::Unusable { path: path.to_owned() });
    }
    Ok(Sha256::digest(token).into())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn client(address: &str) -> Client {
        Client::of((address.parse::<IpAddr>().unwrap(), 1).into(), &HeaderMap::new(), None).unwrap()
    }

    fn observers(token_file: Option<&Path>, networks: &[&str]) -> Result<Observers, ObserversError> {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        Observers::open(&config::Observers { token_file: token_file.map(Path::to_owned), networks })
    }

    #[test]
    fn an_address_counts_where_nobody_forwards_for_it() {
        let observers = observers(None, &["10.1.0.0/16", "fd00::/8"]).unwrap();
        let standing = |address: &str, headers: &HeaderMap| {
            let peer = (address.parse::<IpAddr>().unwrap(), 1).into();
            observers.standing(headers, Client::of(peer, headers, None).unwrap())
        };
        for near in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"] {
            assert_eq!(standing(near, &HeaderMap::new()), Standing::Observer, "{near}");
            assert_eq!(standing(near, &headers(&[("x-forwarded-for", "10.1.2.3")])), Standing::Stranger, "{near}");
        }
        assert_eq!(standing("10.2.0.1", &HeaderMap::new()), Standing::Stranger);
        assert_eq!(standing("10.2.0.1", &headers(&[("authorization", "Bearer ")])), Standing::Stranger);
    }

    #[test]
    fn a_token_counts_from_everywhere_and_only_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "0123456789abcdef\n").unwrap();
        let observers = observers(Some(&file), &[]).unwrap();
        let standing =
            |value: &'static str| observers.standing(&headers(&[("authorization", value)]), client("203.0.113.7"));
        assert_eq!(standing("Bearer 0123456789abcdef"), Standing::Observer);
        for wrong in ["0123456789abcdef", "Bearer 0123456789abcde", "Bearer 0123456789abcdefg", "Bearer ", "Basic x"] {
            assert_eq!(standing(wrong), Standing::Stranger, "{wrong}");
        }
    }

    #[test]
    fn without_observers_there_is_nobody_and_a_bad_token_is_named_without_being_quoted() {
        let nobody = observers(None, &[]).unwrap();
        assert_eq!(nobody.standing(&HeaderMap::new(), client("127.0.0.1")), Standing::Nobody);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        assert!(observers(Some(&file), &[]).err().unwrap().to_string().contains("NEXUS_METRICS_TOKEN_FILE"));
        for bad in ["", "short", "two words of some length", "two\nlines-of-some-length"] {
            std::fs::write(&file, bad).unwrap();
            let error = observers(Some(&file), &[]).err().unwrap().to_string();
            assert!(error.contains("at least 16 characters") && (bad.is_empty() || !error.contains(bad)), "{error}");
        }
    }
}
