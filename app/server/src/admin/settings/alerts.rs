//! Which alerts are raised, and from when on.

use desk::alert::Limits;

use super::{
    super::form::{Errors, Field, Values},
    Shown,
    amount::Unit::{self, Share, Time},
};
use crate::settings::{Alerts, SPIKE, WAIT, WARNING};

const SECONDS: u32 = 60;

pub(super) fn values(alerts: &Alerts) -> Values {
    let mut values = Values::default();
    values.tick("sla_breach", alerts.sla_breach);
    values.tick("sla_warning", alerts.sla_warning);
    values.tick("unassigned_urgent", alerts.unassigned_urgent);
    values.tick("queue_spike", alerts.queue_spike);
    values.tick("provider_down", alerts.provider_down);
    let minutes = |own: Option<u16>| own.map(|minutes| Time.written(u32::from(minutes) * SECONDS)).unwrap_or_default();
    values.put("sla_warning_at", minutes(alerts.sla_warning_minutes));
    values.put("unassigned_urgent_at", minutes(alerts.unassigned_urgent_minutes));
    let percent = alerts.queue_spike_percent.map(|percent| Share.written(percent.into()));
    values.put("queue_spike_at", percent.unwrap_or_default());
    values.put("provider_down_at", minutes(alerts.provider_down_minutes));
    values
}

pub(super) fn shown(values: &Values) -> Shown {
    let usual = Limits::default();
    let time = |length: jiff::SignedDuration| format!("Usually {} min.", length.as_mins());
    let spike = usual.spike.critical.map_or(0.0, desk::Line::value);
    let line = |id: &str, label: &str, hint: &str| Field::line(id, label, hint, "text", values);
    Shown {
        title: "What is told".to_owned(),
        intro:
            "Each goes to the webhook while its box is ticked. An empty field means as usual; times are written like \
                30 min or 1 h 30 min."
                .to_owned(),
        fields: vec![
            Field::tick("sla_breach", "An SLA clock is breached", "", values),
            Field::tick("sla_warning", "Little time is left on an urgent or high SLA clock", "", values),
            line("sla_warning_at", "Time that is left then", &format!("{} An hour at most.", time(usual.warning))),
            Field::tick("unassigned_urgent", "An urgent ticket has no owner", "", values),
            line("unassigned_urgent_at", "Time without an owner", &time(usual.unassigned)),
            Field::tick("queue_spike", "Far more tickets come in than usual", "", values),
            line(
                "queue_spike_at",
                "New tickets, in per cent of last week\u{2019}s",
                &format!(
                    "Usually past {spike} %. Those since midnight, held against those until the same time a week ago."
                ),
            ),
            Field::tick("provider_down", "The helpdesk cannot be read", "", values),
            line("provider_down_at", "Time without an answer", &time(usual.down)),
        ],
        rows: Vec::new(),
        zones: Vec::new(),
    }
}

pub(super) fn apply(values: &Values) -> Result<Alerts, Errors> {
    let mut errors = Errors::new();
    let mut read = |id: &str, unit: Unit, range: std::ops::RangeInclusive<u16>| {
        let text = values.text(id);
        if text.is_empty() {
            return None;
        }
        let amount = unit.parse(text).and_then(|amount| match unit {
            Time if !amount.is_multiple_of(SECONDS) => None,
            Time => u16::try_from(amount / SECONDS).ok(),
            _ => u16::try_from(amount).ok(),
        });
        let amount = amount.filter(|amount| range.contains(amount));
        if amount.is_none() {
            let scale = if unit == Time { SECONDS } else { 1 };
            let [least, most] = [range.start(), range.end()].map(|end| unit.written(u32::from(*end) * scale));
            let whole = if unit == Time { "whole minutes" } else { "a whole number of per cent" };
            errors.insert(id.to_owned(), format!("Write {whole}, from {least} to {most}, or nothing for the usual."));
        }
        amount
    };
    let alerts = Alerts {
        sla_breach: values.is_ticked("sla_breach"),
        sla_warning: values.is_ticked("sla_warning"),
        sla_warning_minutes: read("sla_warning_at", Time, WARNING),
        unassigned_urgent: values.is_ticked("unassigned_urgent"),
        unassigned_urgent_minutes: read("unassigned_urgent_at", Time, WAIT),
        queue_spike: values.is_ticked("queue_spike"),
        queue_spike_percent: read("queue_spike_at", Share, SPIKE),
        provider_down: values.is_ticked("provider_down"),
        provider_down_minutes: read("provider_down_at", Time, WAIT),
    };
    if errors.is_empty() { Ok(alerts) } else { Err(errors) }
}
