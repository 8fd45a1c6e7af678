//! Which tickets a poll asks for: at first all that a board is about, then what changed, and beside that a part of what may
//! take longer. Whatever is read is remembered at once, so that no failure loses it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::load::Load;
use super::parse::Ticket;
use super::query::{self, Window};
use super::{COMPARE_EVERY, PROVIDER, RequestTracker, TICKETS_PER_HISTORY, is_due};
use crate::PollError;

/// Pages of what may take longer, in one poll: the list of unsolved tickets that is compared, and older solved ones.
const PAGES_PER_POLL: usize = 10;

/// How often a long first reading tells of itself, in tickets.
const TOLD_EVERY: usize = 2_000;

impl RequestTracker {
    pub(super) async fn read_tickets(&mut self, now: Timestamp) -> Result<(), PollError> {
        let Window::Minutes(minutes) = Window::since(self.last_read, now) else {
            return self.read_all(now).await;
        };
        self.read_changes(minutes).await?;
        self.last_read = Some(now);
        let mut pages = PAGES_PER_POLL;
        self.compare(now, &mut pages).await?;
        self.read_older(now, pages).await
    }

    /// Reads all that a board is about, or goes on with it where the last poll failed.
    async fn read_all(&mut self, now: Timestamp) -> Result<(), PollError> {
        let mut load = match self.load {
            Some(load) if load.is_under_way(now) => load,
            _ => Load::begin(now),
        };
        while !load.is_enough() {
            self.read_on(&mut load, now).await?;
            if load.rows() > self.most_tickets {
                // To begin anew is to ask for less, once the token's user sees less.
                self.load = None;
                return Err(self.too_much());
            }
            self.load = Some(load);
        }
        tracing::info!(
            tickets = load.rows(),
            "Request Tracker is read as far as the board needs it; older tickets follow"
        );
        (self.last_read, self.last_compare, self.compared_to) = (Some(load.began()), Some(load.began()), None);
        Ok(())
    }

    async fn read_changes(&mut self, minutes: u64) -> Result<(), PollError> {
        let (sql, mut next, mut rows) = (query::changed(minutes), Some(0), 0);
        while let Some(after) = next {
            let page = self.rest.some_tickets(&sql, after).await?;
            rows += page.rows.len();
            next = page.next;
            self.find(page.rows);
            if rows > self.most_tickets {
                self.last_read = None;
                return Err(self.too_much());
            }
        }
        Ok(())
    }

    /// Compares the list of unsolved tickets with what is known, some pages in one poll.
    async fn compare(&mut self, now: Timestamp, pages: &mut usize) -> Result<(), PollError> {
        if self.compared_to.is_none() && is_due(self.last_compare, COMPARE_EVERY, now) {
            (self.last_compare, self.compared_to) = (Some(now), Some(0));
        }
        while let Some(after) = self.compared_to
            && *pages > 0
        {
            *pages -= 1;
            (_, self.compared_to) = self.read_unsolved(after).await?;
        }
        Ok(())
    }

    /// Reads solved tickets that only comparisons need, some pages in one poll.
    async fn read_older(&mut self, now: Timestamp, pages: usize) -> Result<(), PollError> {
        let Some(mut load) = self.load else { return Ok(()) };
        for _ in 0..pages {
            if load.question(&self.unsolved).is_none() {
                self.load = Some(load);
                return Ok(());
            }
            self.read_on(&mut load, now).await?;
            if load.rows() > self.most_tickets {
                load.stop();
                tracing::warn!(
                    tickets = load.rows(),
                    complete_since = load.complete_since().map(tracing::field::display),
                    "Request Tracker has more tickets of the last eight weeks than are kept; the oldest are left out, and what \
                     is usual is not known before then"
                );
            } else if load.question(&self.unsolved).is_none() {
                tracing::info!(
                    tickets = load.rows(),
                    "Request Tracker is read as far back as anything is compared with"
                );
            }
            self.load = Some(load);
        }
        Ok(())
    }

    /// Asks the next question of a first reading.
    async fn read_on(&mut self, load: &mut Load, now: Timestamp) -> Result<(), PollError> {
        let Some((sql, after)) = load.question(&self.unsolved) else { return Ok(()) };
        let (rows, next) = if load.lists_unsolved() {
            self.read_unsolved(after).await?
        } else {
            let page = self.rest.some_tickets(&sql, after).await?;
            let rows = page.rows.len();
            self.find(page.rows);
            (rows, page.next)
        };
        let told = load.rows() / TOLD_EVERY;
        load.answered(rows, next, now);
        if load.rows() / TOLD_EVERY > told {
            tracing::info!(tickets = load.rows(), "Request Tracker is being read");
        }
        Ok(())
    }

    /// Reads a page of the list of unsolved tickets, and asks for those that are no longer on it where they should be: they are
    /// solved by now, or gone. How many there were, and where the list goes on.
    async fn read_unsolved(&mut self, after: u64) -> Result<(usize, Option<u64>), PollError> {
        let page = self.rest.some_tickets(&self.unsolved, after).await?;
        let (rows, range) = (page.rows.len(), (after, page.next));
        let listed: BTreeSet<u64> = page.rows.iter().map(|ticket| ticket.id).collect();
        let missing = self.memory.missing(range, &listed, |ticket| self.is_unsolved(ticket));
        self.find(page.rows);
        for some in missing.chunks(TICKETS_PER_HISTORY) {
            let tickets = self.rest.tickets(&query::tickets(some)).await?;
            let found: BTreeSet<u64> = tickets.iter().map(|ticket| ticket.id).collect();
            self.find(tickets);
            some.iter().filter(|id| !found.contains(id)).for_each(|id| self.lose(*id));
        }
        Ok((rows, page.next))
    }

    /// Remembers tickets; those that are new or different are told by the poll that succeeds next.
    fn find(&mut self, tickets: Vec<Ticket>) {
        self.users.note_owners(&tickets);
        self.queues.note(&tickets);
        for (id, ticket) in self.memory.changed(tickets) {
            self.memory.keep(ticket);
            self.found.insert(id);
            self.lost.remove(&id);
        }
    }

    fn lose(&mut self, id: u64) {
        self.memory.forget(id);
        self.found.remove(&id);
        self.lost.insert(id);
    }

    fn too_much(&self) -> PollError {
        let reason = format!(
            "more than {} tickets are unsolved or changed within ten days; let the token's user see fewer queues",
            self.most_tickets
        );
        PollError::TooMuch { provider: PROVIDER, reason }
    }
}
