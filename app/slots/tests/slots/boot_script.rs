//! The boot scripts themselves, run by bash with their boot loader's own commands put in their place.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
    sync::LazyLock,
};

use slots::{Counters, Order, Slot, Starts};

use super::{TORN, counts, every};

/// A boot loader's script, and the commands that the script expects of it, in bash.
///
/// Copies are in `copies[first]` and `copies[second]`, empty if torn. What happens is told on a line: each write, then the
/// kernel's and the initramfs' partition and the slot in the kernel's arguments.
struct Loader {
    script: &'static str,
    commands: &'static str,
}

const GRUB: Loader = Loader {
    script: include_str!("../../../../image/boot/grub.cfg"),
    commands: r#"
cmdpath='(hd0,gpt1)/EFI/BOOT'
load_env() {
  local values=${copies[${2#"(hd0,gpt3)/"}]}
  [[ -n $values ]] || return 1
  IFS=: read -r order left_a left_b <<<"$values"
  check=$values
}
save_env() { wrote "${2#"(hd0,gpt3)/"}"; }
search() { firmware=hd0,gpt1; }
regexp() { disk=hd0; }
linux() { told+="kernel=$1 $2 "; }
initrd() { told+="initramfs=$1"; }
source() { :; }
boot() { told=${told//"(hd0,gpt"/}; told=${told//")/kernel"/}; told=${told//")/initramfs"/}; }
reboot() { :; }
"#,
};

const U_BOOT: Loader = Loader {
    script: include_str!("../../../../image/boot/u-boot.txt"),
    commands: r#"
devtype=virtio devnum=0 kernel_addr_r=40400000 pxefile_addr_r=40300000 fdt_addr=40000000
declare -A places=([880]=first [900]=second)
setenv() { printf -v "$1" %s "${*:2}"; }
run() { eval "${!1}"; }
part() { [[ $* == "start virtio 0 3 slots" ]] && slots=800; }
setexpr() { printf -v "$1" %x $((16#$2 + 16#$4)); }
virtio() {
  case "$1 ${4:-}" in
    'dev '*) ;;
    'read 2') memory=${copies[${places[$3]}]} ;;
    'write 2') wrote "${places[$3]}" ;;
    *) told+="$1? " ;;
  esac
}
env() {
  case $1 in
    import) [[ -n $memory ]] || return 1; IFS=: read -r order left_a left_b <<<"$memory"; check=$memory ;;
    export) [[ $* == "export -t -s 400 40300000 order left_a left_b check" ]] || told+="$*? " ;;
  esac
}
load() {
  filesize=1000
  case $4 in
    slot.env) [[ $2 == "0:$boot_partition" ]] && memory='' ;;
    kernel) kernel=${2#0:} ;;
    initramfs) initrd=${2#0:} ;;
  esac
}
booti() { told+="kernel=$kernel $bootargs initramfs=$initrd"; [[ $* == "40400000 48400000:1000 40000000" ]] || told+="$*?"; }
reset() { :; }
"#,
};

/// Runs the script for each line of two copies.
const EVERY_LINE: &str = r#"
wrote() { told+="$1=$order:$left_a:$left_b "; [[ $check == "$order:$left_a:$left_b" ]] || told+="wrong-check "; }
sleep() { :; }
declare -A copies
while IFS=' ' read -r first second; do
  copies=([first]=${first#-} [second]=${second#-})
  told=
  eval "$script"
  echo "$told"
done
"#;

/// What a script did: which copies it wrote, in order, and which slot it started.
struct Boot {
    writes: Vec<(usize, Counters)>,
    started: Slot,
}

/// Every pair of copies, and what the scripts do with it. Bash takes seconds for all of them.
static EVERY_START: LazyLock<Vec<([Option<Counters>; 2], Boot)>> = LazyLock::new(|| {
    let pairs = every_pair();
    let starts = [GRUB, U_BOOT].map(|loader| pairs.clone().into_iter().zip(loader.run(&pairs)));
    starts.into_iter().flatten().collect()
});

impl Loader {
    fn run(&self, pairs: &[[Option<Counters>; 2]]) -> Vec<Boot> {
        let mut input = String::new();
        for pair in pairs {
            let [first, second] = pair.map(|copy| copy.map_or("-".to_owned(), |copy| copy.to_string()));
            writeln!(input, "{first} {second}").unwrap();
        }
        let mut bash = Command::new("bash")
            .args(["-c", &format!("{}{EVERY_LINE}", self.commands)])
            .env("script", self.script)
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
}

fn boot(line: &str) -> Boot {
    let mut writes = Vec::new();
    let mut words = line.split_whitespace();
    let mut kernel = "";
    for word in words.by_ref() {
        let (place, values) = word.split_once('=').unwrap_or_else(|| panic!("{line}"));
        if place == "kernel" {
            kernel = values;
            break;
        }
        let [order, left_a, left_b] = *values.split(':').collect::<Vec<_>>() else { panic!("{line}") };
        let [left_a, left_b] = [left_a, left_b].map(|left| Starts::new(left.parse().unwrap()).unwrap());
        let counters = Counters { order: order.parse().unwrap(), left_a, left_b };
        writes.push((["first", "second"].iter().position(|copy| *copy == place).unwrap(), counters));
    }
    let started = words.next().and_then(|word| word.strip_prefix("nexus.slot=")).unwrap().parse().unwrap();
    let partition = if started == Slot::A { "4" } else { "5" };
    assert_eq!((kernel, words.next()), (partition, Some(format!("initramfs={partition}").as_str())), "{line}");
    assert_eq!(words.next(), None, "{line}");
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
