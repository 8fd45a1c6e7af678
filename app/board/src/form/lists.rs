//! Forms of named things: table, leaderboard, roster, queue, tiles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Status, Value};

/// Named rows with a value each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Rows, most important first.
    pub rows: Vec<TableRow>,
    /// Whether rows are told apart by their subjects, because all names are one and the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_subject: bool,
}

/// One row of a table: "Mia **solved** · Ferry Books · now", "Larkfield School · 9d".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// What tells this row from others, so that a new one can fade in.
    pub key: String,
    /// The name that leads the row.
    pub name: String,
    /// Muted words directly behind the name: "solved", a topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the ticket of this row is about. Beside a whole name where there is room for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A column of its own where there is room: the owner, the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// The value at the end of the row.
    pub value: Value,
    /// How this row stands by itself.
    #[serde(default)]
    pub status: Status,
}

/// A ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaderboard {
    /// Entries, first rank first. Ties share a rank.
    pub entries: Vec<Entry>,
}

/// One entry of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 1-based rank.
    pub rank: u32,
    /// Who.
    pub name: String,
    /// The measure.
    pub value: Value,
}

/// Presence of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Free: a disc.
    Available,
    /// On a call, at capacity or focused: half a disc.
    Busy,
    /// On a break: a ring.
    Away,
    /// Takes transferred calls only: a ring, too.
    TransfersOnly,
    /// Not at work; also what a client shows for a state that it does not know.
    #[serde(other)]
    Offline,
}

/// Who is here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    /// How many are available.
    pub available: u32,
    /// How many are busy.
    pub busy: u32,
    /// How many are away, or take transfers only.
    pub away: u32,
    /// How many are offline.
    pub offline: u32,
    /// Whether presence was derived from last activity; the tile then says "estimated".
    #[serde(default)]
    pub estimated: bool,
    /// People, available first, then busy, then away, then who takes transfers only.
    pub people: Vec<Person>,
}

/// One person of a roster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "WirePerson", into = "WirePerson")]
pub struct Person {
    /// Display name.
    pub name: String,
    /// State.
    pub presence: Presence,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Tickets that the person owns and that are active.
    pub open: Option<u32>,
}

/// The JSON shape of a [`Person`]. Who takes transfers only is away and something more, because a client that does not know
/// of it would take another state for offline, and leave the person out.
#[derive(Serialize, Deserialize)]
struct WirePerson {
    name: String,
    presence: Presence,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    transfers_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<u32>,
}

impl From<Person> for WirePerson {
    fn from(Person { name, presence, since, open }: Person) -> Self {
        let transfers_only = presence == Presence::TransfersOnly;
        let presence = if transfers_only { Presence::Away } else { presence };
        Self { name, presence, transfers_only, since, open }
    }
}

impl From<WirePerson> for Person {
    fn from(WirePerson { name, presence, transfers_only, since, open }: WirePerson) -> Self {
        let transfers_only = transfers_only && presence == Presence::Away;
        Self { name, presence: if transfers_only { Presence::TransfersOnly } else { presence }, since, open }
    }
}

/// Running waits, nearest due time first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// How many there are in all; `rows` may hold fewer.
    pub total: u32,
    /// The nearest.
    pub rows: Vec<Wait>,
    /// Whether rows are told apart by their subjects, because all are of one client.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_subject: bool,
}

/// One running wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// What tells this wait from others.
    pub key: String,
    /// The client who waits.
    pub client: String,
    /// What the ticket is about. Beside the whole client where there is room for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who owns the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it is due.
    pub due_at: Timestamp,
    /// The length, in seconds, that a full bar stands for.
    pub window: u64,
}

/// Sites or devices, worst first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tiles {
    /// The plates.
    pub plates: Vec<Plate>,
}

/// One site or device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plate {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// Devices that are down there.
    #[serde(default)]
    pub down: u32,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_takes_transfers_only_is_away_to_clients_that_do_not_know_better() {
        let person = Person { name: "Sam P".into(), presence: Presence::TransfersOnly, since: None, open: Some(2) };
        let written = serde_json::to_value(&person).unwrap();
        assert_eq!(written, json!({"name": "Sam P", "presence": "away", "transfers_only": true, "open": 2}));
        assert_eq!(serde_json::from_value::<Person>(written).unwrap(), person);
    }

    #[test]
    fn a_subject_is_beside_its_client_and_absent_where_a_server_knows_of_none() {
        let wait = json!({"key": "7", "client": "Ferry Books", "due_at": "2026-11-16T14:40:00Z", "window": 3600});
        let read: Wait = serde_json::from_value(wait.clone()).unwrap();
        assert_eq!((read.client.as_str(), &read.subject), ("Ferry Books", &None));
        assert_eq!(serde_json::to_value(&read).unwrap(), wait);
        let about = Wait { subject: Some("Till offline".into()), ..read };
        assert_eq!(serde_json::to_value(&about).unwrap()["subject"], "Till offline");
        let queue = json!({"total": 1, "rows": [wait]});
        assert_eq!(serde_json::to_value(serde_json::from_value::<Queue>(queue.clone()).unwrap()).unwrap(), queue);
    }

    #[test]
    fn a_person_of_an_earlier_server_is_read_as_before() {
        let read = |value| serde_json::from_value::<Person>(value).unwrap().presence;
        assert_eq!(read(json!({"name": "Mia", "presence": "away"})), Presence::Away);
        assert_eq!(read(json!({"name": "Mia", "presence": "busy", "transfers_only": true})), Presence::Busy);
        assert_eq!(read(json!({"name": "Mia", "presence": "transfers_only"})), Presence::TransfersOnly);
    }
}
