//! Request Tracker's JSON, read into types. Pure, and never panics: the bytes are foreign.
//!
//! RT writes numbers as text in one place and as numbers in another, "not set" as the start of 1970 or
//! as empty text, and more fields than anybody asked for. All of that ends here.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Number, Value, value::RawValue};

/// Why bytes are no answer of Request Tracker.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

/// A page of a collection.
#[derive(Debug, PartialEq)]
pub struct Page<T> {
    /// The items that could be read.
    pub items: Vec<T>,
    /// How many could not: they lack an id or a date that every one of them has.
    pub unreadable: usize,
    /// Whether this is known to be the last page. RT does not tell where it filters rows by rights after
    /// counting them; then only an empty page is.
    pub last: bool,
}

/// A user as it is named in other records. RT's `Nobody` and empty references are `None` instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The login name, which is also the id.
    pub name: String,
    /// The real name, where it is set and visible.
    pub real_name: Option<String>,
    /// The e-mail address, where it is set and visible.
    pub email: Option<String>,
    /// The organisation, where it is set and visible.
    pub organization: Option<String>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its number, as text.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The lifecycle of its tickets.
    pub lifecycle: String,
    /// Whether SLAs are kept in it.
    pub sla: bool,
}

/// A ticket, in RT's own terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub id: u64,
    /// Subject line; may be empty.
    pub subject: String,
    /// The status' name in its queue's lifecycle.
    pub status: String,
    /// The queue's id.
    pub queue: String,
    /// When it was created.
    pub created: Timestamp,
    /// When anything changed last.
    pub last_updated: Timestamp,
    /// When it left its initial status.
    pub started: Option<Timestamp>,
    /// When it last became inactive.
    pub resolved: Option<Timestamp>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// The service level, where one is set.
    pub sla: Option<String>,
    /// The priority as RT tells it: a number, or the label of one.
    pub priority: Option<String>,
    /// Who owns it.
    pub owner: Option<Person>,
    /// Who asked.
    pub requestors: Vec<Person>,
}

/// What happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its number; later ones are larger.
    pub id: u64,
    /// The ticket's number.
    pub ticket: u64,
    /// When.
    pub created: Timestamp,
    /// The login name of who did it.
    pub creator: String,
    /// What.
    pub event: Event,
}

/// The kinds of transactions that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The ticket was created.
    Create,
    /// A public message.
    Correspond,
    /// The status changed.
    Status {
        /// From this.
        old: String,
        /// To this.
        new: String,
    },
    /// Anything else.
    Other,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Whether the user works with RT, rather than only writing to it.
    pub privileged: bool,
    /// The real name, where it is set.
    pub real_name: Option<String>,
}

/// Reads a page of `/tickets`.
pub fn tickets(bytes: &[u8]) -> Result<Page<Ticket>, Malformed> {
    page(bytes, |item| {
        Some(Ticket {
            id: number(item, "id")?,
            subject: text(item, "Subject").unwrap_or_default(),
            status: text(item, "Status")?,
            queue: text(item.get("Queue")?, "id").or_else(|| text(item, "Queue"))?,
            created: date(item, "Created")?,
            last_updated: date(item, "LastUpdated")?,
            started: date(item, "Started"),
            resolved: date(item, "Resolved"),
            due: date(item, "Due"),
            sla: text(item, "SLA"),
            priority: text(item, "Priority"),
            owner: item.get("Owner").and_then(person),
            requestors: item.get("Requestor").map(people).unwrap_or_default(),
        })
    })
}

/// Reads a page of `/transactions`.
pub fn transactions(bytes: &[u8]) -> Result<Page<Transaction>, Malformed> {
    page(bytes, |item| {
        Some(Transaction {
            id: number(item, "id")?,
            ticket: number(item, "ObjectId")?,
            created: date(item, "Created")?,
            creator: text(item.get("Creator")?, "id").or_else(|| text(item, "Creator"))?,
            event: match text(item, "Type")?.as_str() {
                "Create" => Event::Create,
                "Correspond" => Event::Correspond,
                "Status" => Event::Status { old: text(item, "OldValue")?, new: text(item, "NewValue")? },
                _ => Event::Other,
            },
        })
    })
}

/// Reads a page of `/queues/all`.
pub fn queues(bytes: &[u8]) -> Result<Page<Queue>, Malformed> {
    page(bytes, |item| {
        let id = text(item, "id")?;
        Some(Queue {
            name: text(item, "Name").unwrap_or_else(|| id.clone()),
            lifecycle: text(item, "Lifecycle").unwrap_or_else(|| "default".to_owned()),
            sla: text(item, "SLADisabled").as_deref() == Some("0"),
            id,
        })
    })
}

/// Reads `/user/{name}`.
pub fn user(bytes: &[u8]) -> Result<User, Malformed> {
    let user: Value = json(bytes)?;
    let privileged = text(&user, "Privileged").ok_or_else(|| Malformed("a user without `Privileged`".to_owned()))?;
    Ok(User { privileged: privileged != "0", real_name: text(&user, "RealName") })
}

fn page<T>(bytes: &[u8], read: impl Fn(&Value) -> Option<T>) -> Result<Page<T>, Malformed> {
    // Rows are read one by one: all at once as values, a hostile page would take a hundred times its size.
    #[derive(Deserialize)]
    struct Collection<'a> {
        #[serde(borrow)]
        items: Vec<&'a RawValue>,
        page: Option<Number>,
        pages: Option<Number>,
    }
    let collection: Collection<'_> = json(bytes)?;
    // RT writes `pages` as an integer, as `0.0` or as null.
    let last = match (&collection.page, &collection.pages) {
        (Some(page), Some(pages)) => page.as_f64().zip(pages.as_f64()).is_some_and(|(page, pages)| page >= pages),
        _ => false,
    };
    let row = |raw: &&RawValue| read(&serde_json::from_str(raw.get()).ok()?);
    let items: Vec<T> = collection.items.iter().filter_map(row).collect();
    Ok(Page { unreadable: collection.items.len() - items.len(), last: last || collection.items.is_empty(), items })
}

fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Malformed> {
    // serde_json's own words may quote a customer's; place and kind are enough to find it.
    serde_json::from_slice(bytes).map_err(|error| {
        let what = if error.is_data() { "not of the expected form" } else { "not JSON" };
        Malformed(format!("{what} at line {}, column {}", error.line(), error.column()))
    })
}

/// Text that is set: neither null nor empty. Numbers and truth values count as their text.
fn text(item: &Value, field: &str) -> Option<String> {
    match item.get(field)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        _ => None,
    }
}

fn number(item: &Value, field: &str) -> Option<u64> {
    text(item, field)?.parse().ok()
}

/// A date that is set: RT's "not set" is the start of 1970.
fn date(item: &Value, field: &str) -> Option<Timestamp> {
    text(item, field)?.parse().ok().filter(|at| *at > Timestamp::UNIX_EPOCH)
}

fn person(value: &Value) -> Option<Person> {
    let name = text(value, "id").filter(|name| name != "Nobody")?;
    Some(Person {
        name,
        real_name: text(value, "RealName"),
        email: text(value, "EmailAddress"),
        organization: text(value, "Organization"),
    })
}

fn people(value: &Value) -> Vec<Person> {
    match value {
        Value::Array(people) => people.iter().filter_map(person).collect(),
        one => person(one).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn one_ticket(fields: Value) -> Option<Ticket> {
        let mut item = json!({
            "id": "7", "type": "ticket", "_url": "https://desk.example/REST/2.0/ticket/7", "Status": "new",
            "Queue": {"id": "1", "type": "queue"}, "Created": "2026-03-02T08:40:00Z", "LastUpdated": "2026-03-02T08:41:10Z",
        });
        item.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let page = json!({"items": [item], "total": 1, "page": 1, "pages": 1, "per_page": 100, "count": 1});
        tickets(page.to_string().as_bytes()).unwrap().items.pop()
    }

    #[test]
    fn a_ticket_as_request_tracker_5_0_3_writes_it_is_read() {
        let ticket = one_ticket(json!({
            "Subject": "Printer offline", "Started": "1970-01-01T00:00:00Z", "Resolved": "1970-01-01T00:00:00Z",
            "Due": "2026-03-02T12:40:00Z", "SLA": "", "Priority": "0", "SomethingNew": {"in": ["RT", 6]},
            "Owner": {"id": "Nobody", "Name": "Nobody", "RealName": "Nobody in particular", "type": "user"},
            "Requestor": [{"id": "ann@harbour.example", "EmailAddress": "ann@harbour.example", "Organization": ""}],
        }))
        .unwrap();
        assert_eq!((ticket.id, ticket.subject.as_str(), ticket.queue.as_str()), (7, "Printer offline", "1"));
        assert_eq!((ticket.started, ticket.resolved, ticket.owner, ticket.sla), (None, None, None, None));
        assert_eq!(ticket.due, Some("2026-03-02T12:40:00Z".parse().unwrap()));
        assert_eq!(ticket.requestors[0].email.as_deref(), Some("ann@harbour.example"));
        assert_eq!(ticket.requestors[0].organization, None, "empty text is not set");
    }

    #[test]
    fn one_ticket_that_cannot_be_read_does_not_take_the_others_with_it() {
        let page = br#"{"items": [{"id": "1"}, 7, null], "page": 1, "pages": 2}"#;
        assert_eq!(tickets(page).unwrap(), Page { items: vec![], unreadable: 3, last: false });
    }

    #[test]
    fn the_last_page_is_told_from_one_whose_length_says_nothing() {
        let last = |page: &str| tickets(page.as_bytes()).unwrap().last;
        assert!(last(r#"{"items": [{}], "page": 2, "pages": 2}"#));
        assert!(!last(r#"{"items": [{}], "page": 1, "pages": 2}"#));
        assert!(last(r#"{"items": [], "page": 1, "pages": 0.0}"#));
        assert!(!last(r#"{"items": [{}], "page": 1, "pages": null, "total": null}"#));
        assert!(last(r#"{"items": [], "page": 9, "pages": null, "total": null}"#));
    }

    #[test]
    fn an_error_says_where_and_quotes_nothing() {
        let words = tickets(br#"{"items": "canary"}"#).unwrap_err().to_string();
        assert!(words.contains("line 1") && !words.contains("canary"), "{words}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn nothing_panics_on_foreign_bytes(bytes: Vec<u8>) {
            let _ = (tickets(&bytes).is_ok(), transactions(&bytes).is_ok(), queues(&bytes).is_ok(), user(&bytes).is_ok());
        }

        #[test]
        fn nothing_panics_on_foreign_values(
            field in "Status|Created|Owner|Requestor|Queue|Priority|Due|id",
            value in prop_oneof![
                Just(Value::Null), any::<bool>().prop_map(Value::from), any::<f64>().prop_map(Value::from),
                ".{0,20}".prop_map(Value::from), Just(json!([[]])), Just(json!({"id": {"id": 1}})),
            ],
        ) {
            one_ticket(json!({field: value}));
        }

        #[test]
        fn no_date_before_1970_is_a_date(seconds in -200_000_000_000i64..=0) {
            let unset = Timestamp::from_second(seconds).unwrap().to_string();
            let ticket = one_ticket(json!({"Started": unset, "Due": unset, "Resolved": unset})).unwrap();
            prop_assert_eq!((ticket.started, ticket.due, ticket.resolved), (None, None, None));
            prop_assert_eq!(one_ticket(json!({"Created": unset})), None);
        }
    }
}
