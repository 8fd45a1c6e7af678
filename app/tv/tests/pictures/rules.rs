//! The rules of the wall (wall-ui), read from our own drawing, for every sample under every stress on every shape of screen.

mod balance;
mod bars;
mod before_a_board;
mod clients;
mod contrast;
mod header;
mod levels;
mod lists;
mod people;
mod pixels;
mod places;
mod right_to_left;
mod times;
mod trends;

use board::{
    Area, Board, Form, Layout, Overlay, Status, Value,
    form::Arrangement,
    layout,
    sample::{self, Stress},
};
use tv::{snapshot::Display, texts::drawn, view::Motion};

use crate::{
    FULL_HD, HD, PORTRAIT, ULTRA_HD, ULTRAWIDE,
    faults::{self, Read},
    golden,
    reading::{read, read_at},
    scenes::{self, Scene},
};

/// Every size that the wall is promised for.
const ALL: [(u32, u32); 5] = [FULL_HD, ULTRA_HD, PORTRAIT, HD, ULTRAWIDE];

/// Sizes between the shapes, which other screens and turned ones have.
const BETWEEN: [(u32, u32); 6] = [(1920, 1200), (1600, 1200), (1440, 960), (1280, 1024), (1080, 1080), (1536, 2048)];

/// Holds every scene on every one of these sizes against the rules for texts, numbers and titles.
fn check(scenes: impl Iterator<Item = Scene>, sizes: &[(u32, u32)]) {
    let mut all = Vec::new();
    for Scene { name, board, now } in scenes {
        for size in sizes {
            let drawing = read_at(&scenes::live(board.clone()), now, *size);
            let mut found = faults::of_texts(&drawing);
            if let Some(Overlay::WarRoom(room)) = &board.overlay {
                found.extend(faults::of_war_room(&drawing, room));
            }
            if board.overlay.is_none() {
                let read = Read::new(&drawing, &board, *size, now);
                found.extend(read.numbers());
                found.extend(read.statuses());
                // Titles of forty letters have room on no tile.
                found.extend(read.titles().into_iter().filter(|_| !name.ends_with("-names")));
            }
            if !found.is_empty() {
                let (_, kept) = golden::keep(
                    &format!("fault-{name}-{}x{}", size.0, size.1),
                    &scenes::live(board.clone()),
                    now,
                    *size,
                );
                all.push(format!("{name} at {size:?}, {}:", kept.display()));
                all.extend(found);
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// The samples whose name ends with `stress`, also those where something lies over the board.
fn under(stress: &'static str) -> impl Iterator<Item = Scene> {
    let names = ["overview", "queue", "team", "today", "forms", "more-forms", "message", "war-room"];
    let wanted = names.map(|name| format!("{name}{stress}"));
    let samples = sample::all().into_iter().filter(move |(name, _)| wanted.contains(name));
    samples.map(|(name, board)| Scene::of(name, board))
}

#[test]
fn nothing_is_cut_or_covered_on_any_shape_of_screen() {
    check(under(""), &ALL);
    check(under(""), &BETWEEN);
}

#[test]
fn on_sixteen_small_tiles_nothing_is_cut_or_covered() {
    check(std::iter::once(Scene::of("crowded", scenes::crowded())), &[HD, ULTRAWIDE]);
}

#[test]
fn the_boards_that_people_get_keep_to_the_rules_on_any_shape_of_screen() {
    check(scenes::presets(), &ALL);
}

#[test]
fn the_boards_that_people_get_have_room_for_any_amount() {
    for amount in [Stress::Ones, Stress::Hundreds, Stress::Thousands, Stress::Huge] {
        // Two columns, in which a desk without presence counts what came in today, have no room for 123k.
        let scenes = scenes::presets().filter(|scene| scene.board.demo || amount != Stress::Huge);
        check(scenes.map(|scene| scene.under(amount)), &[FULL_HD, PORTRAIT]);
    }
}

#[test]
fn no_client_is_cut_in_a_row_that_has_room_for_it() {
    for Scene { name, board, now } in scenes::presets().chain(under("")) {
        for size in ALL {
            let drawing = read_at(&scenes::live(board.clone()), now, size);
            let found = Read::new(&drawing, &board, size, now).cut_beside_blanks();
            assert!(found.is_empty() || board.overlay.is_some(), "{name} at {size:?}: {}", found.join("\n"));
        }
    }
}

/// The oldest tickets of the sample on the whole of a screen.
fn oldest_alone(by_subject: bool) -> Board {
    let mut board = sample::queue();
    board.panels.retain(|panel| panel.id.0 == "oldest-open");
    board.layout.placements.retain(|placed| placed.panel.0 == "oldest-open");
    board.layout.placements[0].area = Area { column: 0, row: 0, columns: 12, rows: 8 };
    let Form::Table(table) = &mut board.panels[0].form else { panic!("{board:?}") };
    table.by_subject = by_subject;
    board
}

#[test]
fn what_a_ticket_is_about_stands_beside_its_client_and_in_its_place_where_all_are_of_one() {
    let said = |by_subject, words: &str| {
        let drawing = read(&scenes::live(oldest_alone(by_subject)), FULL_HD);
        let found = faults::of_texts(&drawing);
        assert!(found.is_empty(), "{}", found.join("\n"));
        drawing.texts.iter().any(|text| text.words == words && !text.is_cut())
    };
    for words in ["Castle Vets", "Label printer offline", "Mei L"] {
        assert!(said(false, words), "{words:?} is cut or missing");
    }
    assert!(said(true, "Label printer offline") && !said(true, "Castle Vets"));
    let narrow = read(&scenes::live(sample::queue()), FULL_HD);
    assert!(narrow.texts.iter().all(|text| text.words != "Label printer offline"), "the client has no room beside it");
}

#[test]
fn a_tile_stands_as_it_does_however_many_others_are_critical() {
    for status in [Status::Ok, Status::Warn] {
        let places = |others: Status| {
            let mut board = Stress::Status(others).apply(sample::today());
            let panel = board.panels.last_mut().unwrap();
            panel.status = status;
            let Form::Gauge(gauge) = &mut panel.form else { panic!("{panel:?}") };
            // Too wide for the full size.
            gauge.value = Value::Ratio(1.0);
            let frame = layout::arrange(&board, FULL_HD.0, FULL_HD.1);
            let place = frame.tiles.last().unwrap().rect;
            let drawing = read(&scenes::live(board), FULL_HD);
            let texts = drawing.texts.iter().filter(|text| text.left >= place.x && text.top >= place.y);
            texts.map(|text| (text.words.clone(), text.left, text.bottom)).collect::<Vec<_>>()
        };
        assert_eq!(places(Status::Critical), places(Status::Ok), "a tile that is {status:?}");
    }
}

#[test]
fn a_board_whose_layout_places_nothing_says_so() {
    let nothing = Layout { columns: 0, rows: 0, strip: None, placements: Vec::new() };
    let outside = Layout { columns: 1, rows: 1, ..sample::queue().layout };
    let unplaced = Layout { placements: Vec::new(), ..sample::queue().layout };
    for layout in [nothing, Layout { placements: outside.placements[1..].to_vec(), ..outside }, unplaced] {
        let board = Board { layout, ..sample::queue() };
        for size in ALL {
            let drawing = read(&scenes::live(board.clone()), size);
            let said = drawing.texts.iter().map(|text| text.words.as_str()).collect::<Vec<_>>();
            assert!(said.contains(&"This board has no panels."), "{size:?}: {said:?}");
            let found = faults::of_texts(&drawing);
            assert!(found.is_empty(), "{size:?}: {}", found.join("\n"));
        }
    }
}

#[test]
fn the_longest_names_cover_nothing() {
    check(under("-names"), &ALL);
}

#[test]
fn a_name_that_is_shortened_is_whole_for_whoever_reads_the_screen() {
    let board = sample::named("overview-names").unwrap();
    let mut display = Display::new(HD.0, HD.1, Motion::Reduced).unwrap();
    display.show(&scenes::live(board.clone()), scenes::now());
    let texts = drawn(display.ui().window());
    for panel in board.panels {
        assert!(texts.contains(&panel.title), "{:?} is not in {texts:?}", panel.title);
    }
}

#[test]
fn nothing_is_cut_or_covered_where_all_is_zero_or_huge() {
    check(under("-zeros").chain(under("-huge")), &ALL);
}

#[test]
fn nothing_is_cut_or_covered_where_all_has_one_figure_or_three_or_four() {
    check(under("-ones").chain(under("-hundreds")).chain(under("-thousands")), &ALL);
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
    let verbs = ["took", "replied", "solved", "reopened"];
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
                Scene::of(format!("{name} {verb}"), board)
            })
        }),
        &[FULL_HD, PORTRAIT],
    );
}

#[test]
fn of_few_categories_none_is_missing() {
    for name in ["queue", "queue-huge", "queue-warn", "queue-stale", "more-forms", "more-forms-huge", "team", "today"] {
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
            let found = faults::of_texts(&drawing);
            assert!(found.is_empty(), "{name} at {size:?}: {}", found.join("\n"));
        }
    }
}

#[test]
fn created_against_solved_keeps_its_difference_and_its_pace_whatever_the_counts() {
    for amount in [Stress::Ones, Stress::Hundreds, Stress::Thousands, Stress::Huge] {
        let today = scenes::presets().find(|scene| scene.name == "calm-morning-today").unwrap().under(amount);
        for size in ALL {
            let drawing = read_at(&scenes::live(today.board.clone()), today.now, size);
            let says = |words: &str| drawing.texts.iter().any(|text| text.words == words && !text.is_cut());
            assert!(
                says("100% of created") && says("Created") && says("Solved"),
                "{amount:?} at {size:?}: {:?}",
                drawing.texts.iter().map(|text| &text.words).collect::<Vec<_>>()
            );
        }
    }
}
