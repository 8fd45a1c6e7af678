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
    /// The extra certificate authority is unusable.
    #[error("the CA certificate is unusable: {0}; give a file of PEM certificates")]
    CaCertificate(String),
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// What was sealed is no connection.
    #[error("the connection \"{0}\" cannot be read; enter it again with `nexus connect`")]
    Sealed(String),
    /// What was sealed is no address.
    #[error("the secret \"{0}\" holds no address; enter it again")]
    SealedAddress(&'static str),
    /// Not a key for signatures.
    #[error("the signing key is none: give 24 to 64 bytes in base64, after `whsec_` or without it")]
    SigningKey,
    /// The socket cannot be opened.
    #[error("cannot listen on {}: {reason}", path.display())]
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
    /// Serving ended.
    #[error("the Broker's socket failed: {0}")]
    Serve(#[source] io::Error),
}

impl Error {
    /// Whether `secrets.json` as a whole cannot be read, so that nothing is known of any one secret.
    pub(crate) fn is_about_the_file(&self) -> bool {
        use vault::Error::{Damaged, File, Version};
        matches!(self, Self::Vault(Damaged { .. } | Version { .. } | File(_)))
    }
}
