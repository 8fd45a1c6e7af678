//! When values need people: what an administrator changed of the catalogue's thresholds.

use std::collections::BTreeMap;

use desk::{Direction, Line, Threshold, Thresholds};
use serde::{Deserialize, Serialize};

/// Other lines than the catalogue's, by the threshold's name: `"unassigned": {"warn": 10, "critical": "never"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnThresholds(BTreeMap<String, Lines>);

/// The lines of one threshold; what is left out stays as the catalogue has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warn: Option<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    critical: Option<Choice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a line is a whole number (of tickets, seconds or per cent), or \"never\"")]
pub(crate) enum Choice {
    At(u32),
    Never(Never),
}

impl Choice {
    /// No value is ever bad enough.
    pub(crate) const NEVER: Self = Self::Never(Never::Never);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Never {
    Never,
}

impl OwnThresholds {
    /// Whether the catalogue's are good as they are.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines of a threshold that differ from the catalogue's: for warning, and for critical.
    pub(crate) fn lines(&self, name: &str) -> [Option<Choice>; 2] {
        self.0.get(name).map_or([None; 2], |lines| [lines.warn, lines.critical])
    }

    /// The same with these lines for one threshold.
    pub(crate) fn with(mut self, name: &str, [warn, critical]: [Option<Choice>; 2]) -> Self {
        match (warn, critical) {
            (None, None) => self.0.remove(name),
            _ => self.0.insert(name.to_owned(), Lines { warn, critical }),
        };
        self
    }

    /// The catalogue's thresholds with these changes.
    ///
    /// # Errors
    /// A name is unknown, or the lines of a threshold contradict each other.
    pub(crate) fn over_catalogue(&self) -> Result<Thresholds, String> {
        let unwritable = |error: serde_json::Error| error.to_string();
        // By way of JSON, because there the thresholds have names.
        let mut all = match serde_json::to_value(Thresholds::default()).map_err(unwritable)? {
            serde_json::Value::Object(all) => all,
            _ => return Err("the catalogue's thresholds have no names".to_owned()),
        };
        for (name, lines) in &self.0 {
            let Some(threshold) = all.get_mut(name) else {
                let known = all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(format!("there is no threshold {name:?}; the thresholds are {known}"));
            };
            let catalogue = serde_json::from_value::<Threshold>(threshold.take()).map_err(unwritable)?;
            let changed = lines.over(catalogue).map_err(|reason| format!("the threshold {name:?} {reason}"))?;
            *threshold = serde_json::to_value(changed).map_err(unwritable)?;
        }
        serde_json::from_value(all.into()).map_err(unwritable)
    }
}

impl Lines {
    fn over(self, catalogue: Threshold) -> Result<Threshold, String> {
        let threshold = Threshold {
            warn: moved(catalogue.warn, self.warn),
            critical: moved(catalogue.critical, self.critical),
            ..catalogue
        };
        let (Some(warn), Some(critical)) = (threshold.warn, threshold.critical) else { return Ok(threshold) };
        let (warn, critical) = (warn.value(), critical.value());
        match threshold.direction {
            Direction::HighIsBad if warn > critical => {
                Err(format!("warns at {warn}, later than it is critical at {critical}; more is worse there"))
            }
            Direction::LowIsBad if warn < critical => {
                Err(format!("warns at {warn}, later than it is critical at {critical}; less is worse there"))
            }
            _ => Ok(threshold),
        }
    }
}

/// A line where it is wanted, crossed as the catalogue's is.
fn moved(line: Option<Line>, wanted: Option<Choice>) -> Option<Line> {
    match (wanted, line) {
        (None, line) => line,
        (Some(Choice::Never(Never::Never)), _) => None,
        (Some(Choice::At(value)), Some(Line::At(_))) => Some(Line::At(value.into())),
        (Some(Choice::At(value)), _) => Some(Line::Past(value.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(json: &str) -> Result<Thresholds, String> {
        serde_json::from_str::<OwnThresholds>(json).map_err(|error| error.to_string())?.over_catalogue()
    }

    #[test]
    fn what_is_left_out_stays_as_the_catalogue_has_it() {
        let catalogue = Thresholds::default();
        assert_eq!(over("{}").unwrap(), catalogue);
        let changed = over(r#"{"unassigned": {"warn": 10}, "sla_attainment": {"critical": "never"}}"#).unwrap();
        let unassigned = Threshold { warn: Some(Line::At(10.0)), ..catalogue.unassigned };
        let sla_attainment = Threshold { critical: None, ..catalogue.sla_attainment };
        assert_eq!(changed, Thresholds { unassigned, sla_attainment, ..catalogue });
    }

    #[test]
    fn a_mistake_is_named() {
        for (json, said) in [
            (r#"{"unasigned": {"warn": 1}}"#, "there is no threshold \"unasigned\"; the thresholds are agent_status"),
            (r#"{"unassigned": {"warn": 20}}"#, "the threshold \"unassigned\" warns at 20, later than"),
            (r#"{"sla_attainment": {"warn": 80}}"#, "less is worse there"),
            (r#"{"unassigned": {"warn": "soon"}}"#, "a whole number (of tickets, seconds or per cent), or \"never\""),
            (r#"{"unassigned": {"wran": 1}}"#, "unknown field `wran`"),
        ] {
            let error = over(json).unwrap_err();
            assert!(error.contains(said), "{error} should say {said}");
        }
    }
}
