//! A screen that nobody told about a server, and one whose server moved.

use super::*;

/// What looking finds where servers answer from these addresses.
fn found(addresses: &[&str]) -> Vec<Found> {
    let answer = |address: &&str| Answer { port: 8443, addresses: vec![address.parse().unwrap()], host: None };
    Found::among(&addresses.iter().map(answer).collect::<Vec<_>>(), &["192.0.2.0/24".parse().unwrap()])
}

fn at(address: &str) -> Url {
    format!("https://{address}:8443/").parse().unwrap()
}

/// A world in which nothing names a server.
fn unnamed(addresses: &[&str]) -> World {
    let mut world = World::new();
    let setup = Setup { server: None, configured: false, ..world.core.setup.clone() };
    world.core = Core::new(setup, Ring::new(world.key.clone()), None, up(), world.instant);
    world.servers = found(addresses);
    world
}

/// One that was paired with a server that it found.
fn paired_with_found() -> World {
    let mut world = unnamed(&["192.0.2.10"]);
    world.is_paired();
    world
}

impl World {
    fn told(&self) -> (String, String, String) {
        match &self.shown {
            Some(State::Problem { headline, detail, remedy }) => (headline.clone(), detail.join(" "), remedy.clone()),
            other => panic!("no problem but {other:?}"),
        }
    }
}

#[test]
fn a_server_that_is_found_gives_a_code_and_nobody_is_sent_to_its_page() {
    let mut world = unnamed(&["192.0.2.10"]);
    world.event(Event::Tick);
    assert_eq!(world.starting().server_text, "looking for a Nexus server here");
    world.settle();
    let code = world.code();
    assert_eq!((code.server.as_str(), code.found_among), ("192.0.2.10:8443", Some(1)));
    assert_eq!(code.qr, code.code, "the square holds the code alone");
    let attempt = world.types(&code.code);
    world.pass(5);
    assert!(world.stored.is_none(), "the person decides, and not the answer");
    world.approve(attempt);
    world.pass(5);
    assert_eq!(world.board().server, at("192.0.2.10"));
}

#[test]
fn a_certificate_of_the_public_web_makes_no_page_of_a_found_server_trusted() {
    let mut world = unnamed(&["192.0.2.10"]);
    world.settle();
    let Phase::Pairing(Pair::Showing(showing)) = &mut world.core.phase else { panic!("no code") };
    showing.shown.web_pki = true;
    world.core.shown = None;
    world.event(Event::Tick);
    assert_eq!(world.code().qr, world.code().code);
}

#[test]
fn where_nobody_is_found_the_screen_says_so_and_goes_on_looking_with_patience() {
    let mut world = unnamed(&[]);
    world.settle();
    let (headline, detail, remedy) = world.told();
    assert_eq!(headline, "No Nexus server was found here");
    assert!(detail.contains("wired, 192.0.2.48") && detail.contains("goes on looking"), "{detail}");
    assert!(remedy.contains("whoever looks after Nexus") && remedy.contains("nexus.toml"), "{remedy}");
    world.pass(600);
    assert!((20..200).contains(&world.looks), "{} looks in 10 minutes", world.looks);
    world.servers = found(&["192.0.2.10"]);
    world.pass(31);
    world.code();
}

#[test]
fn without_a_network_that_is_what_is_said() {
    let mut world = unnamed(&[]);
    world.event(Event::Network(Network::Down));
    world.settle();
    world.pass(60);
    let startup = world.starting();
    assert_eq!((startup.network, startup.server_text.as_str()), (Check::Failed, "waiting for the network"));
}

#[test]
fn of_several_the_first_is_asked_and_the_next_where_that_one_does_not_answer() {
    let mut world = unnamed(&["192.0.2.30", "192.0.2.10"]);
    world.absent = vec![at("192.0.2.10")];
    world.settle();
    assert_eq!(world.starting().server_text, "192.0.2.10:8443 is not answering, trying again");
    world.pass(60);
    assert_eq!((world.code().server.as_str(), world.code().found_among), ("192.0.2.30:8443", Some(2)));
}

#[test]
fn of_several_the_next_has_its_turn_where_nobody_types_the_code_of_one() {
    let mut world = unnamed(&["192.0.2.10", "192.0.2.30"]);
    world.settle();
    assert_eq!(world.code().server, "192.0.2.10:8443");
    world.pass(601);
    assert_eq!(world.code().server, "192.0.2.30:8443");
    world.pass(601);
    assert_eq!(world.code().server, "192.0.2.10:8443", "and then the first once more");
}

#[test]
fn a_found_server_that_goes_away_before_pairing_is_looked_for_again() {
    let mut world = unnamed(&["192.0.2.10"]);
    world.settle();
    world.code();
    (world.up, world.servers) = (false, found(&[]));
    world.pass(120);
    assert_eq!(world.told().0, "No Nexus server was found here");
    (world.up, world.servers) = (true, found(&["192.0.2.77"]));
    world.pass(31);
    assert_eq!(world.code().server, "192.0.2.77:8443");
}

#[test]
fn a_found_server_that_another_authority_vouches_for_than_nexus_toml_names_makes_room_at_once() {
    let mut world = unnamed(&["192.0.2.10"]);
    world.core.setup.before_pairing = Assurance::Anchored(Trust::Anchor(chain("another", 2090, 2091).0));
    world.settle();
    world.pass(60);
    assert!(world.looks > 3 && matches!(world.shown, Some(State::Starting(_))), "{} {:?}", world.looks, world.shown);
    assert!(world.stored.is_none());
}

#[test]
fn a_paired_server_that_moved_is_found_and_its_new_address_stored() {
    let mut world = paired_with_found();
    let stored = world.stored.take();
    (world.absent, world.servers) = (vec![at("192.0.2.10")], found(&["192.0.2.99"]));
    world.pass(3600);
    assert_eq!(world.board().server, at("192.0.2.99"));
    assert_eq!((world.stored.clone(), world.asked.clone()), (stored, Some(at("192.0.2.99"))));
}

#[test]
fn a_paired_screen_believes_nobody_else_who_says_that_he_is_a_server() {
    let mut world = paired_with_found();
    world.restart();
    world.stored = None;
    let (_, another) = chain("the man in the middle", 2090, 2091);
    let ours = std::mem::replace(&mut world.presented, another);
    (world.absent, world.servers) = (vec![at("192.0.2.10")], found(&["192.0.2.66"]));
    for _ in 0..300 {
        world.pass(1);
        let startup = world.starting();
        assert!(startup.server_text.contains("192.0.2.10:8443"), "{}", startup.server_text);
    }
    assert!(world.stored.is_none() && world.looks > 1);
    (world.presented, world.absent) = (ours, Vec::new());
    world.pass(61);
    assert_eq!(world.board().server, at("192.0.2.10"), "it is where it was");
}

#[test]
fn a_server_that_nexus_toml_names_is_never_looked_for() {
    let mut world = World::live();
    world.up = false;
    world.pass(7200);
    assert_eq!(world.looks, 0);
}
