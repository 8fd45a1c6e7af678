//! What people are told of beside the wall (panel catalogue, section 7). Rules only: the caller keeps what was told, and
//! sends it.
//!
//! **No storm.** Only what happens after the rules first looked at a desk is told: a backlog that was there before is not
//! news. What happened more than an hour ago is none either, so a server that was down all night does not wake anybody for
//! what is long past. What several tickets have in common at one look is told at once, with how many there are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    ClockMetric, Judge, Level, Moment, Priority, REFRESH, Refreshes, Threshold, Thresholds, TicketId, View, Window,
    index::Line, metric, view::saturating,
};

/// What somebody may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A clock breaches.
    SlaBreach,
    /// Little time is left on a clock of an urgent or high ticket.
    SlaWarning,
    /// An urgent ticket has had no owner for a while.
    UnassignedUrgent,
    /// Panel 3 is critical for two refreshes.
    QueueSpike,
    /// No good poll for a while.
    ProviderDown,
}

/// From when on a rule finds something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// So much time is left on a clock; an hour at most, because what was told is not remembered for ever.
    pub warning: SignedDuration,
    /// An urgent ticket has had no owner for so long.
    pub unassigned: SignedDuration,
    /// The threshold of panel 3, whose critical line counts.
    pub spike: Threshold,
    /// No good poll for so long.
    pub down: SignedDuration,
}

impl Default for Limits {
    /// The catalogue's.
    fn default() -> Self {
        Self {
            warning: SignedDuration::from_mins(15),
            unassigned: SignedDuration::from_mins(10),
            spike: Thresholds::default().new_today,
            down: SignedDuration::from_mins(5),
        }
    }
}

/// How far something has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is new.
    Raised,
    /// It goes on, and was told before.
    Ongoing,
    /// It is over.
    Recovered,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// By which rule.
    pub rule: Rule,
    /// How far it has come.
    pub phase: Phase,
    /// When it was found.
    pub at: Timestamp,
    /// How many tickets it is about; for the queue how many were created today; 0 for the provider.
    pub count: u32,
    /// The first few of them.
    pub tickets: Vec<TicketId>,
    /// Since when the provider has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What was told of one subject, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// By which rule.
    pub rule: Rule,
    /// Of what: a clock, a ticket; nothing for what there is one of. See [`Watch`].
    pub subject: String,
    /// When it was last told.
    pub told_at: Timestamp,
}

/// Watches a desk, and remembers what was told.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The desk is watched since then.
    since: Timestamp,
    told: BTreeMap<(Rule, String), Timestamp>,
    judge: Judge,
    refreshes: Refreshes,
    critical_refreshes: u8,
}

/// Tickets that one alert names.
const NAMED: usize = 5;

/// What happened longer ago is no news.
const NEWS: SignedDuration = SignedDuration::from_hours(1);

impl Rule {
    /// Every rule, in the catalogue's order.
    pub const ALL: [Self; 5] =
        [Self::SlaBreach, Self::SlaWarning, Self::UnassignedUrgent, Self::QueueSpike, Self::ProviderDown];

    /// How soon the same is told again; never of clocks, which are told once.
    fn again_after(self) -> Option<SignedDuration> {
        match self {
            Self::SlaBreach | Self::SlaWarning => None,
            Self::UnassignedUrgent => Some(SignedDuration::from_mins(30)),
            Self::QueueSpike => Some(SignedDuration::from_hours(2)),
            Self::ProviderDown => Some(SignedDuration::from_hours(1)),
        }
    }
}

/// Something that a rule is about, now.
struct Found {
    subject: String,
    ticket: Option<TicketId>,
}

impl Watch {
    /// A watch that began at `since`, and what it has told.
    pub fn new(since: Timestamp, told: impl IntoIterator<Item = Mark>) -> Self {
        let told = told.into_iter().map(|mark| ((mark.rule, mark.subject), mark.told_at)).collect();
        Self { since, told, judge: Judge::default(), refreshes: Refreshes::default(), critical_refreshes: 0 }
    }

    /// What was told, and is to be remembered over a restart.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        self.told.iter().map(|((rule, subject), told_at)| Mark {
            rule: *rule,
            subject: subject.clone(),
            told_at: *told_at,
        })
    }

    /// Looks at the desk by the rules that are on, and says what is to be told.
    pub fn look(
        &mut self,
        view: &View<'_>,
        moment: &Moment,
        is_on: impl Fn(Rule) -> bool,
        limits: &Limits,
    ) -> Vec<Alert> {
        let now = moment.now();
        let created = metric::new_today(view, moment);
        self.count_spike(view, &limits.spike, created.percent_of_week_ago());
        let mut alerts = Vec::new();
        for rule in Rule::ALL.into_iter().filter(|rule| is_on(*rule)) {
            let found = match rule {
                Rule::SlaBreach => self.breaches(view, now),
                Rule::SlaWarning => self.warnings(view, now, limits.warning),
                Rule::UnassignedUrgent => self.unassigned(view, now, limits.unassigned),
                Rule::QueueSpike if self.critical_refreshes >= 2 => vec![Found::only()],
                Rule::ProviderDown if self.is_down(view, now, limits.down) => vec![Found::only()],
                Rule::QueueSpike | Rule::ProviderDown => Vec::new(),
            };
            let alert = self.tell(rule, found, now).map(|alert| match rule {
                Rule::QueueSpike => Alert { count: created.count, ..alert },
                Rule::ProviderDown => Alert { count: 0, since: Some(self.last_good(view)), ..alert },
                _ => alert,
            });
            alerts.extend(alert);
        }
        self.forget(now);
        alerts
    }

    /// Counts for how many refreshes in a row there has been a spike.
    fn count_spike(&mut self, view: &View<'_>, spike: &Threshold, value: Option<f64>) {
        let is_refresh = self.refreshes.is_next(view.desk().read_at(), REFRESH);
        let level = if is_refresh { self.judge.refresh(spike, value) } else { self.judge.look(spike, value) };
        self.critical_refreshes = match level {
            Level::Critical => self.critical_refreshes.saturating_add(is_refresh.into()),
            _ => 0,
        };
    }

    /// What of `found` is new or to be told again, as one alert.
    fn tell(&mut self, rule: Rule, found: Vec<Found>, now: Timestamp) -> Option<Alert> {
        let alert = |phase, tickets: Vec<TicketId>, count| Alert { rule, phase, at: now, count, tickets, since: None };
        if found.is_empty() && rule == Rule::ProviderDown {
            return self.told.remove(&(rule, String::new())).map(|_| alert(Phase::Recovered, Vec::new(), 0));
        }
        if rule == Rule::UnassignedUrgent {
            // Whoever is given back begins anew.
            self.told.retain(|(of, subject), _| *of != rule || found.iter().any(|found| found.subject == *subject));
        }
        let mut phase = Phase::Ongoing;
        let mut due = Vec::new();
        for found in found {
            let told = self.told.get(&(rule, found.subject.clone())).copied();
            let again = |told: Timestamp| rule.again_after().is_some_and(|after| now.duration_since(told) >= after);
            if told.is_some_and(|told| !again(told)) {
                continue;
            }
            if told.is_none() {
                phase = Phase::Raised;
            }
            self.told.insert((rule, found.subject), now);
            due.push(found.ticket);
        }
        let count = saturating(due.len());
        (count > 0).then(|| alert(phase, due.into_iter().flatten().take(NAMED).collect(), count))
    }

    /// Marks of what cannot come again, or may be told anew.
    fn forget(&mut self, now: Timestamp) {
        self.told.retain(|(rule, _), told| {
            let kept = match rule {
                Rule::SlaBreach | Rule::SlaWarning => NEWS * 2,
                Rule::QueueSpike => SignedDuration::from_hours(2),
                Rule::UnassignedUrgent | Rule::ProviderDown => SignedDuration::MAX,
            };
            now.duration_since(*told) < kept
        });
    }

    /// From when on something is news.
    fn news(&self, now: Timestamp) -> Timestamp {
        self.since.max(now.saturating_sub(NEWS).unwrap_or(Timestamp::MIN))
    }

    fn breaches(&self, view: &View<'_>, now: Timestamp) -> Vec<Found> {
        let metrics = [ClockMetric::FirstReply, ClockMetric::NextReply, ClockMetric::Resolution, ClockMetric::Update];
        let window = after(self.news(now), now);
        metrics.into_iter().flat_map(|metric| clocks(view, Line::Breached(metric), window, |_| true)).collect()
    }

    fn warnings(&self, view: &View<'_>, now: Timestamp, left: SignedDuration) -> Vec<Found> {
        let until = |at: Timestamp| at.saturating_add(left).unwrap_or(Timestamp::MAX);
        // Due after now, and the time that is left on it began after the watch did.
        let window = after(now.max(until(self.since)), until(now));
        clocks(view, Line::Running, window, |priority| priority >= Priority::High)
    }

    fn unassigned(&self, view: &View<'_>, now: Timestamp, without: SignedDuration) -> Vec<Found> {
        let earlier = |at: Timestamp| at.saturating_sub(without).unwrap_or(Timestamp::MIN);
        let entries = view.line(Line::Unassigned).within(after(earlier(self.since), earlier(now)));
        let tickets = entries.iter().filter_map(|entry| view.desk().at(entry.slot));
        let urgent = tickets.filter(|ticket| ticket.priority == Priority::Urgent);
        urgent.map(|ticket| Found { subject: ticket.id.0.clone(), ticket: Some(ticket.id.clone()) }).collect()
    }

    fn last_good(&self, view: &View<'_>) -> Timestamp {
        view.desk().read_at().unwrap_or(self.since)
    }

    fn is_down(&self, view: &View<'_>, now: Timestamp, silent: SignedDuration) -> bool {
        now.duration_since(self.last_good(view)) >= silent
    }
}

impl Found {
    /// What there is one of.
    fn only() -> Self {
        Self { subject: String::new(), ticket: None }
    }
}

/// From after one instant up to and including another.
fn after(start: Timestamp, last: Timestamp) -> Window {
    let next = |at: Timestamp| at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX);
    let start = next(start);
    Window { start, end: next(last).max(start) }
}

fn clocks(view: &View<'_>, line: Line, window: Window, of: impl Fn(Priority) -> bool) -> Vec<Found> {
    let entries = view.line(line).within(window);
    let found = entries.iter().filter_map(|entry| {
        let ticket = view.desk().at(entry.slot).filter(|ticket| of(ticket.priority))?;
        let clock = ticket.clocks.get(entry.value as usize)?;
        let subject = format!("{} {:?} {}", ticket.id.0, clock.metric, clock.due_at);
        Some(Found { subject, ticket: Some(ticket.id.clone()) })
    });
    found.collect()
}
