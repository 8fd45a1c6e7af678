//! One simulated ticket.

use desk::{AgentId, ClientId, ClockMetric, GroupId, Priority, Rating, Status, Ticket, TicketId};

use super::arrivals::{Arrival, Touch};
use super::calendar::{Calendar, timestamp};
use super::cast::{COMPANIES, COMPLAINTS, PRAISE, TOPICS, Team};
use super::clocks::{self, Stopwatch};

/// A ticket and where it is in the desk's hands.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) number: u64,
    pub(super) arrival: Arrival,
    pub(super) priority: Priority,
    pub(super) status: Status,
    pub(super) team: Team,
    /// An index of the cast's agents.
    pub(super) owner: Option<usize>,
    pub(super) updated: i64,
    pub(super) first_reply: Option<i64>,
    pub(super) last_requester: Option<i64>,
    pub(super) last_agent: Option<i64>,
    pub(super) solved: Option<i64>,
    pub(super) closed: Option<i64>,
    pub(super) replies: u32,
    pub(super) reopens: u32,
    pub(super) first: Stopwatch,
    pub(super) resolution: Stopwatch,
    pub(super) rating: Option<Rating>,
    /// Touches still to do; the first of them is the next one or the one going on.
    pub(super) work: Vec<Touch>,
    pub(super) stage: Stage,
    /// Counts the stages, so that an event made for an earlier one is known to be void.
    pub(super) turn: u32,
    /// Already noted as changed since the last poll.
    pub(super) changed: bool,
}

/// What the desk is doing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Waits for an agent; the one with the smallest `order` is taken first.
    Ready { order: i64 },
    /// An agent has it next.
    Claimed { agent: usize },
    /// An agent works on it until then.
    Touched { agent: usize, until: i64 },
    /// Waits for somebody outside.
    Parked { until: i64 },
    /// Left lying by the director.
    PutOff,
    /// Solved.
    Over,
}

impl Case {
    pub(super) fn new(number: u64, mut arrival: Arrival, calendar: &Calendar) -> Self {
        let (at, priority) = (arrival.at, arrival.priority);
        let (first, resolution) = clocks::of(priority, calendar, at);
        Self {
            number,
            priority,
            status: Status::New,
            team: arrival.team(),
            owner: None,
            updated: at,
            first_reply: None,
            last_requester: Some(at),
            last_agent: None,
            solved: None,
            closed: None,
            replies: 0,
            reopens: 0,
            first,
            resolution,
            rating: None,
            work: std::mem::take(&mut arrival.plan.touches),
            stage: Stage::PutOff,
            turn: 0,
            changed: false,
            arrival,
        }
    }

    pub(super) fn created(&self) -> i64 {
        self.arrival.at
    }

    pub(super) fn clock(&self, metric: ClockMetric) -> &Stopwatch {
        if metric == ClockMetric::FirstReply { &self.first } else { &self.resolution }
    }

    /// Whether the answer that comes next passes it on to the second line.
    pub(super) fn is_passed_on_next(&self) -> bool {
        self.first_reply.is_none() && self.arrival.plan.passes && self.team != Team::SecondLine
    }

    /// Unsolved, with a broken promise.
    pub(super) fn is_open_breach(&self, now: i64) -> bool {
        self.status.is_unsolved() && (self.first.is_breached(now) || self.resolution.is_breached(now))
    }

    /// The chance that a requester is pleased.
    pub(super) fn chance_of_praise(&self, now: i64) -> f64 {
        let mut chance = 0.95;
        for (reason, cost) in
            [(self.first.is_breached(now), 0.10), (self.resolution.is_breached(now), 0.25), (self.reopens > 0, 0.15)]
        {
            if reason {
                chance -= cost;
            }
        }
        f64::max(chance, 0.2)
    }

    /// As the desk sees it.
    pub(super) fn ticket(&self, now: i64) -> Ticket {
        let company = &COMPANIES[self.arrival.company];
        let template = self.arrival.template();
        let mut tags = vec![TOPICS[self.arrival.topic].tag.to_owned(), template.tag.to_owned()];
        if self.arrival.incident.is_some() {
            tags.push("incident".to_owned());
        }
        Ticket {
            id: id(self.number),
            subject: template.subject.replace("{site}", company.sites[self.arrival.site]),
            status: self.status,
            priority: self.priority,
            created_at: timestamp(self.created()),
            updated_at: timestamp(self.updated),
            solved_at: self.solved.map(timestamp),
            solved_by: self.solved.and(self.owner).map(agent_id),
            closed_at: self.closed.map(timestamp),
            first_reply_at: self.first_reply.map(timestamp),
            opened_by_agent_reply: false,
            last_requester_at: self.last_requester.map(timestamp),
            last_agent_at: self.last_agent.map(timestamp),
            // Its people keep to their own tickets.
            last_agent: self.last_agent.and(self.owner).map(agent_id),
            assignee: self.owner.map(agent_id),
            group: Some(GroupId(self.team.id().to_owned())),
            client: Some(client_id(self.arrival.company)),
            channel: self.arrival.channel,
            tags,
            agent_replies: self.replies,
            reopens: self.reopens,
            clocks: vec![
                self.first.clock(ClockMetric::FirstReply, now),
                self.resolution.clock(ClockMetric::Resolution, now),
            ],
            rating: self.rating.clone(),
        }
    }
}

pub(super) fn id(number: u64) -> TicketId {
    TicketId(number.to_string())
}

pub(super) fn agent_id(index: usize) -> AgentId {
    AgentId(format!("agent-{:02}", index + 1))
}

pub(super) fn client_id(index: usize) -> ClientId {
    ClientId(format!("client-{:02}", index + 1))
}

/// What a requester gives: a verdict, and a fraction of the list of comments.
pub(super) fn rating(good: bool, comment: Option<f64>, at: i64) -> Rating {
    let comments: &[&str] = if good { &PRAISE } else { &COMPLAINTS };
    Rating {
        good: Some(good),
        score: if good { "good" } else { "bad" }.to_owned(),
        comment: comment
            .map(|fraction| comments[(fraction * comments.len() as f64) as usize % comments.len()].to_owned()),
        rated_at: timestamp(at),
    }
}
