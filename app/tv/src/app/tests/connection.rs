//! Losses, agents that go away, and what the wall says meanwhile.

use super::*;
use crate::stream::PROVEN;

#[test]
fn a_signalled_loss_is_on_the_wall_within_five_seconds_and_the_board_stays() {
    let losses = [
        (Loss::Unreachable, Standing::Reconnecting),
        (Loss::Bye, Standing::Reconnecting),
        (Loss::Untrusted, Standing::Untrusted),
    ];
    for (why, standing) in losses {
        let mut stage = Stage::live();
        assert_eq!(stage.loses(why), [Action::Report(standing)]);
        // Failed attempts do not put off what is to be shown.
        for _ in 0..4 {
            stage.passes(seconds(1));
            stage.loses(why);
        }
        assert_eq!(stage.connection(), Connection::Lost, "{why:?}");
        assert!(stage.shows_the_board());
    }
}

#[test]
fn a_reconnection_that_a_person_would_not_notice_is_not_shown() {
    let mut stage = Stage::live();
    stage.loses(Loss::Unreachable);
    stage.passes(seconds(1));
    assert_eq!(stage.connection(), Connection::Live);
    assert_eq!(stage.streams(stream::Event::Open { date: None }), [Action::Report(Standing::Live)]);
    stage.passes(seconds(60));
    assert_eq!(stage.connection(), Connection::Live);
}

#[test]
fn a_connection_that_keeps_breaking_is_told_and_not_live_before_it_holds() {
    let mut stage = Stage::live();
    assert_eq!(stage.loses(Loss::Unreachable), [Action::Report(Standing::Reconnecting)]);
    let mut reports = Vec::new();
    for _ in 0..20 {
        stage.passes(seconds(1));
        reports.extend(stage.streams(stream::Event::Open { date: None }));
        stage.streams(whole(sample::overview(), 6));
        reports.extend(stage.loses(Loss::Unreachable));
        if stage.at >= seconds(3) {
            assert_eq!(stage.connection(), Connection::Lost, "told {:?} after the first loss", stage.at);
            stage.streams(stream::Event::Open { date: None });
            assert_eq!(stage.connection(), Connection::Lost, "an opening is no connection: {:?}", stage.at);
            stage.loses(Loss::Unreachable);
        }
        assert!(stage.shows_the_board());
    }
    let [first, second] = [Standing::Live, Standing::Reconnecting].map(Action::Report);
    assert_eq!(reports, [first.clone(), second], "an agent hears of the first reconnection, and then that it was none");

    assert_eq!(stage.streams(stream::Event::Open { date: None }), []);
    stage.passes(PROVEN - seconds(1));
    stage.hears(Event::Tick);
    assert_eq!(stage.connection(), Connection::Lost);
    stage.passes(seconds(1));
    assert_eq!(stage.hears(Event::Tick).first(), Some(&first));
    assert_eq!(stage.connection(), Connection::Live);
    // What held is lost anew, with the grace of a first time.
    stage.loses(Loss::Unreachable);
    assert_eq!(stage.connection(), Connection::Live);
}

#[test]
fn a_stream_that_breaks_from_its_first_event_on_is_told_within_five_seconds() {
    let mut stage = Stage::new();
    stage.says(State::Live(live()));
    for _ in 0..8 {
        stage.passes(Duration::from_millis(500));
        stage.streams(stream::Event::Open { date: None });
        stage.loses(Loss::Malformed);
    }
    stage.streams(stream::Event::Open { date: None });
    assert!(stage.problem().contains("not a board"), "{}", stage.problem());
}

#[test]
fn a_server_that_sends_what_cannot_be_read_is_told_over_an_old_board_with_what_to_do() {
    let mut stage = Stage::live();
    assert_eq!(stage.loses(Loss::Malformed), [Action::Report(Standing::Reconnecting)]);
    stage.passes(seconds(1));
    assert!(stage.shows_the_board(), "a whole board may follow");
    stage.passes(seconds(1));
    let words = stage.problem();
    for part in ["nexus.example.com", "not a board", "The newest numbers are from", "same release"] {
        assert!(words.contains(part), "{words}");
    }
    stage.streams(stream::Event::Open { date: None });
    stage.streams(whole(sample::overview(), 6));
    assert!(stage.shows_the_board());
}

/// The stream counts 12 s without a byte as a loss; with a tick each second that is 13 of the 15 s.
#[test]
fn a_silent_loss_is_shown_at_once() {
    let mut stage = Stage::live();
    stage.loses(Loss::Silent);
    assert_eq!(stage.connection(), Connection::Lost);
}

#[test]
fn a_board_that_comes_back_is_live_again() {
    let mut stage = Stage::live();
    stage.loses(Loss::Unreachable);
    stage.passes(seconds(600));
    assert_eq!(stage.connection(), Connection::Lost);
    stage.streams(stream::Event::Open { date: None });
    assert_eq!(stage.connection(), Connection::Live);
    assert!(stage.shows_the_board());
}

#[test]
fn every_refused_token_is_reported_once() {
    let mut stage = Stage::live();
    assert_eq!(stage.loses(Loss::Refused), [Action::Report(Standing::Refused)]);
    assert_eq!(stage.loses(Loss::Refused), []);
    stage.says(State::Live(Live { access_token: "second".into(), ..live() }));
    assert_eq!(stage.loses(Loss::Refused), [Action::Report(Standing::Refused)]);
    assert!(stage.shows_the_board());
}

#[test]
fn a_server_with_another_authority_is_told_with_the_age_of_the_data_and_followed_until_the_right_one_is_back() {
    let mut stage = Stage::live();
    let newest = stage.board().unwrap().panels.iter().map(|panel| panel.updated_at).max().unwrap();
    assert_eq!(stage.loses(Loss::Untrusted), [Action::Report(Standing::Untrusted)]);
    stage.passes(seconds(5));
    let said = State::Problem { headline: "Another".into(), detail: vec!["Why.".into()], remedy: "Call.".into() };
    assert_eq!(stage.says(said), [], "the stream is still tried");
    let State::Problem { detail, .. } = stage.state() else { panic!("{:?}", stage.state()) };
    let from = board::format::from(newest, stage.time(), &stage.board().unwrap().zone().unwrap());
    assert_eq!(detail, ["Why.".to_owned(), format!("The newest numbers are {from}.")]);

    assert_eq!(stage.streams(stream::Event::Open { date: None }), [Action::Report(Standing::Live)]);
    stage.says(State::Live(live()));
    assert!(stage.shows_the_board());
    assert_eq!(stage.connection(), Connection::Live);
}

#[test]
fn a_killed_agent_does_not_touch_a_live_board() {
    let mut stage = Stage::live();
    stage.loses_the_agent();
    stage.passes(seconds(3600));
    stage.streams(whole(sample::overview(), 6));
    assert!(stage.shows_the_board());
    assert_eq!(stage.connection(), Connection::Live);
    // When the token ends, the server refuses the next connection and the wall says so.
    stage.loses(Loss::Refused);
    stage.passes(seconds(3));
    assert_eq!(stage.connection(), Connection::Lost);
    assert!(stage.shows_the_board());
}

#[test]
fn an_agent_that_starts_anew_does_not_blank_the_board() {
    let mut stage = Stage::live();
    stage.loses_the_agent();
    assert_eq!(stage.says(startup()), []);
    assert!(stage.shows_the_board());
    assert_eq!(stage.says(State::Live(live())), []);
    assert!(stage.shows_the_board());
}

#[test]
fn the_words_of_an_agent_that_is_away_are_not_repeated() {
    for state in [pairing(), startup()] {
        let mut stage = Stage::new();
        stage.says(state.clone());
        assert_eq!(stage.state(), state);
        stage.loses_the_agent();
        stage.passes(seconds(2));
        stage.loses_the_agent();
        assert_eq!(stage.state(), state, "a restart is not shown");
        stage.passes(seconds(2));
        assert_eq!(stage.starting().0, Check::Failed);
        stage.says(state.clone());
        assert_eq!(stage.state(), state);
    }
    // These stay true without the agent; and nobody may unplug during an update.
    for state in [removed(), State::Updating(Updating { percent: 40, minutes: None })] {
        let mut stage = Stage::new();
        stage.says(state.clone());
        stage.loses_the_agent();
        stage.passes(seconds(60));
        assert_eq!(stage.state(), state);
    }
}

#[test]
fn a_tv_without_an_agent_starts_and_then_says_that_the_agent_is_missing() {
    let mut stage = Stage::new();
    let words = |stage: &Stage| match stage.state() {
        State::Starting(startup) => startup.network_text,
        other => panic!("not starting: {other:?}"),
    };
    assert_eq!(words(&stage), "starting");
    stage.loses_the_agent();
    stage.passes(seconds(59));
    assert_eq!(words(&stage), "starting");
    stage.passes(seconds(2));
    assert!(words(&stage).contains("service is restarting"), "{}", words(&stage));
}

#[test]
fn words_of_a_newer_agent_change_nothing() {
    let mut stage = Stage::live();
    assert_eq!(stage.says(State::Unknown), []);
    assert!(stage.shows_the_board());
}

#[test]
fn without_a_board_the_start_screen_says_why_in_words() {
    for (why, part) in [
        (Loss::Unreachable, "nexus.example.com does not answer, trying again"),
        (Loss::Untrusted, "is not the server that this screen was paired with"),
        (Loss::Refused, "does not let this screen in"),
    ] {
        let mut stage = Stage::new();
        stage.says(State::Live(live()));
        stage.loses(why);
        stage.passes(seconds(3));
        let (network, server, words) = stage.starting();
        assert_eq!((network, server), (Check::Done, Check::Failed));
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn the_agent_hears_every_five_seconds_that_the_tv_is_alive() {
    let mut stage = Stage::new();
    let mut heard = Vec::new();
    for second in 0..12 {
        if stage.hears(Event::Tick) == [Action::ReportAlive] {
            heard.push(second);
        }
        stage.passes(seconds(1));
    }
    assert_eq!(heard, [0, 5, 10]);
}
