//! Which alerts are raised, and from when on.

use std::ops::RangeInclusive;

use desk::{
    Line, Threshold,
    alert::{Limits, Rule},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Which alerts are raised, and from when on: `"alerts": {"queue_spike": false, "sla_warning_minutes": 30}`. What is left
/// out is on, and as the catalogue has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// A clock breaches.
    pub sla_breach: bool,
    /// Little time is left on a clock of an urgent or high ticket.
    pub sla_warning: bool,
    /// That is so many minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla_warning_minutes: Option<u16>,
    /// An urgent ticket has no owner.
    pub unassigned_urgent: bool,
    /// It has had none for so many minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unassigned_urgent_minutes: Option<u16>,
    /// Far more tickets come in than usual.
    pub queue_spike: bool,
    /// That is more than so many per cent of last week's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_spike_percent: Option<u16>,
    /// The helpdesk cannot be read.
    pub provider_down: bool,
    /// It could not be for so many minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_down_minutes: Option<u16>,
}

/// Minutes on a clock: more would be told twice.
pub(crate) const WARNING: RangeInclusive<u16> = 1..=60;
/// Minutes of waiting.
pub(crate) const WAIT: RangeInclusive<u16> = 1..=1_440;
/// Per cent of last week's tickets.
pub(crate) const SPIKE: RangeInclusive<u16> = 101..=1_000;

impl Default for Alerts {
    fn default() -> Self {
        Self {
            sla_breach: true,
            sla_warning: true,
            sla_warning_minutes: None,
            unassigned_urgent: true,
            unassigned_urgent_minutes: None,
            queue_spike: true,
            queue_spike_percent: None,
            provider_down: true,
            provider_down_minutes: None,
        }
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

    /// From when on.
    pub(crate) fn limits(&self) -> Limits {
        let usual = Limits::default();
        let minutes = |own: Option<u16>, usual: SignedDuration| {
            own.map_or(usual, |minutes| SignedDuration::from_mins(minutes.into()))
        };
        Limits {
            warning: minutes(self.sla_warning_minutes, usual.warning),
            unassigned: minutes(self.unassigned_urgent_minutes, usual.unassigned),
            down: minutes(self.provider_down_minutes, usual.down),
            spike: self.queue_spike_percent.map_or(usual.spike, |percent| Threshold {
                warn: None,
                critical: Some(Line::Past(percent.into())),
                ..usual.spike
            }),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        for (name, value, range) in [
            ("sla_warning_minutes", self.sla_warning_minutes, WARNING),
            ("unassigned_urgent_minutes", self.unassigned_urgent_minutes, WAIT),
            ("queue_spike_percent", self.queue_spike_percent, SPIKE),
            ("provider_down_minutes", self.provider_down_minutes, WAIT),
        ] {
            if value.is_some_and(|value| !range.contains(&value)) {
                return Err(format!("{name} of the alerts is not within {} to {}", range.start(), range.end()));
            }
        }
        Ok(())
    }

    pub(super) fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}
