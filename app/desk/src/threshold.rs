//! When a value needs people, and how a panel keeps from flickering about it (panel catalogue, section 1.4).

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing to do.
    #[default]
    Ok,
    /// Worth watching.
    Warn,
    /// People are needed.
    Critical,
}

/// Which way a value gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is worse.
    HighIsBad,
    /// Less is worse.
    LowIsBad,
}

/// A value at which, or beyond which, something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The value itself counts as crossed.
    At(f64),
    /// Only values past it count as crossed.
    Past(f64),
}

impl Line {
    /// Where it lies.
    pub fn value(self) -> f64 {
        let (Self::At(value) | Self::Past(value)) = self;
        value
    }
}

/// The two lines of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Which way is bad.
    pub direction: Direction,
    /// Worth watching from here, if anything is.
    #[serde(default)]
    pub warn: Option<Line>,
    /// People are needed from here, if they ever are.
    #[serde(default)]
    pub critical: Option<Line>,
    /// The smallest step back across a line that counts: 1 ticket, 60 s, 1 per cent.
    pub unit: f64,
}

impl Threshold {
    /// More is worse.
    pub const fn high(warn: Line, critical: Line, unit: f64) -> Self {
        Self { direction: Direction::HighIsBad, warn: Some(warn), critical: Some(critical), unit }
    }

    /// Less is worse.
    pub const fn low(warn: Line, critical: Line, unit: f64) -> Self {
        Self { direction: Direction::LowIsBad, warn: Some(warn), critical: Some(critical), unit }
    }

    /// More is worse, but never critical.
    pub const fn high_warn(warn: Line, unit: f64) -> Self {
        Self { direction: Direction::HighIsBad, warn: Some(warn), critical: None, unit }
    }

    /// Less is worse, but never critical.
    pub const fn low_warn(warn: Line, unit: f64) -> Self {
        Self { direction: Direction::LowIsBad, warn: Some(warn), critical: None, unit }
    }

    /// How bad a value is by itself, without regard to what was before.
    pub fn level(&self, value: f64) -> Level {
        self.worst(|line| match (self.direction, line) {
            (Direction::HighIsBad, Line::At(line)) => value >= line,
            (Direction::HighIsBad, Line::Past(line)) => value > line,
            (Direction::LowIsBad, Line::At(line)) => value <= line,
            (Direction::LowIsBad, Line::Past(line)) => value < line,
        })
    }

    /// How bad a value still counts as until it is back across the line by a tenth of it, and by a unit at least.
    fn held(&self, value: f64) -> Level {
        self.worst(|line| {
            let line = line.value();
            let margin = (line.abs() * 0.1).max(self.unit);
            match self.direction {
                Direction::HighIsBad => value > line - margin,
                Direction::LowIsBad => value < line + margin,
            }
        })
    }

    fn worst(&self, crossed: impl Fn(Line) -> bool) -> Level {
        if self.critical.is_some_and(&crossed) {
            Level::Critical
        } else if self.warn.is_some_and(&crossed) {
            Level::Warn
        } else {
            Level::Ok
        }
    }
}

/// The memory of one value's level from refresh to refresh.
///
/// It worsens at once. It recovers when the value is clearly back across the line, or has been back
/// for two refreshes in a row. What is a refresh, [`Refreshes`](crate::Refreshes) tells; in between, a value is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Judge {
    level: Level,
    /// The level of the refresh before, if the value was already back across the line then.
    recovering: Option<Level>,
}

impl Judge {
    /// The level after one more refresh. A value that cannot be judged (no data, too little of it) has no colour.
    pub fn refresh(&mut self, threshold: &Threshold, value: Option<f64>) -> Level {
        self.judge(threshold, value, true)
    }

    /// The level between two refreshes: however often it is looked at, that a value is slightly back counts for nothing.
    pub fn look(&mut self, threshold: &Threshold, value: Option<f64>) -> Level {
        self.judge(threshold, value, false)
    }

    fn judge(&mut self, threshold: &Threshold, value: Option<f64>, is_refresh: bool) -> Level {
        let Some(value) = value else {
            *self = Self::default();
            return self.level;
        };
        let level = threshold.level(value);
        if level >= self.level {
            *self = Self { level, recovering: None };
            return self.level;
        }
        let held = threshold.held(value).clamp(level, self.level);
        if is_refresh {
            let settled = self.recovering.map_or(self.level, |before| before.max(level));
            self.level = held.min(settled);
            self.recovering = (level < self.level).then_some(level);
        } else {
            self.level = held;
            self.recovering = self.recovering.filter(|before| *before < held);
        }
        self.level
    }
}
