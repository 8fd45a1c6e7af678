//! What a provider's own words mean, where an administrator corrects how they are read (panel catalogue, section 1.1).

use std::collections::BTreeMap;

use desk::{Priority, Status};
use serde::{Deserialize, Serialize};

/// What an administrator says of a provider's words. Without a word of one's own, all are read as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Which numbers are which priority.
    #[serde(default, skip_serializing_if = "PriorityBands::are_usual")]
    pub priorities: PriorityBands,
    /// What statuses mean, by the provider's names for them; large and small letters are the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub statuses: BTreeMap<String, Status>,
}

/// Where a provider's numbers become priorities; a larger number matters more.
///
/// The usual ones are made for a Request Tracker as it was installed. It has numbers from 0 to 100 with three labels
/// (`%PriorityAsString`: Low is 0, Medium 50, High 100), and shows each number by the label at or below it. Urgent has to
/// be within these numbers, or nobody could say so there: it is the topmost, which is labelled High. What lies between
/// Medium and that, a person can only enter as a number; its upper half is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityBands {
    /// Normal from here; below is low.
    pub normal: i64,
    /// High from here.
    pub high: i64,
    /// Urgent from here.
    pub urgent: i64,
}

impl Mapping {
    /// Whether it makes sense; if not, why.
    ///
    /// # Errors
    /// Priorities that do not rise, and statuses without a name or with the name of another one.
    pub fn check(&self) -> Result<(), String> {
        let PriorityBands { normal, high, urgent } = self.priorities;
        if !(normal <= high && high <= urgent) {
            return Err(format!(
                "priorities must rise, and normal is from {normal}, high from {high}, urgent from {urgent}"
            ));
        }
        let mut names = std::collections::BTreeSet::new();
        for name in self.statuses.keys() {
            if name.trim().is_empty() || name.trim() != name {
                return Err(format!("statuses has {name:?}, which is the name of none"));
            }
            if !names.insert(folded(name)) {
                return Err(format!("statuses has {name:?} twice; large and small letters are the same"));
            }
        }
        Ok(())
    }

    /// Statuses with their meanings, by their names as [`folded`] has them.
    pub(crate) fn folded_statuses(&self) -> BTreeMap<String, Status> {
        self.statuses.iter().map(|(name, meaning)| (folded(name), *meaning)).collect()
    }
}

/// A name of which large and small letters are the same.
pub(crate) fn folded(name: &str) -> String {
    name.to_lowercase()
}

impl PriorityBands {
    /// The priority of a number.
    pub fn of(self, number: i64) -> Priority {
        if number >= self.urgent {
            Priority::Urgent
        } else if number >= self.high {
            Priority::High
        } else if number >= self.normal {
            Priority::Normal
        } else {
            Priority::Low
        }
    }

    /// Whether they are as they are without anybody's word.
    fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for PriorityBands {
    /// Low below 25, normal below 75, high below 100, urgent from there.
    fn default() -> Self {
        Self { normal: 25, high: 75, urgent: 100 }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn every_priority_can_be_reached_with_the_numbers_of_a_request_tracker_as_it_was_installed() {
        let bands = PriorityBands::default();
        let of = [-5, 0, 24, 25, 50, 74, 75, 99, 100, 101].map(|number| bands.of(number));
        use Priority::{High, Low, Normal, Urgent};
        assert_eq!(of, [Low, Low, Low, Normal, Normal, Normal, High, High, Urgent, Urgent]);
    }

    #[test]
    fn a_band_that_is_empty_is_left_out() {
        let bands = PriorityBands { normal: 50, high: 100, urgent: 100 };
        assert_eq!([99, 100].map(|number| bands.of(number)), [Priority::Normal, Priority::Urgent]);
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_reason() {
        let wrong = |text: &str| serde_json::from_str::<Mapping>(text).unwrap().check().unwrap_err();
        let said = wrong(r#"{"priorities": {"normal": 50, "high": 20, "urgent": 90}}"#);
        assert_eq!(said, "priorities must rise, and normal is from 50, high from 20, urgent from 90");
        let said = wrong(r#"{"statuses": {"Parked": "hold", "parked": "open"}}"#);
        assert!(said.contains("\"parked\" twice"), "{said}");
        assert!(wrong(r#"{"statuses": {" ": "hold"}}"#).contains("\" \""));
        assert_eq!(serde_json::from_str::<Mapping>("{}").unwrap(), Mapping::default());
        assert_eq!(serde_json::to_string(&Mapping::default()).unwrap(), "{}");
        let unknown = serde_json::from_str::<Mapping>(r#"{"statuses": {"parked": "asleep"}}"#).unwrap_err().to_string();
        assert!(unknown.contains("asleep") && unknown.contains("`pending`"), "{unknown}");
    }
}
