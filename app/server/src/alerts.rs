//! Alerts: raised by the rules of `desk`, kept in the outbox, delivered to the webhook.
//!
//! # What is sent
//!
//! `POST` with this JSON, signed by the Standard Webhooks convention (`webhook-id`, `webhook-timestamp`,
//! `webhook-signature`). Tickets are named by their numbers; nothing that a customer wrote is sent.
//!
//! ```json
//! {"version": 1, "type": "alert.raised", "timestamp": "2026-11-16T14:32:00Z",
//!  "data": {"rule": "sla_breach", "summary": "2 SLA clocks were breached: #4711, #4712", "count": 2,
//!           "tickets": ["4711", "4712"], "team": "Support", "instance": "…"}}
//! ```
//!
//! `rule` is one of [`desk::alert::Rule`], `test`, or `screen_suspended`: two devices use one screen's identity.
//!
//! `type` is `alert.raised`, `alert.ongoing`, `alert.recovered` or `alert.test`. `version` rises where a field changes its
//! meaning; new fields may come at any time.

mod delivery;

use desk::{
    Desk, Lens, Moment,
    alert::{Alert, Mark, Phase, Rule, Watch},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;
use uuid::Uuid;

pub(crate) use delivery::{deliver, is_overdue};

use crate::{
    app::App,
    settings::{self, Settings},
    store::{Delivery, Outgoing, StoreError, rule_name},
};

const VERSION: u32 = 1;

/// Raises alerts about one desk. The simulated one raises none: nobody shall be woken by a demonstration.
pub(crate) struct Raising {
    watch: Watch,
    marks: Vec<Mark>,
}

impl Raising {
    /// Goes on where the last start of this server ended.
    pub(crate) async fn resume(app: &App, settings: &Settings) -> Result<Option<Self>, StoreError> {
        if matches!(settings.desk, settings::Desk::Demo(_)) {
            return Ok(None);
        }
        let (since, marks) = app.store.alert_watch(&settings.desk, app.clock.now()).await?;
        Ok(Some(Self { watch: Watch::new(since, marks.iter().cloned()), marks }))
    }

    /// Looks at the desk, and puts what is to be told into the outbox.
    pub(crate) async fn look(&mut self, app: &App, settings: &Settings, desk: &Desk, now: Timestamp) {
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        let lens = Lens { schedule: settings.schedule(&zone), ..Lens::default() };
        let (view, moment) = (desk.view(&lens), Moment::new(now, zone));
        let raised = self.watch.look(&view, &moment, |rule| settings.alerts.is_on(rule), &settings.alerts.limits());
        let marks: Vec<Mark> = self.watch.marks().collect();
        if raised.is_empty() && marks == self.marks {
            return;
        }
        let outgoing = raised.iter().map(|alert| outgoing(alert, settings)).collect::<Result<Vec<_>, _>>();
        let kept = match outgoing {
            Ok(outgoing) => app.store.raise(&outgoing, &marks, now).await,
            Err(error) => Err(error),
        };
        match kept {
            Ok(()) => {
                for alert in &raised {
                    tracing::info!(rule = ?alert.rule, phase = ?alert.phase, count = alert.count, "an alert");
                }
                self.marks = marks;
                app.alert_raised.notify_one();
            }
            Err(error) => tracing::error!(%error, "an alert could not be kept, and is not sent"),
        }
    }
}

/// What is sent, in this order.
#[derive(Serialize)]
struct Payload<'a> {
    version: u32,
    r#type: String,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    rule: &'a str,
    summary: &'a str,
    count: u32,
    tickets: Vec<&'a str>,
    team: &'a str,
    instance: Uuid,
}

fn outgoing(alert: &Alert, settings: &Settings) -> Result<Outgoing, StoreError> {
    let rule = rule_name(alert.rule)?;
    let phase = match alert.phase {
        Phase::Raised => "raised",
        Phase::Ongoing => "ongoing",
        Phase::Recovered => "recovered",
    };
    let tickets = alert.tickets.iter().map(|ticket| ticket.0.as_str()).collect();
    enclosed(&rule, phase, summary(alert, settings), alert.count, tickets, alert.at, settings)
}

/// An alert that only says that alerts arrive.
pub(crate) fn test(settings: &Settings, now: Timestamp) -> Result<Outgoing, StoreError> {
    enclosed("test", "test", "This is a test alert".to_owned(), 0, Vec::new(), now, settings)
}

/// Id and body of a test alert, for whoever connects a webhook.
///
/// # Errors
/// It cannot be written as JSON.
pub fn test_alert(settings: &Settings, now: Timestamp) -> Result<(String, String), StoreError> {
    test(settings, now).map(|alert| (alert.id.to_string(), alert.body))
}

/// Two devices use the identity of the screen of this name, so it shows nothing. No setting turns this off: whoever runs
/// the server has to hear of it.
pub(crate) fn suspended(settings: &Settings, screen: &str, now: Timestamp) -> Result<Outgoing, StoreError> {
    let summary = format!("The screen \u{201c}{screen}\u{201d} is suspended: two devices use its identity");
    enclosed("screen_suspended", "raised", summary, 1, Vec::new(), now, settings)
}

fn enclosed(
    rule: &str,
    phase: &str,
    summary: String,
    count: u32,
    tickets: Vec<&str>,
    at: Timestamp,
    settings: &Settings,
) -> Result<Outgoing, StoreError> {
    let data = Data { rule, summary: &summary, count, tickets, team: &settings.team, instance: settings.instance };
    let payload = Payload { version: VERSION, r#type: format!("alert.{phase}"), timestamp: at, data };
    let body = serde_json::to_string(&payload).map_err(|_| StoreError::Row { what: "alert" })?;
    Ok(Outgoing {
        id: Uuid::new_v4(),
        at,
        rule: rule.to_owned(),
        summary,
        body,
        delivery: Delivery::Pending,
        tries: 0,
        next_at: at,
        told: String::new(),
    })
}

/// One sentence for people: `2 SLA clocks were breached: #4711, #4712`.
fn summary(alert: &Alert, settings: &Settings) -> String {
    let count = alert.count;
    let some = |one: &str, many: &str| {
        if count == 1 { format!("{one}{}", listed(alert)) } else { format!("{count} {many}{}", listed(alert)) }
    };
    match (alert.rule, alert.phase) {
        (Rule::SlaBreach, _) => some("An SLA clock was breached", "SLA clocks were breached"),
        (Rule::SlaWarning, _) => {
            let left = minutes(settings.alerts.limits().warning);
            some(&format!("An SLA clock has {left} left"), &format!("SLA clocks have {left} left"))
        }
        (Rule::UnassignedUrgent, _) => some("An urgent ticket has no owner", "urgent tickets have no owner"),
        (Rule::QueueSpike, _) => format!("{count} tickets were created today, far more than by this time last week"),
        (Rule::ProviderDown, Phase::Recovered) => "The helpdesk is read again".to_owned(),
        (Rule::ProviderDown, _) => match alert.since {
            Some(since) => format!("The helpdesk has not been read since {}", since.strftime("%H:%M UTC")),
            None => "The helpdesk cannot be read".to_owned(),
        },
    }
}

/// A whole number of minutes in words.
pub(crate) fn minutes(length: SignedDuration) -> String {
    match length.as_mins() {
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

fn listed(alert: &Alert) -> String {
    let tickets: Vec<_> = alert.tickets.iter().map(|ticket| format!("#{}", ticket.0)).collect();
    match alert.count as usize > tickets.len() {
        _ if tickets.is_empty() => String::new(),
        true => format!(": {} and others", tickets.join(", ")),
        false => format!(": {}", tickets.join(", ")),
    }
}
