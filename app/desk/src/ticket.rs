//! The common ticket model (panel catalogue, section 1.1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);
    };
}

id!(
    /// A ticket's id at its provider.
    TicketId
);
id!(
    /// A desk agent's id at its provider.
    AgentId
);
id!(
    /// A team's id at its provider.
    GroupId
);
id!(
    /// A client's (organisation, company, department or site) id at its provider.
    ClientId
);

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has looked at it.
    New,
    /// Being worked on.
    Open,
    /// Waiting for the requester.
    Pending,
    /// Waiting for a third party.
    Hold,
    /// Answered; the requester may reopen it.
    Solved,
    /// Final.
    Closed,
}

impl Status {
    /// Unsolved: new, open, pending or hold. Also called open tickets or backlog.
    pub fn is_unsolved(self) -> bool {
        !matches!(self, Self::Solved | Self::Closed)
    }

    /// Active: unsolved and waiting for nobody outside.
    pub fn is_active(self) -> bool {
        matches!(self, Self::New | Self::Open)
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nobody set one.
    None,
    /// Low.
    Low,
    /// Normal.
    Normal,
    /// High.
    High,
    /// Urgent.
    Urgent,
}

/// How a ticket arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Web portal or form.
    Web,
    /// Chat.
    Chat,
    /// Telephone.
    Phone,
    /// Another program.
    Api,
    /// Anything else.
    Other,
}

/// What an SLA clock measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockMetric {
    /// Until the first public reply.
    FirstReply,
    /// Until the next public reply.
    NextReply,
    /// Until the solution.
    Resolution,
    /// Until the next update.
    Update,
}

impl ClockMetric {
    /// Its name, as it is written in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstReply => "first_reply",
            Self::NextReply => "next_reply",
            Self::Resolution => "resolution",
            Self::Update => "update",
        }
    }
}

/// Where an SLA clock stands, as the provider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Ticking. Past its due time it is breached, whether or not the provider has said so yet.
    Running,
    /// Stopped for a while; `due_at` has no meaning until it runs again.
    Paused,
    /// Ended in time.
    Met,
    /// Ended too late, or past its due time and still running.
    Breached,
}

/// One SLA clock of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it measures.
    pub metric: ClockMetric,
    /// When it is due; for a paused clock, when it would have been.
    pub due_at: Timestamp,
    /// The promised length in seconds of the clock's own calendar, if the provider tells.
    pub goal: Option<u64>,
    /// Where it stands.
    pub state: ClockState,
    /// When it was met, or when a breached one stopped; `None` while it runs.
    pub ended_at: Option<Timestamp>,
}

/// A requester's verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// Good or bad; a neutral answer is `None`.
    pub good: Option<bool>,
    /// The provider's own score.
    pub score: String,
    /// What the requester wrote.
    pub comment: Option<String>,
    /// When it was given.
    pub rated_at: Timestamp,
}

/// A ticket, normalised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id at the provider.
    pub id: TicketId,
    /// Subject line. Never logged.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// When it was created.
    pub created_at: Timestamp,
    /// When anything about it changed last.
    pub updated_at: Timestamp,
    /// The last solve, if it is solved or was.
    pub solved_at: Option<Timestamp>,
    /// Who solved it; `None` where the provider does not say, or where it was no agent.
    pub solved_by: Option<AgentId>,
    /// When it became final.
    pub closed_at: Option<Timestamp>,
    /// First public reply by a human agent, after the creation.
    pub first_reply_at: Option<Timestamp>,
    /// Whether the first public comment was by an agent at creation; such tickets have no first reply time.
    pub opened_by_agent_reply: bool,
    /// Last public message by the requester.
    pub last_requester_at: Option<Timestamp>,
    /// Last public message by an agent.
    pub last_agent_at: Option<Timestamp>,
    /// Who wrote that, which need not be the owner; `None` where the provider does not say.
    pub last_agent: Option<AgentId>,
    /// Who owns it.
    pub assignee: Option<AgentId>,
    /// Which team has it.
    pub group: Option<GroupId>,
    /// Whose it is.
    pub client: Option<ClientId>,
    /// How it arrived.
    pub channel: Channel,
    /// Tags.
    pub tags: Vec<String>,
    /// Public replies by agents.
    pub agent_replies: u32,
    /// How often it was reopened.
    pub reopens: u32,
    /// Its SLA clocks.
    pub clocks: Vec<Clock>,
    /// Its rating.
    pub rating: Option<Rating>,
}

impl Ticket {
    /// One that came in at `created_at`, of which nothing else is known: open, normal, and nobody's.
    pub fn new(id: impl Into<String>, subject: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            id: TicketId(id.into()),
            subject: subject.into(),
            status: Status::Open,
            priority: Priority::Normal,
            created_at,
            updated_at: created_at,
            solved_at: None,
            solved_by: None,
            closed_at: None,
            first_reply_at: None,
            opened_by_agent_reply: false,
            last_requester_at: None,
            last_agent_at: None,
            last_agent: None,
            assignee: None,
            group: None,
            client: None,
            channel: Channel::Web,
            tags: Vec::new(),
            agent_replies: 0,
            reopens: 0,
            clocks: Vec::new(),
            rating: None,
        }
    }

    /// When it left the backlog, if it did; a provider that keeps no solve time still has the last change.
    pub fn ended_at(&self) -> Option<Timestamp> {
        (!self.status.is_unsolved()).then(|| self.solved_at.or(self.closed_at).unwrap_or(self.updated_at))
    }
}

/// What a desk agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Free.
    Available,
    /// On a call, wrapping up, at capacity or focused.
    Busy,
    /// On a break.
    Away,
    /// Takes transferred calls only.
    TransfersOnly,
    /// Not at work.
    Offline,
}

/// A person who works at the helpdesk. (`agent` alone is the device daemon; see the house plan.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Id at the provider.
    pub id: AgentId,
    /// Display name.
    pub name: String,
    /// The team, if known.
    pub group: Option<GroupId>,
    /// Presence as the provider says; `None` where it has no presence interface.
    pub state: Option<AgentState>,
    /// Since when `state` holds.
    pub state_since: Option<Timestamp>,
    /// Whether the agent is on shift now, if the provider knows shifts.
    pub on_shift: Option<bool>,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Id at the provider.
    pub id: GroupId,
    /// Display name.
    pub name: String,
}

/// A client of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Id at the provider.
    pub id: ClientId,
    /// Display name.
    pub name: String,
}
