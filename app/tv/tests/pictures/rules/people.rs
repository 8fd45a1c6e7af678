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

#[test]
fn nobody_stands_under_a_number_that_counts_others() {
    let names = desk();
    let team = scenes::presets().find(|scene| scene.name == "calm-morning-team").unwrap();
    let mut moved = 0;
    for staff in [[0, 0], [2, 0], [2, 3], [11, 1]] {
        let mut board = team.board.clone();
        for panel in &mut board.panels {
            if let Form::Roster(roster) = &mut panel.form {
                staffed(roster, &names, staff, 0);
            }
        }
        let states = board.panels.iter().find_map(|panel| match &panel.form {
            Form::Roster(roster) => {
                Some(roster.people.iter().map(|one| (one.name.clone(), one.presence)).collect::<Vec<_>>())
            }
            _ => None,
        });
        let states = states.unwrap();
        for size in ALL.into_iter().chain(OTHERS) {
            let drawing = read_at(&scenes::live(board.clone()), team.now, size);
            for (name, presence) in &states {
                let Some(text) = drawing.texts.iter().find(|text| text.words == *name) else { continue };
                let word = if *presence == Presence::Available { "free" } else { "busy" };
                let is_head = |other: &&Text| {
                    let said: Vec<&str> = other.words.split([' ', ',']).collect();
                    other.bottom < text.top
                        && text.left - other.left < 100.0
                        && other.left - text.left < 280.0
                        && ["free", "busy", "away"].iter().any(|word| said.contains(word))
                };
                let heads = drawing.texts.iter().filter(is_head);
                let head = heads.max_by(|one, other| one.bottom.total_cmp(&other.bottom));
                let counted = |head: &Text| head.words.contains(word) || *presence == Presence::Away;
                // Where the first column has no room for its word, the number stands alone.
                let Some(head) = head else { continue };
                assert!(counted(head), "{staff:?} at {size:?}: {name} is {presence:?}, under {:?}", head.words);
                moved += usize::from(["free", "busy"].contains(&head.words.as_str()) && head.size < 60.0);
            }
        }
    }
    assert!(moved > 0, "nobody stands below others");
}
