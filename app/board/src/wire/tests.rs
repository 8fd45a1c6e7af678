#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    Form, Status, Theme, Value, any,
    form::{Arrangement, TraceShape},
    sample,
};

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        any::board().prop_map(|board| Event::Board(Box::new(board))),
        any::panel().prop_map(|panel| Event::Panel(Box::new(panel))),
        any::layout().prop_map(Event::Layout),
        any::overlay().prop_map(Event::Overlay),
        proptest::arbitrary::any::<u64>().prop_map(|after_ms| Event::Bye(Bye { after_ms })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_sent_is_what_is_read(event in event()) {
        let data = event.to_data().unwrap();
        prop_assert!(!data.contains(['\n', '\r']), "an event is one line: {data}");
        prop_assert_eq!(Event::from_fields(event.name(), &data).unwrap(), Some(event));
    }

    #[test]
    fn an_event_id_is_read_as_it_was_written(epoch: u64, revision: u64) {
        let id = EventId { epoch, revision: Revision(revision) };
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_event_id_has_one_spelling(text in "[+0-9a-fA-F.]{0,6}") {
        if let Ok(id) = text.parse::<EventId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn no_data_makes_a_client_panic(name in "board|panel|layout|overlay|bye", data in "\\PC{0,64}") {
        let _: Result<_, EventError> = Event::from_fields(&name, &data);
    }

    #[test]
    fn a_cut_event_is_an_error(event in event(), part in 0.0..1.0) {
        let data = event.to_data().unwrap();
        let mut end = (data.len() as f64 * part) as usize;
        while !data.is_char_boundary(end) {
            end -= 1;
        }
        // The first digits of a number are a number.
        prop_assume!(data.starts_with('{'));
        prop_assert!(Event::from_fields(event.name(), &data[..end]).is_err());
    }
}

#[test]
fn event_ids_that_no_server_writes_are_refused() {
    for text in ["", ".", "1", "1.", ".1", "g.1", "1.-1", "+1.1", "01.1", "A.1", "1.1.1", "1.18446744073709551616"] {
        let error = text.parse::<EventId>().unwrap_err();
        assert_eq!(error.to_string(), format!("{text:?} is not an event id of the form epoch.revision"));
    }
}

/// The overview as JSON.
fn overview() -> serde_json::Value {
    serde_json::to_value(sample::overview()).unwrap()
}

fn read(board: &serde_json::Value) -> Board {
    match Event::from_fields("board", &board.to_string()).unwrap() {
        Some(Event::Board(board)) => *board,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_newer_server_says_beyond_this_version_is_left_out() {
    let mut newer = overview();
    newer["weather"] = json!({ "sky": "clear" });
    newer["layout"]["tilt"] = json!(3);
    newer["panels"][0]["data"]["forecast"] = json!([1, 2, 3]);
    newer["panels"][0]["pinned"] = json!(true);
    newer["panels"][0]["data"]["value"] = json!({ "count": 128 });
    assert_eq!(read(&newer), sample::overview());
}

/// What is new since a version is left out where it says what that version did without it.
#[test]
fn a_line_is_sent_as_before_there_were_other_shapes() {
    let overview = overview();
    let trace = &overview["panels"][0]["data"]["trace"];
    assert!(trace["points"].is_array(), "{trace}");
    assert!(trace.get("shape").is_none() && trace.get("slots").is_none(), "{trace}");
}

#[test]
fn what_a_newer_server_calls_otherwise_has_a_fallback() {
    let mut newer = overview();
    newer["theme"] = json!("lava");
    newer["look"] = json!("glass");
    newer["panels"][0]["status"] = json!("dreamy");
    newer["panels"][1]["form"] = json!("hologram");
    newer["panels"][1]["data"] = json!({ "depth": 4 });
    newer["panels"][7]["data"]["people"][0]["presence"] = json!("teleported");
    newer["overlay"] = json!({ "kind": "fireworks", "colours": ["red"] });
    let board = read(&newer);
    assert_eq!(board.theme, Theme::Midnight);
    assert_eq!(board.panels[0].status, Status::Unavailable);
    assert_eq!(board.panels[1].form, Form::Unknown { name: "hologram".into() });
    let Form::Roster(roster) = &board.panels[7].form else { panic!("{:?}", board.panels[7]) };
    assert_eq!(roster.people[0].presence, crate::form::Presence::Offline);
    assert_eq!(board.overlay, Some(Overlay::Unknown));
    let arrangement: Arrangement = serde_json::from_value(json!("spiral")).unwrap();
    assert_eq!(arrangement, Arrangement::Rows);
    let shape: TraceShape = serde_json::from_value(json!("spiral")).unwrap();
    assert_eq!(shape, TraceShape::Line);
    assert_eq!(Event::from_fields("confetti", "{}").unwrap(), None);
}

#[test]
fn a_kind_of_value_that_a_newer_server_has_costs_only_the_panel_that_holds_it() {
    for kind in [json!({ "mood": { "of": "the team", "is": [1, 2] } }), json!("later")] {
        let mut newer = overview();
        newer["panels"][0]["data"]["value"] = kind.clone();
        newer["panels"][1]["data"]["context"]["value"] = kind.clone();
        newer["panels"][6]["data"]["rows"][2]["value"] = kind;
        let board = read(&newer);
        let too_new: Vec<_> =
            board.panels.iter().filter(|panel| panel.form.is_newer()).map(|panel| panel.id.0.as_str()).collect();
        assert_eq!(too_new, ["open-tickets", "unassigned", "live-feed"]);
        let Form::Table(feed) = &board.panels[6].form else { panic!("{:?}", board.panels[6]) };
        assert_eq!(feed.rows[2].value, Value::Unknown);
        assert_ne!(feed.rows[1].value, Value::Unknown);
        assert_eq!(board.panels[2..6], sample::overview().panels[2..6]);
    }
}

#[test]
fn a_value_has_exactly_one_kind_with_what_belongs_to_it() {
    for wrong in
        [json!({}), json!({ "count": 1, "ratio": 0.5 }), json!({ "mood": 1, "count": 1 }), json!(128), json!(null)]
    {
        assert!(serde_json::from_value::<Value>(wrong.clone()).is_err(), "{wrong}");
    }
    for wrong in [json!({ "count": "many" }), json!({ "money": { "minor": 5 } }), json!({ "since": "yesterday" })] {
        assert!(
            serde_json::from_value::<Value>(wrong.clone()).is_err(),
            "{wrong}: a known kind is not taken for a newer one"
        );
    }
}

#[test]
fn malformed_data_names_the_panel_and_what_is_wrong() {
    let wrong = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut board = overview();
        change(&mut board);
        Event::from_fields("board", &board.to_string()).unwrap_err().to_string()
    };
    let value = wrong(&|board| board["panels"][2]["data"]["value"] = json!({ "duration": "long" }));
    for part in ["\"board\" event", "panel \"first-reply-time\"", "form \"stat\"", "string \"long\"", "u64"] {
        assert!(value.contains(part), "{part} is missing in: {value}");
    }
    let rows = wrong(&|board| board["panels"][6]["data"] = json!({}));
    assert!(rows.contains("panel \"live-feed\", form \"table\": missing field `rows`"), "{rows}");
    let instant = wrong(&|board| board["panels"][5]["data"]["rows"][0]["due_at"] = json!("soon"));
    assert!(instant.contains("panel \"sla-at-risk\", form \"queue\""), "{instant}");
    assert!(wrong(&|board| board["revision"] = json!(-1)).contains("-1"));
    let error = Event::from_fields("bye", "{").unwrap_err().to_string();
    assert!(error.starts_with("the server sent a \"bye\" event that does not read as one: EOF"), "{error}");
}

#[test]
fn an_event_over_the_limit_is_refused_before_it_is_read() {
    let padding = " ".repeat(MAX_EVENT);
    let error = Event::from_fields("bye", &format!("{{\"after_ms\":1}}{padding}")).unwrap_err();
    assert_eq!(error.to_string(), "the server sent a \"bye\" event of 1048590 bytes; at most 1048576 are read");
    let largest = sample::all().into_iter().map(|(_, board)| Event::Board(Box::new(board)).to_data().unwrap().len());
    let largest = largest.max().unwrap();
    assert!(largest < MAX_EVENT / 10, "the largest sample has {largest} bytes");
}

#[test]
fn a_number_that_json_cannot_express_is_an_error_of_the_sender() {
    let gauge = |panel: &mut Panel, share| match &mut panel.form {
        Form::Gauge(gauge) => gauge.value = Value::Ratio(share),
        other => panic!("{other:?}"),
    };
    for share in [f64::NAN, f64::INFINITY] {
        let mut panel = sample::overview().panels[3].clone();
        gauge(&mut panel, share);
        let error = Event::Panel(Box::new(panel)).to_data().unwrap_err().to_string();
        assert!(error.contains("is not a number that can be sent"), "{error}");
    }
    let mut trace = sample::overview();
    let Form::Stat(stat) = &mut trace.panels[0].form else { panic!("{:?}", trace.panels[0]) };
    stat.trace.as_mut().unwrap().points.push(f64::NAN);
    assert!(Event::Board(Box::new(trace)).to_data().is_err());
}
