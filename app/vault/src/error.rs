use std::path::PathBuf;

use crate::{Name, file};

/// Why a secret cannot be stored or used. No variant carries any part of a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no passphrase.
    #[error(
        "cannot store or use secrets without a passphrase; set DASHBOARD_SECRET_PASSPHRASE, keep a copy of it, and start again"
    )]
    NoPassphrase,
    /// The passphrase is there and empty.
    #[error("DASHBOARD_SECRET_PASSPHRASE is set but empty; give it a value or unset it")]
    EmptyPassphrase,
    /// Not a name of a setting.
    #[error("the name of a secret has 1 to 128 lower-case letters, digits, `.`, `-` or `_`")]
    Name,
    /// The passphrase is wrong, or the blob or its name was changed. The cipher cannot tell which.
    #[error(
        "cannot read the secret \"{0}\": it was written with another passphrase, or was changed since; start with the passphrase it was written with, or enter the secret again"
    )]
    Unreadable(Name),
    /// The secrets that are there were sealed with another passphrase.
    #[error(
        "nothing was stored: the secrets in {} were sealed with another passphrase; start with that one, or, if it is lost, move the file away and enter every secret again",
        .0.display()
    )]
    OtherPassphrase(PathBuf),
    /// The blob is shorter than its fixed parts.
    #[error(
        "cannot read the secret \"{0}\": it is cut short; restore secrets.json from a backup, or enter the secret again"
    )]
    Truncated(Name),
    /// What follows the prefix is not base64.
    #[error(
        "cannot read the secret \"{0}\": it is not base64; restore secrets.json from a backup, or enter the secret again"
    )]
    Encoding(Name),
    /// `dpapi:`, and this is not Windows.
    #[error(
        "cannot read the secret \"{0}\": it was sealed by Windows for one account of one machine (dpapi:) and can only be read there; enter it again here"
    )]
    SealedOnWindows(Name),
    /// `aesgcm:`, and this is Windows.
    #[error(
        "cannot read the secret \"{0}\": it was sealed with a passphrase on macOS or Linux (aesgcm:) and can only be read there; enter it again here"
    )]
    SealedElsewhere(Name),
    /// Windows does not open it.
    #[cfg(windows)]
    #[error(
        "cannot read the secret \"{0}\": Windows does not open it, because another account or machine sealed it, or it was changed since; enter it again here"
    )]
    SealedForAnotherAccount(Name),
    /// Windows does not seal it.
    #[cfg(windows)]
    #[error("cannot seal the secret \"{name}\": Windows refuses: {reason}")]
    DataProtection {
        /// The secret.
        name: Name,
        /// What the system said.
        #[source]
        reason: std::io::Error,
    },
    /// The prefix is unknown.
    #[error(
        "cannot read the secret \"{name}\": it does not begin with `{expected}`; restore secrets.json from a backup, or enter the secret again"
    )]
    Scheme {
        /// The secret.
        name: Name,
        /// How secrets begin here.
        expected: &'static str,
    },
    /// The recorded cost is none, or too dear.
    #[error(
        "cannot read the secret \"{0}\": its recorded scrypt cost is out of bounds; restore secrets.json from a backup, or enter the secret again"
    )]
    Cost(Name),
    /// The secret is no text.
    #[error("cannot read the secret \"{0}\": it is not text; enter it again")]
    NotText(Name),
    /// No such secret.
    #[error("the secret \"{0}\" is not set")]
    Missing(Name),
    /// The file is no valid JSON, or not of the expected form.
    #[error(
        "{} is damaged at line {line}, column {column}: {reason}; it was left as it is: correct that line, restore the file from a backup, or move it away and enter the secrets again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was wrong. Never a value from the file.
        reason: &'static str,
    },
    /// The file was written by a newer release.
    #[error("{} has version {version}, which this release does not know; it was left as it is: use the release that wrote it", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that it names.
        version: u32,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] file::Error),
}
