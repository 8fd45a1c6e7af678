//! Notices that `settings.json` was changed under a running server: by `nexus connect`, or by hand.
//!
//! The file is looked at again and again instead of being watched, because that works on every file system, in every
//! container, and however an editor writes. What does not read as settings changes nothing.

use std::sync::Arc;

use super::{FILE, Settings, SettingsError};
use crate::folder::Folder;

/// Follows the file from look to look.
pub(crate) struct Follower {
    folder: Folder,
    accepted: Arc<Settings>,
    /// What the file held at the last look that was settled, well or badly.
    settled: Option<Content>,
    /// What it held at the last look, where that was bad: somebody may be in the middle of writing it.
    doubtful: Option<Content>,
}

#[derive(PartialEq)]
enum Content {
    Json(Vec<u8>),
    Nothing,
    Unreadable(String),
}

/// Why a change of the file is not followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFollowed {
    /// It does not read as settings.
    #[error("{0}. Until then the server goes on with what it had read before")]
    Wrong(SettingsError),
    /// It cannot be read.
    #[error("{0}. The server goes on with what it had read before")]
    Unreadable(String),
    /// It is not there.
    #[error(
        "{0} is gone. The server goes on with what it had read before; put the file back before the next start, which \
         would begin with fresh settings (paired screens then have to be paired again)"
    )]
    Gone(String),
    /// It is another installation's.
    #[error(
        "{0} names another instance, which paired screens would not know. The server goes on with what it had read \
         before; put the old instance back, or start again if this was meant"
    )]
    OtherInstance(String),
}

impl Follower {
    /// Follows the file of `folder`, from which `accepted` was read.
    pub(crate) fn new(folder: Folder, accepted: Arc<Settings>) -> Self {
        Self { folder, accepted, settled: None, doubtful: None }
    }

    /// Looks at the file. New settings, or a complaint about a file that stays wrong, come once for each change.
    pub(crate) fn look(&mut self) -> Result<Option<Arc<Settings>>, NotFollowed> {
        let content = self.read();
        if self.settled.as_ref() == Some(&content) {
            self.doubtful = None;
            return Ok(None);
        }
        match self.judge(&content) {
            Ok(settings) => {
                (self.settled, self.doubtful) = (Some(content), None);
                if *self.accepted == settings {
                    return Ok(None);
                }
                self.accepted = Arc::new(settings);
                Ok(Some(self.accepted.clone()))
            }
            Err(complaint) if self.doubtful.as_ref() == Some(&content) => {
                (self.settled, self.doubtful) = (Some(content), None);
                Err(complaint)
            }
            Err(_) => {
                self.doubtful = Some(content);
                Ok(None)
            }
        }
    }

    fn read(&self) -> Content {
        match self.folder.read(FILE) {
            Ok(Some(json)) => Content::Json(json),
            Ok(None) => Content::Nothing,
            Err(error) => Content::Unreadable(error.to_string()),
        }
    }

    fn judge(&self, content: &Content) -> Result<Settings, NotFollowed> {
        let file = || self.folder.path(FILE).display().to_string();
        let json = match content {
            Content::Json(json) => json,
            Content::Nothing => return Err(NotFollowed::Gone(file())),
            Content::Unreadable(reason) => return Err(NotFollowed::Unreadable(reason.clone())),
        };
        let settings = Settings::parse(&self.folder, json).map_err(NotFollowed::Wrong)?;
        if settings.instance != self.accepted.instance {
            return Err(NotFollowed::OtherInstance(file()));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs};

    use jiff::Timestamp;
    use tempfile::TempDir;

    use super::*;
    use crate::Config;

    fn followed() -> (TempDir, Folder, Settings, Follower) {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path()).unwrap();
        let config = Config::read(&BTreeMap::new(), None).unwrap();
        let settings = Settings::open(&folder, &config, Timestamp::UNIX_EPOCH).unwrap();
        let follower = Follower::new(folder.clone(), Arc::new(settings.clone()));
        (data, folder, settings, follower)
    }

    #[test]
    fn a_change_is_told_once() {
        let (_data, folder, settings, mut follower) = followed();
        assert!(follower.look().unwrap().is_none());
        let changed = Settings { team: "Night shift".to_owned(), ..settings };
        changed.write(&folder).unwrap();
        assert_eq!(*follower.look().unwrap().unwrap(), changed);
        assert!(follower.look().unwrap().is_none());
    }

    #[test]
    fn a_mistake_changes_nothing_and_is_complained_of_once_it_stays() {
        let (data, _, settings, mut follower) = followed();
        let path = data.path().join(FILE);
        let whole = fs::read_to_string(&path).unwrap();
        let other = whole.replace(&settings.instance.to_string(), "11111111-2222-4333-8444-555555555555");
        for (text, said) in [("{\n\"instance\": 7}", "line 2, column 13"), (&other, "another instance")] {
            fs::write(&path, text).unwrap();
            assert!(follower.look().unwrap().is_none(), "somebody may be writing it");
            let complaint = follower.look().unwrap_err().to_string();
            assert!(complaint.contains(said) && complaint.contains("goes on with what it had"), "{complaint}");
            assert!(follower.look().unwrap().is_none());
        }
        fs::remove_file(&path).unwrap();
        assert!(follower.look().unwrap().is_none());
        assert!(follower.look().unwrap_err().to_string().contains("is gone"));
        fs::write(&path, whole).unwrap();
        assert!(follower.look().unwrap().is_none(), "it is as it was");
    }
}
