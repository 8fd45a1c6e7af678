//! What a person must mend before the agent can go on, and how the TV says so.

use device::State;

use crate::folder::FolderError;

/// What a person must mend.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wrong {
    #[error("nexus.toml: {0}")]
    Config(String),
    #[error("the set-up partition is not mounted: what nexus.toml says is not known")]
    NoSetUp,
    #[error(transparent)]
    Folder(FolderError),
}

impl Wrong {
    /// What the TV shows of it.
    pub(super) fn problem(&self) -> State {
        let (headline, detail, remedy) = match self {
            Self::Config(mistake) => (
                "nexus.toml has a mistake",
                vec![mistake.clone()],
                "Correct the file on the set-up partition; nothing of it is applied until then.",
            ),
            Self::NoSetUp => (
                "The partition NEXUS-SETUP cannot be read",
                vec!["What its nexus.toml says is not known.".to_owned()],
                "Let a computer repair the partition, or write the image onto the card anew.",
            ),
            Self::Folder(error) if error.damaged => (
                "This screen's memory is damaged",
                vec![error.to_string(), "The file was kept as it is.".to_owned()],
                "Write forget = true on the first line of nexus.toml, on the set-up partition, and pair the screen again.",
            ),
            Self::Folder(error) => (
                "This screen cannot read or write its memory",
                vec![error.to_string()],
                "The card may be damaged, full, worn out or read-only. Write the image onto it anew, or try another card.",
            ),
        };
        State::Problem { headline: headline.to_owned(), detail, remedy: remedy.to_owned() }
    }
}
