//! What is wrong with a drawing: what no screen may show, and what the war room must say.

mod panels;

use board::{Value, format, overlay::WarRoom};
use jiff::tz::TimeZone;

use crate::reading::{Drawing, SMALLEST, Text};
pub(crate) use panels::Read;

/// Words of our own, which are not cut as names may be.
const OWN: [&str; 31] = [
    "New",
    "Open",
    "Pending",
    "On hold",
    "Created",
    "Solved",
    "Urgent",
    "High",
    "Normal",
    "Low",
    "Free",
    "Busy",
    "Away",
    "Off",
    "free",
    "usual",
    "goal",
    "oldest",
    "longest",
    "until",
    "none",
    "Demo data",
    "Reply",
    "Fix",
    "took",
    "replied",
    "solved",
    "reopened",
    "already late",
    "under 15 min",
    "urgent, no reply",
];
/// The smallest main number, in design pixels (wall-ui rule 3).
const LEAST_NUMBER: f32 = 132.9;

/// What is wrong with the texts of any screen.
pub(crate) fn of_texts(drawing: &Drawing) -> Vec<String> {
    let mut faults = cut_where_they_begin(drawing);
    for (index, text) in drawing.texts.iter().enumerate() {
        if text.size < SMALLEST - 0.01 {
            faults.push(format!("{:?} is {} px, smaller than {SMALLEST}", text.words, text.size));
        }
        let (width, height) = drawing.size;
        if text.left < -0.5
            || text.right.min(text.wanted_right) > width + 0.5
            || text.top < 0.0
            || text.bottom > height + 0.5
        {
            faults.push(format!("{:?} leaves the screen", text.words));
        }
        // Names may be longer than their room; numbers and the words of our own may not.
        let short = text.words.chars().count();
        let is_figure = |letter: char| letter.is_ascii_digit();
        if text.is_cut()
            && (text.is_number() || OWN.contains(&text.words.as_str()) || short <= 16 && text.words.contains(is_figure))
        {
            faults.push(format!("{:?} is cut", text.words));
        }
        let crossed = drawing.boxes_around(text).find(|filled| text.crosses(filled));
        faults.extend(crossed.map(|filled| format!("{:?} is crossed by the edge of {filled:?}: {text:?}", text.words)));
        let covered = drawing.texts[index + 1..].iter().filter(|other| text.overlaps(other));
        faults
            .extend(covered.map(|other| format!("{:?} and {:?} overlap: {text:?} {other:?}", text.words, other.words)));
    }
    faults
}

/// Words written from right to left that do not end in a whole ellipsis where they have no room.
pub(crate) fn cut_where_they_begin(drawing: &Drawing) -> Vec<String> {
    let mut faults = Vec::new();
    for text in drawing.texts.iter().filter(|text| text.backwards) {
        if text.overflows {
            faults.push(format!("{:?} runs beyond its room: {text:?}", text.words));
        }
        if text.shortened && !drawing.ends_in_an_ellipsis(text) {
            faults.push(format!("{:?} has no whole ellipsis at its end: {text:?}", text.words));
        }
    }
    faults
}

/// Texts that stand out too little from their ground (wall-ui rule 13).
pub(crate) fn pale_texts(drawing: &Drawing) -> Vec<String> {
    let contrasts = drawing.texts.iter().map(|text| (text, drawing.contrast(text)));
    let pale = contrasts.filter(|(_, contrast)| *contrast < 7.0);
    pale.map(|(text, contrast)| format!("{:?} reaches {contrast:.1}:1 only", text.words)).collect()
}

/// The counts of the war room that are missing, too small, or without their words.
pub(crate) fn of_war_room(drawing: &Drawing, room: &WarRoom) -> Vec<String> {
    let mut faults = Vec::new();
    let counts = [(room.late, "already late"), (room.soon, "under 15 min"), (room.unanswered, "urgent, no reply")];
    for (count, words) in counts {
        let value = Value::Count(count.into());
        let wordings =
            [format::worded, format::shortened].map(|worded| worded(&value, room.since, &TimeZone::UTC).number);
        let Some(said) = drawing.texts.iter().find(|text| text.words == words && !text.is_cut()) else {
            faults.push(format!("{words:?} is cut or missing"));
            continue;
        };
        // Over its words, or before them.
        let stands_with = |text: &&Text| {
            text.left < said.left - 24.0 && (text.bottom - said.bottom).abs() < 2.0
                || (text.left - said.left).abs() < 10.0 && text.bottom < said.top && said.top - text.bottom < 60.0
        };
        let counted = drawing.texts.iter().filter(|text| text.size >= LEAST_NUMBER).find(stands_with);
        if !counted.is_some_and(|text| wordings.contains(&text.words)) {
            faults.push(format!("{count} does not stand with {words:?}, but {counted:?}"));
        }
    }
    faults
}
