//! From the code on the screen to a registered device, and what can come between.

use super::*;

#[test]
fn a_new_stick_shows_its_code_and_becomes_live_once_everybody_agreed() {
    let mut world = World::new();
    world.settle();
    let shown = world.code();
    assert_eq!((shown.server.as_str(), shown.confirm.clone()), ("nexus.test:8443", None));
    assert_eq!(shown.expires_at.duration_since(shown.issued_at).as_secs(), 600);
    assert_eq!(shown.network, Some(device::Network { name: "wired".into(), address: "192.0.2.48".into() }));

    let attempt = world.types(&shown.code);
    world.pass(3);
    let Stage::Compare(digits) = world.stage(attempt) else { panic!("the device did not confirm") };
    assert_eq!(world.code().confirm, Some(digits.to_string()), "both screens show the same");
    assert_eq!(world.code().code, shown.code);
    assert!(world.stored.is_none(), "nothing before the admin compared");

    world.approve(attempt);
    world.pass(3);
    let live = world.board();
    assert_eq!((live.board.as_str(), live.screen.as_str(), live.rotation), ("support", "Support", 90));
    assert_eq!(live.trust, device::Trust::Anchor(world.anchor.clone()));
    assert_eq!(live.clock_offset, 0);
    assert!(world.stored.is_some());
}

#[test]
fn from_the_verdict_on_every_connection_is_verified_strictly() {
    let mut world = World::live();
    let strict = Assurance::Anchored(Trust::Anchor(world.anchor.clone()));
    world.pass(4000);
    assert!(!world.calls.is_empty());
    assert!(world.calls.iter().all(|call| *call.assurance() == strict));

    let mut world = World::new();
    world.settle();
    let code = world.code().code;
    world.types(&code);
    world.pass(3);
    let verdict = world.calls.iter().find(|call| matches!(call, Call::Verdict(..))).unwrap();
    assert_eq!(*verdict.assurance(), Assurance::Anchored(Trust::Anchor(world.anchor.clone())));
}

#[test]
fn a_wrong_code_is_burned_and_a_new_one_shown() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    let nameplate = first.split('-').next().unwrap().to_owned();
    // The first secret that passes the check character with this nameplate and is not the right one.
    let wrong = (0..)
        .map(|number: u32| format!("{nameplate}-{:04}-{:04}", number / 10_000, number % 10_000))
        .find(|code| *code != first && code.parse::<pairing::Code>().is_ok())
        .unwrap();
    let attempt = world.types(&wrong);
    world.pass(3);
    assert_eq!(world.stage(attempt), Stage::Failed(Failure::WrongCode));
    assert_ne!(world.code().code, first);
    assert_eq!(world.code().confirm, None);
}

#[test]
fn an_intercepted_connection_is_told_on_the_tv_and_to_the_admin_and_a_new_code_follows_in_a_minute() {
    let mut world = World::new();
    world.presented = chain("the man in the middle", 2090, 2091).1;
    world.settle();
    let first = world.code().code;
    let attempt = world.types(&first);
    world.pass(3);
    assert!(
        matches!(&world.shown, Some(State::Problem { headline, .. }) if headline.contains("not the server's own")),
        "{:?}",
        world.shown
    );
    assert_eq!(world.stage(attempt), Stage::Failed(Failure::Untrusted));
    world.pass(61);
    assert_ne!(world.code().code, first);
    assert!(world.stored.is_none());
}

#[test]
fn an_unpaired_stick_shows_its_code_and_no_board_also_of_a_server_that_it_can_verify() {
    let mut world = World::new();
    world.core.setup.before_pairing = Assurance::Anchored(Trust::Anchor(world.anchor.clone()));
    for _ in 0..120 {
        world.pass(10);
        world.code();
    }
    let asks_for_a_code = |call: &Call| matches!(call, Call::Create(..) | Call::Poll(..));
    assert!(world.calls.iter().all(asks_for_a_code), "{:?}", world.calls);
}

#[test]
fn a_code_that_nobody_typed_is_replaced_after_ten_minutes() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.pass(590);
    assert_eq!(world.code().code, first);
    world.pass(12);
    assert_ne!(world.code().code, first);
}

#[test]
fn a_restarted_server_gets_a_new_pairing() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.registry = Registry::new(INSTANCE);
    world.pass(3);
    assert_ne!(world.code().code, first);
}

#[test]
fn a_server_that_goes_away_during_pairing_is_told_within_five_seconds_and_its_code_comes_back() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    world.up = false;
    world.pass(5);
    let startup = world.starting();
    assert_eq!((startup.network, startup.server), (Check::Done, Check::Failed));
    assert_eq!(startup.server_text, "nexus.test:8443 is not answering, trying again");
    world.up = true;
    world.pass(31);
    assert_eq!(world.code().code, first, "it still holds");
}

#[test]
fn an_admin_who_declines_makes_the_screen_start_over() {
    let mut world = World::new();
    world.settle();
    let first = world.code().code;
    let attempt = world.types(&first);
    world.pass(3);
    world.registry.decline(&admin(), attempt, world.instant).unwrap();
    world.pass(3);
    assert_ne!(world.code().code, first);
}

#[test]
fn the_qr_code_names_the_page_only_where_its_address_is_trusted() {
    let server = "https://nexus.test:8443".parse().unwrap();
    assert_eq!(qr("417-KX7M-2QPD", &server, false), "417-KX7M-2QPD");
    assert_eq!(qr("417-KX7M-2QPD", &server, true), "https://nexus.test:8443/admin/screens/add?code=417-KX7M-2QPD");
    let mut world = World::new();
    world.core.setup.configured = false;
    world.settle();
    assert_eq!(world.code().qr, world.code().code, "remembered, and not verified by web PKI");
}
