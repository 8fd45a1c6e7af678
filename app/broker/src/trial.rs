//! Trying a connection before anything relies on it.

use http::StatusCode;

use crate::upstream::Upstream;
use crate::{Connection, Error, Failure};

/// What a provider is asked once, and what its answer means. The Broker knows no provider's answers; who composes it brings
/// the connector's own judgement.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// Path of the request, relative to the connection's address.
    pub path: &'static str,
    /// Its query.
    pub query: &'static str,
    /// What is said where the answer is so long that it cannot be the provider's.
    pub elsewhere: &'static str,
    /// Judges status and body of the answer.
    pub judge: fn(StatusCode, &[u8]) -> Result<(), Verdict>,
}

/// Why an answer does not prove that a connection works, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Verdict {
    /// The provider has a trouble of its own, which says nothing about the credential.
    #[error("{0}")]
    Silent(String),
    /// It does not take the credential.
    #[error("{0}")]
    Refused(String),
    /// It is not the provider that was expected there.
    #[error("{0}")]
    Unexpected(String),
}

impl Trial {
    /// Asks once, with the credential, as a running Broker would. Nothing is stored.
    ///
    /// # Errors
    /// The connection cannot be used, brought no answer ([`Error::Attempt`]), or not the right one ([`Error::Verdict`]).
    pub async fn of(&self, connection: &Connection) -> Result<(), Error> {
        self.by(&Upstream::new(connection.clone())?).await
    }

    pub(crate) async fn by(&self, upstream: &Upstream) -> Result<(), Error> {
        let answer = match upstream.get(self.path, Some(self.query)).await {
            Err(failure @ Failure::Egress(egress::Failure::TooLarge(..))) => {
                return Err(Verdict::Unexpected(format!("{failure}; {}", self.elsewhere)).into());
            }
            answer => answer?,
        };
        Ok((self.judge)(answer.status, &answer.body)?)
    }
}
