//! Request Tracker 5, by its REST 2.0 interface.
//!
//! The first poll reads every unsolved ticket and those that changed within ten days; later ones read what
//! changed since, and beside it the rest of eight weeks, so that a large desk is on the wall within minutes.
//! Every two minutes the list of unsolved tickets is compared with what is known, so that tickets which were
//! deleted, merged or hidden leave the board too: RT's searches never show those. (A ticket that is deleted
//! after it was solved stays in the history until the next start.)
//!
//! | the desk's | is RT's |
//! |---|---|
//! | status | the lifecycle's class, then the name: see [`mod@parse`] for the raw one; `stalled` is pending, `rejected` closed, every other inactive one solved, one of no class open |
//! | assignee | owner; `Nobody` is nobody |
//! | group | queue |
//! | client | the first requestor's organisation, else the domain of the e-mail address, else the requestor |
//! | priority | [`PriorityBands`] |
//! | SLA clock | `Due`, where the ticket has a service level and its queue keeps them |
//! | first reply, waiting, reopens | the ticket's `Create`, `Correspond` and `Status` transactions |
//! | agent | a privileged user who is not the requestor; of somebody of whom RT does not tell, one who owns a ticket |
//!
//! An administrator may say otherwise of statuses and priorities ([`Mapping`]).
//!
//! Histories cost requests, so on a large desk the first ones are read over several polls; until those of
//! all unsolved tickets are there, the batches say that replies cannot be supplied.
//! Presence, ratings, tags and channels do not exist in RT.

mod history;
mod lifecycle;
mod load;
mod memory;
mod normalize;
pub mod parse;
mod query;
mod queues;
mod rest;
mod tickets;
mod users;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use desk::{Agent, AgentId, Batch, Capabilities, Client, ClientId, Group, GroupId, Replies};
use jiff::{SignedDuration, Timestamp};

use self::history::Facts;
use self::lifecycle::{Class, Classes};
use self::load::Load;
use self::memory::Memory;
use self::normalize::Meaning;
use self::parse::{Queue, Ticket};
use self::query::HISTORY_DAYS;
use self::queues::Queues;
pub use self::rest::{ELSEWHERE, TRIAL, judge_trial};
use self::rest::{Lookup, Rest};
use self::users::Users;
use crate::{Mapping, PollError, PriorityBands, Source, Warning};

const PROVIDER: &str = "Request Tracker";

/// How often the list of unsolved tickets is compared.
const COMPARE_EVERY: SignedDuration = SignedDuration::from_mins(2);

/// How often queues are read, and users and statuses asked about again.
const COLD_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Tickets whose histories are asked for at once, and how often in one poll.
const TICKETS_PER_HISTORY: usize = 20;
const HISTORIES_PER_POLL: usize = 12;

/// How many requests RT is asked at most. It publishes no limit; it is somebody's own server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// In the long run, per minute.
    pub requests_per_minute: u32,
    /// At once, after a rest.
    pub burst: u32,
}

impl Default for Pace {
    /// 60 a minute, 20 at once. A quiet poll takes one or two.
    fn default() -> Self {
        Self { requests_per_minute: 60, burst: 20 }
    }
}

/// How RT is read. The defaults suit an RT that is as it was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How hard RT is worked.
    pub pace: Pace,
    /// What its words mean.
    pub mapping: Mapping,
    /// How many tickets are read. With more unsolved or new ones than these nothing is told: a part of them is not the truth.
    /// Of older solved ones the rest is left out.
    pub most_tickets: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { pace: Pace::default(), mapping: Mapping::default(), most_tickets: 100_000 }
    }
}

/// A Request Tracker as a [`Source`].
pub struct RequestTracker {
    rest: Rest,
    priorities: PriorityBands,
    most_tickets: usize,
    memory: Memory,
    /// Tickets that were read, and are to be told.
    found: BTreeSet<u64>,
    /// Those that are gone, the same.
    lost: BTreeSet<u64>,
    classes: Classes,
    /// How every unsolved ticket is asked for.
    unsolved: String,
    queues: Queues,
    users: Users,
    agents: BTreeMap<AgentId, Agent>,
    clients: HashMap<ClientId, Client>,
    load: Option<Load>,
    /// All changes before this are read.
    last_read: Option<Timestamp>,
    last_compare: Option<Timestamp>,
    /// Up to which id the list of unsolved tickets is compared, while that goes on.
    compared_to: Option<u64>,
    last_cold: Option<Timestamp>,
}

impl Source for RequestTracker {
    fn provider(&self) -> &'static str {
        PROVIDER
    }

    async fn poll(&mut self, now: Timestamp) -> Result<Batch, PollError> {
        self.rest.begin(now);
        let groups = self.read_cold(now).await?;
        self.read_tickets(now).await?;
        self.learn_classes(groups.is_some()).await?;
        let facts = self.read_histories().await?;

        if groups.is_some() {
            self.last_cold = Some(now);
        }
        Ok(self.yield_batch(now, facts, groups))
    }

    fn remap(&mut self, mapping: &Mapping) {
        self.priorities = mapping.priorities;
        if self.classes.correct(mapping.folded_statuses()) {
            self.unsolved = query::unsolved(self.classes.sides());
            // Which tickets are unsolved is another question now, and which of their events ended them.
            (self.last_compare, self.compared_to) = (None, None);
            self.load = self.load.filter(Load::is_enough);
            self.memory.doubt_histories();
        }
        self.found.extend(self.memory.ids());
    }

    fn warnings(&self) -> Vec<Warning> {
        let statuses: BTreeSet<_> = self.unmapped().map(|ticket| ticket.status.clone()).collect();
        let statuses = (!statuses.is_empty()).then_some(Warning::StatusesUnmapped { provider: PROVIDER, statuses });
        let clock = self.rest.skew().map(|ahead| Warning::ClockDiffers { provider: PROVIDER, ahead });
        [statuses, clock, self.users.warning(), self.queues.warning()].into_iter().flatten().collect()
    }
}

impl RequestTracker {
    /// Reads through this connection, whose address ends in `/REST/2.0`.
    pub fn new(connection: bridge::Connection, options: Options) -> Self {
        let classes = Classes::corrected(options.mapping.folded_statuses());
        Self {
            rest: Rest::new(connection, options.pace),
            priorities: options.mapping.priorities,
            most_tickets: options.most_tickets,
            memory: Memory::default(),
            found: BTreeSet::new(),
            lost: BTreeSet::new(),
            unsolved: query::unsolved(classes.sides()),
            classes,
            queues: Queues::default(),
            users: Users::default(),
            agents: BTreeMap::new(),
            clients: HashMap::new(),
            load: None,
            last_read: None,
            last_compare: None,
            compared_to: None,
            last_cold: None,
        }
    }

    async fn read_cold(&mut self, now: Timestamp) -> Result<Option<Vec<Group>>, PollError> {
        if !self.queues.has_news() && !is_due(self.last_cold, COLD_EVERY, now) {
            return Ok(None);
        }
        self.queues.replace(self.rest.queues().await?, &self.memory.queues());
        self.users.ask_again();
        self.try_refused().await?;
        let group = |queue: &Queue| Group { id: GroupId(queue.id.clone()), name: queue.name.clone() };
        Ok(Some(self.queues.values().map(group).collect()))
    }

    /// Asks for the class of every status that was not seen before; now and then again for those that had none, because
    /// somebody may have given them one. Tickets of such a status are then told anew.
    async fn learn_classes(&mut self, again: bool) -> Result<(), PollError> {
        let mut unknown: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
        for ticket in self.unmapped().filter(|ticket| again || self.found.contains(&ticket.id)) {
            let status = (lifecycle(&self.queues, ticket).to_owned(), ticket.status.clone());
            unknown.entry(status).or_default().push(ticket.id);
        }
        for ((lifecycle, status), tickets) in unknown {
            for (name, class) in [("__Inactive__", Class::Inactive), ("__Active__", Class::Active)] {
                if self.rest.any(&query::class(&lifecycle, &status, name)).await? {
                    tracing::info!(lifecycle, status, ?class, "a status of this desk's own");
                    self.classes.learn(&lifecycle, &status, class);
                    self.found.extend(tickets);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tickets whose status has no class.
    fn unmapped(&self) -> impl Iterator<Item = &Ticket> {
        let has_class = |ticket: &Ticket| self.classes.of(lifecycle(&self.queues, ticket), &ticket.status).is_some();
        self.memory.tickets().filter(move |ticket| !has_class(ticket))
    }

    /// Reads the histories of tickets that were just found, then those still owed, as far as one poll may go.
    async fn read_histories(&mut self) -> Result<BTreeMap<u64, Facts>, PollError> {
        let mut wanted = self.memory.awaiting_history(|ticket| self.is_unsolved(ticket));
        wanted.sort_by_key(|id| !self.found.contains(id));

        let mut facts = BTreeMap::new();
        for some in wanted.chunks(TICKETS_PER_HISTORY).take(HISTORIES_PER_POLL) {
            let mut histories: BTreeMap<u64, Vec<_>> = some.iter().map(|id| (*id, Vec::new())).collect();
            for transaction in self.rest.history(some).await? {
                if let Some(history) = histories.get_mut(&transaction.ticket) {
                    history.push(transaction);
                }
            }
            for (id, history) in histories {
                let Some(ticket) = self.memory.ticket(id).cloned() else { continue };
                for transaction in &history {
                    self.ask_about(&transaction.creator, &ticket).await?;
                }
                let lifecycle = lifecycle(&self.queues, &ticket);
                let side = |creator: &str| self.users.side(&ticket, creator);
                let has_requestor = !ticket.requestors.is_empty();
                let class = |status: &str| self.classes.of(lifecycle, status);
                facts.insert(id, history::read(history, has_requestor, side, class));
            }
        }
        Ok(facts)
    }

    async fn ask_about(&mut self, name: &str, ticket: &Ticket) -> Result<(), PollError> {
        if self.users.is_to_be_asked(ticket, name) {
            let answer = self.rest.user(name).await?;
            self.users.answered(name, answer);
        }
        Ok(())
    }

    /// Whether somebody can be looked up by now who could not: then others can, too, and what they wrote is read anew.
    async fn try_refused(&mut self) -> Result<(), PollError> {
        let Some(name) = self.users.refused() else { return Ok(()) };
        let answer = self.rest.user(&name).await?;
        if !matches!(answer, Lookup::Refused) {
            if self.users.are_hidden() {
                self.memory.forget_histories();
            } else {
                self.memory.doubt_histories();
            }
            self.users.forget_refusals();
        }
        self.users.answered(&name, answer);
        Ok(())
    }

    fn yield_batch(&mut self, now: Timestamp, facts: BTreeMap<u64, Facts>, groups: Option<Vec<Group>>) -> Batch {
        let mut ids = std::mem::take(&mut self.found);
        for (id, facts) in facts {
            if self.memory.keep_facts(id, facts, now) {
                ids.insert(id);
            }
        }

        let tickets: Vec<desk::Ticket> = ids.iter().filter_map(|id| self.normalized(*id)).collect();
        let agents = self.new_agents(&ids);
        let clients = self.new_clients(&ids);
        let horizon = now - SignedDuration::from_hours(24 * HISTORY_DAYS);
        let (classes, queues) = (&self.classes, &self.queues);
        self.memory.forget_solved_before(horizon, |ticket| is_unsolved(classes, queues, ticket));
        Batch {
            read_at: now,
            tickets,
            removed: std::mem::take(&mut self.lost).into_iter().map(normalize::id).collect(),
            agents,
            groups,
            clients,
            activity: Vec::new(),
            complete_since: self.load.and_then(|load| load.complete_since()),
            capabilities: Capabilities {
                sla: self.queues.values().any(|queue| queue.sla),
                presence: false,
                replies: self.replies(),
                ratings: false,
            },
        }
    }

    fn replies(&self) -> Replies {
        match self.memory.histories_complete(|ticket| self.is_unsolved(ticket)) {
            _ if self.users.are_hidden() => Replies::Absent,
            true => Replies::Known,
            false => Replies::Arriving,
        }
    }

    fn normalized(&self, id: u64) -> Option<desk::Ticket> {
        let ticket = self.memory.ticket(id)?;
        let lifecycle = lifecycle(&self.queues, ticket);
        let meaning = Meaning {
            status: self.classes.meaning(lifecycle, &ticket.status, ticket.started.is_some()),
            is_corrected: self.classes.correction(&ticket.status).is_some(),
        };
        let queue = self.queues.get(&ticket.queue);
        Some(normalize::ticket(ticket, queue, meaning, self.memory.facts(id), self.priorities))
    }

    /// All desk agents, if one of them is new or renamed: owners, and privileged users who wrote.
    fn new_agents(&mut self, ids: &BTreeSet<u64>) -> Option<Vec<Agent>> {
        let owners = ids.iter().filter_map(|id| self.memory.ticket(*id)?.owner.as_ref());
        let owners = owners.map(|owner| (owner.name.clone(), owner.real_name.clone()));
        let writers = self.users.agents().map(|(name, user)| (name.clone(), user.real_name.clone()));
        let seen: BTreeMap<String, Option<String>> = writers.chain(owners).collect();
        let first = self.agents.is_empty();
        let mut news = first;
        for (id, real_name) in seen {
            let agent = agent(id, real_name);
            news |= self.agents.insert(agent.id.clone(), agent.clone()).as_ref() != Some(&agent);
        }
        news.then(|| self.agents.values().cloned().collect())
    }

    fn new_clients(&mut self, ids: &BTreeSet<u64>) -> Vec<Client> {
        let mut news = Vec::new();
        for id in ids {
            let requestor = self.memory.ticket(*id).and_then(|ticket| ticket.requestors.first());
            let Some(client) = requestor.map(normalize::client) else { continue };
            if self.clients.insert(client.id.clone(), client.clone()).as_ref() != Some(&client) {
                news.push(client);
            }
        }
        news
    }

    fn is_unsolved(&self, ticket: &Ticket) -> bool {
        is_unsolved(&self.classes, &self.queues, ticket)
    }
}

fn is_due(last: Option<Timestamp>, every: SignedDuration, now: Timestamp) -> bool {
    last.is_none_or(|last| now < last || now.duration_since(last) >= every)
}

/// The lifecycle of a ticket. Of a queue that is not shown, RT's usual one; [`Queues`] says so.
fn lifecycle<'a>(queues: &'a Queues, ticket: &Ticket) -> &'a str {
    queues.get(&ticket.queue).map_or("default", |queue| &queue.lifecycle)
}

fn is_unsolved(classes: &Classes, queues: &Queues, ticket: &Ticket) -> bool {
    classes.of(lifecycle(queues, ticket), &ticket.status) != Some(Class::Inactive)
}

fn agent(id: String, real_name: Option<String>) -> Agent {
    let name = real_name.unwrap_or_else(|| id.clone());
    Agent { id: AgentId(id), name, group: None, state: None, state_since: None, on_shift: None }
}
