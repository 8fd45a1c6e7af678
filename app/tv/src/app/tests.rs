//! The truth rules, on a made-up clock.

use std::time::Duration;

use board::{Board, Form, Overlay, Panel, PanelId, Revision, Value, form, overlay::Message, sample, wire};
use device::{Check, Connection as Standing, Live, Said, State, Trust, Updating};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Action, App, Event, Now};
use crate::{
    agent,
    stream::{self, Loss},
    view::Connection,
};

/// A TV, and the time since it was started.
struct Stage {
    app: App,
    at: Duration,
    /// How far the device's clock is off.
    off: SignedDuration,
}

const START: &str = "2026-11-16T14:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Stage {
    fn new() -> Self {
        Self { app: App::new(TimeZone::UTC), at: Duration::ZERO, off: SignedDuration::ZERO }
    }

    /// With a board on the wall.
    fn live() -> Self {
        let mut stage = Self::new();
        stage.says(State::Live(live()));
        stage.streams(stream::Event::Open { date: None });
        stage.streams(whole(sample::overview(), 5));
        stage
    }

    fn now(&self) -> Now {
        Now { since_start: self.at, wall: start() + SignedDuration::try_from(self.at).unwrap() + self.off }
    }

    fn passes(&mut self, time: Duration) {
        self.at += time;
    }

    fn hears(&mut self, event: Event) -> Vec<Action> {
        self.app.handle(event, self.now())
    }

    fn says(&mut self, state: State) -> Vec<Action> {
        self.says_turned(0, state)
    }

    fn says_turned(&mut self, turned: u16, state: State) -> Vec<Action> {
        self.hears(Event::Agent(agent::Event::Said(Box::new(Said { turned, state }))))
    }

    fn streams(&mut self, event: stream::Event) -> Vec<Action> {
        self.hears(Event::Stream(event))
    }

    fn loses(&mut self, why: Loss) -> Vec<Action> {
        self.streams(stream::Event::Lost(why))
    }

    fn loses_the_agent(&mut self) {
        self.hears(Event::Agent(agent::Event::Lost));
    }

    fn state(&self) -> State {
        self.app.screen(self.now()).state
    }

    fn connection(&self) -> Connection {
        self.app.screen(self.now()).connection
    }

    fn board(&self) -> Option<Board> {
        self.app.screen(self.now()).board.as_deref().cloned()
    }

    fn shows_the_board(&self) -> bool {
        matches!(self.state(), State::Live(_)) && self.board().is_some()
    }

    fn time(&self) -> Timestamp {
        self.app.time(self.now())
    }

    /// The lines of the start screen: how the network stands, how the server stands and in what words.
    fn starting(&self) -> (Check, Check, String) {
        match self.state() {
            State::Starting(startup) => (startup.network, startup.server, startup.server_text),
            other => panic!("not starting: {other:?}"),
        }
    }
}

fn live() -> Live {
    Live {
        server: "https://nexus.example.com".parse().unwrap(),
        trust: Trust::WebPki,
        board: "overview".into(),
        access_token: "first".into(),
        expires_at: start() + SignedDuration::from_hours(1),
        screen: "Hall".into(),
        rotation: 0,
        clock_offset: 0,
    }
}

fn whole(board: Board, revision: u64) -> stream::Event {
    changed(wire::Event::Board(Box::new(board)), revision)
}

fn changed(event: wire::Event, revision: u64) -> stream::Event {
    stream::Event::Changed { event, revision: Some(Revision(revision)) }
}

fn startup() -> State {
    super::starting(Check::Waiting, "no network".into(), Check::Waiting, String::new(), None)
}

fn pairing() -> State {
    State::Pairing(device::Pairing {
        code: "42-ABCD-EFGH".into(),
        server: "nexus.example.com".into(),
        qr: "42-ABCD-EFGH".into(),
        issued_at: start(),
        expires_at: start() + SignedDuration::from_mins(10),
        confirm: None,
        network: None,
    })
}

fn removed() -> State {
    State::Removed { server: "nexus.example.com".into() }
}

#[test]
fn a_live_board_is_followed_and_shown() {
    let mut stage = Stage::new();
    assert_eq!(stage.says(State::Live(live())), [Action::Follow(Box::new(live()))]);
    assert_eq!(stage.starting(), (Check::Done, Check::Waiting, "waiting for the board from nexus.example.com".into()));
    assert_eq!(stage.streams(stream::Event::Open { date: None }), [Action::Report(Standing::Live)]);
    stage.streams(whole(sample::overview(), 5));
    assert!(stage.shows_the_board());
    assert_eq!(stage.connection(), Connection::Live);
}

#[test]
fn a_signalled_loss_is_on_the_wall_within_five_seconds_and_the_board_stays() {
    let losses = [
        (Loss::Unreachable, Standing::Reconnecting),
        (Loss::Bye, Standing::Reconnecting),
        (Loss::Untrusted, Standing::Untrusted),
        (Loss::Malformed, Standing::Reconnecting),
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
fn changes_replace_what_they_name_and_nothing_else() {
    let mut stage = Stage::live();
    let before = stage.board().unwrap();
    let panel = Panel { title: "Renamed".into(), revision: Revision(6), ..before.panels[1].clone() };
    stage.streams(changed(wire::Event::Panel(Box::new(panel.clone())), 6));
    let after = stage.board().unwrap();
    assert_eq!(after.panels[1], panel);
    assert_eq!(after.panels[0], before.panels[0]);
    assert_eq!(after.panels.len(), before.panels.len());

    let stray = Panel { id: PanelId("stray".into()), ..panel };
    stage.streams(changed(wire::Event::Panel(Box::new(stray)), 7));
    assert_eq!(stage.board().unwrap().panels.len(), before.panels.len());
}

#[test]
fn changes_before_the_first_board_are_no_board() {
    let mut stage = Stage::new();
    stage.says(State::Live(live()));
    stage.streams(stream::Event::Open { date: None });
    stage.streams(changed(wire::Event::Overlay(None), 6));
    assert_eq!(stage.board(), None);
}

#[test]
fn a_message_lies_over_the_board_until_its_time_is_over() {
    let mut stage = Stage::live();
    let message = Overlay::Message(Message {
        headline: "Fire drill at 15:00.".into(),
        detail: None,
        from: None,
        until: Some(start() + SignedDuration::from_secs(30)),
    });
    stage.streams(changed(wire::Event::Overlay(Some(message.clone())), 6));
    stage.passes(seconds(29));
    assert_eq!(stage.board().unwrap().overlay, Some(message));
    stage.passes(seconds(1));
    assert_eq!(stage.board().unwrap().overlay, None);
}

#[test]
fn a_war_room_stays_until_the_server_ends_it() {
    let mut stage = Stage::live();
    let war_room = sample::war_room().overlay;
    assert!(matches!(war_room, Some(Overlay::WarRoom(_))));
    stage.streams(changed(wire::Event::Overlay(war_room.clone()), 6));
    stage.passes(seconds(24 * 60 * 60));
    assert_eq!(stage.board().unwrap().overlay, war_room);
    stage.streams(changed(wire::Event::Overlay(None), 7));
    assert_eq!(stage.board().unwrap().overlay, None);
}

#[test]
fn a_removed_a_locked_and_a_pairing_screen_drop_the_board() {
    let locked = State::Locked { headline: "This board is resting.".into(), happened: vec![], remedy: vec![] };
    for state in [removed(), locked, pairing()] {
        let mut stage = Stage::live();
        assert_eq!(stage.says(state.clone()), [Action::Leave]);
        assert_eq!(stage.state(), state);
        assert_eq!(stage.board(), None);
        // What the old stream still had to say is not shown, now or later.
        stage.streams(whole(sample::overview(), 6));
        assert_eq!(stage.board(), None);
        stage.says(State::Live(live()));
        assert_eq!(stage.board(), None);
    }
}

#[test]
fn another_board_does_not_show_the_data_of_the_first() {
    let mut stage = Stage::live();
    let other = Live { board: "team".into(), ..live() };
    assert_eq!(stage.says(State::Live(other.clone())), [Action::Follow(Box::new(other))]);
    assert_eq!(stage.board(), None);
}

#[test]
fn a_fresh_token_changes_nothing_on_the_wall() {
    let mut stage = Stage::live();
    let fresh = Live { access_token: "second".into(), ..live() };
    assert_eq!(stage.says(State::Live(fresh.clone())), [Action::Follow(Box::new(fresh))]);
    assert!(stage.shows_the_board());
    assert_eq!(stage.connection(), Connection::Live);
    assert_eq!(stage.says(State::Live(Live { access_token: "second".into(), ..live() })), []);
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
    stage.passes(seconds(4));
    assert!(words(&stage).contains("does not answer"), "{}", words(&stage));
}

#[test]
fn words_of_a_newer_agent_change_nothing() {
    let mut stage = Stage::live();
    assert_eq!(stage.says(State::Unknown), []);
    assert!(stage.shows_the_board());
}

#[test]
fn an_update_and_a_problem_cover_the_board_and_give_it_back() {
    let problem = State::Problem { headline: "nexus.toml, line 3".into(), detail: vec![], remedy: "Mend it.".into() };
    for state in [State::Updating(Updating { percent: 40, minutes: Some(3) }), problem] {
        let mut stage = Stage::live();
        assert_eq!(stage.says(state.clone()), []);
        assert_eq!(stage.state(), state);
        stage.says(State::Live(live()));
        assert!(stage.shows_the_board());
    }
}

#[test]
fn without_a_board_the_start_screen_says_why_in_words() {
    for (why, part) in [
        (Loss::Unreachable, "nexus.example.com does not answer, trying again"),
        (Loss::Untrusted, "is not the server that this screen was paired with"),
        (Loss::Refused, "does not let this screen in"),
        (Loss::Malformed, "not a board"),
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
fn a_board_that_was_deleted_is_a_problem_to_mend_in_the_admin_interface() {
    let mut stage = Stage::live();
    stage.loses(Loss::NoBoard);
    stage.passes(seconds(3));
    let State::Problem { detail, remedy, .. } = stage.state() else { panic!("no problem") };
    assert_eq!(detail, ["nexus.example.com has no board “overview”."]);
    assert!(remedy.contains("admin interface"), "{remedy}");
}

#[test]
fn a_clock_that_is_a_year_off_tells_the_servers_time_and_goes_on() {
    for years in [-1, 1] {
        let mut stage = Stage::live();
        stage.off = SignedDuration::from_hours(years * 365 * 24);
        stage.passes(seconds(7));
        let date = stage.now().wall - stage.off;
        stage.streams(stream::Event::Open { date: Some(date) });
        assert_eq!(stage.time(), date);
        stage.passes(seconds(3600));
        assert_eq!(stage.time(), date + SignedDuration::from_hours(1));
        // Somebody sets the clock right, or wrong again: the wall is right.
        stage.off = SignedDuration::from_secs(2);
        assert_eq!(stage.time(), stage.now().wall);
        stage.off = SignedDuration::from_hours(9999);
        assert_eq!(stage.time(), date + SignedDuration::from_hours(1));
    }
}

#[test]
fn a_difference_of_a_minute_is_left_to_the_devices_clock() {
    let mut stage = Stage::live();
    stage.streams(stream::Event::Open { date: Some(stage.now().wall + SignedDuration::from_secs(60)) });
    assert_eq!(stage.time(), stage.now().wall);
    stage.streams(stream::Event::Open { date: Some(stage.now().wall + SignedDuration::from_secs(61)) });
    assert_eq!(stage.time(), stage.now().wall + SignedDuration::from_secs(61));
    // An answer without a date takes nothing back.
    stage.streams(stream::Event::Open { date: None });
    assert_eq!(stage.time(), stage.now().wall + SignedDuration::from_secs(61));
}

#[test]
fn a_pairing_code_lives_as_long_as_it_should_on_a_device_whose_clock_is_off() {
    let mut stage = Stage::live();
    stage.off = SignedDuration::from_hours(24 * 365);
    stage.streams(stream::Event::Open { date: Some(start()) });
    let expires_at = stage.now().wall + SignedDuration::from_mins(10);
    let State::Pairing(pairing) = pairing() else { panic!("no pairing") };
    stage.says(State::Pairing(device::Pairing { expires_at, ..pairing }));
    let State::Pairing(shown) = stage.state() else { panic!("no pairing") };
    assert_eq!(shown.expires_at.duration_since(stage.time()), SignedDuration::from_mins(10));
}

#[test]
fn before_the_server_was_heard_the_agents_correction_counts() {
    let mut stage = Stage::new();
    stage.off = SignedDuration::from_hours(-24 * 365);
    stage.says(State::Live(Live { clock_offset: 24 * 365 * 3600, ..live() }));
    assert_eq!(stage.time(), start());
}

#[test]
fn the_wall_is_shown_anew_when_its_clock_turns() {
    let mut stage = Stage::new();
    stage.passes(Duration::from_millis(250));
    assert_eq!(stage.app.until_next_second(stage.now()), Duration::from_millis(750));
    stage.passes(Duration::from_millis(750));
    assert_eq!(stage.app.until_next_second(stage.now()), Duration::from_secs(1));
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

#[test]
fn the_picture_is_turned_before_there_is_a_board_and_stays_so() {
    let mut stage = Stage::new();
    assert_eq!(stage.says_turned(90, startup()), [Action::Rotate(90)]);
    assert_eq!(stage.says_turned(90, pairing()), []);
    let hung = Live { rotation: 90, ..live() };
    assert_eq!(stage.says_turned(90, State::Live(hung.clone())), [Action::Follow(Box::new(hung.clone()))]);
    assert_eq!(stage.says_turned(90, removed()), [Action::Leave]);
    assert_eq!(stage.says_turned(0, State::Unknown), [Action::Rotate(0)]);
}

#[test]
fn a_pairing_code_of_any_time_on_a_device_of_any_time_is_shown() {
    for off in [Timestamp::MIN, Timestamp::MAX].map(|end| end.duration_since(start())) {
        for server in [Timestamp::MIN, Timestamp::MAX, start()] {
            for issued_at in [Timestamp::MIN, Timestamp::MAX] {
                let mut stage = Stage::live();
                stage.off = off;
                stage.streams(stream::Event::Open { date: Some(server) });
                let State::Pairing(pairing) = pairing() else { panic!("no pairing") };
                stage.says(State::Pairing(device::Pairing { issued_at, expires_at: issued_at, ..pairing }));
                assert!(matches!(stage.state(), State::Pairing(_)));
                assert!(stage.app.until_next_second(stage.now()) <= seconds(1));
            }
        }
    }
}

#[test]
fn of_a_board_without_end_only_what_a_wall_has_room_for_is_kept() {
    let row = |number: usize| form::TableRow {
        key: number.to_string(),
        name: "é".repeat(1_000),
        detail: None,
        extra: Some("x".repeat(1_000)),
        value: Value::Text("x".repeat(1_000)),
        status: board::Status::Ok,
    };
    let mut endless = sample::overview();
    endless.panels[0].form = Form::Table(form::Table { rows: (0..1_000).map(row).collect() });
    let panel = endless.panels[0].clone();
    endless.panels.extend((0..1_000).map(|number| Panel { id: PanelId(number.to_string()), ..panel.clone() }));
    endless.ticker = vec!["x".repeat(1_000); 1_000];
    let mut stage = Stage::live();
    stage.streams(whole(endless, 6));
    let kept = stage.board().unwrap();
    let size = wire::Event::Board(Box::new(kept.clone())).to_data().unwrap().len();
    assert_eq!((kept.panels.len(), kept.ticker.len()), (64, 64));
    assert!(size < 64 * 64 * 1_000, "{size} bytes are kept");
    let Form::Table(table) = &kept.panels[0].form else { panic!("no table") };
    assert_eq!(table.rows.len(), 64);
    assert_eq!(table.rows[0].name.chars().count(), 200);

    // And the same of what comes later.
    stage.streams(changed(wire::Event::Panel(Box::new(Panel { revision: Revision(7), ..panel })), 7));
    assert_eq!(stage.board().unwrap().panels[0].form, kept.panels[0].form);
}
