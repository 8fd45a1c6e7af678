//! The desk as it is now: every ticket, and what is kept ready about them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    Activity, ActivityKind, Agent, AgentId, Batch, Capabilities, Client, ClientId, Group, GroupId, Lens, Sample, Scope,
    Series, Ticket, TicketId, View,
    feed::{self, Feed},
    history::{self, History},
    index::{Change, Index},
    timeline::{Edits, Entry, Slot, Timeline},
};

/// Everything that is known about a helpdesk.
///
/// Fed by [`Batch`]es ([`Desk::apply`]), read through a [`Lens`] ([`Desk::view`]).
#[derive(Debug, Default)]
pub struct Desk {
    tickets: Vec<Option<Ticket>>,
    slots: HashMap<TicketId, Slot>,
    free: Vec<Slot>,
    created: Timeline,
    agents: BTreeMap<AgentId, Agent>,
    groups: BTreeMap<GroupId, Group>,
    clients: HashMap<ClientId, Client>,
    capabilities: Option<Capabilities>,
    read_at: Option<Timestamp>,
    complete_since: Option<Timestamp>,
    feed: Feed,
    /// Whether the provider tells the activity feed itself.
    feed_is_told: bool,
    seen: HashMap<AgentId, Timestamp>,
    watched: Vec<(Lens, Index)>,
    history: BTreeMap<Scope, History>,
}

/// For how many days a ticket is kept after it left the backlog: longer than any panel looks back.
pub const KEPT_DAYS: i64 = 70;

/// What a batch changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Applied {
    /// Tickets that are new or different.
    pub changed: usize,
    /// Tickets that are gone.
    pub removed: usize,
}

impl Desk {
    /// A desk about which nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps an index ready for a lens, so that a view through it costs only what changed.
    pub fn watch(&mut self, lens: Lens) {
        if self.index(&lens).is_none() {
            let index = self.build(&lens);
            self.watched.push((lens, index));
        }
    }

    /// Keeps nothing ready for a lens any more.
    pub fn unwatch(&mut self, lens: &Lens) {
        self.watched.retain(|(watched, _)| watched != lens);
    }

    /// Takes in what one poll yielded; polls are applied in their order. Applying the same batch twice
    /// changes nothing.
    ///
    /// Tickets that left the backlog more than [`KEPT_DAYS`] ago are not kept. Where time went back (a clock
    /// was set, a simulation began anew), so does the desk: it forgets what came later.
    pub fn apply(&mut self, mut batch: Batch) -> Applied {
        if self.read_at.is_some_and(|read_at| batch.read_at < read_at) {
            self.forget_after(batch.read_at);
        }
        let horizon = horizon(batch.read_at);
        if self.read_at.map(self::horizon) != Some(horizon) {
            let spent = self.tickets.iter().flatten().filter(|ticket| is_spent(ticket, horizon));
            batch.removed.extend(spent.map(|ticket| ticket.id.clone()));
        }
        batch.removed.extend(batch.tickets.extract_if(.., |ticket| is_spent(ticket, horizon)).map(|ticket| ticket.id));
        self.read_at = Some(batch.read_at);
        self.complete_since = batch.complete_since;
        self.capabilities = Some(batch.capabilities);
        if let Some(agents) = batch.agents {
            self.agents = agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        }
        if let Some(groups) = batch.groups {
            self.groups = groups.into_iter().map(|group| (group.id.clone(), group)).collect();
        }
        self.clients.extend(batch.clients.into_iter().map(|client| (client.id.clone(), client)));
        self.feed_is_told |= !batch.activity.is_empty();

        // A ticket that comes twice in one batch counts as its last version.
        let mut place = HashMap::with_capacity(batch.tickets.len());
        let mut tickets: Vec<Ticket> = Vec::with_capacity(batch.tickets.len());
        for ticket in batch.tickets {
            match place.get(&ticket.id) {
                Some(&position) => tickets[position] = ticket,
                None => {
                    place.insert(ticket.id.clone(), tickets.len());
                    tickets.push(ticket);
                }
            }
        }

        let gone: HashSet<&TicketId> = batch.removed.iter().collect();
        let mut before: Vec<(Slot, Option<Ticket>)> = Vec::with_capacity(tickets.len());
        for ticket in tickets.into_iter().filter(|ticket| !gone.contains(&ticket.id)) {
            if let Some(change) = self.store(ticket) {
                before.push(change);
            }
        }
        let changed = before.len();
        for id in &batch.removed {
            if let Some(slot) = self.slots.remove(id) {
                before.push((slot, self.tickets[slot as usize].take()));
            }
        }
        let removed = before.len() - changed;

        self.reindex(&before);
        self.free.extend(before[changed..].iter().map(|(slot, _)| *slot));
        self.notice(&before[..changed], batch.activity);
        Applied { changed, removed }
    }

    /// The desk as a board sees it. Quick for a watched lens; any other is indexed for the occasion.
    pub fn view<'a>(&'a self, lens: &'a Lens) -> View<'a> {
        let index = self.index(lens).map_or_else(|| Cow::Owned(self.build(lens)), Cow::Borrowed);
        View::new(self, lens, index)
    }

    /// Records the counts of this five-minute slot for every watched scope, and returns those that are
    /// new: they are to be stored, and given back by [`Desk::restore`] after a restart. A slot in which
    /// nothing was read stays empty.
    pub fn sample(&mut self, now: Timestamp) -> Vec<Sample> {
        let at = history::slot(now);
        if self.read_at.is_none_or(|read_at| read_at < at) {
            return Vec::new();
        }
        let mut counts = BTreeMap::new();
        for (lens, index) in &self.watched {
            for series in Series::ALL {
                counts.insert((lens.scope.clone(), series), crate::view::count_now(index, series));
            }
        }
        let mut samples = Vec::new();
        for ((scope, series), count) in counts {
            let history = self.history.entry(scope.clone()).or_default();
            if history.keep(series, at, count) {
                history.forget_before(now);
                samples.push(Sample { scope, series, at, count });
            }
        }
        samples
    }

    /// Takes back samples that were recorded before a restart.
    pub fn restore(&mut self, samples: impl IntoIterator<Item = Sample>) {
        for sample in samples {
            self.history.entry(sample.scope).or_default().keep(sample.series, sample.at, sample.count);
        }
    }

    /// When the newest data was read, if any was.
    pub fn read_at(&self) -> Option<Timestamp> {
        self.read_at
    }

    /// What the provider can supply; nothing is known before the first batch.
    pub fn capabilities(&self) -> Option<Capabilities> {
        self.capabilities
    }

    /// How many tickets are known, solved ones included.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no ticket is known.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// A ticket by its id.
    pub fn ticket(&self, id: &TicketId) -> Option<&Ticket> {
        self.slots.get(id).and_then(|slot| self.at(*slot))
    }

    /// A desk agent by id.
    pub fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.get(id)
    }

    /// Every desk agent, by id.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values()
    }

    /// A team by id.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.get(id)
    }

    /// A client by id.
    pub fn client(&self, id: &ClientId) -> Option<&Client> {
        self.clients.get(id)
    }

    /// Every client that is known, by name.
    pub fn clients(&self) -> Vec<Client> {
        let mut clients = self.clients.values().cloned().collect::<Vec<_>>();
        clients.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        clients
    }

    /// When an agent was last seen to do something.
    pub fn last_seen(&self, agent: &AgentId) -> Option<Timestamp> {
        self.seen.get(agent).copied()
    }

    /// What happened, newest first.
    pub fn activity(&self) -> impl Iterator<Item = Activity> {
        self.feed.newest()
    }

    pub(crate) fn at(&self, slot: Slot) -> Option<&Ticket> {
        self.tickets.get(slot as usize)?.as_ref()
    }

    pub(crate) fn history(&self, scope: &Scope) -> Option<&History> {
        self.history.get(scope)
    }

    /// Since when the backlog follows from tickets.
    pub(crate) fn derived_since(&self) -> Option<Timestamp> {
        let first = self.created.first()?;
        let kept = horizon(self.read_at?);
        Some(first.max(kept).max(self.complete_since.unwrap_or(Timestamp::MIN)))
    }

    fn index(&self, lens: &Lens) -> Option<&Index> {
        self.watched.iter().find(|(watched, _)| watched == lens).map(|(_, index)| index)
    }

    fn build(&self, lens: &Lens) -> Index {
        let mut index = Index::default();
        let all = (0..).zip(&self.tickets).map(|(slot, ticket)| Change { slot, before: None, after: ticket.as_ref() });
        index.apply(lens, all);
        index
    }

    /// Puts a ticket in its place; its slot and what was there, unless nothing changed.
    fn store(&mut self, ticket: Ticket) -> Option<(Slot, Option<Ticket>)> {
        if let Some(&slot) = self.slots.get(&ticket.id) {
            let stored = &mut self.tickets[slot as usize];
            if stored.as_ref() == Some(&ticket) {
                return None;
            }
            return Some((slot, stored.replace(ticket)));
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.tickets.push(None);
                Slot::try_from(self.tickets.len() - 1).ok()?
            }
        };
        self.slots.insert(ticket.id.clone(), slot);
        self.tickets[slot as usize] = Some(ticket);
        Some((slot, None))
    }

    fn forget_after(&mut self, at: Timestamp) {
        self.feed.forget_after(at);
        self.seen.retain(|_, seen| *seen <= at);
        self.history.values_mut().for_each(|history| history.forget_after(at));
    }

    fn reindex(&mut self, before: &[(Slot, Option<Ticket>)]) {
        let tickets = &self.tickets;
        let changes = || {
            before.iter().map(|(slot, before)| Change {
                slot: *slot,
                before: before.as_ref(),
                after: tickets[*slot as usize].as_ref(),
            })
        };
        let mut edits = Edits::default();
        for change in changes() {
            let entry = |ticket: &Ticket| Entry { at: ticket.created_at, slot: change.slot, value: 0 };
            let (old, new) = (change.before.map(entry), change.after.map(entry));
            if old != new {
                edits.remove.extend(old);
                edits.insert.extend(new);
            }
        }
        self.created.apply(edits);
        for (lens, index) in &mut self.watched {
            index.apply(lens, changes());
        }
    }

    /// Keeps the activity feed and when agents were last seen.
    fn notice(&mut self, before: &[(Slot, Option<Ticket>)], told: Vec<Activity>) {
        let mut entries = told;
        for (slot, before) in before {
            let Some(ticket) = &self.tickets[*slot as usize] else { continue };
            if !self.feed_is_told {
                entries.extend(feed::derive(before.as_ref(), ticket));
            }
            if let (Some(agent), Some(at)) = (&ticket.last_agent, ticket.last_agent_at) {
                see(&mut self.seen, agent, at);
            }
        }
        for entry in entries {
            // Whoever was given a ticket need not be there.
            if let Some(agent) = entry.by.as_ref().filter(|_| entry.kind != ActivityKind::Assigned) {
                see(&mut self.seen, agent, entry.at);
            }
            self.feed.add(entry);
        }
    }
}

/// Tickets that left the backlog before this are not kept: the start of a day, so that it moves once a day.
fn horizon(read_at: Timestamp) -> Timestamp {
    history::grid(read_at, 86_400).saturating_sub(SignedDuration::from_hours(24 * KEPT_DAYS)).unwrap_or(Timestamp::MIN)
}

fn is_spent(ticket: &Ticket, horizon: Timestamp) -> bool {
    ticket.ended_at().is_some_and(|ended| ended < horizon)
}

fn see(seen: &mut HashMap<AgentId, Timestamp>, agent: &AgentId, at: Timestamp) {
    match seen.get_mut(agent) {
        Some(last) => *last = at.max(*last),
        None => {
            seen.insert(agent.clone(), at);
        }
    }
}
