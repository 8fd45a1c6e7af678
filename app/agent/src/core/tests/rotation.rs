//! The device's key is replaced once a month, the wall notices nothing of it, and two devices of one identity say so.

use super::*;

const DAY: u64 = 24 * 3600;

impl World {
    /// The stick is off for so long.
    fn off_for(&mut self, seconds: u64) {
        let passed = Duration::from_secs(seconds);
        self.instant += passed;
        self.system += SignedDuration::try_from(passed).unwrap();
        self.date += SignedDuration::try_from(passed).unwrap();
        self.restart();
    }

    /// The next call comes to an end, whatever time that takes. Says whether it got to the server, and its answer back.
    fn next_call(&mut self, fate: Fate) {
        while self.pending.is_none() {
            self.instant = self.core.wake_at(self.instant).max(self.instant + Duration::from_millis(100));
            self.event(Event::Tick);
        }
        let (call, made) = self.pending.take().unwrap();
        let lost = || Err(CallError::Silent("the cable was pulled".into()));
        let result = match fate {
            Fate::Well => self.serve(&made).map(Box::new),
            Fate::RequestLost => lost(),
            Fate::AnswerLost => {
                let _ = self.serve(&made);
                lost()
            }
            Fate::PowerCut { served } => {
                if served {
                    let _ = self.serve(&made);
                }
                self.restart();
                return;
            }
        };
        self.event(Event::Answered { call, result });
    }

    fn generations(&self) -> (u32, u32) {
        (self.known.values().next().unwrap().generation(), self.core.ring.generation())
    }

    fn locked(&self) -> (String, String) {
        match &self.shown {
            Some(State::Locked { headline, happened, remedy }) => {
                (headline.clone(), [happened.join(" "), remedy.join(" ")].join(" "))
            }
            other => panic!("not locked but {other:?}"),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Well,
    RequestLost,
    AnswerLost,
    PowerCut { served: bool },
}

const FATES: [Fate; 4] =
    [Fate::RequestLost, Fate::AnswerLost, Fate::PowerCut { served: false }, Fate::PowerCut { served: true }];

#[test]
fn a_key_that_is_a_month_old_is_replaced_and_the_wall_stays_live() {
    let mut world = World::live();
    let key = world.core.ring.present().public();
    world.pass(5 * DAY);
    assert_eq!(world.generations(), (0, 0));
    world.system += SignedDuration::from_hours(24 * 25);
    world.date += SignedDuration::from_hours(24 * 25);
    let first = world.token();
    world.calls.clear();
    for _ in 0..1300 {
        world.pass(1);
        world.board();
    }
    assert_ne!(world.token(), first);
    assert_eq!(world.generations(), (1, 1));
    assert_ne!(world.key.public(), key, "it is stored");
    let rotations = world.calls.iter().filter(|call| matches!(call, Call::Rotate(..))).count();
    assert_eq!(rotations, 1);
    let anchored = Assurance::Anchored(Trust::Anchor(world.anchor.clone()));
    assert!(world.calls.iter().all(|call| *call.assurance() == anchored));
}

#[test]
fn the_next_key_is_in_the_folder_before_the_server_hears_of_it() {
    let mut world = World::live();
    world.off_for(30 * DAY);
    loop {
        world.next_call(Fate::Well);
        world.event(Event::Tick);
        let Some((_, Call::Rotate(rotation, _))) = &world.pending else { continue };
        let mut stored = world.ring_on_disk();
        assert_eq!(stored.signing().public(), rotation.next_key, "and is tried first after a start");
        stored.unknown();
        assert_eq!(stored.signing().public(), world.key.public());
        break;
    }
}

#[test]
fn whatever_is_lost_while_a_key_is_replaced_the_screen_comes_back_under_one_key() {
    // Nonce and token, nonce and rotation, nonce and token; and what follows.
    for call in 0..7 {
        for first in FATES {
            for second in [Fate::Well, Fate::AnswerLost, Fate::PowerCut { served: true }] {
                let mut world = World::live();
                world.off_for(30 * DAY);
                for _ in 0..call {
                    world.next_call(Fate::Well);
                }
                world.next_call(first);
                world.next_call(second);
                world.pass(3 * 3600);
                let story = format!("{first:?}, then {second:?}, at call {call}");
                assert!(matches!(world.shown, Some(State::Live(_))), "{story}: {:?}", world.shown);
                assert_eq!(world.generations(), (1, 1), "{story}");
                world.restart();
                world.pass(5);
                world.board();
            }
        }
    }
}

#[test]
fn a_server_that_knows_of_no_rotation_keeps_the_screen_live() {
    let mut world = World::live();
    world.takes_keys = false;
    world.off_for(30 * DAY);
    world.pass(5);
    world.calls.clear();
    for _ in 0..3 * 3600 / 5 {
        world.pass(5);
        world.board();
    }
    let count = |of: fn(&Call) -> bool| world.calls.iter().filter(|call| of(call)).count();
    assert!((2..=4).contains(&count(|call| matches!(call, Call::Rotate(..)))));
    assert!(count(|call| matches!(call, Call::Token(..))) < 30, "no more tokens than otherwise");
    world.takes_keys = true;
    world.pass(3 * 3600);
    assert_eq!(world.generations(), (1, 1));
}

#[test]
fn a_screen_whose_card_was_copied_says_so_shows_no_board_and_is_paired_anew_once_it_was_removed() {
    let mut world = World::live();
    // The copy, with everything that is on the card, rotates first.
    let (mut copy, paired) = (world.ring_on_disk(), world.stored.clone().unwrap());
    let entropy = world.entropy();
    let clock = world.date.as_second();
    copy.granted(clock, world.instant, &entropy);
    copy.granted(clock + 30 * 86_400, world.instant, &entropy);
    world.pass(600);
    let nonce = world.nonces.issue(&entropy, world.instant);
    let rotation = copy.rotate(&paired, nonce, world.instant).unwrap();
    let anchored = || Assurance::Anchored(Trust::Anchor(world.anchor.clone()));
    let (rotate, nonce) = (Call::Rotate(Box::new(rotation), anchored()), Call::Nonce(anchored()));
    world.serve(&rotate).unwrap();
    let Body::Nonce(nonce) = world.serve(&nonce).unwrap().body else { panic!("a nonce") };
    let assertion = pairing::session::assert(copy.signing(), paired.device, INSTANCE, nonce, clock, &entropy).unwrap();
    let token = Call::Token(pairing::session::TokenRequest::new(assertion), rotate.assurance().clone());
    world.serve(&token).unwrap();
    assert_eq!(world.known.values().next().unwrap().generation(), 1);

    world.board();
    world.pass(1200);
    let (headline, words) = world.locked();
    assert_eq!(headline, "This screen is suspended.");
    assert!(words.contains("Two devices") && words.contains("On nexus.test:8443, under Screens, “Support”"), "{words}");
    world.calls.clear();
    world.pass(600);
    world.locked();
    let asked = world.calls.iter().filter(|call| matches!(call, Call::Token(..))).count();
    assert!((30..130).contains(&asked), "{asked} times in ten minutes");
    world.restart();
    world.pass(1);
    world.locked();

    world.known.clear();
    world.pass(20);
    assert_eq!(world.shown, Some(State::Removed { server: "nexus.test:8443".into() }));
    world.pass(60);
    let code = world.code().code;
    let attempt = world.types(&code);
    world.pass(5);
    world.approve(attempt);
    world.pass(5);
    world.board();
    assert_eq!(world.generations(), (0, 0));
}

#[test]
fn a_server_that_knows_none_of_the_keys_is_told_in_words_and_not_asked_in_a_loop() {
    let mut world = World::live();
    let stranger = DeviceKey::draw(&world.entropy());
    for keys in world.known.values_mut() {
        *keys = Keys::new(stranger.public());
    }
    world.restart();
    world.calls.clear();
    world.pass(600);
    let Some(State::Problem { headline, remedy, .. }) = &world.shown else { panic!("{:?}", world.shown) };
    assert_eq!(headline, "The server does not know this screen\u{2019}s key");
    assert!(remedy.contains("“Support” has to be removed under Screens"), "{remedy}");
    assert!(world.calls.len() < 260, "{} calls in ten minutes", world.calls.len());
    assert!(world.stored.is_some() && world.forgot == 0);
}

#[test]
fn a_pairing_with_another_server_begins_with_the_first_generation() {
    let mut world = World::live();
    world.off_for(30 * DAY);
    world.pass(60);
    assert_eq!(world.generations(), (1, 1));
    // nexus.toml names another server: the key is the same, the pairing is not.
    let (setup, ring) = (world.core.setup.clone(), world.ring_on_disk());
    world.core = Core::new(setup, ring, None, up(), world.instant);
    assert_eq!(world.core.ring.generation(), 0);
}
