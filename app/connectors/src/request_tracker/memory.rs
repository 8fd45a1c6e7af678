//! What was read already, so that a poll yields only what changed and nothing is asked twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};

use super::history::Facts;
use super::parse::Ticket;

/// The tickets that were yielded, as RT told them.
#[derive(Debug, Default)]
pub(super) struct Memory(BTreeMap<u64, Known>);

#[derive(Debug)]
struct Known {
    ticket: Ticket,
    facts: Option<Facts>,
    history: History,
}

/// How far the history of a ticket's present state was read.
///
/// RT's times have whole seconds. A message that comes within the second of the last change, but after it
/// was read, changes nothing about the ticket, so the history of a fresh change is read once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum History {
    Unread,
    ReadOnce,
    Settled,
}

/// A change younger than this is fresh. Generous, because the clocks may differ.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

impl Memory {
    /// Of what was read, the tickets that are new or differ from what was yielded; each once, its latest
    /// state.
    pub(super) fn changed(&self, read: impl IntoIterator<Item = Ticket>) -> BTreeMap<u64, Ticket> {
        let mut changed: BTreeMap<u64, Ticket> = BTreeMap::new();
        for ticket in read {
            let known = self.0.get(&ticket.id).is_some_and(|known| known.ticket == ticket);
            let older = changed.get(&ticket.id).is_some_and(|other| other.last_updated > ticket.last_updated);
            if !known && !older {
                changed.insert(ticket.id, ticket);
            }
        }
        changed
    }

    /// Tickets that were unsolved and are no longer listed as such, of those after an id and up to another one.
    pub(super) fn missing(
        &self,
        (after, up_to): (u64, Option<u64>),
        listed: &BTreeSet<u64>,
        is_unsolved: impl Fn(&Ticket) -> bool,
    ) -> Vec<u64> {
        let range = (Bound::Excluded(after), up_to.map_or(Bound::Unbounded, Bound::Included));
        let unsolved = self.0.range(range).filter(|(_, known)| is_unsolved(&known.ticket));
        unsolved.map(|(id, _)| *id).filter(|id| !listed.contains(id)).collect()
    }

    /// Tickets whose history is to be read: first those where it was not, unsolved ones and the latest
    /// first.
    pub(super) fn awaiting_history(&self, is_unsolved: impl Fn(&Ticket) -> bool) -> Vec<u64> {
        let mut awaiting: Vec<&Known> = self.0.values().filter(|known| known.history < History::Settled).collect();
        awaiting.sort_by_key(|Known { ticket, history, .. }| {
            (*history, !is_unsolved(ticket), std::cmp::Reverse(ticket.last_updated))
        });
        awaiting.into_iter().map(|known| known.ticket.id).collect()
    }

    /// Whether every unsolved ticket's history was read at least once.
    pub(super) fn histories_complete(&self, is_unsolved: impl Fn(&Ticket) -> bool) -> bool {
        self.0.values().all(|known| known.facts.is_some() || !is_unsolved(&known.ticket))
    }

    /// Every ticket.
    pub(super) fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.0.values().map(|known| &known.ticket)
    }

    pub(super) fn ticket(&self, id: u64) -> Option<&Ticket> {
        self.0.get(&id).map(|known| &known.ticket)
    }

    pub(super) fn facts(&self, id: u64) -> Option<&Facts> {
        self.0.get(&id)?.facts.as_ref()
    }

    /// Takes a ticket's present state. The facts of an earlier one stay until its history is read again.
    pub(super) fn keep(&mut self, ticket: Ticket) {
        let facts = self.0.remove(&ticket.id).and_then(|known| known.facts);
        self.0.insert(ticket.id, Known { ticket, facts, history: History::Unread });
    }

    /// Takes what a ticket's history says, and tells whether that is news.
    pub(super) fn keep_facts(&mut self, id: u64, facts: Facts, now: Timestamp) -> bool {
        let Some(known) = self.0.get_mut(&id) else { return false };
        let fresh = now.duration_since(known.ticket.last_updated) < FRESH;
        known.history = match known.history {
            History::Unread if fresh => History::ReadOnce,
            _ => History::Settled,
        };
        let news = known.facts.as_ref() != Some(&facts);
        known.facts = Some(facts);
        news
    }

    /// Every ticket's number.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.0.keys().copied()
    }

    /// The queues of all tickets.
    pub(super) fn queues(&self) -> BTreeSet<&str> {
        self.0.values().map(|known| known.ticket.queue.as_str()).collect()
    }

    /// Every history is to be read again; what was known of it stays until then.
    pub(super) fn doubt_histories(&mut self) {
        self.0.values_mut().for_each(|known| known.history = History::Unread);
    }

    /// Every history is to be read again; what was known of it is not true.
    pub(super) fn forget_histories(&mut self) {
        self.doubt_histories();
        self.0.values_mut().for_each(|known| known.facts = None);
    }

    pub(super) fn forget(&mut self, id: u64) {
        self.0.remove(&id);
    }

    /// Forgets solved tickets that changed last before an instant.
    pub(super) fn forget_solved_before(&mut self, before: Timestamp, is_unsolved: impl Fn(&Ticket) -> bool) {
        self.0.retain(|_, known| known.ticket.last_updated >= before || is_unsolved(&known.ticket));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn ticket(id: u64, status: &str, updated: i64) -> Ticket {
        Ticket {
            id,
            subject: String::new(),
            status: status.to_owned(),
            queue: "1".to_owned(),
            created: at(0),
            last_updated: at(updated),
            started: None,
            resolved: None,
            due: None,
            sla: None,
            priority: None,
            owner: None,
            requestors: Vec::new(),
        }
    }

    fn is_unsolved(ticket: &Ticket) -> bool {
        ticket.status != "resolved"
    }

    fn memory() -> Memory {
        let mut memory = Memory::default();
        memory.keep(ticket(1, "open", 10));
        memory.keep(ticket(2, "resolved", 20));
        memory.keep(ticket(3, "new", 30));
        memory
    }

    #[test]
    fn an_unchanged_overlap_yields_nothing_and_a_change_is_yielded_once_in_its_latest_state() {
        let changed = memory().changed([
            ticket(1, "open", 10),
            ticket(3, "open", 40),
            ticket(3, "stalled", 50),
            ticket(3, "open", 40),
            ticket(4, "new", 5),
        ]);
        assert_eq!(changed.keys().copied().collect::<Vec<_>>(), [3, 4]);
        assert_eq!(changed[&3].status, "stalled");
    }

    #[test]
    fn an_unsolved_ticket_that_is_no_longer_listed_is_missing() {
        assert_eq!(memory().missing((0, None), &BTreeSet::from([3]), is_unsolved), [1]);
    }

    #[test]
    fn a_page_of_the_list_tells_of_its_own_range_only() {
        let none = BTreeSet::new();
        assert_eq!(memory().missing((0, Some(1)), &none, is_unsolved), [1]);
        assert_eq!(memory().missing((1, Some(2)), &none, is_unsolved), [0; 0]);
        assert_eq!(memory().missing((1, None), &none, is_unsolved), [3]);
    }

    #[test]
    fn a_change_within_the_same_second_is_a_change() {
        assert_eq!(memory().changed([ticket(1, "stalled", 10)]).len(), 1);
    }

    #[test]
    fn histories_are_read_for_unsolved_tickets_first_and_again_after_a_change() {
        let (mut memory, later) = (memory(), at(86_400));
        assert_eq!(memory.awaiting_history(is_unsolved), [3, 1, 2]);
        assert!(!memory.histories_complete(is_unsolved));
        assert!(memory.keep_facts(1, Facts { agent_replies: 2, ..Facts::default() }, later));
        memory.keep_facts(3, Facts::default(), later);
        assert_eq!(memory.awaiting_history(is_unsolved), [2]);
        assert!(memory.histories_complete(is_unsolved));

        memory.keep(ticket(1, "open", 60));
        assert_eq!(memory.awaiting_history(is_unsolved), [1, 2]);
        assert_eq!(memory.facts(1).unwrap().agent_replies, 2, "what was known stays until it is read again");
    }

    #[test]
    fn histories_that_are_doubted_are_read_again_and_only_those_that_are_wrong_are_missed_until_then() {
        let (mut memory, later) = (memory(), at(86_400));
        for id in 1..=3 {
            memory.keep_facts(id, Facts { agent_replies: 2, ..Facts::default() }, later);
        }
        assert!(memory.awaiting_history(is_unsolved).is_empty());
        memory.doubt_histories();
        assert_eq!(memory.awaiting_history(is_unsolved), [3, 1, 2]);
        assert!(memory.histories_complete(is_unsolved) && memory.facts(1).is_some());
        memory.forget_histories();
        assert!(!memory.histories_complete(is_unsolved) && memory.facts(1).is_none());
    }

    #[test]
    fn the_history_of_a_fresh_change_is_read_twice_and_is_news_only_where_it_differs() {
        let (mut memory, now) = (memory(), at(31));
        assert!(memory.keep_facts(3, Facts::default(), now));
        assert_eq!(memory.awaiting_history(is_unsolved), [1, 2, 3], "once more, after those that were never read");
        assert!(!memory.keep_facts(3, Facts::default(), now));
        assert_eq!(memory.awaiting_history(is_unsolved), [1, 2]);
    }

    #[test]
    fn old_solved_tickets_are_forgotten_and_old_unsolved_ones_are_not() {
        let mut memory = memory();
        memory.forget_solved_before(at(25), is_unsolved);
        assert!(memory.ticket(1).is_some() && memory.ticket(2).is_none() && memory.ticket(3).is_some());
    }
}
