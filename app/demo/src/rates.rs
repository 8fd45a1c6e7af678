//! How many tickets arrive when: the intensity of a non-homogeneous Poisson process.

use super::calendar::{Day, HOUR, MINUTE, timestamp};
use super::random::Stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of day the demo desk has. A scenario starts at a simulated instant; what happened before stays as it was,
/// so choosing one makes nothing jump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// 190 tickets a day, about two incidents a week.
    #[default]
    Normal,
    /// 120 tickets a day.
    Calm {
        /// The simulated instant from which it holds.
        from: Timestamp,
    },
    /// 260 tickets a day, two incidents each working day, and moments in which the SLA war room opens.
    Busy {
        /// The simulated instant from which it holds.
        from: Timestamp,
    },
    /// A normal day with an incident of 45 min that starts 5 min after the scenario was chosen.
    MajorOutage {
        /// The simulated instant at which it was chosen.
        from: Timestamp,
    },
}

/// Tickets a day in the busiest scenario; candidates are drawn at this rate and thinned, so that the arrivals of a calm
/// day are some of those of a normal day.
const BUSY_BASE: f64 = 260.0;
const NORMAL_BASE: f64 = 190.0;
const CALM_BASE: f64 = 120.0;

/// Share of a day's tickets by local hour, in per cent.
pub(super) const HOUR_WEIGHTS: [f64; 24] = [
    0.2, 0.15, 0.1, 0.1, 0.15, 0.3, 0.8, 2.2, 6.5, 10.2, 10.8, 9.6, 7.4, 8.3, 9.4, 8.9, 7.6, 5.6, 3.4, 2.4, 1.9, 1.5,
    1.0, 0.6,
];
const BUSIEST_HOUR: f64 = 10.8;

/// Monday first.
const WEEKDAY_FACTORS: [f64; 7] = [1.18, 1.08, 1.02, 0.98, 0.90, 0.22, 0.16];

impl Scenario {
    fn base(self, instant: i64) -> f64 {
        match self {
            Self::Calm { from } if timestamp(instant) >= from => CALM_BASE,
            Self::Busy { from } if timestamp(instant) >= from => BUSY_BASE,
            _ => NORMAL_BASE,
        }
    }

    /// Whether an instant lies in a busy day.
    pub(super) fn is_busy(self, instant: i64) -> bool {
        matches!(self, Self::Busy { from } if timestamp(instant) >= from)
    }

    /// When the scenario's own outage runs, if it has one.
    pub(super) fn outage(self) -> Option<(i64, i64)> {
        match self {
            Self::MajorOutage { from } => {
                let start = from.as_second() + 5 * MINUTE;
                Some((start, start + 45 * MINUTE))
            }
            _ => None,
        }
    }
}

/// The intensity of one local day.
pub(super) struct Intensity<'a> {
    day: &'a Day,
    scenario: Scenario,
    /// Tickets an hour for one ticket of base and one per cent of hour weight.
    scale: f64,
}

impl<'a> Intensity<'a> {
    pub(super) fn of(day: &'a Day, scenario: Scenario, seed: u64) -> Self {
        let day_factor = Stream::DAY_FACTOR.on(seed, day.number).log_normal(1.0, 0.12);
        let scale = WEEKDAY_FACTORS[day.weekday] * day_factor / HOUR_WEIGHTS.iter().sum::<f64>();
        Self { day, scenario, scale }
    }

    /// Tickets an hour at an instant of the day.
    pub(super) fn at(&self, instant: i64) -> f64 {
        self.scenario.base(instant) * self.scale * HOUR_WEIGHTS[self.day.hour(instant)]
    }

    /// Tickets an hour that no scenario exceeds at any instant of the day.
    pub(super) fn bound(&self) -> f64 {
        BUSY_BASE * self.scale * BUSIEST_HOUR
    }

    /// What the busiest hour of the scenario has at this instant: an outage at night is noticed as one by day.
    pub(super) fn peak(&self, instant: i64) -> f64 {
        self.scenario.base(instant) * BUSIEST_HOUR / HOUR_WEIGHTS.iter().sum::<f64>()
    }

    /// Instants of a homogeneous Poisson process at `rate` an hour, from `start` to `end`.
    pub(super) fn points(
        rate: f64,
        (start, end): (i64, i64),
        generator: &mut super::random::Generator,
    ) -> Vec<(i64, f64)> {
        let mut points = Vec::new();
        let mut at = start as f64;
        loop {
            at += generator.exponential(HOUR as f64 / rate);
            if at >= end as f64 {
                return points;
            }
            points.push((at as i64, generator.unit()));
        }
    }
}
