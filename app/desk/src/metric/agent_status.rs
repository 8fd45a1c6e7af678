//! Panel 26: who is here, and doing what.

use jiff::{SignedDuration, Timestamp};

use crate::{Agent, AgentState, Moment, Ratio, View};

/// Presence of every desk agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStatus<'a> {
    /// Everybody: available first, then busy, away, transfers only, offline; by name within a state.
    pub agents: Vec<Presence<'a>>,
    /// Whether presence was derived from last activity because the provider has none.
    pub estimated: bool,
    /// Whether the desk is open now; without a schedule it is open when somebody is on shift.
    pub open: bool,
}

/// Presence of one desk agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence<'a> {
    /// Who.
    pub agent: &'a Agent,
    /// What the agent is doing.
    pub state: AgentState,
    /// Since when, if known.
    pub since: Option<Timestamp>,
    /// Active tickets that the agent owns.
    pub open: u32,
}

/// An agent who did something this recently is taken to be there.
const ACTIVE_WITHIN: SignedDuration = SignedDuration::from_mins(15);

impl AgentStatus<'_> {
    /// How many are in a state.
    pub fn count(&self, state: AgentState) -> u32 {
        crate::view::saturating(self.agents.iter().filter(|presence| presence.state == state).count())
    }

    /// Those available, of those on shift. Where shifts are unknown, whoever is not offline is on shift.
    pub fn available(&self) -> Ratio {
        let (mut available, mut whole) = (0, 0);
        for presence in self.agents.iter().filter(|presence| on_shift(presence)) {
            whole += 1;
            available += u64::from(presence.state == AgentState::Available);
        }
        Ratio { part: available, whole }
    }

    /// Nobody is available although the desk is open.
    pub fn nobody(&self) -> bool {
        self.open && !self.agents.is_empty() && self.count(AgentState::Available) == 0
    }
}

/// Tells every agent's state, from the provider or estimated from activity.
pub fn agent_status<'a>(view: &View<'a>, moment: &Moment) -> AgentStatus<'a> {
    let desk = view.desk();
    let estimated = !desk.capabilities().is_some_and(|capabilities| capabilities.presence);
    let active_since = moment.now().saturating_sub(ACTIVE_WITHIN).unwrap_or(Timestamp::MIN);
    let mut agents: Vec<_> = desk
        .agents()
        .map(|agent| {
            let (state, since) = if estimated {
                let seen = desk.last_seen(&agent.id).is_some_and(|seen| seen >= active_since);
                (if seen { AgentState::Available } else { AgentState::Offline }, None)
            } else {
                (agent.state.unwrap_or(AgentState::Offline), agent.state_since)
            };
            Presence { agent, state, since, open: view.index().load(&agent.id) }
        })
        .collect();
    agents.sort_by(|a, b| (a.state, &a.agent.name, &a.agent.id).cmp(&(b.state, &b.agent.name, &b.agent.id)));
    let open = match &view.lens().schedule {
        Some(schedule) => schedule.is_open(moment.now()),
        None => agents.iter().any(on_shift),
    };
    AgentStatus { agents, estimated, open }
}

fn on_shift(presence: &Presence<'_>) -> bool {
    presence.agent.on_shift.unwrap_or(presence.state != AgentState::Offline)
}
