use std::path::PathBuf;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Broker itself cannot be reached.
    #[error("the Broker does not answer on {}: {reason}", socket.display())]
    Broker {
        /// Its socket.
        socket: PathBuf,
        /// What was seen.
        reason: String,
    },
    /// The Broker will not use this connection: no such one, no passphrase, a secret that cannot be
    /// read, a certificate that is not trusted. Only an administrator can change that.
    #[error("{message}")]
    Refused {
        /// The Broker's code, such as `no_passphrase`.
        code: String,
        /// The Broker's words.
        message: String,
    },
    /// What is to be sent cannot be written down.
    #[error("the request to the Broker could not be made: {0}")]
    Unsendable(String),
    /// The provider does not answer, or only with errors of its own.
    #[error("{0}")]
    Unreachable(String),
    /// The provider asked to be left alone (429 or 503).
    #[error("the provider asked to be left alone for a while")]
    Busy {
        /// For how long, if it said so.
        wait: Option<Duration>,
    },
    /// The provider failed so often that it is only tried once in a while. Nothing was sent.
    #[error("the provider has failed repeatedly and is tried again in {} s", wait.as_secs())]
    Degraded {
        /// When the next attempt may be made.
        wait: Duration,
    },
}

impl Error {
    /// When the same request may be sent again, where that is known.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { wait } => *wait,
            Self::Degraded { wait } => Some(*wait),
            _ => None,
        }
    }
}
