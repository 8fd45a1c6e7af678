//! `image/boot/grub.cfg` itself, run by bash with GRUB's own commands put in their place.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
    sync::LazyLock,
};

use slots::{Counters, Order, Slot, Starts};

use super::{TORN, counts, every};

/// GRUB's commands. Copies live in variables; what happens is told on a line: each write, then the start.
const GRUB: &str = r#"
load_env() {
  local values=${copies[$2]}
  [[ -n $values ]] || return 1
  IFS=: read -r order left_a left_b <<<"$values"
  check=$values
}
save_env() { told+="$2=$order:$left_a:$left_b "; [[ $check == "$order:$left_a:$left_b" ]] || told+="wrong-check "; }
search() { firmware=hd0,gpt1; }
regexp() { disk=hd0; }
linux() { told+="$1 $2 "; }
initrd() { told+="$1"; }
source() { :; }
boot() { :; }
sleep() { :; }
reboot() { :; }
declare -A copies
while IFS=' ' read -r first second; do
  copies=(["(hd0,gpt3)/first"]=${first#-} ["(hd0,gpt3)/second"]=${second#-})
  told=
  cmdpath='(hd0,gpt1)/EFI/BOOT'
  eval "$script"
  echo "$told"
done
"#;

/// What the script did: which copies it wrote, in order, and which slot it started.
struct Boot {
    writes: Vec<(usize, Counters)>,
    started: Slot,
}

/// Every pair of copies, and what the script does with it. Bash takes seconds for all of them.
static EVERY_START: LazyLock<Vec<([Option<Counters>; 2], Boot)>> = LazyLock::new(|| {
    let pairs = every_pair();
    let boots = run(&pairs);
    pairs.into_iter().zip(boots).collect()
});

fn run(pairs: &[[Option<Counters>; 2]]) -> Vec<Boot> {
    let script = include_str!("../../../../image/boot/grub.cfg");
    let mut input = String::new();
    for pair in pairs {
        let [first, second] = pair.map(|copy| copy.map_or("-".to_owned(), |copy| copy.to_string()));
        writeln!(input, "{first} {second}").unwrap();
    }
    let mut bash = Command::new("bash")
        .args(["-c", GRUB])
        .env("script", script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = bash.stdin.take().unwrap();
    let feed = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = bash.wait_with_output().unwrap();
    feed.join().unwrap();
    let boots: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(boot).collect();
    assert_eq!(boots.len(), pairs.len());
    boots
}

fn boot(line: &str) -> Boot {
    let mut writes = Vec::new();
    let mut words = line.split(' ');
    for word in words.by_ref() {
        let Some((place, values)) = word.rsplit_once('=') else {
            assert_ne!(word, "wrong-check", "{line}");
            assert!(word.ends_with("/kernel"), "{line}");
            break;
        };
        let [order, left_a, left_b] = *values.split(':').collect::<Vec<_>>() else { panic!("{line}") };
        let [left_a, left_b] = [left_a, left_b].map(|left| Starts::new(left.parse().unwrap()).unwrap());
        let counters = Counters { order: order.parse().unwrap(), left_a, left_b };
        writes.push((usize::from(place.ends_with("/second")), counters));
    }
    let started = words.next().and_then(|word| word.strip_prefix("nexus.slot=")).unwrap().parse().unwrap();
    let partition = if started == Slot::A { "gpt4" } else { "gpt5" };
    assert!(line.contains(&format!("(hd0,{partition})/kernel")) && line.ends_with("/initramfs"), "{line}");
    Boot { writes, started }
}

fn every_pair() -> Vec<[Option<Counters>; 2]> {
    let copies: Vec<_> = every().into_iter().map(Some).chain([TORN]).collect();
    copies.iter().flat_map(|first| copies.iter().map(|second| [*first, *second])).collect()
}

/// The rule of `image/boot/README.md`: the slot that starts, and the counters after it.
fn rule(before: Counters) -> (Slot, Counters) {
    let preferred = match before.order {
        Order::A => vec![Slot::A],
        Order::B => vec![Slot::B],
        Order::AB => vec![Slot::A, Slot::B],
        Order::BA => vec![Slot::B, Slot::A],
    };
    let left = |counters: Counters, slot| if slot == Slot::A { counters.left_a } else { counters.left_b };
    let none = Starts::new(0).unwrap();
    let mut after = before;
    let slot = preferred.iter().copied().find(|&slot| left(before, slot) > none).unwrap_or_else(|| {
        after = Counters { left_a: Starts::ALL, left_b: Starts::ALL, ..before };
        preferred[0]
    });
    let fewer = (0..=slots::STARTS).rev().filter_map(Starts::new).find(|&fewer| fewer < left(after, slot)).unwrap();
    match slot {
        Slot::A => after.left_a = fewer,
        Slot::B => after.left_b = fewer,
    }
    (slot, after)
}

#[test]
fn the_script_starts_the_slot_of_the_rule_from_every_state_of_both_copies() {
    for (pair, boot) in EVERY_START.iter() {
        let (slot, after) = rule(counts(*pair));
        let mut copies = *pair;
        for (at, counters) in boot.writes.iter().copied() {
            copies[at] = Some(counters);
        }
        assert_eq!((boot.started, copies), (slot, [Some(after); 2]), "from {pair:?}");
    }
}

#[test]
fn wherever_the_power_fails_one_copy_is_whole_and_counts_as_before_or_after() {
    for (pair, boot) in EVERY_START.iter() {
        let before = counts(*pair);
        let (_, after) = rule(before);
        let mut copies = *pair;
        for (at, counters) in boot.writes.iter().copied() {
            // The write under way is torn.
            copies[at] = TORN;
            if pair.iter().any(Option::is_some) {
                assert!(copies.iter().any(Option::is_some), "from {pair:?}");
            }
            let counted = counts(copies);
            let told = counted == before || counted == after;
            assert!(told || copies == [TORN; 2], "from {pair:?}: {counted}");
            copies[at] = Some(counters);
            let counted = counts(copies);
            assert!(counted == before || counted == after, "from {pair:?}: {counted}");
        }
    }
}
