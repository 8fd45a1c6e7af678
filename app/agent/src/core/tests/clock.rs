//! Clocks that are off: of the device, of the server, and of certificates.

use super::*;

#[test]
fn a_clock_that_is_years_off_comes_back_by_the_paired_servers_time() {
    for off in [-40 * 366, -366, 366, 40 * 366] {
        let mut world = World::live();
        world.restart();
        world.clock = Clock::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        world.system += SignedDuration::from_hours(24 * off);
        world.settle();
        world.pass(5);
        assert_eq!(world.board().clock_offset, -off * 86_400, "{off} days");
        assert!(matches!(world.calls[1], Call::Time(Assurance::AnchoredAtSomeTime(_))), "{:?}", world.calls);
    }
}

#[test]
fn a_new_stick_whose_clock_is_years_off_pairs_with_a_pinned_server() {
    for off in [-40 * 366, 366] {
        let mut world = World::new();
        world.system += SignedDuration::from_hours(24 * off);
        world.settle();
        let code = world.code().code;
        let attempt = world.types(&code);
        world.pass(3);
        world.approve(attempt);
        world.pass(3);
        assert_eq!(world.board().clock_offset, -off * 86_400, "{off} days");
    }
}

#[test]
fn a_new_stick_does_not_take_a_certificate_that_ended_for_an_interception() {
    let mut world = World::new();
    // It ended before this program was built, so that it is not valid at any time that can be.
    (world.anchor, world.presented) = chain("ours", 2020, 2021);
    world.settle();
    let attempt = world.types(&world.code().code.clone());
    world.pass(5);
    let Some(State::Problem { headline, remedy, .. }) = &world.shown else { panic!("{:?}", world.shown) };
    assert_eq!(headline, "The server's certificate is not valid at this time");
    assert!(remedy.contains("Set the server's clock right"), "{remedy}");
    assert!(matches!(world.stage(attempt), Stage::Failed(_)) && world.stored.is_none());
}

#[test]
fn a_certificate_that_truly_ended_is_told_and_not_asked_about_in_a_loop() {
    let mut world = World::live();
    world.date += SignedDuration::from_hours(24 * 400);
    world.system = world.date;
    world.restart();
    world.clock = Clock::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    world.settle();
    world.calls.clear();
    world.pass(60);
    assert!(world.starting().server_text.contains("does not trust"), "{:?}", world.shown);
    assert!(world.calls.len() < 60, "{} calls in a minute", world.calls.len());
}
