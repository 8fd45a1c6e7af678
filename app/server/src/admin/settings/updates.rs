//! When screens take which release.

use jiff::civil::Time;

use super::{
    super::form::{Errors, Field, Values},
    Shown,
};
use crate::{
    group::{self, Group},
    settings::{MaintenanceHours, Updates},
};

pub(super) fn values(updates: &Updates) -> Values {
    let mut values = Values::default();
    values.tick("paused", updates.paused);
    values.put("pin", updates.pin.as_ref().map(ToString::to_string).unwrap_or_default());
    let written = |time: Time| time.strftime("%H:%M").to_string();
    values.put("from", updates.window.map(|window| written(window.from)).unwrap_or_default());
    values.put("to", updates.window.map(|window| written(window.to)).unwrap_or_default());
    values.put("groups", group::list(&updates.groups));
    values.tick("at_once", updates.at_once);
    values.put("halt", updates.halt_percent.to_string());
    values
}

pub(super) fn shown(zone: &str, values: &Values) -> Shown {
    let line = |id: &str, label: &str, hint: &str, input| Field::line(id, label, hint, input, values);
    let window = format!(
        "Every day, in {zone}. A screen installs while its board is shown, and restarts at these hours. Without them, it \
         restarts as soon as it has installed."
    );
    Shown {
        title: "When screens update".to_owned(),
        intro: "What holds for every screen. A single one is held back on its own page, where it also gets its group."
            .to_owned(),
        fields: vec![
            Field::tick("paused", "Pause updates", "No screen begins one.", values),
            line("from", "Maintenance from", &window, "time"),
            line("to", "Maintenance until", "", "time"),
            line(
                "pin",
                "Keep this version",
                "Screens go to it and no further. Never back: a release only replaces an older one.",
                "text",
            ),
            line(
                "groups",
                "Only these groups",
                "Names with commas between them, such as lobby, training. All other screens wait. Without any, every screen \
                 may update. A screen\u{2019}s page says to which group it belongs.",
                "text",
            ),
            Field::tick(
                "at_once",
                "All screens at once",
                "Otherwise in the waves of the release: a few first, everybody within days.",
                values,
            ),
            line(
                "halt",
                "Halt above this share of failures, in per cent",
                "Of the screens that tried a release. One failure alone halts nothing.",
                "text",
            ),
        ],
        rows: Vec::new(),
        zones: Vec::new(),
    }
}

pub(super) fn apply(values: &Values) -> Result<Updates, Errors> {
    let mut errors = Errors::new();
    let mut wrong = |field: &str, error: &str| drop(errors.insert(field.to_owned(), error.to_owned()));
    let time = |field: &str| values.text(field).parse::<Time>().ok().filter(|time| time.second() == 0);
    let window = match (values.text("from"), values.text("to")) {
        ("", "") => None,
        ("", _) => {
            wrong("from", "Say from when, or leave both empty.");
            None
        }
        (_, "") => {
            wrong("to", "Say until when, or leave both empty.");
            None
        }
        _ => match (time("from"), time("to")) {
            (Some(from), Some(to)) if from != to => Some(MaintenanceHours { from, to }),
            (None, _) => {
                wrong("from", "Write a time like 02:00.");
                None
            }
            (_, None) => {
                wrong("to", "Write a time like 04:00.");
                None
            }
            _ => {
                wrong("to", "It ends at another time than it begins.");
                None
            }
        },
    };
    let pin = match values.text("pin") {
        "" => None,
        text => match text.parse() {
            Ok(version) => Some(version),
            Err(_) => {
                wrong("pin", "Write a version like 1.4.0, or leave it empty.");
                None
            }
        },
    };
    let names = values.text("groups").split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut groups: Vec<Group> = Vec::new();
    for name in names {
        match Group::try_from(name.to_owned()) {
            Ok(group) if groups.contains(&group) => {}
            Ok(group) => groups.push(group),
            Err(error) => wrong("groups", &format!("{name}: {error}")),
        }
    }
    let halt_percent = values.text("halt").parse().ok().filter(|percent| (1..=100).contains(percent));
    if halt_percent.is_none() {
        wrong("halt", "Write a whole number from 1 to 100.");
    }
    match halt_percent {
        Some(halt_percent) if errors.is_empty() => Ok(Updates {
            paused: values.is_ticked("paused"),
            pin,
            window,
            groups,
            at_once: values.is_ticked("at_once"),
            halt_percent,
        }),
        _ => Err(errors),
    }
}
