//! Questions to Request Tracker, in TicketSQL and TransactionSQL.

use jiff::{SignedDuration, Timestamp};

/// How far back solved tickets are read.
pub(super) const HISTORY_DAYS: i64 = 8 * 7;

/// Changes are asked for from this long before the last time: a change can become visible later than the
/// moment that it bears.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// What a page of tickets brings, so that no further question is needed about any of them.
pub(super) const TICKET_FIELDS: &[(&str, &str)] = &[
    ("fields", "Subject,Status,Queue,Created,LastUpdated,Started,Resolved,Due,SLA,Priority,Owner,Requestor"),
    ("fields[Owner]", "RealName"),
    ("fields[Requestor]", "RealName,EmailAddress,Organization"),
];

pub(super) const TRANSACTION_FIELDS: &[(&str, &str)] = &[("fields", "Type,Creator,Created,OldValue,NewValue,ObjectId")];

pub(super) const QUEUE_FIELDS: &[(&str, &str)] = &[("fields", "Name,Lifecycle,SLADisabled")];

/// Which tickets a poll asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// Every unsolved one, and those that changed within the last eight weeks: see [`super::load`].
    Everything,
    /// Those that changed within so many minutes.
    Minutes(u64),
}

impl Window {
    /// What to ask for at `now`, when the last successful poll began at `last`.
    ///
    /// The age of a change is asked for ("12 minutes ago"), never its date: RT reads dates in the time
    /// zone of the token's user, and its clock may differ from ours. Only the time between two polls is
    /// measured here, so neither matters.
    pub(super) fn since(last: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(passed) = last.map(|last| now.duration_since(last)).filter(|passed| !passed.is_negative()) else {
            return Self::Everything;
        };
        let minutes = u64::try_from((passed + OVERLAP).as_mins()).unwrap_or(u64::MAX).saturating_add(1);
        // RT's parser takes four digits for a year.
        if minutes < 1000 { Self::Minutes(minutes) } else { Self::Everything }
    }
}

/// Those that changed within so many minutes.
pub(super) fn changed(minutes: u64) -> String {
    format!("LastUpdated >= '{minutes} minutes ago'")
}

/// Those that changed last within so many days, but not within the last so many.
pub(super) fn changed_last(within: i64, before: i64) -> String {
    let newer = if before > 0 { format!(" AND LastUpdated < '{before} days ago'") } else { String::new() };
    format!("LastUpdated >= '{within} days ago'{newer}")
}

/// Every unsolved ticket: by RT's word, but for statuses of which an administrator says that they are unsolved, or done.
pub(super) fn unsolved((unsolved, done): (Vec<&str>, Vec<&str>)) -> String {
    const ACTIVE: &str = "Status = '__Active__'";
    let also = unsolved.iter().map(|status| format!(" OR Status = '{}'", quoted(status))).collect::<String>();
    let but = done.iter().map(|status| format!(" AND Status != '{}'", quoted(status))).collect::<String>();
    match (also.is_empty(), but.is_empty()) {
        (_, true) => format!("{ACTIVE}{also}"),
        (true, false) => format!("{ACTIVE}{but}"),
        (false, false) => format!("({ACTIVE}{also}){but}"),
    }
}

/// These tickets.
pub(super) fn tickets(ids: &[u64]) -> String {
    any_of("id", ids)
}

/// Whether a status of a lifecycle is one of those that count as done.
pub(super) fn class(lifecycle: &str, status: &str, class: &str) -> String {
    format!("Lifecycle = '{}' AND Status = '{}' AND Status = '{class}'", quoted(lifecycle), quoted(status))
}

/// Creation, public messages and status changes of these tickets.
pub(super) fn history(ids: &[u64]) -> String {
    format!(
        "ObjectType = 'RT::Ticket' AND ({}) AND (Type = 'Create' OR Type = 'Correspond' OR Type = 'Status')",
        any_of("ObjectId", ids)
    )
}

/// The same question, from a record on. Pages are asked for by the last id and never by number, because
/// what changes between two pages would move others across their border unseen.
pub(super) fn after(sql: &str, id: u64) -> String {
    if id == 0 { sql.to_owned() } else { format!("({sql}) AND id > {id}") }
}

fn any_of(field: &str, ids: &[u64]) -> String {
    ids.iter().map(|id| format!("{field} = {id}")).collect::<Vec<_>>().join(" OR ")
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn the_window_overlaps_and_gives_up_where_request_tracker_would_misread_it() {
        assert_eq!(Window::since(None, second(0)), Window::Everything);
        assert_eq!(Window::since(Some(second(0)), second(20)), Window::Minutes(6));
        assert_eq!(Window::since(Some(second(0)), second(600)), Window::Minutes(16));
        assert_eq!(Window::since(Some(second(0)), second(60 * 993)), Window::Minutes(999));
        assert_eq!(Window::since(Some(second(0)), second(60 * 994)), Window::Everything);
    }

    #[test]
    fn a_clock_that_was_set_back_reads_everything_again() {
        assert_eq!(Window::since(Some(second(0)), second(-1)), Window::Everything);
    }

    #[test]
    fn unsolved_is_what_request_tracker_says_corrected_by_what_an_administrator_says() {
        assert_eq!(unsolved((vec![], vec![])), "Status = '__Active__'");
        assert_eq!(
            unsolved((vec!["parked", "it's"], vec![])),
            r"Status = '__Active__' OR Status = 'parked' OR Status = 'it\'s'"
        );
        assert_eq!(unsolved((vec![], vec!["wontfix"])), "Status = '__Active__' AND Status != 'wontfix'");
        assert_eq!(
            unsolved((vec!["parked"], vec!["wontfix"])),
            "(Status = '__Active__' OR Status = 'parked') AND Status != 'wontfix'"
        );
    }

    #[test]
    fn names_cannot_leave_their_quotes() {
        assert_eq!(
            class("it's", r"a\' OR id > 0", "__Inactive__"),
            r"Lifecycle = 'it\'s' AND Status = 'a\\\' OR id > 0' AND Status = '__Inactive__'"
        );
    }
}
