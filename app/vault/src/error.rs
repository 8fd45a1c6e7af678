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
    /// The blob is shorter than its fixed parts.
    #[error(
        "cannot read the secret \"{0}\": it is cut short; restore secrets.json from a backup, or enter the secret again"
    )]
    Truncated(Name),
    /// What follows `aesgcm:` is not base64.
    #[error(
        "cannot read the secret \"{0}\": it is not base64; restore secrets.json from a backup, or enter the secret again"
    )]
    Encoding(Name),
    /// The prefix names the Windows data protection interface.
    #[error(
        "cannot read the secret \"{0}\": it was sealed by Windows for one account of one machine (dpapi:) and can only be read there; enter it again here"
    )]
    Windows(Name),
    /// The prefix is unknown.
    #[error(
        "cannot read the secret \"{0}\": it does not begin with `aesgcm:`; restore secrets.json from a backup, or enter the secret again"
    )]
    Scheme(Name),
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
