//! What a start costs: the figures of `scripts/bench image`, which builds what is needed and names it.
//!
//! NEXUS_TEST_IMAGE is compressed as it is shipped, and has a shell to ask (`scripts/image --debug --as-shipped`).

use std::{fs, time::Duration};

use appliance::{Card, Display, Machine, picture::Picture};

use crate::{
    stage::{START, Stage, is_debug, start, wait_for_board, wait_for_picture, wait_for_state},
    updates::asked,
};

const DISPLAY: (u32, u32) = (1280, 720);
/// What the programs say of their first picture.
const FIRST: &str = "the first picture is on ";
/// Sums what all processes have of the memory, in KiB.
const PROCESSES: &str =
    "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | busybox awk '/^Pss:/ { sum += $2 } END { print sum }'";
/// What each process has, where that is more than one MiB.
const EACH_PROCESS: &str = "for process in /proc/[0-9]*; do busybox awk -v name=\"$(cat $process/comm)\" \
    '/^Pss:/ && $2 > 1024 { printf \"%.1f MiB PSS of %s\\n\", $2 / 1024, name }' $process/smaps_rollup 2>/dev/null; done | \
    busybox sort -rn";
/// What is taken of the memory and cannot be had back, in KiB: the kernel's with it.
const TAKEN: &str =
    "busybox awk '/^MemTotal:/ { total = $2 } /^MemAvailable:/ { free = $2 } END { print total - free }' /proc/meminfo";

#[test]
#[ignore = "prints the figures of scripts/bench image"]
fn what_a_start_costs() {
    if !is_debug() {
        eprintln!("not tried: this image has no shell");
        return;
    }
    let stage = Stage::new();
    let card = stage.card_with_link("");
    drop(comes_to_its_board(&card, "the first start (by a link, /data grows)"));
    let mut machine = comes_to_its_board(&card, "each start from then on");
    let with = first_pictures(&machine);
    eprintln!("with a live board:");
    eprintln!("{:.1} MiB PSS of all processes", mebibytes(&mut machine, PROCESSES));
    eprintln!("{}", asked(&mut machine, EACH_PROCESS));
    eprintln!("{:.1} MiB taken of the whole system's memory", mebibytes(&mut machine, TAKEN));
    eprintln!("{}", asked(&mut machine, "systemd-analyze time"));
    eprintln!("{}", asked(&mut machine, "systemd-analyze blame --no-pager | busybox head -n 12"));
    drop(machine);
    let mut plain = card.copy().unwrap();
    plain.start_without_early_picture().unwrap();
    let without = first_pictures(&comes_to_its_board(&plain, "a start without the early program"));
    let (&[early, unit], &[alone]) = (&with[..], &without[..]) else { panic!("first pictures: {with:?}, {without:?}") };
    eprintln!(
        "the first picture {early:.2} s after the kernel's start, and the unit's, which takes over, {unit:.2} s; without \
         the early program, the same unit's is the first, after {alone:.2} s: {:.0} %",
        100.0 * early / alone
    );
}

/// Starts the screen, waits for its board, and says what was seen when. All that it wrote is on the card then, should the
/// power go.
fn comes_to_its_board<'a>(card: &'a Card, which: &str) -> Machine<'a> {
    let mut machine = start(card, Display::Connected(DISPLAY.0, DISPLAY.1));
    wait_for_picture(&mut machine, START, "our first picture", Picture::is_ours);
    let first = machine.uptime();
    wait_for_state(&mut machine, "live");
    wait_for_board(&mut machine, DISPLAY.0, DISPLAY.1);
    let board = machine.uptime();
    let kernel = kernel_started(&mut machine);
    let [firmware, first, board] =
        [kernel, first.saturating_sub(kernel), board.saturating_sub(kernel)].map(|time| time.as_secs_f64());
    eprintln!(
        "{which}: {firmware:.1} s of firmware and boot loader; from the kernel's start {first:.1} s to the first picture, {board:.1} s to the live board"
    );
    asked(&mut machine, "sync");
    machine
}

/// A number of KiB that a command prints, in MiB.
fn mebibytes(machine: &mut Machine<'_>, command: &str) -> f64 {
    let said = asked(machine, command);
    said.parse::<f64>().unwrap_or_else(|_| panic!("{command}: {said:?}")) / 1024.0
}

/// When the kernel started, since the power came on: to the tenth of a second that the shell takes to answer.
fn kernel_started(machine: &mut Machine<'_>) -> Duration {
    let told = asked(machine, "cat /proc/uptime");
    let running = told.split_ascii_whitespace().next().and_then(|seconds| seconds.parse().ok());
    let running = running.map(Duration::from_secs_f64).unwrap_or_else(|| panic!("how long the kernel runs: {told:?}"));
    machine.uptime().saturating_sub(running)
}

/// When programs had their first picture, in seconds since the kernel's start, as they say themselves.
pub(crate) fn first_pictures(machine: &Machine<'_>) -> Vec<f64> {
    let serial = fs::read(machine.serial()).unwrap();
    let serial = String::from_utf8_lossy(&serial);
    let told = |line: &str| line.find(FIRST).map(|at| line[at..].to_owned());
    let seconds = |line: String| line.split(' ').find_map(|word| word.parse::<f64>().ok());
    serial.lines().filter_map(told).filter_map(seconds).collect()
}
