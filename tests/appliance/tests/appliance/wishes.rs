//! What the agent wants of its machine, at moments at which the machine is busy with what it wanted before.

use std::time::Duration;

use appliance::Display;

use crate::stage::{Stage, is_debug, start, wait_for_state};

/// Tries, each of which wishes a bit later into the run that the wish before began.
const TRIES: u32 = 8;
/// How much later than the one before: more than a run takes, in all.
const LATER: Duration = Duration::from_millis(700);
/// Within which the guest's shell has done what it is told.
const SHELL: Duration = Duration::from_secs(300);

#[test]
#[ignore = "takes minutes and an image"]
fn what_is_wished_for_while_the_wish_before_is_granted_is_granted_too() {
    if !is_debug() {
        eprintln!("not tried: this image has no shell that could wish for something");
        return;
    }
    let stage = Stage::new();
    let card = stage.card(&format!("server = \"{}\"\n", stage.url()));
    let mut machine = start(&card, Display::Connected(1280, 720));
    wait_for_state(&mut machine, "pairing");
    for attempt in 0..TRIES {
        let wish = |name: &str| {
            format!(
                "echo {name}{attempt} >/run/nexus/machine/hostname; echo {name}{attempt} >/run/nexus/machine/changed"
            )
        };
        let later = (LATER * attempt).as_secs_f32();
        let told = format!("{}; busybox sleep {later}; {}", wish("first"), wish("last"));
        let granted = format!(
            "i=0; until [ $(busybox hostname) = last{attempt} ] || [ $i = 60 ]; do i=$((i+1)); busybox sleep 1; done; \
             echo name=$(busybox hostname)"
        );
        let said = machine.run(&format!("{told}; {granted}"), SHELL).unwrap();
        assert!(said.contains(&format!("name=last{attempt}")), "attempt {attempt}: {said}");
    }
}
