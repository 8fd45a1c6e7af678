//! Screens before a board, and those that say what to do.

use board::sample;

use super::ALL;
use crate::{faults, reading::read, scenes};

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
fn the_start_screen_says_what_is_wrong_with_the_server_whatever_it_is_called() {
    let long = "wallboards.service-desk.operations.example.com:8443";
    for server in ["nexus.example.com:8443", long] {
        for wrong in [
            "is not answering, trying again",
            "is not known in this network, trying again",
            "shows a certificate that this screen does not trust",
        ] {
            let said = format!("{server} {wrong}");
            for size in ALL {
                let drawing = read(&scenes::no_answer(&said), size);
                assert!(drawing.texts.iter().any(|text| text.words == said), "{said:?} is not there at {size:?}");
                let mut found = faults::of_texts(&drawing);
                found.extend(drawing.texts.iter().filter(|text| text.is_cut()).map(|text| format!("{text:?} is cut")));
                assert!(found.is_empty(), "{said:?} at {size:?}: {}", found.join("\n"));
            }
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
