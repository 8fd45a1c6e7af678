//! Why a repository is not followed.

use std::{error::Error, fmt, io, path::PathBuf};

use jiff::Timestamp;
use tough::{TransportError, TransportErrorKind, schema};
use updates::ManifestError;
use url::Url;

use crate::recording::Recording;

/// Which part of the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Which keys count.
    Root,
    /// Which releases there are.
    Targets,
    /// What belongs together.
    Snapshot,
    /// What is the newest.
    Timestamp,
}

/// Why a repository is not followed. Nothing of it is offered then.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// Nobody answers, or not as they should.
    #[error("{url} cannot be read: {why}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What was seen.
        why: String,
    },
    /// Something that has to be there is not.
    #[error("{0} is not there: this is no repository of releases, or only a part of one")]
    Missing(String),
    /// The metadata is too old: whoever carries it stands still, or wants us to.
    #[error("{role} has expired{}: nothing newer is offered", ended(*.since))]
    Expired {
        /// Which part.
        role: Role,
        /// Since when.
        since: Option<Timestamp>,
    },
    /// It is older than what was seen before.
    #[error("{role} was at version {known} before, and version {offered} is offered now: somebody goes back in time")]
    Rollback {
        /// Which part.
        role: Role,
        /// The version seen before.
        known: u64,
        /// The version offered.
        offered: u64,
    },
    /// Too few of the keys that count have signed it.
    #[error("{role} does not have the signatures that it needs: {why}")]
    Signature {
        /// Which part.
        role: Role,
        /// What was counted.
        why: String,
    },
    /// Its parts do not belong together.
    #[error("the repository does not fit together: {0}")]
    Mixed(String),
    /// It does not end where it should.
    #[error("{0} is longer than what is read of it")]
    Endless(String),
    /// Metadata that does not read.
    #[error("{role} does not read: {why}")]
    Malformed {
        /// Which part.
        role: Role,
        /// Where, and why.
        why: String,
    },
    /// No release is described as one; this is the first that is not.
    #[error("{target}: {why}")]
    Manifest {
        /// The target.
        target: String,
        /// Why.
        why: ManifestError,
    },
    /// The root that is trusted from the beginning is none.
    #[error("the vendor's root.json is of no use: {0}")]
    TrustedRoot(String),
    /// The clock went back while the repository was being read.
    #[error("the clock was set back meanwhile; try again")]
    Clock,
    /// What is known of the repository cannot be kept.
    #[error("{}: {source}", path.display())]
    Kept {
        /// The file.
        path: PathBuf,
        /// What was seen.
        source: io::Error,
    },
    /// Something else that should not be.
    #[error("{0}")]
    Other(String),
}

fn ended(since: Option<Timestamp>) -> String {
    since.map(|since| format!(" since {since}")).unwrap_or_default()
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root.json",
            Self::Targets => "targets.json",
            Self::Snapshot => "snapshot.json",
            Self::Timestamp => "timestamp.json",
        })
    }
}

impl From<schema::RoleType> for Role {
    fn from(role: schema::RoleType) -> Self {
        match role {
            schema::RoleType::Root => Self::Root,
            schema::RoleType::Snapshot => Self::Snapshot,
            schema::RoleType::Timestamp => Self::Timestamp,
            schema::RoleType::Targets | schema::RoleType::DelegatedTargets => Self::Targets,
        }
    }
}

impl FollowError {
    /// Puts an error of tough into words; `seen` is what was read.
    pub(crate) fn of(error: tough::error::Error, seen: &Recording) -> Self {
        use tough::error::Error as E;
        match error {
            E::Transport { url, source, .. } => of_transport(&url, &source),
            E::ExpiredMetadata { role, .. } => Self::Expired { role: role.into(), since: seen.expires(role.into()) },
            E::OlderMetadata { role, current_version: known, new_version: offered, .. } => {
                Self::Rollback { role: role.into(), known, offered }
            }
            E::OlderSnapshotInTimestamp { snapshot_old: known, snapshot_new: offered, .. } => {
                Self::Rollback { role: Role::Snapshot, known, offered }
            }
            E::SnapshotRoleRollback { old_role_version: known, new_role_version: offered, .. } => {
                Self::Rollback { role: Role::Targets, known, offered }
            }
            E::VerifyMetadata { role, source, .. } => Self::Signature { role: role.into(), why: source.to_string() },
            E::VersionMismatch { role, fetched, expected, .. } => {
                Self::Mixed(format!("{} is version {fetched}, and {expected} belongs there", Role::from(role)))
            }
            error @ (E::SnapshotRoleMissing { .. }
            | E::MetaMissing { .. }
            | E::TimestampMetaLength { .. }
            | E::MissingSnapshotMeta { .. }
            | E::SnapshotTargetsMetaMissing { .. }
            | E::HashMismatch { .. }
            | E::InvalidPath { .. }) => Self::Mixed(error.to_string()),
            E::ParseMetadata { role, source, .. } => Self::Malformed { role: role.into(), why: source.to_string() },
            E::ParseTrustedMetadata { source, .. } => Self::TrustedRoot(source.to_string()),
            E::VerifyTrustedMetadata { source, .. } => Self::TrustedRoot(source.to_string()),
            E::MaxUpdatesExceeded { .. } => Self::Endless("the series of root.json".to_owned()),
            E::SystemTimeSteppedBackward { .. } => Self::Clock,
            other => Self::Other(other.to_string()),
        }
    }
}

fn of_transport(url: &Url, error: &TransportError) -> FollowError {
    if error.kind() == TransportErrorKind::FileNotFound {
        return FollowError::Missing(url.to_string());
    }
    // What tough checks while it reads comes out as an error of the transport.
    match error.source().and_then(|source| source.downcast_ref()) {
        Some(tough::error::Error::HashMismatch { .. }) => {
            FollowError::Mixed(format!("{url} is not the file that the metadata names"))
        }
        Some(tough::error::Error::MaxSizeExceeded { .. }) => FollowError::Endless(url.to_string()),
        _ => FollowError::Unreachable {
            url: url.to_string(),
            why: error.source().map_or_else(|| error.to_string(), ToString::to_string),
        },
    }
}
