use std::io;
use std::path::PathBuf;

/// Why a connection cannot be stored, or the Broker cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a form that the address of a connection may have.
    #[error("the address {0}")]
    Address(&'static str),
    /// Not a host that a connection may lead to.
    #[error(transparent)]
    Refused(#[from] egress::Refusal),
    /// Not an id of a connection.
    #[error("the id of a connection has 1 to 64 lower-case letters, digits or `-`")]
    Id,
    /// The credential is empty, too short, or no text that fits a header.
    #[error("the token {0}")]
    Credential(&'static str),
    /// The address sends the credential in clear, and nobody allowed that.
    #[error(
        "{0} begins with http://, so others on the network could read the token; use its https:// address, or allow it"
    )]
    InClear(String),
    /// The extra certificate authority is unusable.
    #[error("the CA certificate is unusable: {0}; give PEM certificates")]
    CaCertificate(String),
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// It was readable, and was sealed with another passphrase since.
    #[error(
        "the passphrase with which this Broker was started no longer fits: the connection \"{0}\" was sealed with another one since, as `nexus keys rotate-passphrase` does, or was changed; start Nexus again with the new passphrase"
    )]
    Outdated(String),
    /// What was sealed is no connection.
    #[error(
        "the connection \"{0}\" cannot be read; enter it again under Desk on the admin pages, or with `nexus connect`"
    )]
    Sealed(String),
    /// What was sealed is no address.
    #[error("the secret \"{0}\" holds no address; enter it again")]
    SealedAddress(&'static str),
    /// Not a key for signatures.
    #[error("the signing key is none: give 24 to 64 bytes in base64, after `whsec_` or without it")]
    SigningKey,
    /// The socket cannot be opened.
    #[error("cannot listen on {}: {reason}; set another path of at most 107 bytes with NEXUS_BROKER_SOCKET", path.display())]
    Socket {
        /// The socket's path.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        reason: io::Error,
    },
    /// Another Broker answers there.
    #[error("another Broker listens on {}; stop it first, or give this one another socket", .0.display())]
    SocketTaken(PathBuf),
    /// A folder cannot be made.
    #[error(transparent)]
    File(#[from] vault::file::Error),
    /// Connections cannot be made.
    #[error(transparent)]
    Client(#[from] egress::Unusable),
    /// An attempt to use a connection brought no answer.
    #[error(transparent)]
    Attempt(#[from] crate::Failure),
    /// The answer does not prove that the connection works.
    #[error(transparent)]
    Verdict(#[from] crate::Verdict),
    /// Not a value that this secret may have.
    #[error("the value {0}")]
    Secret(&'static str),
    /// Not a secret that anything reads.
    #[error("there is no such secret")]
    UnknownSecret,
    /// Serving ended.
    #[error("the Broker's socket failed: {0}")]
    Serve(#[source] io::Error),
}

impl Error {
    /// Whether nobody answered, so that it may well work later.
    pub fn is_silence(&self) -> bool {
        match self {
            Self::Attempt(failure) => failure.is_silence(),
            Self::Verdict(verdict) => matches!(verdict, crate::Verdict::Silent(_)),
            _ => false,
        }
    }

    /// Whether `secrets.json` as a whole cannot be read, so that nothing is known of any one secret.
    pub(crate) fn is_about_the_file(&self) -> bool {
        use vault::Error::{Damaged, File, Version};
        matches!(self, Self::Vault(Damaged { .. } | Version { .. } | File(_)))
    }
}
