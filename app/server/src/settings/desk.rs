//! Which helpdesk is read, and what the simulated one is like.

use connectors::Mapping;
use demo::{Pace, Speed};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::DeskChoice;

/// Which helpdesk is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Desk {
    /// The simulated one.
    Demo(Demo),
    /// Request Tracker. How it is reached lies sealed with the Broker; this only says which it is.
    RequestTracker(Connected),
}

/// A connection that an administrator made with `nexus connect`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connected {
    /// Where it leads, for people; and another address is another desk, with a history of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Url>,
    /// When it was made: by this a running server notices another credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What its words mean, where they are not read as they should be.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub mapping: Mapping,
}

fn is_usual(mapping: &Mapping) -> bool {
    *mapping == Mapping::default()
}

impl Connected {
    /// A connection to an address, made at an instant. Where that leads to the desk that was connected before, its words mean
    /// the same.
    pub fn to(address: Url, at: Timestamp, before: &Desk) -> Self {
        let mapping = match before {
            Desk::RequestTracker(before) if before.address.as_ref() == Some(&address) => before.mapping.clone(),
            _ => Mapping::default(),
        };
        Self { address: Some(address), at: Some(at), mapping }
    }
}

/// The demo desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// What it is drawn from.
    pub seed: u64,
    /// How busy it is.
    pub scenario: Scenario,
    /// At what hours it is.
    #[serde(default)]
    pub hours: DemoHours,
    /// How fast its time runs: 1, 5 or 20.
    #[serde(default)]
    pub speed: Speed,
    /// Since when it is like this.
    pub since: Timestamp,
}

/// How busy the demo desk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Few tickets.
    CalmDay,
    /// An ordinary day.
    #[default]
    NormalDay,
    /// Many tickets and two bursts.
    BusyDay,
    /// An outage that starts soon after the choice.
    MajorOutage,
}

impl Scenario {
    /// The names in configuration, as in the file.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("calm_day", Self::CalmDay),
        ("normal_day", Self::NormalDay),
        ("busy_day", Self::BusyDay),
        ("major_outage", Self::MajorOutage),
    ];
}

/// At what hours the demo desk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemoHours {
    /// All: its nights and weekends are quiet.
    #[default]
    All,
    /// Working hours in a loop, 08:30 to 17:30, so that a visitor at night sees a busy board.
    Working,
}

impl DemoHours {
    /// The names in configuration, as in the file.
    pub const NAMES: &'static [(&'static str, Self)] = &[("all", Self::All), ("working", Self::Working)];
}

impl Desk {
    /// What the configuration names wins over what was chosen before; nothing else changes.
    pub(super) fn following(self, choice: &DeskChoice, now: Timestamp) -> Self {
        match self {
            Self::Demo(demo) => Self::Demo(demo.following(choice, now)),
            connected @ Self::RequestTracker(_) => connected,
        }
    }

    /// The demo desk, as the configuration names it.
    pub(crate) fn demo(choice: &DeskChoice, now: Timestamp) -> Self {
        Self::Demo(Demo::first(choice, now))
    }

    /// Which helpdesk it is, however it is reached: the history of one is that of the other.
    pub(crate) fn identity(&self) -> Self {
        match self {
            Self::RequestTracker(connected) => {
                Self::RequestTracker(Connected { address: connected.address.clone(), ..Connected::default() })
            }
            demo @ Self::Demo(_) => demo.clone(),
        }
    }

    /// What an administrator says of its words.
    pub(crate) fn mapping(&self) -> Mapping {
        match self {
            Self::RequestTracker(connected) => connected.mapping.clone(),
            Self::Demo(_) => Mapping::default(),
        }
    }

    /// Whether whoever reads `before` reads this one, too, whatever its words mean.
    pub(crate) fn is_read_like(&self, before: &Self) -> bool {
        let connection = |desk: &Self| match desk {
            Self::RequestTracker(connected) => {
                Self::RequestTracker(Connected { mapping: Mapping::default(), ..connected.clone() })
            }
            demo @ Self::Demo(_) => demo.clone(),
        };
        connection(self) == connection(before)
    }
}

impl Demo {
    /// The demo desk of a new installation.
    fn first(choice: &DeskChoice, now: Timestamp) -> Self {
        let ordinary = Self {
            seed: 1,
            scenario: Scenario::default(),
            hours: DemoHours::default(),
            speed: Speed::default(),
            since: now,
        };
        ordinary.following(choice, now)
    }

    fn following(self, choice: &DeskChoice, now: Timestamp) -> Self {
        let chosen = Self {
            seed: choice.seed.unwrap_or(self.seed),
            scenario: choice.scenario.unwrap_or(self.scenario),
            hours: choice.hours.unwrap_or(self.hours),
            speed: choice.speed.unwrap_or(self.speed),
            since: self.since,
        };
        if chosen == self { self } else { Self { since: now, ..chosen } }
    }

    /// What the simulation takes.
    pub fn simulation(self, zone: TimeZone) -> demo::Settings {
        let Self { seed, since, speed, .. } = self;
        let pace = match (self.hours, speed) {
            (DemoHours::All, Speed::Real) => Pace::RealTime,
            (DemoHours::All, speed) => Pace::Faster { since, speed },
            (DemoHours::Working, speed) => Pace::WorkingHours { since, speed },
        };
        let from = pace.simulated(since, &zone);
        let scenario = match self.scenario {
            Scenario::NormalDay => demo::Scenario::Normal,
            Scenario::CalmDay => demo::Scenario::Calm { from },
            Scenario::BusyDay => demo::Scenario::Busy { from },
            Scenario::MajorOutage => demo::Scenario::MajorOutage { from },
        };
        demo::Settings { seed, scenario, pace, zone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Demo {
        Demo::first(&DeskChoice::default(), "2026-11-14T22:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_demo_desk_goes_on_as_it_was_unless_the_configuration_names_something_else() {
        let later = "2026-11-20T09:00:00Z".parse().unwrap();
        assert_eq!(demo().following(&DeskChoice::default(), later), demo());
        let same = DeskChoice { scenario: Some(Scenario::NormalDay), ..DeskChoice::default() };
        assert_eq!(demo().following(&same, later), demo());
        let busy = DeskChoice { scenario: Some(Scenario::BusyDay), ..DeskChoice::default() };
        assert_eq!(demo().following(&busy, later), Demo { scenario: Scenario::BusyDay, since: later, ..demo() });
    }

    #[test]
    fn an_outage_in_a_loop_of_working_hours_begins_in_the_hours_that_are_shown() {
        let chosen = Demo { hours: DemoHours::Working, scenario: Scenario::MajorOutage, ..demo() };
        // A Saturday night: the loop begins on Monday morning.
        let from = "2026-11-16T10:30:00Z".parse().unwrap();
        assert_eq!(chosen.simulation(TimeZone::UTC).scenario, demo::Scenario::MajorOutage { from });
    }
}
