//! Who is on: everybody with a whole name.

use std::collections::BTreeSet;

use board::{
    Form,
    form::{Person, Presence, Roster},
    sample,
};

use super::ALL;
use crate::{
    FULL_HD, faults,
    reading::{Text, read, read_at},
    scenes::{self, Scene},
};

/// Screens that a wall may also have.
const OTHERS: [(u32, u32); 2] = [(1080, 1350), (2560, 1080)];

/// Everybody of the demo's desk.
fn desk() -> Vec<String> {
    let mut names = BTreeSet::new();
    for Scene { board, .. } in scenes::presets() {
        for panel in &board.panels {
            if let Form::Roster(roster) = &panel.form {
                names.extend(roster.people.iter().map(|person| person.name.clone()));
            }
        }
    }
    names.into_iter().collect()
}

/// The roster's people, of whom so many are free and so many away, the first of them at `first`.
fn staffed(roster: &mut Roster, names: &[String], [free, away]: [usize; 2], first: usize) {
    let template = roster.people[0].clone();
    roster.people = names
        .iter()
        .cycle()
        .skip(first)
        .take(names.len())
        .enumerate()
        .map(|(index, name)| {
            let presence = match index {
                index if index < free => Presence::Available,
                index if index < free + away => Presence::Away,
                _ => Presence::Busy,
            };
            Person { name: name.clone(), presence, ..template.clone() }
        })
        .collect();
    let count =
        |wanted| u32::try_from(roster.people.iter().filter(|person| person.presence == wanted).count()).unwrap();
    (roster.available, roster.away, roster.busy) =
        (count(Presence::Available), count(Presence::Away), count(Presence::Busy));
}

#[test]
fn everybody_of_the_demos_desk_is_whole_wherever_they_stand() {
    let names = desk();
    assert!(names.len() >= 13, "{names:?}");
    let team = scenes::presets().find(|scene| scene.name == "calm-morning-team").unwrap();
    let mut seen = 0;
    for staff in [[0, 3], [2, 3], [7, 7], [3, 9]] {
        for first in [0, 7] {
            let mut board = team.board.clone();
            for panel in &mut board.panels {
                if let Form::Roster(roster) = &mut panel.form {
                    staffed(roster, &names, staff, first);
                }
            }
            for size in ALL.into_iter().chain(OTHERS) {
                let drawing = read_at(&scenes::live(board.clone()), team.now, size);
                let people: Vec<&Text> = drawing.texts.iter().filter(|text| names.contains(&text.words)).collect();
                seen += people.len();
                let cut: Vec<_> = people.iter().filter(|text| text.is_cut()).map(|text| &text.words).collect();
                assert!(cut.is_empty(), "{staff:?} from {first} at {size:?}: {cut:?} are cut");
                let found = faults::of_texts(&drawing);
                assert!(found.is_empty(), "{staff:?} from {first} at {size:?}: {}", found.join("\n"));
            }
        }
    }
    assert!(seen > 300, "{seen} names were seen");
}

#[test]
fn the_sample_of_the_target_keeps_the_word_of_who_is_away() {
    let drawing = read(&scenes::live(sample::team()), FULL_HD);
    let away = drawing.texts.iter().filter(|text| text.words == "away" && !text.is_cut()).count();
    assert_eq!(away, 3);
}
