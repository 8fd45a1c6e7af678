#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::VecDeque;

use device::fleet::UpdateState;
use serde_json::json;
use updates::Seed;

use super::*;

/// What becomes of the system in the other slot, once it is started.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NewSystem {
    Works,
    NeverProvesItself,
}

/// In minutes.
const DAY: u64 = 24 * 60;

/// A kind of actions.
type Kind = fn(&Action) -> bool;

/// A machine with two slots, its server and what the vendor published, with a clock that moves when told.
struct World {
    rules: Rules,
    now: Now,
    record: Record,
    versions: [Version; 2],
    primary: Slot,
    running: Slot,
    started_at: Instant,
    signed_in: bool,
    releases: Result<Vec<Manifest>, String>,
    turn: Result<Turn, String>,
    install: Result<(), String>,
    new_system: NewSystem,
    /// Whether power fails at the next action of that kind, before or after it had its effect.
    power_fails: Option<(Kind, bool)>,
    done: Vec<Action>,
    shown: Shown,
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn release(text: &str) -> Manifest {
    let manifest = json!({
        "version": text,
        "compatible": "nexus-amd64",
        "bundle": {"name": format!("nexus-amd64-{text}.raucb"), "size": 1, "manifest_hash": "7a".repeat(32)},
        "minimum_boot": 1,
        "published_at": "2027-03-01T00:00:00Z",
        "waves": [{"percent": 100, "hours": 0}],
    });
    Manifest::read(manifest.to_string().as_bytes()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn granted(text: &str) -> Result<Turn, String> {
    Ok(Turn::Granted { version: version(text), eligible_at: Timestamp::MIN, window: None })
}

impl World {
    fn new() -> Self {
        let trusted = at("2027-03-01T09:00:00Z");
        let now = Now { instant: Instant::now(), system: trusted, trusted };
        let record = Record::new(Seed::draw(7));
        let (rules, actions) = Rules::new(started(Slot::A, "1.0.0", true), record.clone(), now);
        assert_eq!(actions, []);
        Self {
            rules,
            now,
            record,
            versions: [version("1.0.0"), version("0.9.0")],
            primary: Slot::A,
            running: Slot::A,
            started_at: now.instant,
            signed_in: true,
            releases: Ok(vec![release("1.1.0")]),
            turn: granted("1.1.0"),
            install: Ok(()),
            new_system: NewSystem::Works,
            power_fails: None,
            done: Vec::new(),
            shown: Shown::default(),
        }
    }

    fn version(&self, slot: Slot) -> Version {
        self.versions[usize::from(slot == Slot::B)].clone()
    }

    /// An event, and everything that follows from it at once.
    fn happens(&mut self, event: Event) {
        let mut actions: VecDeque<_> = self.rules.handle(event, self.now).into();
        while let Some(action) = actions.pop_front() {
            let fails = self.power_fails.filter(|(which, _)| which(&action));
            if let Some((_, false)) = fails {
                self.start(self.primary);
                return;
            }
            let answer = self.does(&action);
            self.done.push(action);
            if fails.is_some() {
                self.start(self.primary);
                return;
            }
            match answer {
                Answer::None => {}
                Answer::Event(event) => actions.extend(self.rules.handle(event, self.now)),
                Answer::Restart => return self.start(self.primary),
            }
        }
    }

    fn does(&mut self, action: &Action) -> Answer {
        Answer::Event(match action {
            Action::Look(_) => Event::Looked(self.releases.clone()),
            Action::Ask(_) => Event::Turned(self.turn.clone()),
            Action::Install(release) => {
                if self.install.is_ok() {
                    self.versions[usize::from(self.running == Slot::A)] = release.version.clone();
                }
                Event::Installed(self.install.clone())
            }
            Action::Activate(slot) => {
                self.primary = *slot;
                Event::Activated(Ok(()))
            }
            Action::Prove => Event::Proven(Ok(self.now.instant - self.started_at >= Duration::from_secs(90))),
            Action::Restart => return Answer::Restart,
            Action::Store(record) => {
                self.record = Record::clone(record);
                return Answer::None;
            }
            Action::Show(shown) => {
                self.shown = *shown;
                return Answer::None;
            }
        })
    }

    /// The machine starts, from the slot that the boot loader comes to.
    fn start(&mut self, preferred: Slot) {
        self.power_fails = None;
        let on_trial = preferred != Slot::A && self.version(preferred) != version("1.0.0");
        self.running =
            if on_trial && self.new_system == NewSystem::NeverProvesItself { preferred.other() } else { preferred };
        (self.started_at, self.shown) = (self.now.instant, Shown::default());
        let proven = !(on_trial && self.running == preferred);
        let started = started(self.running, &self.version(self.running).to_string(), proven);
        let (rules, actions) = Rules::new(started, self.record.clone(), self.now);
        self.rules = rules;
        for action in actions {
            self.does(&action);
            self.done.push(action);
        }
        self.happens(Event::SignedIn(self.signed_in));
    }

    fn passes(&mut self, minutes: u64) {
        self.happens(Event::SignedIn(self.signed_in));
        let end = self.now.instant + Duration::from_secs(60 * minutes);
        while self.now.instant < end {
            let step =
                self.rules.wake_at(self.now).clamp(self.now.instant + Duration::from_millis(1), end) - self.now.instant;
            self.now.instant += step;
            let step = SignedDuration::try_from(step).unwrap();
            (self.now.system, self.now.trusted) = (self.now.system + step, self.now.trusted + step);
            self.happens(Event::Tick);
        }
    }

    fn times(&self, which: Kind) -> usize {
        self.done.iter().filter(|action| which(action)).count()
    }

    fn state(&self) -> UpdateState {
        self.rules.state(self.now)
    }
}

enum Answer {
    None,
    Event(Event),
    Restart,
}

fn started(slot: Slot, version: &str, proven: bool) -> Started {
    let compatible = String::from("nexus-amd64").try_into().unwrap();
    let left = Some("nexus-tv.service does not run".to_owned());
    Started { slot, version: version.parse().unwrap(), compatible, boot: 1, proven, left }
}

const fn installs(action: &Action) -> bool {
    matches!(action, Action::Install(_))
}

const fn activates(action: &Action) -> bool {
    matches!(action, Action::Activate(_))
}

const fn stores(action: &Action) -> bool {
    matches!(action, Action::Store(_))
}

const fn looks(action: &Action) -> bool {
    matches!(action, Action::Look(_))
}

#[test]
fn a_newer_release_is_installed_started_and_proven() {
    let mut world = World::new();
    world.passes(1);
    assert_eq!((world.running, world.version(Slot::B)), (Slot::B, version("1.1.0")));
    assert_eq!(world.state(), UpdateState::OnTrial { version: version("1.1.0") });
    world.passes(2);
    assert_eq!((world.state(), world.rules.failure()), (UpdateState::Current, None));
    assert_eq!((world.record.attempt.clone(), world.times(installs)), (None, 1));
}

#[test]
fn a_system_that_does_not_prove_itself_is_left_told_of_and_not_tried_again() {
    let mut world = World::new();
    world.new_system = NewSystem::NeverProvesItself;
    world.passes(1);
    assert_eq!((world.running, world.primary), (Slot::A, Slot::A), "the old one is the preferred one again");
    let failure = world.rules.failure().unwrap().clone();
    assert_eq!(failure.version, version("1.1.0"));
    assert_eq!(failure.reason, "it was started and did not show that it works: nexus-tv.service does not run");
    let held =
        |state: UpdateState| matches!(state, UpdateState::Held { version: held, .. } if held == version("1.1.0"));
    assert!(held(world.state()), "the older system has looked at once: {:?}", world.state());
    world.passes(7 * 24 * 60);
    assert_eq!(world.times(installs), 1);
    assert!(held(world.state()), "{:?}", world.state());

    world.new_system = NewSystem::Works;
    (world.releases, world.turn) = (Ok(vec![release("1.1.0"), release("1.1.1")]), granted("1.1.1"));
    world.passes(7 * 60);
    assert_eq!((world.running, world.version(Slot::B)), (Slot::B, version("1.1.1")), "the next release is taken");
}

#[test]
fn a_person_can_have_a_release_tried_again_that_did_not_work() {
    let mut world = World::new();
    world.new_system = NewSystem::NeverProvesItself;
    world.passes(1);
    world.new_system = NewSystem::Works;
    world.happens(Event::UpdateNow);
    assert_eq!((world.running, world.times(installs)), (Slot::B, 2));
}

#[test]
fn what_cannot_be_installed_is_tried_again_later_and_later() {
    let mut world = World::new();
    world.install = Err("signature verification failed".to_owned());
    world.passes(1);
    let failure = world.rules.failure().unwrap();
    assert_eq!((failure.reason.as_str(), world.times(installs)), ("signature verification failed", 1));
    for (minutes, installations) in [(50, 1), (30, 2), (3 * 60, 2), (2 * 60, 3)] {
        world.passes(minutes);
        assert_eq!(world.times(installs), installations, "at {}", world.now.trusted);
    }
    world.passes(30 * 24 * 60);
    let installs = world.times(installs);
    assert!((20..=34).contains(&installs), "about once a day, not {installs} times in a month");
    assert_eq!((world.running, world.primary), (Slot::A, Slot::A));
}

#[test]
fn older_equal_and_foreign_releases_and_those_that_need_another_boot_loader_are_never_installed() {
    let foreign = Manifest { compatible: String::from("nexus-arm64").try_into().unwrap(), ..release("2.0.0") };
    let needs = Manifest { minimum_boot: 2, ..release("1.2.0") };
    for (releases, grants) in [
        (vec![release("0.9.9")], "0.9.9"),
        (vec![release("1.0.0")], "1.0.0"),
        (vec![foreign], "2.0.0"),
        (vec![needs], "1.2.0"),
        (vec![release("1.1.0"), release("0.9.9")], "0.9.9"),
        (vec![release("1.1.0")], "3.0.0"),
    ] {
        let mut world = World::new();
        (world.releases, world.turn) = (Ok(releases), granted(grants));
        world.passes(24 * 60);
        assert_eq!(world.times(installs), 0, "{grants}");
        assert_eq!(world.running, Slot::A);
    }
}

#[test]
fn the_server_can_hold_a_release_back_and_its_words_are_told() {
    let mut world = World::new();
    world.turn = Ok(Turn::Held { why: "the rollout is paused".to_owned() });
    world.passes(24 * 60);
    assert_eq!(world.times(installs), 0);
    let held = UpdateState::Held { version: version("1.1.0"), why: "the rollout is paused".to_owned() };
    assert_eq!(world.state(), held);
    world.turn = granted("1.1.0");
    world.passes(16);
    assert_eq!(world.times(installs), 1);
}

#[test]
fn it_waits_for_its_turn_and_for_the_window() {
    let mut world = World::new();
    let window = |day| Window { opens_at: at(&format!("{day}T02:00:00Z")), closes_at: at(&format!("{day}T04:00:00Z")) };
    let eligible_at = at("2027-03-02T03:00:00Z");
    world.turn = Ok(Turn::Granted { version: version("1.1.0"), eligible_at, window: Some(window("2027-03-02")) });
    world.passes(17 * 60 + 59);
    assert_eq!((world.now.trusted, world.times(installs)), (at("2027-03-02T02:59:00Z"), 0), "the window is open");
    assert_eq!(world.state(), UpdateState::Waiting { version: version("1.1.0"), eligible_at });
    world.passes(2);
    assert_eq!((world.times(installs), world.running), (1, Slot::B));
}

#[test]
fn what_the_window_did_not_hold_restarts_in_the_next_one() {
    let mut world = World::new();
    let window = Window { opens_at: at("2027-03-01T08:00:00Z"), closes_at: at("2027-03-01T10:00:00Z") };
    world.turn = Ok(Turn::Granted { version: version("1.1.0"), eligible_at: Timestamp::MIN, window: Some(window) });
    // The installation takes two hours.
    let actions = world.rules.handle(Event::SignedIn(true), world.now);
    assert!(matches!(*actions, [Action::Look(_)]), "{actions:?}");
    world.rules.handle(Event::Looked(world.releases.clone()), world.now);
    let actions = world.rules.handle(Event::Turned(world.turn.clone()), world.now);
    assert!(actions.iter().any(installs), "{actions:?}");
    world.rules.handle(Event::Progress(40), world.now);
    assert_eq!(world.state(), UpdateState::Installing { version: version("1.1.0"), percent: 40 });
    world.passes(2 * 60);
    world.versions[1] = version("1.1.0");
    world.happens(Event::Installed(Ok(())));
    assert_eq!((world.shown.updating, world.running), (None, Slot::A), "the board is back until then");
    world.passes(20 * 60);
    assert_eq!(world.running, Slot::A);
    world.passes(2 * 60);
    assert_eq!(world.running, Slot::B, "at {}", world.now.trusted);
}

#[test]
fn wherever_the_power_fails_one_of_both_systems_runs_and_the_update_comes_about_in_the_end() {
    for which in [installs, activates, stores, |action: &Action| matches!(action, Action::Restart)] {
        for after in [false, true] {
            let mut world = World::new();
            world.power_fails = Some((which, after));
            world.passes(24 * 60);
            assert_eq!((world.running, world.state()), (Slot::B, UpdateState::Current), "after: {after}");
            assert_eq!(world.rules.failure(), None, "a power cut is no failure of the release");
        }
    }
}

#[test]
fn a_look_that_brings_nothing_is_repeated_and_told_with_its_reason() {
    let mut world = World::new();
    world.releases = Err("the timestamp expired yesterday".to_owned());
    world.passes(60);
    assert!((4..=6).contains(&world.times(looks)), "{}", world.times(looks));
    let UpdateState::Unchecked { why, seconds } = world.state() else { panic!("{:?}", world.state()) };
    assert_eq!((why.as_deref(), seconds), (Some("the timestamp expired yesterday"), 3600));
    world.releases = Ok(Vec::new());
    world.passes(16);
    assert_eq!(world.state(), UpdateState::Current);
}

#[test]
fn who_hears_nothing_fresh_of_updates_for_two_weeks_says_so_on_the_wall_and_to_the_server() {
    let mut world = World::new();
    world.turn = Ok(Turn::Held { why: "paused".to_owned() });
    world.passes(60);
    world.releases = Err("the timestamp expired yesterday".to_owned());
    world.passes(13 * DAY);
    assert_eq!(world.shown.unchecked_days, None);
    assert!(matches!(world.state(), UpdateState::Held { .. }), "{:?}", world.state());
    world.passes(DAY);
    assert_eq!(world.shown.unchecked_days, Some(14));
    // What was held back then may be no news any more.
    let UpdateState::Unchecked { seconds, .. } = world.state() else { panic!("{:?}", world.state()) };
    assert!(Duration::from_secs(seconds) >= device::fleet::LONG_UNCHECKED);
    world.passes(DAY);
    assert_eq!(world.shown.unchecked_days, Some(15));
    world.releases = Ok(Vec::new());
    world.passes(16);
    assert_eq!(world.shown.unchecked_days, None);
}

#[test]
fn a_screen_that_is_not_signed_in_asks_nobody() {
    let mut world = World::new();
    world.signed_in = false;
    world.passes(24 * 60);
    assert_eq!(world.done, []);
}
