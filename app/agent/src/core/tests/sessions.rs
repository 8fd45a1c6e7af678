//! Tokens, and what the server says about the screen with them.

use super::*;

#[test]
fn a_fresh_token_comes_before_the_old_one_ends() {
    let mut world = World::live();
    let first = world.board();
    world.pass(1100);
    assert_eq!(world.token(), first.access_token);
    world.pass(200);
    let second = world.board();
    assert_ne!(second.access_token, first.access_token);
    assert!(world.system < first.expires_at && second.expires_at > first.expires_at);
}

#[test]
fn a_refused_token_is_replaced_at_once_but_a_server_that_refuses_its_own_is_not_asked_in_a_loop() {
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    world.event(reports(Connection::Refused));
    world.settle();
    assert_ne!(world.token(), first);

    let tokens = world.tokens_of_100_reports(Connection::Refused);
    assert!((3..50).contains(&tokens), "{tokens} tokens in 100 s");
}

#[test]
fn a_removed_screen_says_so_and_then_shows_a_code_under_another_key() {
    let mut world = World::live();
    let key = world.core.ring.present().public();
    world.known.clear();
    world.pass(10);
    world.event(reports(Connection::Refused));
    world.settle();
    assert_eq!(world.shown, Some(State::Removed { server: "nexus.test:8443".into() }));
    assert_eq!((world.forgot, world.stored.is_none()), (1, true));
    world.pass(59);
    assert!(matches!(world.shown, Some(State::Removed { .. })));
    world.pass(2);
    world.code();
    assert_ne!(world.core.ring.present().public(), key);
}

#[test]
fn a_screen_that_shows_another_board_is_told_and_remembers_it() {
    let mut world = World::live();
    world.screen.board = "sales".parse().unwrap();
    world.pass(10);
    world.event(reports(Connection::Refused));
    world.settle();
    assert_eq!(world.board().board, "sales");
    assert_eq!(&*world.stored.as_ref().unwrap().payload.screen.board, "sales");
}

#[test]
fn an_answer_to_an_old_call_changes_nothing() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.event(Event::Answered { call: 0, result: Err(CallError::Silent("late".into())) });
    world.event(Event::Answered { call: 1, result: Err(CallError::Refused { status: 404, code: String::new() }) });
    assert_eq!(world.code().code, first);
}

#[test]
fn nonsense_from_the_server_is_told_and_not_asked_for_in_a_loop() {
    let mut world = World::new();
    world.event(Event::Tick);
    for step in 0..300 {
        if let Some((call, _)) = world.pending.take() {
            let reply = Reply { body: Body::Time, presented: world.presented.clone(), date: None };
            let outcome = Reply { body: Body::Outcome(Outcome::Comparing), ..reply.clone() };
            let reply = if step % 2 == 0 { reply } else { outcome };
            world.event(Event::Answered { call, result: Ok(Box::new(reply)) });
        }
        world.instant += Duration::from_millis(100);
        world.event(Event::Tick);
    }
    assert!(world.starting().server_text.contains("is no Nexus server"), "{:?}", world.shown);
    assert!(world.calls.len() <= 16, "{} calls in 30 s", world.calls.len());
}
