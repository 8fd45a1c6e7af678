//! How a board looks, and which tickets it is about.

use std::{collections::BTreeSet, num::NonZeroU32};

use board::{Look, Theme, form::OtherZone};
use desk::{ClientId, GroupId, Priority, Scope};

use super::{
    super::form::{Errors, Field, Kind, Tick, Values},
    Shown,
};
use crate::settings::{BoardSettings, LONGEST_NAME, OTHER_ZONES, SlaWindow, is_name, is_zone};

const THEMES: [(&str, &str, Theme); 3] = [
    ("midnight", "Midnight: dark blue", Theme::Midnight),
    ("daylight", "Daylight: for bright rooms", Theme::Daylight),
    ("signal", "Signal: highest contrast, with patterns", Theme::Signal),
];
const LOOKS: [(&str, &str, Look); 1] = [("classic", "Classic", Look::Classic)];
const WINDOWS: [(&str, &str, SlaWindow); 3] = [
    ("today", "Today", SlaWindow::Today),
    ("7d", "The last 7 days", SlaWindow::SevenDays),
    ("30d", "The last 30 days", SlaWindow::ThirtyDays),
];
const PRIORITIES: [(&str, &str, Priority); 5] = [
    ("priority-urgent", "Urgent", Priority::Urgent),
    ("priority-high", "High", Priority::High),
    ("priority-normal", "Normal", Priority::Normal),
    ("priority-low", "Low", Priority::Low),
    ("priority-none", "None set", Priority::None),
];

/// Lines of a footer, and characters of each, that a screen has the time to show.
const LINES: usize = 20;
const LONGEST_LINE: usize = 200;

/// A theme's name for people.
pub(super) fn title_of(theme: Theme) -> &'static str {
    let title = THEMES.iter().find(|(_, _, other)| *other == theme).map_or("", |(_, title, _)| title);
    title.split(':').next().unwrap_or(title)
}

pub(super) fn values(board: &BoardSettings) -> Values {
    let mut values = Values::default();
    values.put("name", board.name.clone().unwrap_or_default());
    values.put("theme", THEMES.iter().find(|(_, _, theme)| *theme == board.theme).map_or("", |(id, _, _)| id));
    values.put("look", LOOKS.iter().find(|(_, _, look)| *look == board.look).map_or("", |(id, _, _)| id));
    values.put("ticker", board.ticker.join("\n"));
    values.tick("private", board.private);
    values.put("solved_target", board.solved_target.map(|target| target.to_string()).unwrap_or_default());
    let window = WINDOWS.iter().find(|(_, _, window)| *window == board.sla_window);
    values.put("sla_window", window.map_or("", |(id, _, _)| id));
    let zones = board.other_zones.iter().map(|other| format!("{} = {}", other.label, other.zone));
    values.put("other_zones", zones.collect::<Vec<_>>().join("\n"));
    let Scope { clients, groups, priorities, with_tags, without_tags } = &board.scope;
    let one_a_line = |names: Vec<&str>| names.join("\n");
    values.put("clients", one_a_line(clients.iter().flatten().map(|id| id.0.as_str()).collect()));
    values.put("groups", one_a_line(groups.iter().flatten().map(|id| id.0.as_str()).collect()));
    values.put("with_tags", one_a_line(with_tags.iter().flatten().map(String::as_str).collect()));
    values.put("without_tags", one_a_line(without_tags.iter().map(String::as_str).collect()));
    for (id, _, priority) in PRIORITIES {
        values.tick(id, priorities.as_ref().is_some_and(|chosen| chosen.contains(&priority)));
    }
    values
}

pub(super) fn shown(title: String, values: &Values) -> Shown {
    let themes = THEMES.map(|(id, title, _)| (id, title));
    let looks = LOOKS.map(|(id, title, _)| (id, title));
    let windows = WINDOWS.map(|(id, title, _)| (id, title));
    let boxes = PRIORITIES.map(|(id, label, _)| Tick { id: id.to_owned(), label, ticked: values.is_ticked(id) });
    Shown {
        title,
        intro: "What this board shows, and how.".to_owned(),
        fields: vec![
            name_field(values),
            Field::choice("theme", "Theme", "", &themes, values),
            Field::choice("look", "Look", "", &looks, values),
            Field::area("ticker", "Footer", "Shown one after the other. One to a line.", 3, values),
            Field::tick(
                "private",
                "Hide subjects and clients",
                "Tickets are then called by their numbers, for rooms where visitors see the board.",
                values,
            ),
            Field::line("solved_target", "Tickets to solve in a day", "Leave it empty for none.", "number", values),
            Field::choice(
                "sla_window",
                "SLA met, over",
                "The panel\u{2019}s title says it. Where less of the past is known, it says how many days are.",
                &windows,
                values,
            ),
            Field::area(
                "other_zones",
                "Other zones on the clock",
                "One to a line, two at most, like New York = America/New_York.",
                2,
                values,
            ),
            Field::area(
                "groups",
                "Only these teams",
                "One to a line. Of Request Tracker: queues, by number.",
                2,
                values,
            ),
            Field::area("clients", "Only these clients", "One to a line.", 2, values),
            Field::new(
                "priorities",
                "Only these priorities",
                "None ticked means all.",
                Kind::Boxes { boxes: boxes.into() },
            ),
            Field::area("with_tags", "Only with one of these tags", "One to a line.", 2, values),
            Field::area("without_tags", "Not with any of these tags", "One to a line.", 2, values),
        ],
        rows: Vec::new(),
        zones: Vec::new(),
    }
}

/// What a board is called.
pub(super) fn name_field(values: &Values) -> Field {
    let hint = "Follows the team\u{2019}s name in its title. Leave it empty for the usual one.";
    Field::line("name", "Name", hint, "text", values)
}

/// The name that was entered, if one was.
pub(super) fn name(values: &Values) -> Result<Option<String>, String> {
    match values.text("name") {
        "" => Ok(None),
        text if is_name(text) => Ok(Some(text.to_owned())),
        _ => Err(format!("A name has at most {LONGEST_NAME} characters.")),
    }
}

pub(super) fn apply(values: &Values, board: BoardSettings) -> Result<BoardSettings, Errors> {
    let mut errors = Errors::new();
    let mut wrong = |field: &str, error: String| drop(errors.insert(field.to_owned(), error));
    let name = name(values).unwrap_or_else(|error| {
        wrong("name", error);
        None
    });
    let theme = THEMES.iter().find(|(id, _, _)| *id == values.text("theme")).map(|(_, _, theme)| *theme);
    if theme.is_none() {
        wrong("theme", "Choose one of the themes.".to_owned());
    }
    let look = LOOKS.iter().find(|(id, _, _)| *id == values.text("look")).map(|(_, _, look)| *look);
    if look.is_none() {
        wrong("look", "Choose one of the looks.".to_owned());
    }
    let sla_window = WINDOWS.iter().find(|(id, _, _)| *id == values.text("sla_window")).map(|(_, _, window)| *window);
    if sla_window.is_none() {
        wrong("sla_window", "Choose one of the times.".to_owned());
    }
    let ticker = values.lines("ticker").map(str::to_owned).collect::<Vec<_>>();
    if ticker.len() > LINES || ticker.iter().any(|line| line.chars().count() > LONGEST_LINE) {
        wrong("ticker", format!("A footer has up to {LINES} lines of up to {LONGEST_LINE} characters."));
    }
    let solved_target = match values.text("solved_target") {
        "" => None,
        text => {
            let target = text.parse::<NonZeroU32>().ok();
            if target.is_none() {
                wrong("solved_target", "Write a whole number from 1, or leave it empty.".to_owned());
            }
            target
        }
    };
    let other_zones = other_zones(values).unwrap_or_else(|error| {
        wrong("other_zones", error);
        Vec::new()
    });
    let (Some(theme), Some(look), Some(sla_window), true) = (theme, look, sla_window, errors.is_empty()) else {
        return Err(errors);
    };
    let scope = scope(values, &board.scope);
    let private = values.is_ticked("private");
    Ok(BoardSettings { name, theme, look, ticker, private, solved_target, sla_window, other_zones, scope, ..board })
}

fn other_zones(values: &Values) -> Result<Vec<OtherZone>, String> {
    let zones = values.lines("other_zones").map(|line| {
        let (label, zone) = line
            .split_once('=')
            .map(|(label, zone)| (label.trim(), zone.trim()))
            .filter(|(label, _)| !label.is_empty())
            .ok_or_else(|| format!("Write \u{201c}{line}\u{201d} like New York = America/New_York."))?;
        is_zone("", zone).map_err(|_| format!("There is no time zone \u{201c}{zone}\u{201d}."))?;
        Ok(OtherZone { label: label.to_owned(), zone: zone.to_owned() })
    });
    let zones = zones.collect::<Result<Vec<_>, String>>()?;
    if zones.len() > OTHER_ZONES {
        return Err(format!("A clock has room for {OTHER_ZONES}."));
    }
    Ok(zones)
}

/// What is entered; a filter that lets nothing through, which only the file can say, stays while its field is empty.
fn scope(values: &Values, before: &Scope) -> Scope {
    fn chosen<T: Ord + Clone>(entered: BTreeSet<T>, before: Option<&BTreeSet<T>>) -> Option<BTreeSet<T>> {
        let lets_nothing_through = before.is_some_and(BTreeSet::is_empty);
        (!entered.is_empty() || lets_nothing_through).then_some(entered)
    }
    let lines = |name: &str| values.lines(name).map(str::to_owned);
    let ticked = PRIORITIES.iter().filter(|(id, _, _)| values.is_ticked(id)).map(|(_, _, priority)| *priority);
    Scope {
        clients: chosen(lines("clients").map(ClientId).collect(), before.clients.as_ref()),
        groups: chosen(lines("groups").map(GroupId).collect(), before.groups.as_ref()),
        priorities: chosen(ticked.collect(), before.priorities.as_ref()),
        with_tags: chosen(lines("with_tags").collect(), before.with_tags.as_ref()),
        without_tags: lines("without_tags").collect(),
    }
}
