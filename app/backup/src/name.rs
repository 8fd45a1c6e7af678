use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Fault;

/// The name of a file within the data folder, such as `pki/authority.key`. It leads nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// What the name field of a tar header holds.
    const LONGEST: usize = 100;

    /// The name as text, with `/` between its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a path, relative to the data folder.
    pub fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// The folders that it lies in, the innermost first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.rmatch_indices('/').map(|(end, _)| &self.0[..end])
    }
}

impl FromStr for Name {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let is_plain = |part: &str| {
            !matches!(part, "" | "." | "..") && !part.contains(|c: char| c.is_control() || matches!(c, '\\' | ':'))
        };
        if text.len() > Self::LONGEST || !text.split('/').all(is_plain) {
            return Err(Fault::Name(text.escape_default().take(2 * Self::LONGEST).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Name {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
