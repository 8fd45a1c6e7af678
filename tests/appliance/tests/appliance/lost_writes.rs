//! Power cuts that mean it: of three whole updates every write to the disk is kept, and the disk is brought to what a power
//! cut at any of them may have left, which is all that was flushed, and by chance some of the rest. It has to start with
//! one of the two versions, and as the screen that was paired.
//!
//! NEXUS_TEST_NEWER names three bundles, each newer than the one before, with `:` between them.

use std::{
    env,
    fs::{self, File},
    path::PathBuf,
    time::{Duration, Instant},
};

use appliance::{Card, Display, write_log::WriteLog};
use rand::{Rng, RngExt as _};
use slots::{Slot, Starts};

use crate::{
    counters::{TOLD, copies, wait_for_counters},
    scenarios::vendor::Vendor,
    stage::{START, Stage, chance, image, number, start, told, wait_for_state},
    updates::asked,
};

/// Power cuts, where NEXUS_TEST_POWER_CUTS says nothing else.
const POWER_CUTS: u64 = 50;
const DISPLAY: Display = Display::Connected(1280, 720);

/// What three updates wrote.
struct Recorded {
    /// The screen as it was before.
    before: Card,
    log: WriteLog,
    updates: Vec<Update>,
}

/// One of the updates.
struct Update {
    from: String,
    to: String,
    /// After how many writes the new system had proven itself.
    end: usize,
}

#[test]
#[ignore = "takes hours, an image with keys and three newer ones"]
fn power_cuts_at_any_write_of_three_updates_leave_one_of_both_versions_and_a_paired_screen() {
    let (Some(keys), Some(newer)) = (env::var_os("NEXUS_TEST_KEYS"), env::var_os("NEXUS_TEST_NEWER")) else {
        eprintln!("not tried: NEXUS_TEST_KEYS and NEXUS_TEST_NEWER name no keys and no newer images");
        return;
    };
    let newer: Vec<PathBuf> = env::split_paths(&newer).collect();
    let mut stage = Stage::new();
    let vendor = Vendor::new(keys.as_ref(), &newer[0]);
    let recorded = record(&mut stage, &vendor, &newer);
    let mut chance = chance();
    let mut cuts: Vec<_> = (0..number("NEXUS_TEST_POWER_CUTS").unwrap_or(POWER_CUTS))
        .map(|_| moment(&recorded.log, recorded.updates.last().expect("three updates").end, &mut chance))
        .collect();
    cuts.sort_unstable();
    eprintln!("{} writes and flushes in three updates\n", recorded.log.len());
    eprintln!("| cut | after write | of the update | without flush | lost | torn | starts | slot | live after |");
    eprintln!("|----:|----:|---|----:|----:|----:|---|---|----:|");
    let disk = File::options().write(true).open(recorded.before.disk()).unwrap();
    let (mut done, mut wrong) = (0, Vec::new());
    for (number, cut) in (1..).zip(cuts) {
        done = recorded.log.replay(&disk, done, cut).unwrap();
        let card = recorded.before.copy().unwrap();
        let torn = File::options().write(true).open(card.disk()).unwrap();
        let unflushed = recorded.log.tear(&torn, cut, |below| chance.random_range(0..below)).unwrap();
        let update = recorded.updates.iter().find(|update| cut <= update.end).expect("cuts are within the updates");
        let found = starts(&card);
        let (version, slot, after) = match &found {
            Ok(started) => (started.version.as_str(), started.slot.as_str(), started.after),
            Err(_) => ("nothing", "none", START),
        };
        eprintln!(
            "| {number} | {cut} | {} → {} | {} | {} | {} | {version} | {slot} | {:.0} s |",
            update.from,
            update.to,
            unflushed.writes,
            unflushed.lost,
            unflushed.torn,
            after.as_secs_f32()
        );
        match found {
            Ok(started) if started.version == update.from || started.version == update.to => {}
            Ok(started) => wrong.push(format!("cut {number} left {}", started.version)),
            Err(error) => wrong.push(format!("cut {number}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Plays three updates, one after the other, each by itself.
fn record(stage: &mut Stage, vendor: &Vendor, newer: &[PathBuf]) -> Recorded {
    stage.server.trust_vendor(&vendor.root());
    let mut card = stage.card_with_link("");
    let mut machine = start(&card, DISPLAY);
    wait_for_state(&mut machine, "live");
    asked(&mut machine, "sync");
    drop(machine);
    let before = card.copy().unwrap();

    card.log_writes();
    let publish = |bundle: &PathBuf| {
        let version = vendor.publish_image(bundle);
        stage.server.import_updates(&vendor.repository());
        version
    };
    let mut from = told(&image(), "version");
    let mut next = publish(&newer[0]);
    let mut machine = start(&card, DISPLAY);
    let began = Instant::now();
    let mut ends = Vec::new();
    for (index, slot) in [Slot::B, Slot::A, Slot::B].into_iter().enumerate() {
        wait_for_state(&mut machine, "updating");
        wait_for_counters(&card, "its activation", START, |[first, second]| {
            first == second && first.is_some_and(|copy| copy.left(slot) < Starts::GOOD && copy.order.first() == slot)
        });
        machine.wait_for(START, |_, _| (), |said| said["state"] != "updating").unwrap();
        // It looks for the next one as soon as it has proven itself.
        let to = next.clone();
        if let Some(bundle) = newer.get(index + 1) {
            next = publish(bundle);
        }
        wait_for_counters(&card, "the proof", TOLD, |[first, second]| {
            first == second && first.is_some_and(|copy| copy.left(slot) == Starts::GOOD)
        });
        eprintln!("{:6.1} s  {from} → {to}", began.elapsed().as_secs_f32());
        ends.push((from, to.clone(), fs::metadata(card.write_log()).unwrap().len()));
        from = to;
    }
    drop(machine);
    let log = WriteLog::read(&card.write_log()).unwrap();
    let updates = ends.into_iter().map(|(from, to, bytes)| Update { from, to, end: log.within(bytes) }).collect();
    Recorded { before, log, updates }
}

/// A moment among the first `end` writes: any flush, and any of the writes that led to it. By writes alone nearly all cuts
/// would fall into the writing of a slot that nobody starts.
fn moment(log: &WriteLog, end: usize, chance: &mut impl Rng) -> usize {
    let flushes: Vec<_> = log.flushes().take_while(|flush| *flush <= end).collect();
    let flush = chance.random_range(0..flushes.len());
    let before = flush.checked_sub(1).map_or(0, |before| flushes[before]);
    chance.random_range(before + 1..=flushes[flush])
}

/// How a screen came back.
struct Started {
    version: String,
    slot: String,
    after: Duration,
}

/// Starts a screen until its board lives; an error says what became of it instead.
fn starts(card: &Card) -> Result<Started, String> {
    let mut machine = start(card, DISPLAY);
    let mut states = Vec::new();
    let live = machine.wait_for(
        START,
        |_, said| states.push(said["state"].as_str().unwrap_or_default().to_owned()),
        |said| said["state"] == "live",
    );
    live.map_err(|error| format!("{states:?}: {error:#}"))?;
    let after = machine.uptime();
    if states.iter().any(|state| state == "pairing") {
        return Err("it is not paired any more".to_owned());
    }
    let version = asked(&mut machine, "sed -n 's/^IMAGE_VERSION=//p' /etc/os-release").trim_matches('"').to_owned();
    let line = asked(&mut machine, "cat /proc/cmdline");
    let slot = if line.contains("nexus.slot=b ") { "B" } else { "A" };
    // Both copies are whole again.
    let [first, second] = copies(card);
    if first.is_none() || first != second {
        return Err(format!("the copies of the slot counters differ: {first:?} {second:?}"));
    }
    Ok(Started { version, slot: slot.to_owned(), after })
}
