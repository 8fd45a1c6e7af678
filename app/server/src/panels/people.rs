//! Who is here: panel 26.

use board::{
    Form,
    form::{Person, Presence, Roster},
};
use desk::{AgentState, Level, metric};

use super::{Draft, Refresh};

/// People listed by name at most.
const NAMED: usize = 40;

impl Refresh<'_> {
    pub(super) fn agent_status(&mut self) -> Draft {
        let (title, short) = ("Who\u{2019}s on", Some("Team"));
        // Presence has no client dimension, so whoever may see some clients only may not see it.
        if self.settings.scope.clients.is_some() {
            return Draft::unavailable(title, short, "Shown on boards for all clients only".to_owned());
        }
        let status = metric::agent_status(self.view, self.moment);
        if status.agents.is_empty() {
            return self.unable(title, short, "agents");
        }
        let few = self.judge("agent-status", &self.settings.thresholds.agent_status, status.available().judged());
        let level = if status.nobody() && !self.stale { Level::Critical } else { few };
        let here = status.agents.iter().filter(|presence| presence.state != AgentState::Offline);
        let roster = Roster {
            available: status.count(AgentState::Available),
            busy: status.count(AgentState::Busy),
            away: status.count(AgentState::Away) + status.count(AgentState::TransfersOnly),
            offline: status.count(AgentState::Offline),
            estimated: status.estimated,
            people: here
                .take(NAMED)
                .map(|presence| Person {
                    name: presence.agent.name.clone(),
                    presence: match presence.state {
                        AgentState::Available => Presence::Available,
                        AgentState::Busy => Presence::Busy,
                        AgentState::Away => Presence::Away,
                        AgentState::TransfersOnly => Presence::TransfersOnly,
                        AgentState::Offline => Presence::Offline,
                    },
                    since: presence.since,
                    open: Some(presence.open),
                })
                .collect(),
        };
        Draft::new(title, short, Form::Roster(roster), level)
    }
}
