//! Groups of screens: an update can begin with some of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters of a name.
pub(crate) const LONGEST: usize = 32;

/// The name of a group, as somebody wrote it. However it is written in capitals, it is the same one.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Group(String);

/// It is empty, longer than 32 characters, or more than one word of a list.
#[derive(Debug, thiserror::Error)]
#[error("A group has 1 to {LONGEST} characters, and no comma.")]
pub struct NoGroup;

impl TryFrom<String> for Group {
    type Error = NoGroup;

    fn try_from(text: String) -> Result<Self, NoGroup> {
        let name = text.trim();
        let fits = (1..=LONGEST).contains(&name.chars().count());
        if !fits || name.chars().any(|letter| letter == ',' || letter.is_control()) {
            return Err(NoGroup);
        }
        Ok(Self(name.to_owned()))
    }
}

impl From<Group> for String {
    fn from(group: Group) -> Self {
        group.0
    }
}

impl PartialEq for Group {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl fmt::Display for Group {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for Group {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Names with commas between them.
pub(crate) fn list(groups: &[Group]) -> String {
    groups.iter().map(Group::as_ref).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(text: &str) -> Option<Group> {
        Group::try_from(text.to_owned()).ok()
    }

    #[test]
    fn a_group_is_the_same_however_it_is_written() {
        assert_eq!(group(" Lobby "), group("lobby"));
        assert_ne!(group("Lobby"), group("Lobby 2"));
        assert_eq!(group(" Lobby ").unwrap().to_string(), "Lobby");
    }

    #[test]
    fn what_is_no_name_is_no_group() {
        for text in ["", "  ", "lobby, office", "two\nlines", &"x".repeat(LONGEST + 1)] {
            assert_eq!(group(text), None, "{text:?}");
        }
        assert!(group(&"ä".repeat(LONGEST)).is_some());
    }
}
