//! An answer of Request Tracker's REST 2.0: a page of tickets, transactions or queues, or a user.
#![no_main]

use connectors::request_tracker::parse::{self, Page};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(page) = parse::tickets(bytes) {
        counts_all(bytes, &page);
        for ticket in page.items {
            let dates = [Some(ticket.created), Some(ticket.last_updated), ticket.started, ticket.resolved, ticket.due];
            assert!(dates.into_iter().flatten().all(|date| date > Timestamp::UNIX_EPOCH), "1970 means not set");
            let people = ticket.owner.iter().chain(&ticket.requestors);
            assert!(!ticket.status.is_empty() && people.into_iter().all(|person| !person.name.is_empty()));
        }
    }
    if let Ok(page) = parse::transactions(bytes) {
        counts_all(bytes, &page);
        assert!(page.items.iter().all(|transaction| transaction.created > Timestamp::UNIX_EPOCH));
    }
    if let Ok(page) = parse::queues(bytes) {
        counts_all(bytes, &page);
        assert!(page.items.iter().all(|queue| !queue.id.is_empty() && !queue.name.is_empty()));
    }
    let _ = parse::user(bytes);
});

/// How many records a page has, whatever they hold: texts that are nobody's business need not be UTF-8.
#[derive(serde::Deserialize)]
struct Records {
    items: Option<Vec<serde::de::IgnoredAny>>,
}

/// Every record of the page was read, or was counted as one that could not be.
fn counts_all<T>(bytes: &[u8], page: &Page<T>) {
    let body: Records = serde_json::from_slice(bytes).expect("what was read is JSON");
    let records = body.items.map_or(0, |items| items.len());
    assert_eq!(page.items.len() + page.unreadable, records);
    assert!(page.last || records > 0, "an empty page is the last");
}
