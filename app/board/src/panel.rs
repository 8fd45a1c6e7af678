//! A panel: one tile of a board.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Form, Revision};

/// The name of a panel within its board, for example `open-tickets`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PanelId(pub String);

/// How a panel stands. Every state has a colour, a shape and a word on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to do.
    #[default]
    Ok,
    /// Worth watching: the word is "Watch".
    Warn,
    /// People are needed: the words are "Act now".
    Critical,
    /// The data is too old to be judged; it overrides the three above.
    Stale,
    /// The provider cannot supply this panel, or a newer server sent a state that this client does not know.
    #[serde(other)]
    Unavailable,
}

/// One tile: what it is called, what it shows, how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Its name within the board.
    pub id: PanelId,
    /// Title in the team's words, for example "Unassigned".
    pub title: String,
    /// Title for narrow tiles, for example "No owner".
    pub short_title: Option<String>,
    /// What it shows.
    pub form: Form,
    /// How it stands.
    pub status: Status,
    /// The board revision in which it last changed.
    pub revision: Revision,
    /// When its newest data was read.
    pub updated_at: Timestamp,
    /// Whether its data come from beside the helpdesk, a calendar say: their age then says nothing of the desk's.
    pub beside_desk: bool,
}

impl Panel {
    /// Whether its age is that of the desk's data. Words that stand instead of data have none, and the time of day is no
    /// data.
    pub fn tells_the_desks_age(&self) -> bool {
        self.status != Status::Unavailable && !self.beside_desk && !matches!(self.form, Form::Clock(_))
    }
}

/// The JSON shape of a [`Panel`]: `form` names the form, `data` holds it.
#[derive(Serialize, Deserialize)]
struct Wire<D> {
    id: PanelId,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    short_title: Option<String>,
    form: String,
    data: D,
    #[serde(default)]
    status: Status,
    revision: Revision,
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    beside_desk: bool,
}

impl Serialize for Panel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            id: self.id.clone(),
            title: self.title.clone(),
            short_title: self.short_title.clone(),
            form: self.form.name().to_owned(),
            data: self.form.to_data().map_err(serde::ser::Error::custom)?,
            status: self.status,
            revision: self.revision,
            updated_at: self.updated_at,
            beside_desk: self.beside_desk,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Panel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not a `Value`: a short text can hold many small objects, each of which would take hundreds of bytes.
        let wire = Wire::<Box<RawValue>>::deserialize(deserializer)?;
        let form = Form::from_data(&wire.form, &wire.data).map_err(|error| {
            serde::de::Error::custom(format!("panel {:?}, form {:?}: {error}", wire.id.0, wire.form))
        })?;
        Ok(Self {
            id: wire.id,
            title: wire.title,
            short_title: wire.short_title,
            form,
            status: wire.status,
            revision: wire.revision,
            updated_at: wire.updated_at,
            beside_desk: wire.beside_desk,
        })
    }
}
