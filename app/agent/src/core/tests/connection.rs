//! A paired device whose server, network or TV comes and goes.

use super::*;

#[test]
fn a_server_that_goes_away_leaves_the_tv_its_board_and_all_comes_back_by_itself() {
    let mut world = World::live();
    let first = world.token();
    world.up = false;
    world.pass(2400);
    assert_eq!(world.token(), first, "the TV says how old its data is");
    let calls = world.calls.len();
    world.pass(60);
    assert!(world.calls.len() - calls < 40, "it backs off");
    world.up = true;
    world.pass(31);
    assert_ne!(world.token(), first);
}

#[test]
fn a_server_with_another_authority_is_told_at_once_and_all_comes_back_with_the_right_one() {
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    let (_, another) = chain("another", 2090, 2091);
    let ours = std::mem::replace(&mut world.presented, another);
    world.event(reports(Connection::Untrusted));
    world.settle();
    let Some(State::Problem { headline, detail, remedy }) = &world.shown else { panic!("{:?}", world.shown) };
    assert_eq!(headline, "This is not the server that this screen was paired with");
    assert!(detail[0].starts_with("Something else answers at nexus.test:8443"), "{detail:?}");
    assert!(remedy.contains("whoever looks after Nexus") && remedy.contains("forget = true"), "{remedy}");
    world.pass(300);
    assert!(matches!(world.shown, Some(State::Problem { .. })), "{:?}", world.shown);
    assert!(world.stored.is_some() && world.forgot == 0, "the pairing is kept");

    // A restart does not forget it.
    world.restart();
    world.settle();
    assert!(matches!(world.shown, Some(State::Problem { .. })), "{:?}", world.shown);

    world.presented = ours;
    world.pass(31);
    assert_ne!(world.token(), first);
}

#[test]
fn a_tv_that_alone_distrusts_the_server_gets_other_tokens_but_not_in_a_loop() {
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    let tokens = world.tokens_of_100_reports(Connection::Untrusted);
    assert_ne!(world.token(), first);
    assert!((3..50).contains(&tokens), "{tokens} tokens in 100 s");
}

#[test]
fn a_restart_without_a_server_says_so_and_names_the_screen() {
    let mut world = World::live();
    world.restart();
    world.up = false;
    world.settle();
    assert_eq!((world.starting().server, world.starting().screen.as_deref()), (Check::Failed, Some("Support")));
    world.up = true;
    world.pass(3);
    world.board();
}

#[test]
fn a_foreign_certificate_after_pairing_is_told() {
    let mut world = World::live();
    world.restart();
    world.presented = chain("the man in the middle", 2090, 2091).1;
    world.settle();
    assert!(
        matches!(&world.shown, Some(State::Problem { headline, .. }) if headline.starts_with("This is not the server"))
    );
    assert!(matches!(world.core.contact, Contact::Fails(CallError::Untrusted(Untrusted::Chain(_)))));
}

#[test]
fn the_network_is_told_as_it_is() {
    let mut world = World::new();
    world.up = false;
    for (network, check, text, server) in [
        (Network::Down, Check::Failed, "no network: check the cable or Wi-Fi", "waiting for the network"),
        (Network::Joining, Check::Waiting, "waiting for an address", "waiting for the network"),
        (up(), Check::Done, "connected: wired, 192.0.2.48", "nexus.test:8443 is not answering, trying again"),
    ] {
        world.event(Event::Network(network));
        world.settle();
        let startup = world.starting();
        assert_eq!((startup.network, startup.network_text.as_str()), (check, text));
        assert_eq!(startup.server_text, server);
    }
}

#[test]
fn a_name_that_the_network_does_not_know_is_told_from_a_server_that_does_not_answer() {
    let mut world = World::new();
    world.event(Event::Network(up()));
    world.event(Event::Tick);
    let (call, _) = world.pending.take().unwrap();
    world.event(Event::Answered { call, result: Err(CallError::UnknownName("not found".into())) });
    let startup = world.starting();
    assert_eq!(startup.server, Check::Failed);
    assert_eq!(startup.server_text, "nexus.test:8443 is not known in this network, trying again");
    world.pass(31);
    world.code();
}

#[test]
fn a_network_that_comes_up_is_used_at_once() {
    let mut world = World::new();
    world.up = false;
    world.event(Event::Network(Network::Down));
    world.settle();
    world.pass(300);
    world.up = true;
    world.event(Event::Network(up()));
    world.settle();
    world.code();
}

#[test]
fn a_tv_that_is_refused_by_a_server_that_came_back_makes_the_agent_hurry() {
    let mut world = World::live();
    world.pass(10);
    let first = world.token();
    world.up = false;
    world.event(reports(Connection::Refused));
    world.settle();
    world.pass(300);
    world.up = true;
    world.event(reports(Connection::Refused));
    world.settle();
    assert_ne!(world.token(), first, "at once, not after the half minute that it had come to");
}

#[test]
fn a_tv_that_falls_silent_is_noticed_once() {
    let mut world = World::live();
    world.event(Event::Report(Report::Alive { frames: 1, width: 1920, height: 1080 }));
    world.pass(14);
    assert_eq!(world.silent, 0);
    world.pass(60);
    assert_eq!(world.silent, 1);
    world.event(Event::Report(Report::Alive { frames: 2, width: 1920, height: 1080 }));
    world.pass(60);
    assert_eq!(world.silent, 2);
}
