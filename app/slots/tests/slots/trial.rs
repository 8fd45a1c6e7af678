//! An update that does not show that it works is left, and nothing that happens to a good system looks like one.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
};

use slots::{Counters, Order, Slot, Starts};

use super::{
    backend::{Machine, counters},
    every,
};

/// A `systemctl` by which a unit runs, or has been started again just now, and which keeps what it is told to do.
fn systemd(machine: &Machine, lives: bool) {
    let entered = if lives { 1 } else { u64::MAX / 1000 };
    let script = format!(
        "#!/bin/sh\n\
         case $1 in\n\
         show) echo ActiveState=active; echo ActiveEnterTimestampMonotonic={entered}\n\
         echo WatchdogTimestampMonotonic={} ;;\n\
         *) echo \"$@\" >>{} ;;\n\
         esac\n",
        u64::MAX / 1000,
        machine.at("told").display()
    );
    let file = machine.at("systemctl");
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
}

/// What becomes of a machine at the end of a trial: its counters, whether it restarts, and why.
fn at_the_end(machine: &Machine) -> (String, bool, Option<String>) {
    machine.says(&["trial", "--unit", "nexus-tv.service"]);
    let told = fs::read_to_string(machine.at("told")).unwrap_or_default();
    let reasons = machine.at("reasons");
    let reason = ["left-a", "left-b"].into_iter().find_map(|name| fs::read_to_string(reasons.join(name)).ok());
    (machine.says(&["show"]), told == "--no-block reboot\n", reason)
}

#[test]
fn an_update_whose_tv_does_not_stay_up_is_left_with_the_reason_for_the_system_that_runs_then() {
    let machine = Machine::new(counters(Order::BA, 9, 2), Slot::B);
    systemd(&machine, false);
    let (after, restarted, reason) = at_the_end(&machine);
    assert_eq!((after.as_str(), restarted), ("ba:9:0", true));
    assert_eq!(reason.unwrap(), "nexus-tv.service has run for 0 s; 90 s are waited for\n");
    assert!(machine.at("reasons/left-b").exists());
    // The next update of that slot begins without it.
    machine.says(&["set-primary", "b"]);
    assert!(!machine.at("reasons/left-b").exists());
}

#[test]
fn an_update_whose_agent_gives_no_answer_is_left_although_all_of_it_runs() {
    let machine = Machine::new(counters(Order::AB, 2, 9), Slot::A);
    systemd(&machine, true);
    let (after, restarted, reason) = at_the_end(&machine);
    assert_eq!((after.as_str(), restarted), ("ab:0:9", true));
    assert_eq!(reason.unwrap(), "all of it runs, and the agent gives no answer\n");
}

#[test]
fn an_update_is_left_where_nothing_can_be_noted() {
    let machine = Machine::new(counters(Order::BA, 9, 2), Slot::B);
    systemd(&machine, false);
    fs::remove_dir(machine.at("reasons")).unwrap();
    assert_eq!(at_the_end(&machine), ("ba:9:0".to_owned(), true, None));
}

#[test]
fn an_update_that_has_shown_that_it_works_stays_whatever_its_tv_does_then() {
    let machine = Machine::new(counters(Order::BA, 9, 9), Slot::B);
    systemd(&machine, false);
    assert_eq!(at_the_end(&machine), ("ba:9:9".to_owned(), false, None));
}

#[test]
fn a_system_without_another_one_to_go_back_to_stays() {
    for before in
        [counters(Order::A, 2, 0), counters(Order::A, 2, 9), counters(Order::AB, 0, 0), counters(Order::BA, 1, 3)]
    {
        let machine = Machine::new(before, Slot::A);
        systemd(&machine, false);
        assert_eq!(at_the_end(&machine), (before.to_string(), false, None));
    }
}

#[test]
fn a_good_system_is_on_trial_after_none_of_six_starts_in_a_row_that_were_cut_off() {
    for running in [Slot::A, Slot::B] {
        for before in every() {
            let mut counters = before.works(running);
            for cut in 1..=6 {
                counters = counters.started(running);
                assert!(!counters.on_trial(running), "{before}, {cut} starts cut off");
            }
        }
    }
}

#[test]
fn an_update_is_on_trial_at_each_of_its_three_starts_and_then_passed_over() {
    let mut counters: Counters = counters(Order::A, 9, 0).activated(Slot::B, Slot::A);
    for start in 1..=3 {
        assert_eq!(counters.next(), Slot::B, "start {start}");
        counters = counters.started(Slot::B);
        assert!(counters.on_trial(Slot::B), "start {start}");
    }
    assert_eq!((counters.next(), counters.left(Slot::B)), (Slot::A, Starts::NONE));
    assert!(!counters.started(Slot::A).on_trial(Slot::A));
}
