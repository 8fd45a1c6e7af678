//! A board's page as HTML, made of boards with known content, and of any whatsoever.

use board::{Board, Form, Revision, Status, any, form, layout, sample, wire::EventId};
use jiff::SignedDuration;
use proptest::prelude::*;

fn page(board: &Board) -> String {
    server::web::page(board, EventId { epoch: 1, revision: Revision(1) }, sample::now()).unwrap()
}

#[test]
fn every_sample_board_is_written_with_the_words_of_the_wall() {
    for (name, board) in sample::all() {
        let html = page(&board);
        for panel in layout::seats(&board).iter().map(|seat| seat.panel) {
            assert!(html.contains(&format!("id=\"panel-{}\"", panel.id.0)), "{name}: {}", panel.id.0);
        }
    }
    let html = page(&sample::overview());
    for words in
        ["SLA at risk", "Act now", "Harbour Dental", "Watch", ">18</span><span class=\"unit\">m<", "updated 8 s ago"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn what_the_desk_says_is_text_and_never_markup() {
    let hostile = "<img src=x onerror=alert(1)>\"'&";
    let mut board = sample::queue();
    board.title = hostile.to_owned();
    board.ticker = vec![hostile.to_owned()];
    for panel in &mut board.panels {
        panel.title = hostile.to_owned();
        panel.short_title = Some(hostile.to_owned());
        if let Form::Table(table) = &mut panel.form {
            for row in &mut table.rows {
                (row.key, row.name) = (hostile.to_owned(), hostile.to_owned());
                (row.detail, row.extra) = (Some(hostile.to_owned()), Some(hostile.to_owned()));
                row.subject = Some(hostile.to_owned());
            }
        }
    }
    let html = page(&board);
    assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
}

#[test]
fn a_zone_that_is_not_known_has_no_time_and_not_that_of_another() {
    let others = vec![form::OtherZone { label: "Base".into(), zone: "Mars/Olympus".into() }];
    let mut board = sample::queue();
    board.panels[0].form = Form::Clock(form::Clock { zone: "Asia/Tokyo".into(), others: others.clone() });
    let html = page(&board);
    assert!(html.contains("data-clock=\"Asia/Tokyo\">23:32<"), "{html}");
    assert!(html.contains(">no data<") && !html.contains("Mars"), "{html}");
    board.panels[0].form = Form::Clock(form::Clock { zone: "Mars/Olympus".into(), others: Vec::new() });
    let html = page(&board);
    assert!(html.contains("<p class=\"context\">no data</p>") && !html.contains("Mars"), "{html}");
}

#[test]
fn who_takes_transfers_only_stands_with_those_who_are_away_under_a_word_of_their_own() {
    let person = |name: &str, presence| form::Person { name: name.into(), presence, since: None, open: None };
    let people = vec![person("Sam P", form::Presence::TransfersOnly), person("Ivo D", form::Presence::Away)];
    let mut board = sample::overview();
    board.panels[7].form =
        Form::Roster(form::Roster { available: 0, busy: 0, away: 2, offline: 0, estimated: false, people });
    let html = page(&board);
    let said = |name: &str| html.split(&format!(">{name}</span>")).nth(1).unwrap().split("</li>").next().unwrap();
    assert!(said("Sam P").contains("<span class=\"word\">transfers<"), "{html}");
    assert!(said("Ivo D").contains("<span class=\"word\">away<"), "{html}");
}

#[test]
fn a_wait_carries_its_instant_and_what_it_becomes_when_nothing_is_heard() {
    let due_at = sample::now() + SignedDuration::from_secs(7 * 60 + 42);
    let wait =
        form::Wait { key: "1".into(), client: "Harbour".into(), subject: None, owner: None, due_at, window: 3600 };
    let mut board = sample::queue();
    board.panels[0].form = Form::Queue(form::Queue { total: 1, rows: vec![wait], by_subject: false });
    let html = page(&board);
    assert!(html.contains(&format!("data-until=\"{}\"", due_at.as_millisecond())), "{html}");
    assert!(html.contains(">07:42<") && html.contains("due 14:39"), "{html}");

    board.panels[0].status = Status::Stale;
    let html = page(&board);
    assert!(!html.contains("data-until") && html.contains("due 14:39"), "nothing counts down: {html}");
}

#[test]
fn a_row_names_its_client_and_behind_it_what_it_is_about_or_the_latter_where_all_are_of_one() {
    let mut board = sample::queue();
    let led = "<th scope=\"row\">Castle Vets <span class=\"subject\">Label printer offline</span></th>";
    assert!(page(&board).contains(led), "{}", page(&board));
    let table = board.panels.iter_mut().find_map(|panel| match &mut panel.form {
        Form::Table(table) => Some(table),
        _ => None,
    });
    table.unwrap().by_subject = true;
    let html = page(&board);
    assert!(html.contains("<th scope=\"row\">Label printer offline</th>") && !html.contains("Castle Vets"), "{html}");
}

/// What is heard of a piece of HTML: its text without tags, its spaces as one.
fn heard(html: &str) -> String {
    let text = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",")
}

#[test]
fn everybody_who_is_on_has_a_state_in_words_a_time_that_runs_and_a_number_of_tickets() {
    let html = page(&sample::team());
    let chip = |html: &str, name: &str| {
        let chips = html.split("<li class=\"").find(|chip| chip.contains(&format!(">{name}<")));
        chips.unwrap_or_else(|| panic!("{name} is missing: {html}")).split("</li>").next().unwrap().to_owned()
    };
    let jonas = chip(&html, "Jonas P");
    assert_eq!(heard(&format!("<{jonas}")), "Jonas P busy, 17m, 9 open");
    let since = sample::now() - SignedDuration::from_mins(17);
    assert!(jonas.contains(&format!("data-since=\"{}\" data-wording=\"row\"", since.as_millisecond())), "{jonas}");
    assert!(html.contains("4 busy, 3 away"), "{html}");

    let stale = sample::Stress::Status(Status::Stale).apply(sample::team());
    let jonas = chip(&page(&stale), "Jonas P");
    assert_eq!(heard(&format!("<{jonas}")), "Jonas P busy, 9 open", "what may be over does not count");
}

#[test]
fn what_a_number_says_in_full_is_on_every_page() {
    let html = page(&sample::today());
    for words in ["First reply, business hours", "SLA met, 7 days"] {
        assert!(html.contains(&format!("<span class=\"long\">{words}</span>")), "{words}: {html}");
    }
    let all = heard(&html);
    for words in ["longest 38m in business hours", "5% over 7d", "15 more than last Monday"] {
        assert!(all.contains(words), "{words}: {all}");
    }
}

#[test]
fn hours_are_bars_the_newest_of_which_stands_out() {
    let html = page(&sample::today());
    let steps = html.split("<svg class=\"plot steps\">").nth(1).unwrap().split("</svg>").next().unwrap();
    assert_eq!((steps.matches("class=\"cap\"").count(), steps.matches("class=\"foot\"").count()), (11, 4));
    assert!(steps.rfind("<g").unwrap() == steps.find("<g class=\"newest\">").unwrap(), "{steps}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_board_whatsoever_is_written(board in any::board()) {
        let html = page(&board);
        prop_assert!(html.trim_end().ends_with("</html>"));
    }
}
