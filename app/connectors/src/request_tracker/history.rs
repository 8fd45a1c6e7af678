//! What a ticket's transactions say about replies and reopens.

use jiff::Timestamp;

use super::lifecycle::Class;
use super::parse::{Event, Transaction};

/// What follows from a ticket's whole history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) first_reply_at: Option<Timestamp>,
    pub(super) opened_by_agent: bool,
    pub(super) last_requester_at: Option<Timestamp>,
    pub(super) last_agent_at: Option<Timestamp>,
    /// Who wrote that: a user's name.
    pub(super) last_agent: Option<String>,
    /// When it was last set to be done.
    pub(super) solved_at: Option<Timestamp>,
    /// Who did that.
    pub(super) solved_by: Option<String>,
    pub(super) agent_replies: u32,
    pub(super) reopens: u32,
}

/// On whose side somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Asked, or was copied in; so does somebody of whom RT does not say who that is, and who owns no ticket.
    Requester,
    /// Works on it.
    Agent,
    /// RT itself: automatic messages count for nobody.
    Automatic,
}

/// Reads a history, in any order. RT keeps no word of whether an agent who opened a ticket asked or answered with its
/// first message: where it has a requestor, who is never on the agents' side, it counts as asked on that one's behalf.
pub(super) fn read(
    mut transactions: Vec<Transaction>,
    has_requestor: bool,
    side: impl Fn(&str) -> Side,
    class: impl Fn(&str) -> Option<Class>,
) -> Facts {
    transactions.sort_by_key(|transaction| transaction.id);
    let mut facts = Facts::default();
    for Transaction { created, creator, event, .. } in transactions {
        match (event, side(&creator)) {
            // Who works here and opens a ticket for somebody says what that person wants.
            (Event::Create, Side::Agent) if has_requestor => facts.last_requester_at = Some(created),
            (Event::Create, Side::Agent) => {
                facts.opened_by_agent = true;
                facts.last_agent_at = Some(created);
                facts.last_agent = Some(creator);
            }
            (Event::Create | Event::Correspond, Side::Requester) => facts.last_requester_at = Some(created),
            (Event::Correspond, Side::Agent) => {
                facts.first_reply_at.get_or_insert(created);
                facts.last_agent_at = Some(created);
                facts.last_agent = Some(creator);
                facts.agent_replies += 1;
            }
            (Event::Status { old, new }, side) => {
                let reopened = class(&old) == Some(Class::Inactive) && class(&new) == Some(Class::Active);
                facts.reopens += u32::from(reopened);
                if class(&new) == Some(Class::Inactive) {
                    facts.solved_at = Some(created);
                    facts.solved_by = (side == Side::Agent).then_some(creator);
                }
            }
            (Event::Create | Event::Correspond, Side::Automatic) | (Event::Other, _) => {}
        }
    }
    if facts.opened_by_agent {
        facts.first_reply_at = None;
    }
    facts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn transaction(id: u64, creator: &str, event: Event) -> Transaction {
        Transaction { id, ticket: 1, created: at(id.cast_signed()), creator: creator.to_owned(), event }
    }

    fn status(old: &str, new: &str) -> Event {
        Event::Status { old: old.to_owned(), new: new.to_owned() }
    }

    fn facts(transactions: Vec<Transaction>) -> Facts {
        let side = |creator: &str| match creator {
            "RT_System" => Side::Automatic,
            "ann" => Side::Requester,
            _ => Side::Agent,
        };
        let class = |status: &str| match status {
            "resolved" => Some(Class::Inactive),
            "strange" => None,
            _ => Some(Class::Active),
        };
        read(transactions, false, side, class)
    }

    #[test]
    fn the_first_reply_is_the_first_public_message_of_a_person_who_works_on_it() {
        let facts = facts(vec![
            transaction(9, "root", Event::Correspond),
            transaction(1, "ann", Event::Create),
            transaction(2, "RT_System", Event::Correspond),
            transaction(3, "root", Event::Other),
            transaction(5, "root", Event::Correspond),
            transaction(7, "ann", Event::Correspond),
        ]);
        assert_eq!(facts.first_reply_at, Some(at(5)));
        assert_eq!((facts.last_agent_at, facts.last_requester_at), (Some(at(9)), Some(at(7))));
        assert_eq!((facts.agent_replies, facts.opened_by_agent), (2, false));
    }

    #[test]
    fn a_ticket_that_an_agent_opened_has_no_first_reply() {
        let facts = facts(vec![transaction(1, "root", Event::Create), transaction(2, "root", Event::Correspond)]);
        assert!(facts.opened_by_agent);
        assert_eq!((facts.first_reply_at, facts.agent_replies, facts.last_agent_at), (None, 1, Some(at(2))));
    }

    #[test]
    fn a_ticket_that_an_agent_opened_for_somebody_waits_for_its_first_reply() {
        let side = |_: &str| Side::Agent;
        let transactions = vec![transaction(1, "root", Event::Create), transaction(4, "sam", Event::Correspond)];
        let facts = read(transactions, true, side, |_| Some(Class::Active));
        assert!(!facts.opened_by_agent);
        assert_eq!((facts.last_requester_at, facts.first_reply_at), (Some(at(1)), Some(at(4))));
    }

    #[test]
    fn who_wrote_and_who_solved_is_who_did_and_a_rule_of_rt_is_nobody() {
        let written = facts(vec![
            transaction(1, "ann", Event::Create),
            transaction(2, "root", Event::Correspond),
            transaction(3, "sam", Event::Correspond),
            transaction(4, "mia", status("open", "resolved")),
        ]);
        assert_eq!((written.last_agent.as_deref(), written.solved_by.as_deref()), (Some("sam"), Some("mia")));
        assert_eq!(written.solved_at, Some(at(4)));
        let by_rule = facts(vec![
            transaction(4, "mia", status("open", "resolved")),
            transaction(5, "RT_System", status("open", "resolved")),
        ]);
        assert_eq!(by_rule.solved_by, None);
    }

    #[test]
    fn only_a_way_back_from_done_is_a_reopen() {
        let facts = facts(vec![
            transaction(1, "ann", status("new", "open")),
            transaction(2, "root", status("open", "resolved")),
            transaction(3, "RT_System", status("resolved", "open")),
            transaction(4, "root", status("open", "resolved")),
            transaction(5, "root", status("resolved", "strange")),
        ]);
        assert_eq!(facts.reopens, 1);
    }
}
