//! Screens of words: locked, removed, a problem, an agent that is newer than this TV.

use device::State;

/// What happened and what to do, in words.
#[derive(Debug, PartialEq)]
pub(super) struct Words {
    pub(super) headline: String,
    pub(super) happened: Vec<String>,
    pub(super) remedy: Vec<String>,
}

/// The words for `state`, if it is one that is told in words.
pub(super) fn words(state: &State) -> Option<Words> {
    let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    match state {
        State::Locked { headline, happened, remedy } => {
            Some(Words { headline: headline.clone(), happened: happened.clone(), remedy: remedy.clone() })
        }
        State::Removed { server } => Some(Words {
            headline: "This screen was removed.".into(),
            happened: vec![format!("Somebody removed it on {server}."), "It shows no data any more.".into()],
            remedy: owned(&["Add it again under Screens → Add.", "A new code appears here in a moment."]),
        }),
        State::Problem { headline, detail, remedy } => {
            Some(Words { headline: headline.clone(), happened: detail.clone(), remedy: vec![remedy.clone()] })
        }
        State::Unknown => Some(Words {
            headline: "One moment, please.".into(),
            happened: owned(&["The stick's software is newer than this display's.", "An update puts that right."]),
            remedy: owned(&["If this stays, restart the stick."]),
        }),
        State::Starting(_) | State::Pairing(_) | State::Live(_) | State::Updating(_) => None,
    }
}
