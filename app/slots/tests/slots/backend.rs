//! What RAUC asks of the program `nexus-slots`, in its order, and what the boot loader starts in between.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use slots::{Counters, Order, Slot, Starts};
use tempfile::TempDir;

use super::{every, partition};

/// A machine with nothing but its counters and what its boot loader said. What it tells systemd is kept.
pub(crate) struct Machine {
    folder: TempDir,
}

impl Machine {
    pub(crate) fn new(counters: Counters, running: Slot) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        drop(partition(machine.folder.path(), [Some(counters); 2]));
        fs::write(machine.at("cmdline"), format!("quiet nexus.slot={running}\n")).unwrap();
        fs::create_dir(machine.at("reasons")).unwrap();
        machine
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        let option = |name: &str, file: &str| [format!("--{name}"), self.at(file).display().to_string()];
        Command::new(env!("CARGO_BIN_EXE_nexus-slots"))
            .args(words)
            .args(option("device", "nexus-slots"))
            .args(option("command-line", "cmdline"))
            .args(option("reasons", "reasons"))
            .args(option("systemctl", "systemctl"))
            .output()
            .unwrap()
    }

    /// What it prints, if it succeeds.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

pub(crate) fn counters(order: Order, left_a: u8, left_b: u8) -> Counters {
    let [left_a, left_b] = [left_a, left_b].map(|left| Starts::new(left).unwrap());
    Counters { order, left_a, left_b }
}

#[test]
fn an_update_leaves_the_order_while_it_is_written_and_comes_first_with_three_starts_once_it_is_activated() {
    for (before, running, new, written, activated) in [
        // The first update, and one over an older system that had said that it works.
        (counters(Order::A, 9, 0), "a", "b", "a:9:0", "ba:9:3"),
        (counters(Order::AB, 8, 9), "a", "b", "a:8:0", "ba:8:3"),
        (counters(Order::BA, 9, 9), "b", "a", "b:0:9", "ab:3:9"),
        // The slot of an update that was left, and one that the boot loader started as neither copy was whole.
        (counters(Order::BA, 9, 0), "a", "b", "a:9:0", "ba:9:3"),
        (counters(Order::AB, 3, 2), "b", "a", "b:0:2", "ab:3:2"),
    ] {
        let machine = Machine::new(before, running.parse().unwrap());
        assert_eq!(machine.says(&["get-current"]), running);
        machine.says(&["set-state", new, "bad"]);
        assert_eq!(machine.says(&["show"]), written, "{before}");
        assert_eq!(machine.says(&["get-primary"]), running, "{before}");
        assert_eq!(machine.says(&["get-state", new]), "bad", "{before}");
        assert_eq!(machine.says(&["get-state", running]), "good", "{before}");
        machine.says(&["set-primary", new]);
        assert_eq!(machine.says(&["show"]), activated, "{before}");
        assert_eq!(machine.says(&["get-primary"]), new, "{before}");
        assert_eq!(machine.says(&["get-state", new]), "good", "{before}");
    }
}

#[test]
fn an_activated_slot_is_taken_back_by_activating_the_one_that_runs_which_keeps_its_starts() {
    let machine = Machine::new(counters(Order::BA, 9, 3), Slot::A);
    machine.says(&["set-primary", "a"]);
    assert_eq!(machine.says(&["show"]), "ab:9:3");
}

#[test]
fn a_slot_that_works_has_all_its_starts() {
    let machine = Machine::new(counters(Order::BA, 9, 2), Slot::B);
    machine.says(&["set-state", "b", "good"]);
    assert_eq!(machine.says(&["show"]), "ba:9:9");
}

#[test]
fn the_only_system_is_never_taken_out_of_the_order() {
    let machine = Machine::new(counters(Order::A, 9, 0), Slot::A);
    let output = machine.run(&["set-state", "a", "bad"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("slot a runs, and the other one holds no system to start instead"), "{said}");
    assert_eq!(machine.says(&["show"]), "a:9:0");
}

#[test]
fn what_a_system_on_trial_goes_back_to_is_not_written_over() {
    let machine = Machine::new(counters(Order::BA, 9, 2), Slot::B);
    let output = machine.run(&["set-state", "a", "bad"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("slot b has not shown yet that it works, and slot a is what it goes back to"), "{said}");
    assert_eq!(machine.says(&["show"]), "ba:9:2");
    machine.says(&["set-state", "b", "good"]);
    machine.says(&["set-state", "a", "bad"]);
    assert_eq!(machine.says(&["show"]), "b:0:9");
}

#[test]
fn what_names_no_slot_no_state_and_no_command_is_refused() {
    let machine = Machine::new(counters(Order::A, 9, 0), Slot::A);
    for words in
        [&["set-state", "c", "good"][..], &["set-state", "b", "well"], &["set-primary"], &["get-state"], &["bad"]]
    {
        assert!(!machine.run(words).status.success(), "{words:?}");
    }
    assert_eq!(machine.says(&["show"]), "a:9:0");
}

#[test]
fn an_update_of_any_state_never_starts_what_is_written_and_always_has_something_to_start() {
    for before in every() {
        for running in [Slot::A, Slot::B] {
            let new = running.other();
            let written = before.emptied(new, running).expect("what runs is a system");
            assert_eq!(written.next(), running, "{before}");
            assert!(!written.order.has(new), "{before}");
            assert_eq!(written.left(running), before.left(running), "{before}");
            let activated = written.activated(new, running);
            assert_eq!((activated.next(), activated.left(new)), (new, Starts::TRIAL), "{before}");
            assert!(activated.order.has(running), "{before}");
            assert_eq!(activated.left(running), before.left(running), "{before}");
        }
    }
}

#[test]
fn two_who_change_the_counters_at_once_wait_for_each_other() {
    let machine = Machine::new(counters(Order::AB, 5, 5), Slot::A);
    let start = |words: [&str; 3]| {
        let option = |name: &str, file: &str| [format!("--{name}"), machine.at(file).display().to_string()];
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexus-slots"));
        command.args(words).args(option("device", "nexus-slots")).args(option("command-line", "cmdline"));
        command.spawn().unwrap()
    };
    for _ in 0..20 {
        drop(partition(Path::new(&machine.at("")), [Some(counters(Order::AB, 5, 5)); 2]));
        let both = [start(["set-state", "a", "good"]), start(["set-state", "b", "good"])];
        for mut one in both {
            assert!(one.wait().unwrap().success());
        }
        assert_eq!(machine.says(&["show"]), "ab:9:9");
    }
}
