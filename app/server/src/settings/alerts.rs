//! Which alerts are raised.

use desk::alert::Rule;
use serde::{Deserialize, Serialize};

/// Which alerts are raised: `"alerts": {"queue_spike": false}`. What is left out is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// A clock breaches.
    pub sla_breach: bool,
    /// 15 minutes are left on a clock of an urgent or high ticket.
    pub sla_warning: bool,
    /// An urgent ticket has had no owner for 10 minutes.
    pub unassigned_urgent: bool,
    /// Far more tickets come in than usual.
    pub queue_spike: bool,
    /// The helpdesk cannot be read.
    pub provider_down: bool,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { sla_breach: true, sla_warning: true, unassigned_urgent: true, queue_spike: true, provider_down: true }
    }
}

impl Alerts {
    /// Whether a rule is on.
    pub(crate) fn is_on(&self, rule: Rule) -> bool {
        match rule {
            Rule::SlaBreach => self.sla_breach,
            Rule::SlaWarning => self.sla_warning,
            Rule::UnassignedUrgent => self.unassigned_urgent,
            Rule::QueueSpike => self.queue_spike,
            Rule::ProviderDown => self.provider_down,
        }
    }

    pub(super) fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}
