//! The queues that the token's user may see, and those of which only tickets tell.

use std::collections::{BTreeMap, BTreeSet};

use super::PROVIDER;
use super::parse::{Queue, Ticket};
use crate::Warning;

#[derive(Debug, Default)]
pub(super) struct Queues {
    seen: BTreeMap<String, Queue>,
    /// Queues of tickets that were not among those, when they were read last.
    hidden: BTreeSet<String>,
    /// Whether a ticket is of a queue of which nobody had heard.
    has_news: bool,
}

impl Queues {
    /// Takes what RT lists; tickets are of the queues in `named`. What lacks is said once.
    pub(super) fn replace(&mut self, listed: Vec<Queue>, named: &BTreeSet<&str>) {
        self.seen = listed.into_iter().map(|queue| (queue.id.clone(), queue)).collect();
        let hidden = named.iter().filter(|id| !self.seen.contains_key(**id)).map(|id| (*id).to_owned()).collect();
        let before = std::mem::replace(&mut self.hidden, hidden);
        self.has_news = false;
        if !self.hidden.is_subset(&before) {
            tracing::warn!(
                queues = ?self.hidden,
                "Request Tracker has tickets of queues that the token's user may not see; their statuses are read as those of \
                 the default lifecycle, and no SLA clocks of theirs are shown; give that user the right SeeQueue"
            );
        }
    }

    /// Takes note of the queues of tickets: one of which nobody had heard may be new.
    pub(super) fn note(&mut self, tickets: &[Ticket]) {
        let is_known = |id: &String| self.seen.contains_key(id) || self.hidden.contains(id);
        self.has_news |= tickets.iter().any(|ticket| !is_known(&ticket.queue));
    }

    /// Whether they are to be read, because a ticket is of another one.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    pub(super) fn get(&self, id: &str) -> Option<&Queue> {
        self.seen.get(id)
    }

    /// Those that the token's user may see.
    pub(super) fn values(&self) -> impl Iterator<Item = &Queue> {
        self.seen.values()
    }

    pub(super) fn warning(&self) -> Option<Warning> {
        let queues = self.hidden.iter().cloned().collect();
        (!self.hidden.is_empty()).then_some(Warning::QueuesHidden { provider: PROVIDER, queues })
    }
}
