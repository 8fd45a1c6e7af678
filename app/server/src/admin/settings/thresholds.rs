//! When a board's values need people, where that differs from the catalogue.

use desk::{Threshold, Thresholds};

use super::{
    super::form::{Errors, Field, Values},
    Shown,
    amount::Unit::{self, Count, Share, Time},
};
use crate::settings::{BoardSettings, Choice, OwnThresholds};

/// A row of the form's table.
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) warn: Field,
    pub(super) critical: Field,
}

/// Every threshold: its name in the settings, its title, and what it is in.
const ALL: [(&str, &str, Unit); 19] = [
    ("open_tickets", "Open tickets, in per cent of usual", Share),
    ("unassigned", "Unassigned tickets", Count),
    ("unassigned_oldest", "Oldest unassigned ticket", Time),
    ("new_today", "New today, in per cent of last week", Share),
    ("solved_today", "Solved today, in per cent of the target so far", Share),
    ("backlog_change", "Solved in per cent of new", Share),
    ("backlog_age", "Backlog older than a week", Share),
    ("status_mix", "New tickets among the open ones", Share),
    ("urgent", "Urgent tickets", Count),
    ("high", "High tickets", Count),
    ("group_load", "A team\u{2019}s tickets, in per cent of usual", Share),
    ("oldest_open", "Oldest open ticket", Time),
    ("awaiting_reply", "Longest wait for a reply", Time),
    ("first_reply_time", "First reply", Time),
    ("resolution_time", "Resolution", Time),
    ("sla_attainment", "SLA met", Share),
    ("sla_at_risk", "SLA at risk: time left", Time),
    ("sla_breached", "SLA breached: tickets", Count),
    ("agent_status", "Agents available of those on shift", Share),
];

const NEVER: &str = "never";

pub(super) fn values(own: &OwnThresholds) -> Values {
    let mut values = Values::default();
    for (name, _, unit) in ALL {
        let written = |choice: Option<Choice>| match choice {
            None => String::new(),
            Some(Choice::NEVER) => NEVER.to_owned(),
            Some(Choice::At(amount)) => unit.written(amount),
        };
        let [warn, critical] = own.lines(name);
        values.put(warn_id(name), written(warn));
        values.put(critical_id(name), written(critical));
    }
    values
}

pub(super) fn shown(title: String, values: &Values) -> Shown {
    let row = |(name, title, unit): (&str, &'static str, Unit)| {
        let usual = catalogue(name);
        let field = |id: String, what: &str, line: Option<desk::Line>| {
            let usual = line.map_or_else(|| NEVER.to_owned(), |line| unit.written(line.value() as u32));
            Field::line(&id, &format!("{title}: {what}"), &format!("Usually {usual}"), "text", values)
        };
        Row {
            title,
            warn: field(warn_id(name), "worth watching", usual.and_then(|threshold| threshold.warn)),
            critical: field(critical_id(name), "people are needed", usual.and_then(|threshold| threshold.critical)),
        }
    };
    Shown {
        title: format!("{title}: thresholds"),
        intro: "From when a value is worth watching, and from when people are needed. An empty field means as usual; \
                \u{201c}never\u{201d} means never. Times are written like 30 min, 4 h or 1 d 12 h."
            .to_owned(),
        fields: Vec::new(),
        rows: ALL.map(row).into(),
        zones: Vec::new(),
    }
}

pub(super) fn apply(values: &Values, board: BoardSettings) -> Result<BoardSettings, Errors> {
    let mut errors = Errors::new();
    let mut thresholds = OwnThresholds::default();
    for (name, _, unit) in ALL {
        let mut read = |id: String| match values.text(&id) {
            "" => None,
            text if text.eq_ignore_ascii_case(NEVER) => Some(Choice::NEVER),
            text => {
                let amount = unit.parse(text);
                if amount.is_none() {
                    let example = unit.example();
                    errors.insert(id, format!("Write {example}, \u{201c}never\u{201d}, or nothing for the usual."));
                }
                amount.map(Choice::At)
            }
        };
        let lines = [read(warn_id(name)), read(critical_id(name))];
        // One by one, so that a contradiction is told where it is.
        if let Err(contradiction) = OwnThresholds::default().with(name, lines).over_catalogue()
            && !errors.contains_key(&warn_id(name))
        {
            errors.insert(warn_id(name), super::super::sign_in::sentence(&contradiction));
        }
        thresholds = thresholds.with(name, lines);
    }
    if errors.is_empty() { Ok(BoardSettings { thresholds, ..board }) } else { Err(errors) }
}

/// The catalogue's threshold of this name.
fn catalogue(name: &str) -> Option<Threshold> {
    // By way of JSON, because there the thresholds have names.
    let all = serde_json::to_value(Thresholds::default()).ok()?;
    serde_json::from_value(all.get(name)?.clone()).ok()
}

fn warn_id(name: &str) -> String {
    format!("{name}-warn")
}

fn critical_id(name: &str) -> String {
    format!("{name}-critical")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_of_the_catalogue_has_its_row_and_its_unit() {
        let catalogue = serde_json::to_value(Thresholds::default()).unwrap();
        let names =
            catalogue.as_object().unwrap().keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(ALL.iter().map(|(name, _, _)| *name).collect::<std::collections::BTreeSet<_>>(), names);
        for (name, _, unit) in ALL {
            let is_time = super::catalogue(name).unwrap().unit == 60.0;
            assert_eq!(is_time, unit == Time, "{name}");
        }
    }
}
