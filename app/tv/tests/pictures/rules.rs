//! The rules of the wall (wall-ui), read from our own drawing, for every sample under every stress on every shape of screen.

use board::{Form, Status, Theme, form::Arrangement, layout, sample};

use crate::{
    FULL_HD, HD, PORTRAIT, ULTRA_HD, ULTRAWIDE,
    reading::{Drawing, SMALLEST, Text, read},
    scenes,
};

/// Every size that the wall is promised for.
const ALL: [(u32, u32); 5] = [FULL_HD, ULTRA_HD, PORTRAIT, HD, ULTRAWIDE];
/// Words of our own, which are not cut as names may be.
const OWN: [&str; 27] = [
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
    "took",
    "replied",
    "solved",
    "reopened",
    "edited",
];
/// The smallest main number, in design pixels (wall-ui rule 3).
const LEAST_NUMBER: f32 = 132.9;
/// The smallest 100 of "100 %".
const WHOLE: f32 = 121.0;

/// What is wrong with the texts of a drawing.
fn faults(drawing: &Drawing) -> Vec<String> {
    let mut faults = Vec::new();
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
        if text.spills && !text.wraps {
            faults.push(format!("{:?} runs beyond its room", text.words));
        }
        // Names may be longer than their room; numbers and the words of our own may not.
        let short = text.words.chars().count();
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

fn is_figure(letter: char) -> bool {
    letter.is_ascii_digit()
}

fn check(samples: impl Iterator<Item = (String, board::Board)>, sizes: &[(u32, u32)]) {
    let mut all = Vec::new();
    for (name, board) in samples {
        for size in sizes {
            let drawing = read(&scenes::live(board.clone()), *size);
            let mut found = faults(&drawing);
            // Money has no shorter form; codes and words are no main numbers.
            let numbers = drawing.texts.iter().filter(|text| text.is_number() && !text.words.starts_with('€'));
            // A whole hundred per cent has none either, and its goal stays beside it.
            let least = |text: &Text| if text.words == "100" { WHOLE } else { LEAST_NUMBER };
            let shrunk = numbers.filter(|text| text.size > 95.0 && text.size < least(text));
            found.extend(shrunk.map(|text| format!("the main number {:?} has shrunk to {} px", text.words, text.size)));
            all.extend(found.into_iter().map(|fault| format!("{name} at {size:?}: {fault}")));
        }
    }
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

/// The samples whose name ends with `stress`, also those where something lies over the board.
fn under(stress: &'static str) -> impl Iterator<Item = (String, board::Board)> {
    let names = ["overview", "queue", "team", "forms", "more-forms", "message", "war-room"];
    let wanted = names.map(|name| format!("{name}{stress}"));
    sample::all().into_iter().filter(move |(name, _)| wanted.contains(name))
}

#[test]
fn nothing_is_cut_or_covered_on_any_shape_of_screen() {
    check(under(""), &ALL);
}

#[test]
fn on_sixteen_small_tiles_nothing_is_cut_or_covered() {
    check(std::iter::once(("crowded".to_owned(), scenes::crowded())), &[HD, ULTRAWIDE]);
}

#[test]
fn the_longest_names_cover_nothing() {
    check(under("-names"), &ALL);
}

#[test]
fn nothing_is_cut_or_covered_where_all_is_zero_or_huge() {
    check(under("-zeros").chain(under("-huge")), &ALL);
}

#[test]
fn nothing_is_cut_or_covered_where_all_is_empty_or_unknown() {
    check(under("-empty").chain(under("-no-data")), &ALL);
}

#[test]
fn nothing_is_cut_or_covered_where_all_stands_in_one_status() {
    check(under("-warn").chain(under("-critical")), &ALL);
    check(under("-stale").chain(under("-unavailable")), &ALL);
}

#[test]
fn what_happened_is_whole_beside_any_name() {
    let names = ["Mia", "Gareth", "Bartholomew", "Copperfield & Sons Bookbinders"];
    let verbs = ["took", "replied", "solved", "reopened", "edited"];
    check(
        names.into_iter().flat_map(|name| {
            verbs.map(|verb| {
                let mut board = sample::overview();
                for panel in &mut board.panels {
                    let Form::Table(table) = &mut panel.form else { continue };
                    for row in &mut table.rows {
                        (row.name, row.detail) = (name.to_owned(), Some(verb.to_owned()));
                    }
                }
                (format!("{name} {verb}"), board)
            })
        }),
        &[FULL_HD, PORTRAIT],
    );
}

#[test]
fn of_few_categories_none_is_missing() {
    for name in ["queue", "queue-huge", "queue-warn", "queue-stale", "more-forms", "more-forms-huge", "team"] {
        let board = sample::named(name).unwrap();
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            for panel in &board.panels {
                let Form::Bars(bars) = &panel.form else { continue };
                let said = |bar: &&board::form::Bar| drawing.texts.iter().any(|text| text.words == bar.label);
                // Opposed amounts are told apart by their sides; a tile of few columns has fewer ones of its own.
                if bars.arrangement == Arrangement::Opposed {
                    continue;
                }
                let all = bars.bars.iter().all(|bar| said(&bar));
                let few = !bars.small.is_empty() && bars.small.iter().all(|bar| said(&bar));
                assert!(all || few, "{name} at {size:?}: a category of {:?} is missing", panel.title);
            }
        }
    }
}

#[test]
fn that_data_is_made_up_or_old_is_told_on_every_shape_of_screen() {
    for size in ALL {
        for name in ["overview", "team", "queue-names", "war-room"] {
            let board = board::Board { demo: true, ..sample::named(name).unwrap() };
            for (screen, age) in [(scenes::live(board.clone()), "ago"), (scenes::lost(board), "reconnecting")] {
                let drawing = read(&screen, size);
                let told = |words: &str| {
                    let said = drawing.texts.iter().find(|text| text.words.ends_with(words));
                    assert!(said.is_some_and(|text| !text.is_cut()), "{name} at {size:?} does not say {words:?}");
                };
                told(age);
                if !(name == "war-room" && age == "ago") {
                    told("Demo data");
                }
            }
        }
    }
}

#[test]
fn an_estimate_is_told_beside_its_title() {
    for name in ["overview", "team"] {
        let mut board = sample::named(name).unwrap();
        let roster = board.panels.iter_mut().find(|panel| panel.id.0 == "agent-status").unwrap();
        roster.short_title = Some("Team".to_owned());
        let Form::Roster(people) = &mut roster.form else { panic!("{roster:?}") };
        people.estimated = true;
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            let whole = |words: [&str; 2]| {
                drawing.texts.iter().any(|text| words.contains(&text.words.as_str()) && !text.is_cut())
            };
            let told = whole(["Who’s on", "Team"]) && whole(["estimated", "≈"]);
            assert!(told, "{name} at {size:?}: {:?}", drawing.texts.iter().map(|text| &text.words).collect::<Vec<_>>());
            let found = faults(&drawing);
            assert!(found.is_empty(), "{name} at {size:?}: {}", found.join("\n"));
        }
    }
}

#[test]
fn every_status_has_a_shape_and_a_word() {
    for (status, words) in [
        (Status::Warn, &["Watch"][..]),
        (Status::Critical, &["Act now"]),
        (Status::Stale, &["from 14:26", "14:26"]),
        (Status::Unavailable, &["no data"]),
    ] {
        for name in ["overview", "queue", "team", "forms"] {
            let board = sample::Stress::Status(status).apply(sample::named(name).unwrap());
            let frame = layout::arrange(&board, HD.0, HD.1);
            let drawing = read(&scenes::live(board), HD);
            // The header may say the same of the whole board.
            let in_tiles = drawing.texts.iter().filter(|text| text.top * drawing.unit > frame.body.y);
            let said: Vec<_> = in_tiles.filter(|text| words.contains(&text.words.as_str())).collect();
            assert_eq!(said.len(), frame.tiles.len(), "{name}: every tile says {words:?}");
            for word in said {
                let middle = (word.top + word.bottom) / 2.0;
                let shape = drawing.inked(word.left - 58.0, middle - 26.0, word.left - 12.0, middle + 26.0);
                assert!(shape > 0.1, "{name}: no shape beside {:?}", word.words);
            }
        }
    }
}

/// What stands out too little from its ground (wall-ui rule 13).
fn pale(drawing: &Drawing) -> Vec<String> {
    let contrasts = drawing.texts.iter().map(|text| (text, drawing.contrast(text)));
    let pale = contrasts.filter(|(_, contrast)| *contrast < 7.0);
    pale.map(|(text, contrast)| format!("{:?} reaches {contrast:.1}:1 only", text.words)).collect()
}

#[test]
fn every_text_of_a_board_stands_out_from_its_ground() {
    for theme in [Theme::Midnight, Theme::Daylight, Theme::Signal] {
        let names =
            ["overview", "queue", "team", "forms", "more-forms", "queue-critical", "overview-warn", "forms-stale"];
        for name in names.into_iter().chain(["message", "war-room"]) {
            let board = board::Board { theme, ..sample::named(name).unwrap() };
            let pale = pale(&read(&scenes::live(board), FULL_HD));
            assert!(pale.is_empty(), "{name}, {theme:?}: {pale:#?}");
        }
    }
}

#[test]
fn the_widest_code_is_whole() {
    for size in ALL {
        // W and M are the widest letters that a code has, and it may have four digits before them.
        let drawing = read(&scenes::pairing_by("9999-WMWM-MWMW"), size);
        let groups = drawing.texts.iter().filter(|text| ["9999", "WMWM", "MWMW"].contains(&text.words.as_str()));
        let ends: Vec<f32> = groups.map(|text| text.wanted_right).collect();
        assert_eq!(ends.len(), 3, "at {size:?}");
        assert!(ends.iter().all(|end| *end <= drawing.size.0 - 34.0), "the code ends at {ends:?} at {size:?}");
    }
}

#[test]
fn screens_before_a_board_and_the_overview_keep_to_the_rules_on_any_shape() {
    let screens = [
        scenes::start(),
        scenes::no_network(),
        scenes::pairing(),
        scenes::compare(),
        scenes::locked(),
        scenes::suspended(),
        scenes::removed(),
        scenes::problem(),
        scenes::long_problem(),
        scenes::updating(),
        scenes::lost(sample::offline()),
        scenes::lost(sample::overview()),
        scenes::live(sample::overview()),
    ];
    for screen in &screens {
        for size in ALL {
            let drawing = read(screen, size);
            let mut found = faults(&drawing);
            found.extend(pale(&drawing));
            assert!(found.is_empty(), "{:?} at {size:?}: {}", screen.state, found.join("\n"));
        }
    }
}
