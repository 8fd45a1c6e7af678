//! The rules of the wall (wall-ui), read from our own drawing, for every sample under every stress on every shape of screen.

use std::time::Duration;

use board::{
    Area, Board, Form, Layout, Overlay, Status, Theme, Value,
    form::Arrangement,
    layout,
    sample::{self, Stress},
};
use jiff::SignedDuration;
use serde_json::Value as Json;
use tv::{snapshot::Display, texts::drawn, view::Motion};

use crate::{
    FULL_HD, HD, PORTRAIT, ULTRA_HD, ULTRAWIDE,
    faults::{self, Read},
    golden,
    hostile::WORDS,
    reading::{Drawing, Text, read, read_at},
    scenes::{self, Scene},
};

/// Every size that the wall is promised for.
const ALL: [(u32, u32); 5] = [FULL_HD, ULTRA_HD, PORTRAIT, HD, ULTRAWIDE];
/// Screens on which a header has little room.
const NARROW: [(u32, u32); 5] = [PORTRAIT, (1080, 1350), (1080, 1080), (720, 1280), (1280, 1024)];
/// Names from right to left: with spaces and without, with figures, marks and letters of another direction.
const RIGHT_TO_LEFT: [&str; 4] = [
    "مدرسة الميناء الشمالي للعلوم والتقنية ١٢",
    "בית הספר הצפוני למדעים ולטכנולוגיה בנמל ",
    "12 מַחְלְקוֹת Larkfield IT (צפון) ועוד שלוש",
    "المستشفىالجامعيللأطفالوالأمهاتفيالمدينةالقديمة",
];
const THEMES: [Theme; 3] = [Theme::Midnight, Theme::Daylight, Theme::Signal];

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
        check(scenes::presets().map(|scene| scene.under(amount)), &[FULL_HD, PORTRAIT]);
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

/// The board with all words of people and of its server in Hebrew and Arabic, from the `first` name on.
fn from_right_to_left(board: &Board, first: usize) -> Board {
    fn write(value: &mut Json, words: &mut dyn Iterator<Item = &'static str>) {
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| write(item, words)),
            Json::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
                // Code, not words.
                Json::String(_) if name == "currency" => {}
                Json::String(said) if WORDS.contains(&name.as_str()) || name == "target_label" => {
                    *said = words.next().unwrap().to_owned();
                }
                Json::Array(said) if ["ticker", "lines", "free"].contains(&name.as_str()) => {
                    said.iter_mut().for_each(|line| *line = words.next().unwrap().into());
                }
                value => write(value, words),
            }),
            _ => {}
        }
    }
    let mut words = RIGHT_TO_LEFT.into_iter().cycle().skip(first);
    let mut json = serde_json::to_value(board).unwrap();
    write(&mut json, &mut words);
    serde_json::from_str(&json.to_string()).unwrap()
}

#[test]
fn words_from_right_to_left_end_in_a_whole_ellipsis_where_they_have_no_room() {
    let names = ["overview", "queue", "team", "forms", "more-forms", "message", "war-room"];
    let mut shortened = 0;
    for name in names {
        let board = from_right_to_left(&sample::named(name).unwrap(), 0);
        let live = ALL.map(|size| (scenes::live(board.clone()), size));
        let lost = [HD, PORTRAIT].map(|size| (scenes::lost(board.clone()), size));
        for (screen, size) in live.into_iter().chain(lost) {
            let drawing = read(&screen, size);
            let found = faults::cut_where_they_begin(&drawing);
            assert!(found.is_empty(), "{name} at {size:?}: {}", found.join("\n"));
            shortened += drawing.texts.iter().filter(|text| text.shortened).count();
        }
    }
    assert!(shortened > 300, "{shortened} names were shortened");
}

/// Slint cannot measure while it draws: all that is shortened must be known by then.
#[test]
fn words_from_right_to_left_may_change_at_any_time() {
    for size in [HD, PORTRAIT, (320, 180), (200, 1_600)] {
        let mut display = Display::new(size.0, size.1, Motion::Full).unwrap();
        for name in ["overview", "queue", "team", "forms", "more-forms", "message", "war-room"] {
            for first in 0..2 {
                let board = from_right_to_left(&sample::named(name).unwrap(), first);
                for screen in [scenes::live(board.clone()), scenes::lost(board)] {
                    display.show(&screen, scenes::now());
                    display.draw();
                    display.advance(Duration::from_millis(120));
                    display.draw();
                }
            }
        }
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
fn that_data_is_made_up_or_old_is_told_on_every_shape_of_screen() {
    for size in ALL.into_iter().chain(NARROW) {
        for name in ["overview", "team", "queue-names", "war-room"] {
            let board = Board { demo: true, ..sample::named(name).unwrap() };
            for (screen, age) in [(scenes::live(board.clone()), "ago"), (scenes::lost(board), "reconnecting")] {
                let drawing = read(&screen, size);
                let told = |words: &[&str]| {
                    let said = drawing.texts.iter().find(|text| words.iter().any(|words| text.words.ends_with(words)));
                    assert!(said.is_some_and(|text| !text.is_cut()), "{name} at {size:?} does not say {words:?}");
                };
                told(&[age]);
                told(&["Demo data", "Demo"]);
            }
        }
    }
}

/// The overview as the head of a screen sees it: with one tile, and data that is `old`.
fn headed(title: &str, demo: bool, old: SignedDuration) -> Board {
    let mut board = Board { title: title.to_owned(), demo, ..sample::overview() };
    board.panels.truncate(1);
    board.panels[0].updated_at = scenes::now() - old;
    board
}

fn head(drawing: &Drawing) -> Vec<&Text> {
    drawing.texts.iter().filter(|text| text.bottom < 112.0).collect()
}

#[test]
fn the_header_is_one_line_on_every_shape_of_screen() {
    let ages = [
        SignedDuration::from_secs(9),
        SignedDuration::from_mins(59),
        SignedDuration::from_hours(24 * 6),
        SignedDuration::from_hours(24 * 90),
    ];
    // The others are as wide as these.
    for size in [HD, ULTRAWIDE, (1280, 1024), (1080, 1080), (720, 1280)] {
        for title in ["Service desk", "Larkfield IT · Queue", RIGHT_TO_LEFT[0], "Llanfairpwllgwyngyllgogerychwyrndro"]
        {
            for (demo, age) in [false, true].into_iter().flat_map(|demo| ages.map(|age| (demo, age))) {
                let board = headed(title, demo, age);
                for screen in [scenes::live(board.clone()), scenes::lost(board)] {
                    let drawing = read(&screen, size);
                    let found = faults::of_texts(&drawing);
                    let said: Vec<&str> = head(&drawing).iter().map(|text| text.words.as_str()).collect();
                    assert!(found.is_empty(), "{said:?} at {size:?}: {}", found.join("\n"));
                    assert!(head(&drawing).iter().all(|text| (text.bottom - 85.0).abs() < 0.5), "{said:?} at {size:?}");
                    assert!(said.contains(&"14:32"), "{said:?} at {size:?}: the time");
                    assert!(!demo || said.iter().any(|words| words.starts_with("Demo")), "{said:?} at {size:?}");
                    let cut =
                        head(&drawing).into_iter().filter(|text| text.is_cut() && !title.starts_with(&text.words));
                    assert_eq!(cut.count(), 0, "{said:?} at {size:?}: only the title may be cut");
                }
            }
        }
    }
}

#[test]
fn nothing_in_the_header_moves_while_the_age_counts() {
    let places = |seconds, size| {
        let drawing = read(&scenes::live(headed("Service desk", true, SignedDuration::from_secs(seconds))), size);
        let kept = head(&drawing).into_iter().filter(|text| !text.words.ends_with("ago"));
        kept.map(|text| (text.words.clone(), text.left)).collect::<Vec<_>>()
    };
    for size in ALL.into_iter().chain(NARROW) {
        assert_eq!(places(8, size), places(59, size), "{size:?}");
        assert_eq!(places(60, size), places(3_599, size), "{size:?}");
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

#[test]
fn every_text_of_a_board_stands_out_from_its_ground() {
    let plain = ["overview", "queue", "team", "today", "forms", "more-forms", "message", "war-room"];
    for name in plain.into_iter().chain(["queue-critical", "today-critical", "overview-warn", "forms-stale"]) {
        for theme in THEMES {
            let board = Board { theme, ..sample::named(name).unwrap() };
            let pale = faults::pale_texts(&read(&scenes::live(board), FULL_HD));
            assert!(pale.is_empty(), "{name}, {theme:?}: {pale:#?}");
        }
    }
}

/// The four kinds of a strip, on a screen that has room for one.
#[test]
fn four_segments_are_told_from_their_neighbours_in_every_theme() {
    for theme in THEMES {
        for board in [sample::more_forms(), Stress::Status(Status::Stale).apply(sample::more_forms())] {
            let board = Board { theme, ..board };
            let drawing = read(&scenes::live(board.clone()), ULTRAWIDE);
            let strip = drawing
                .texts
                .iter()
                .filter(|text| ["New", "Open", "Pending", "On hold"].contains(&text.words.as_str()));
            let tops: Vec<f32> = strip.map(|text| text.top).collect();
            assert!(tops.len() == 4 && tops.iter().all(|top| *top == tops[0]), "no strip is drawn: {tops:?}");
            let pale = Read::new(&drawing, &board, ULTRAWIDE, scenes::now()).pale_boxes();
            assert!(pale.is_empty(), "{theme:?}: {pale:#?}");
        }
    }
}

#[test]
fn what_carries_meaning_stands_out_in_every_status_and_theme() {
    for name in ["overview", "queue", "team", "today", "forms", "more-forms"] {
        for status in [Status::Ok, Status::Warn, Status::Critical] {
            for (theme, size) in THEMES.into_iter().flat_map(|theme| [(theme, FULL_HD), (theme, PORTRAIT)]) {
                let board = Board { theme, ..Stress::Status(status).apply(sample::named(name).unwrap()) };
                let drawing = read(&scenes::live(board.clone()), size);
                let pale = Read::new(&drawing, &board, size, scenes::now()).pale_boxes();
                assert!(pale.is_empty(), "{name}, {status:?}, {theme:?} at {size:?}: {pale:#?}");
            }
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
fn the_pairing_screen_says_where_the_code_is_typed_whatever_the_server_is_called() {
    for server in ["nexus.local", "localhost:18443", "nexus.example.com:8443", "wallboards.service-desk.example.com"] {
        for size in ALL {
            let drawing = read(&scenes::pairing_at(server), size);
            let whole = drawing.texts.iter().filter(|text| !text.is_cut());
            let said: Vec<_> = whole.map(|text| text.words.as_str()).collect();
            let said = said.join(" ");
            for words in [server, "open Screens → Add and type this code."] {
                assert!(said.contains(words), "{words:?} is not whole at {size:?}: {said}");
            }
            let found = faults::of_texts(&drawing);
            assert!(found.is_empty(), "{server} at {size:?}: {}", found.join("\n"));
        }
    }
}

#[test]
fn what_to_do_is_whole_however_long_it_takes_to_say_what_happened() {
    let sentence = "The proxy at proxy.example.com:3128 answered 407 and asked for a name and a password. ";
    let details = [vec![sentence.repeat(5)], vec![sentence.repeat(2); 5], vec![sentence.repeat(40)]];
    for detail in details {
        for size in ALL {
            for screen in scenes::problems_with(&detail) {
                let drawing = read(&screen, size);
                let mut found = faults::of_texts(&drawing);
                found.extend(faults::pale_texts(&drawing));
                assert!(found.is_empty(), "at {size:?}: {}", found.join("\n"));
                let remedy = drawing.texts.iter().find(|text| text.words.starts_with("Mend")).unwrap();
                assert!(!remedy.overflows && remedy.bottom <= drawing.size.1, "{remedy:?} at {size:?}");
            }
        }
    }
}

#[test]
fn screens_before_a_board_and_the_overview_keep_to_the_rules_on_any_shape() {
    let screens = [
        scenes::start(),
        scenes::no_network(),
        scenes::searching(),
        scenes::nobody_found(),
        scenes::pairing(),
        scenes::pairing_with_found(),
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
            let mut found = faults::of_texts(&drawing);
            found.extend(faults::pale_texts(&drawing));
            assert!(found.is_empty(), "{:?} at {size:?}: {}", screen.state, found.join("\n"));
        }
    }
}
