//! Joining by an access link, and what happens where the link does not lead anywhere.

use super::*;

impl World {
    /// A world in which the stick carries a link of the server that names `anchor`.
    fn with_link(uses: u32, networks: &str) -> Self {
        let mut world = Self::new();
        world.named = Some(world.anchor.clone());
        let terms = Terms { networks: networks.parse().unwrap(), expires_at: 1000, uses };
        let (link, key) = Issued::new(terms, &Entropy::from_seed([77; 32]));
        let server = world.core.setup.server.clone();
        let address = Address::new(server.unwrap(), link.id, crate::trust::anchor_hash(&world.anchor)).unwrap();
        world.links.push(link);
        let mut setup = world.core.setup.clone();
        setup.link = Some(Holder::new(address, key));
        world.core = Core::new(setup, Ring::new(world.key.clone()), None, up(), world.instant);
        world
    }

    fn problem(&self) -> (String, String) {
        match &self.shown {
            Some(State::Problem { headline, detail, .. }) => (headline.clone(), detail.join(" ")),
            other => panic!("no problem is shown but {other:?}"),
        }
    }

    /// Whether the key of a link was ever given out.
    fn posted(&self) -> bool {
        self.calls.iter().any(|call| matches!(call, Call::Exchange(..)))
    }
}

#[test]
fn a_stick_with_a_link_is_live_without_a_code() {
    let mut world = World::with_link(1, "");
    world.settle();
    world.pass(3);
    assert_eq!(world.board().screen, "Support");
    assert!(world.stored.is_some());
    assert_eq!(world.finished, 1, "the key is forgotten");
    let anchored = Assurance::AnchoredAtSomeTime(Trust::Anchor(world.anchor.clone()));
    let posts = world.calls.iter().filter(|call| matches!(call, Call::Exchange(..)));
    assert!(posts.map(Call::assurance).eq([&anchored]), "over the anchor of the link's hash, once");
    assert!(!world.calls.iter().any(|call| matches!(call, Call::Create(..))));
}

#[test]
fn a_removed_screen_does_not_join_again_by_itself() {
    let mut world = World::with_link(5, "");
    world.settle();
    world.pass(3);
    world.known.clear();
    world.pass(1800);
    world.pass(120);
    assert!(!world.code().code.is_empty());
    assert_eq!(world.links[0].used, 1);
}

#[test]
fn a_refused_link_is_explained_for_a_minute_and_then_there_is_a_code() {
    type Change = fn(&mut World);
    let cases: [(Change, &str); 4] = [
        (|world| world.links[0].used = 1, "has been used up"),
        (|world| world.links[0].revoked = true, "was revoked"),
        (|world| world.links[0].terms.expires_at = 0, "has expired"),
        (|world| world.links.clear(), "does not know this screen\u{2019}s access link"),
    ];
    for (change, said) in cases {
        let mut world = World::with_link(1, "");
        change(&mut world);
        world.settle();
        let (headline, _) = world.problem();
        assert!(headline.contains(said), "{headline}");
        world.pass(REFUSED_FOR.as_secs() - 1);
        world.problem();
        world.pass(3);
        world.code();
        assert_eq!(world.finished, 1, "it is not tried again");
        world.pass(1300);
        assert_eq!(world.calls.iter().filter(|call| matches!(call, Call::Exchange(..))).count(), 1);
    }
}

#[test]
fn a_link_for_another_network_is_tried_again_when_the_code_ends() {
    let mut world = World::with_link(1, "198.51.100.0/24");
    world.settle();
    let (headline, detail) = world.problem();
    assert!(headline.contains("for another network") && detail.contains("this screen is 192.0.2.48"), "{detail}");
    world.pass(63);
    world.code();
    assert_eq!(world.finished, 0);
    world.from = [198, 51, 100, 7].into();
    world.pass(605);
    assert_eq!(world.board().screen, "Support");
}

#[test]
fn a_man_in_the_middle_never_gets_the_key() {
    let (theirs, presented) = chain("ours", 2090, 2091);
    // His own authority; none; and the true one, which everybody can ask for, over a connection that is his.
    let cases: [fn(&World, &str) -> Option<String>; 3] =
        [|_, theirs| Some(theirs.to_owned()), |_, _| None, |world, _| Some(world.anchor.clone())];
    for name in cases {
        let mut world = World::with_link(1, "");
        world.presented = presented.clone();
        world.named = name(&world, &theirs);
        world.settle();
        let (headline, _) = world.problem();
        assert_eq!(headline, "This connection is not the server's own");
        world.pass(70);
        world.code();
        world.pass(1300);
        assert!(!world.posted());
        assert!(world.stored.is_none() && world.finished == 0);
    }
}

#[test]
fn a_server_that_comes_late_is_waited_for() {
    let mut world = World::with_link(1, "");
    world.up = false;
    world.settle();
    world.pass(600);
    assert_eq!(world.starting().server, Check::Failed);
    world.up = true;
    world.pass(60);
    assert_eq!(world.board().screen, "Support");
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again_and_takes_no_second_use() {
    let mut world = World::with_link(1, "");
    world.event(Event::Tick);
    loop {
        let (call, made) = world.pending.take().unwrap();
        let result = world.serve(&made);
        if matches!(made, Call::Exchange(..)) {
            world.event(Event::Answered { call, result: Err(CallError::Silent("the cable was pulled".into())) });
            break;
        }
        world.event(Event::Answered { call, result: result.map(Box::new) });
    }
    assert!(world.stored.is_none());
    world.pass(30);
    assert_eq!(world.board().screen, "Support");
    assert_eq!(world.links[0].used, 1);
}

#[test]
fn without_an_anchor_hash_the_key_is_shown_to_who_verifies_only() {
    let mut world = World::with_link(1, "");
    let (setup, ring) = (world.core.setup.clone(), world.core.ring.clone());
    let (holder, _) =
        Address::read("https://nexus.test:8443/s/iaQbpAehBmYm#Jf1U9FZHOKdD16GV2HIy4sT1n_8OtqPCxVqTeBU11us")
            .map(|(address, key)| (Holder::new(address, key.unwrap()), ()))
            .unwrap();
    let public = Setup { link: Some(holder.clone()), ..setup.clone() };
    world.core = Core::new(public, ring.clone(), None, up(), world.instant);
    world.settle();
    world.problem();
    let web = Assurance::Anchored(Trust::WebPki("nexus.test".parse().unwrap()));
    assert!(world.calls.iter().all(|call| *call.assurance() == web) && !world.posted());

    // The operator's own authority beside the link vouches as well.
    let own = Assurance::AnchoredAtSomeTime(Trust::Anchor(world.anchor.clone()));
    let operators = Setup { link: Some(holder), before_pairing: own.clone(), ..setup };
    world.calls.clear();
    world.core = Core::new(operators, ring, None, up(), world.instant);
    world.settle();
    assert!(world.posted() && world.calls.iter().all(|call| *call.assurance() == own));
}
