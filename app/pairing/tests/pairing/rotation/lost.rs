//! Requests and answers that are lost, and power that fails, at every step.

use super::*;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The stick loses power before the request leaves.
    CutBefore,
    /// The request is lost.
    RequestLost,
    /// The server loses power before it stored what the request changes.
    ServerCut,
    /// The answer is lost.
    AnswerLost,
    /// The server loses power after it stored.
    ServerCutAfter,
    /// The stick loses power before it hears the answer.
    CutAfter,
    /// The stick loses power between the two files in which it stores what the answer changes.
    CutBetweenFiles,
    /// The request arrives, and its answer; and once more, a little later, by a way of its own.
    ArrivesTwice,
}

const FATES: [Fate; 8] = [
    Fate::CutBefore,
    Fate::RequestLost,
    Fate::ServerCut,
    Fate::AnswerLost,
    Fate::ServerCutAfter,
    Fate::CutAfter,
    Fate::CutBetweenFiles,
    Fate::ArrivesTwice,
];

/// A month later: the session that draws the key, the key that is handed in, the session under it, and one more.
const STEPS: usize = 4;

enum Posted {
    Rotation(Box<Rotation>),
    Assertion(String),
}

impl Server {
    fn takes(&mut self, posted: &Posted) -> Result<(), Refusal> {
        match posted {
            Posted::Rotation(rotation) => self.rotate(rotation),
            Posted::Assertion(assertion) => self.session(assertion),
        }
    }
}

impl Stick {
    fn posts(&mut self, server: &mut Server) -> Posted {
        match self.rotation(server) {
            Some(rotation) => Posted::Rotation(Box::new(rotation)),
            None => {
                let nonce = server.nonce();
                Posted::Assertion(self.assertion(nonce))
            }
        }
    }

    fn call_with(&mut self, server: &mut Server, fate: Fate) {
        let posted = self.posts(server);
        match fate {
            Fate::CutBefore => return self.restart(),
            Fate::RequestLost => return,
            Fate::ServerCut => {
                let before = server.keys.clone();
                let _ = server.takes(&posted);
                server.keys = before;
                return server.restart();
            }
            _ => {}
        }
        let answer = server.takes(&posted);
        match fate {
            Fate::AnswerLost => return,
            Fate::ServerCutAfter => return server.restart(),
            Fate::CutAfter => return self.restart(),
            _ => {}
        }
        match posted {
            Posted::Rotation(_) => self.heard_of_rotation(answer),
            Posted::Assertion(_) if fate == Fate::CutBetweenFiles && answer.is_ok() => {
                self.granted(server);
                self.store_first_file();
                self.restart();
            }
            Posted::Assertion(_) => self.heard_of_session(answer, server),
        }
        if fate == Fate::ArrivesTwice {
            let _ = server.takes(&posted);
        }
    }
}

/// Whatever happened: a few calls later the stick is signed in, both ends are at one generation, and nobody is accused.
fn comes_right(mut server: Server, mut stick: Stick, story: &str) {
    // Past the hour that a stick waits before it hands a key in once more.
    for _ in 0..3 {
        stick.calls(&mut server, 4);
        server.pass(3600);
    }
    assert_eq!(stick.calls(&mut server, 2), [Ok(()); 2], "{story}");
    assert!(!server.keys.is_suspended(), "{story}");
    assert_eq!(*server.keys.present(), stick.ring.present().public(), "{story}");
    assert_eq!((server.keys.generation(), stick.ring.generation()), (1, 1), "{story}");
    stick.restart();
    assert_eq!(stick.calls(&mut server, 2), [Ok(()); 2], "{story}");
    assert_eq!(server.keys.generation(), 1, "{story}");
}

#[test]
fn whatever_is_lost_at_any_step_both_ends_come_to_one_key() {
    for step in 0..STEPS {
        for fate in FATES {
            let (mut server, mut stick) = a_month_later();
            stick.calls(&mut server, step);
            stick.call_with(&mut server, fate);
            comes_right(server, stick, &format!("{fate:?} at step {step}"));
        }
    }
}

#[test]
fn whatever_is_lost_twice_in_a_row_both_ends_come_to_one_key() {
    for step in 0..STEPS {
        for first in FATES {
            for second in FATES {
                let (mut server, mut stick) = a_month_later();
                stick.calls(&mut server, step);
                stick.call_with(&mut server, first);
                server.pass(5);
                stick.call_with(&mut server, second);
                comes_right(server, stick, &format!("{first:?}, then {second:?}, from step {step}"));
            }
        }
    }
}

#[test]
fn the_key_before_holds_until_the_next_one_was_used() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let rotation = stick.rotation(&mut server).unwrap();
    server.rotate(&rotation).unwrap();
    // Cut off before anything was heard, with the files of before the key was drawn: a card that lied about what it wrote.
    let mut forgetful = paired().1;
    assert_eq!(
        forgetful.calls(&mut server, 5),
        [Ok(()); 5],
        "the other key that it draws takes the place of the first"
    );
    assert_eq!(server.keys.generation(), 1);
    assert_eq!(*server.keys.present(), forgetful.ring.present().public());
}

#[test]
fn a_server_that_was_put_back_from_a_backup_is_brought_up_to_date() {
    let (mut server, mut stick) = a_month_later();
    let backup = server.keys.clone();
    stick.calls(&mut server, 4);
    assert_eq!(server.keys.generation(), 1);
    server.keys = backup;
    let newest = stick.ring.present().public();
    stick.restart();
    assert_eq!(stick.calls(&mut server, 6)[..2], [Err(Refusal::Signature), Ok(())]);
    assert_eq!((server.keys.generation(), *server.keys.present()), (1, newest), "the same key is handed in once more");
    assert_eq!(stick.ring.generation(), 1);
}

#[test]
fn a_server_that_knows_none_of_the_keys_hears_of_each_of_them_in_turn() {
    let (mut server, mut stick) = a_month_later();
    stick.calls(&mut server, 4);
    server.keys = Keys::new(DeviceKey::draw(&Entropy::from_seed([66; 32])).public());
    assert!(stick.ring.unknown(), "the one before is left");
    assert!(!stick.ring.unknown());
    assert_eq!(stick.calls(&mut server, 4), [Err(Refusal::Signature); 4]);
}

#[test]
fn a_server_that_takes_no_keys_is_asked_once_an_hour_and_grants_sessions_all_the_while() {
    let (mut server, mut stick) = a_month_later();
    let (mut posted, mut granted) = (0, 0);
    for _ in 0..120 {
        server.pass(60);
        if stick.rotation(&mut server).is_some() {
            posted += 1;
            stick.heard_of_rotation(Err(Refusal::Version));
        }
        granted += usize::from(stick.call(&mut server).is_ok());
    }
    assert_eq!((posted, granted), (2, 120));
}

#[test]
fn a_request_that_arrives_late_accuses_nobody() {
    for step in 0..STEPS {
        for calls_later in 0..6 {
            let (mut server, mut stick) = a_month_later();
            stick.calls(&mut server, step);
            // The stick has given it up, and a proxy passes it on all the same.
            let late = stick.posts(&mut server);
            stick.calls(&mut server, calls_later);
            let _ = server.takes(&late);
            comes_right(server, stick, &format!("what step {step} posts, {calls_later} calls later"));
        }
    }
}

#[test]
fn a_request_from_before_the_successor_was_used_is_told_to_ask_again() {
    let (mut server, mut stick) = a_month_later();
    stick.call(&mut server).unwrap();
    let nonce = server.nonce();
    let straggler = stick.assertion(nonce);
    let rotation = stick.rotation(&mut server).unwrap();
    server.rotate(&rotation).unwrap();
    assert_eq!(stick.calls(&mut server, 1), [Ok(())]);
    assert_eq!(server.keys.generation(), 1);
    assert_eq!(server.session(&straggler), Err(Refusal::StaleNonce));
    assert!(!server.keys.is_suspended());
}
