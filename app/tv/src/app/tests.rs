//! The truth rules, on a made-up clock.

use std::time::Duration;

use board::{Board, Form, Overlay, Panel, PanelId, Revision, Value, form, overlay::Message, sample, wire};
use device::{Check, Connection as Standing, Live, Over, Place, Said, State, Trust, Updating};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Action, App, Event, Now};
use crate::{
    agent,
    platform::Rotation,
    stream::{self, Loss},
    view::Connection,
};

mod clock;
mod connection;

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
        self.says_in(Place { turned, ..Place::default() }, state)
    }

    fn says_in(&mut self, place: Place, state: State) -> Vec<Action> {
        self.hears(Event::Agent(agent::Event::Said(Box::new(Said { place, ..state.into() }))))
    }

    /// The agent says that it is live, and wants something over that.
    fn wants(&mut self, over: Over) {
        let said = Said { over, ..State::Live(live()).into() };
        self.hears(Event::Agent(agent::Event::Said(Box::new(said))));
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

    /// All words of a problem.
    fn problem(&self) -> String {
        match self.state() {
            State::Problem { headline, detail, remedy } => format!("{headline} {} {remedy}", detail.join(" ")),
            other => panic!("no problem: {other:?}"),
        }
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
        proxy: None,
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
    super::truth::starting(Check::Waiting, "no network".into(), Check::Waiting, String::new(), None)
}

fn pairing() -> State {
    State::Pairing(device::Pairing {
        code: "42-ABCD-EFGH".into(),
        server: "nexus.example.com".into(),
        found_among: None,
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
fn an_administrators_message_lies_over_the_board_until_its_end_and_then_the_servers_own_is_back() {
    let mut stage = Stage::live();
    let war_room = sample::war_room().overlay;
    stage.streams(changed(wire::Event::Overlay(war_room.clone()), 6));
    let until = start() + SignedDuration::from_secs(30);
    stage.wants(Over { message: Some(device::Message { text: "Fire drill".into(), until }), ..Over::default() });
    stage.passes(seconds(29));
    let Some(Overlay::Message(shown)) = stage.board().unwrap().overlay else { panic!("no message") };
    assert_eq!((shown.headline.as_str(), shown.until), ("Fire drill", Some(until)));
    stage.passes(seconds(1));
    assert_eq!(stage.board().unwrap().overlay, war_room);
}

#[test]
fn a_screen_says_which_one_it_is_until_the_agent_has_enough_of_it_or_is_away() {
    let mut stage = Stage::live();
    let identify = Over { identify: true, ..Over::default() };
    let said = |stage: &Stage| stage.app.screen(stage.now()).identify;
    stage.wants(identify.clone());
    assert_eq!(said(&stage).as_deref(), Some("Hall"));
    stage.wants(Over::default());
    assert_eq!(said(&stage), None);
    stage.wants(identify.clone());
    let updating = State::Updating(Updating { percent: 10, minutes: None });
    stage.hears(Event::Agent(agent::Event::Said(Box::new(Said { over: identify.clone(), ..updating.clone().into() }))));
    assert_eq!((said(&stage), stage.app.screen(stage.now()).state), (None, updating), "it must not be unplugged");
    stage.wants(identify);
    stage.loses_the_agent();
    stage.passes(seconds(3));
    assert_eq!(said(&stage), None);
    assert!(stage.shows_the_board());
}

#[test]
fn that_the_agent_hears_nothing_of_updates_is_on_the_wall_for_as_long_as_it_says_so() {
    let mut stage = Stage::live();
    for unchecked_days in [Some(14), Some(15), None] {
        let said = Said { unchecked_days, ..State::Live(live()).into() };
        stage.hears(Event::Agent(agent::Event::Said(Box::new(said))));
        assert_eq!(stage.app.screen(stage.now()).unchecked_days, unchecked_days);
    }
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
fn a_board_that_was_deleted_is_a_problem_to_mend_in_the_admin_interface() {
    let mut stage = Stage::live();
    stage.loses(Loss::NoBoard);
    stage.passes(seconds(3));
    let State::Problem { detail, remedy, .. } = stage.state() else { panic!("no problem") };
    assert_eq!(detail, ["nexus.example.com has no board “overview”."]);
    assert!(remedy.contains("admin interface"), "{remedy}");
}

#[test]
fn clocks_before_a_board_are_of_the_place_that_the_agent_names() {
    let mut stage = Stage::new();
    let zone = |stage: &Stage| stage.app.screen(stage.now()).zone;
    let machines = zone(&stage);
    let hangs_in = |name: &str| Place { time_zone: Some(name.to_owned()), ..Place::default() };
    stage.says_in(hangs_in("Asia/Tokyo"), pairing());
    assert_eq!(zone(&stage).iana_name(), Some("Asia/Tokyo"));
    stage.says_in(hangs_in("Mars/Olympus"), pairing());
    assert_eq!(zone(&stage), machines);
    stage.says_in(hangs_in("Asia/Tokyo"), pairing());
    stage.says(pairing());
    assert_eq!(zone(&stage), machines);
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
fn a_display_that_is_known_to_hang_like_this_is_turned_only_where_the_agent_says_otherwise() {
    let mut stage = Stage::new();
    stage.app = App::new(TimeZone::UTC).turned(90);
    assert_eq!(stage.app.rotation(), Rotation::Quarter);
    assert_eq!(stage.says_turned(90, startup()), []);
    assert_eq!(stage.says_turned(0, startup()), [Action::Rotate(0)]);
}

#[test]
fn movement_ends_where_somebody_wants_none_and_comes_back_with_it() {
    let mut stage = Stage::new();
    let still = Place { reduce_motion: true, ..Place::default() };
    assert_eq!(stage.says_in(still.clone(), startup()), [Action::ReduceMotion(true)]);
    assert_eq!(stage.says_in(still, pairing()), []);
    assert_eq!(stage.says(pairing()), [Action::ReduceMotion(false)]);
}

#[test]
fn of_a_board_without_end_only_what_a_wall_has_room_for_is_kept() {
    let row = |number: usize| form::TableRow {
        key: number.to_string(),
        name: "é".repeat(1_000),
        detail: None,
        subject: None,
        extra: Some("x".repeat(1_000)),
        value: Value::Text("x".repeat(1_000)),
        status: board::Status::Ok,
    };
    let mut endless = sample::overview();
    endless.panels[0].form = Form::Table(form::Table { rows: (0..1_000).map(row).collect(), by_subject: false });
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
