//! What the helpdesk's words mean: its statuses, and the numbers of its priorities.

use std::collections::BTreeMap;

use connectors::{Mapping, PriorityBands};
use desk::Status;

use super::{
    super::form::{Errors, Field, Values},
    Shown,
};
use crate::settings::{Connected, Desk, Settings};

const MEANINGS: [(&str, Status); 6] = [
    ("new", Status::New),
    ("open", Status::Open),
    ("pending", Status::Pending),
    ("hold", Status::Hold),
    ("solved", Status::Solved),
    ("closed", Status::Closed),
];

/// A priority's field, its label, what else is to be said, and its number.
type Band = (&'static str, &'static str, &'static str, fn(&PriorityBands) -> i64);

const BANDS: [Band; 3] = [
    ("normal", "Normal priority from", "What is below is low.", |bands| bands.normal),
    ("high", "High priority from", "", |bands| bands.high),
    ("urgent", "Urgent priority from", "", |bands| bands.urgent),
];

pub(super) fn values(desk: &Desk) -> Option<Values> {
    let Desk::RequestTracker(Connected { mapping, .. }) = desk else { return None };
    let mut values = Values::default();
    for (id, _, _, number) in BANDS {
        values.put(id, number(&mapping.priorities).to_string());
    }
    let lines = mapping.statuses.iter().map(|(name, meaning)| format!("{name} = {}", written(*meaning)));
    values.put("statuses", lines.collect::<Vec<_>>().join("\n"));
    Some(values)
}

pub(super) fn shown(values: &Values) -> Shown {
    let usual = PriorityBands::default();
    let band = |(id, label, hint, number): Band| {
        let hint = format!("{hint} Leave it empty for the usual, {}.", number(&usual));
        Field::line(id, label, hint.trim(), "text", values)
    };
    let mut fields = BANDS.map(band).into_iter().collect::<Vec<_>>();
    fields.push(Field::area(
        "statuses",
        "Statuses",
        "One to a line, like parked = hold. A status can be new, open, pending (it waits for the customer), hold (it waits for \
         somebody else), solved or closed. One that is not named here is what Request Tracker takes it for.",
        6,
        values,
    ));
    Shown {
        title: "What statuses and priorities mean".to_owned(),
        intro: "How the boards read what Request Tracker says. Its tickets stay as they are.".to_owned(),
        fields,
        rows: Vec::new(),
        zones: Vec::new(),
    }
}

pub(super) fn apply(values: &Values, settings: Settings) -> Result<Settings, Errors> {
    let Desk::RequestTracker(connected) = settings.desk.clone() else { return Ok(settings) };
    let mut errors = Errors::new();
    let priorities = priorities(values, &mut errors);
    let statuses = statuses(values).unwrap_or_else(|error| {
        errors.insert("statuses".to_owned(), error);
        BTreeMap::new()
    });
    if !errors.is_empty() {
        return Err(errors);
    }
    let desk = Desk::RequestTracker(Connected { mapping: Mapping { priorities, statuses }, ..connected });
    Ok(Settings { desk, ..settings })
}

fn priorities(values: &Values, errors: &mut Errors) -> PriorityBands {
    let usual = PriorityBands::default();
    let mut below: Option<(&str, i64)> = None;
    let numbers = BANDS.map(|(id, label, _, number)| {
        let entered = match values.text(id) {
            "" => Some(number(&usual)),
            text => text.parse().ok(),
        };
        match (entered, below) {
            (None, _) => drop(errors.insert(id.to_owned(), "Write a whole number, or leave it empty.".to_owned())),
            (Some(entered), Some((other, least))) if entered < least => {
                let words = format!("This is {entered}, and {} is {least}: priorities rise.", other.to_lowercase());
                errors.insert(id.to_owned(), words);
            }
            (Some(entered), _) => below = Some((label, entered)),
        }
        entered.unwrap_or_default()
    });
    let [normal, high, urgent] = numbers;
    PriorityBands { normal, high, urgent }
}

fn statuses(values: &Values) -> Result<BTreeMap<String, Status>, String> {
    let mut statuses: BTreeMap<String, Status> = BTreeMap::new();
    for line in values.lines("statuses") {
        let (name, meaning) = line
            .rsplit_once('=')
            .map(|(name, meaning)| (name.trim(), meaning.trim()))
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| format!("Write \u{201c}{line}\u{201d} like parked = hold."))?;
        let meaning = MEANINGS.iter().find(|(word, _)| meaning.eq_ignore_ascii_case(word)).ok_or_else(|| {
            let words = MEANINGS.map(|(word, _)| word).join(", ");
            format!("In \u{201c}{line}\u{201d}, \u{201c}{meaning}\u{201d} is none of {words}.")
        })?;
        if statuses.keys().any(|other| other.to_lowercase() == name.to_lowercase()) {
            return Err(format!("\u{201c}{name}\u{201d} is there twice; large and small letters are the same."));
        }
        statuses.insert(name.to_owned(), meaning.1);
    }
    Ok(statuses)
}

fn written(meaning: Status) -> &'static str {
    MEANINGS.iter().find(|(_, other)| *other == meaning).map_or("", |(word, _)| word)
}
