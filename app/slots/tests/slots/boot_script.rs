//! The boot scripts themselves, run by bash with their boot loader's own commands put in their place.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::LazyLock,
};

use slots::{Counters, Order, Slot, Starts};

use super::{
    copies::{Copy, Layout, every_pair},
    counts,
};

/// A boot loader's script, and the commands that the script expects of it, in bash.
///
/// Copies are in `copies[first]` and `copies[second]`, with a bar for the end of a line; `brings` has the names of files
/// that the slot's boot partition has besides its system. What happens is told on a line: each write, the kernel's and
/// the initramfs' partition, the kernel's arguments, and what the slot brought.
pub(crate) struct Loader {
    pub(crate) layout: Layout,
    script: &'static str,
    commands: &'static str,
}

/// GRUB takes the last value of a name, and a name goes to the next `=`, over ends of lines. It writes only to what is an
/// environment block still: the first line is there, and the last ends in front of what fills the block up.
pub(crate) const GRUB: Loader = Loader {
    layout: Layout::Grub,
    script: include_str!("../../../../image/boot/grub.cfg"),
    commands: r#"
cmdpath='(hd0,gpt1)/EFI/BOOT'
load_env() {
  local rest=${copies[${2#"(hd0,gpt3)/"}]} name
  [[ $rest == '# GRUB Environment Block|'* ]] || return 1
  while [[ $rest == *'|'* ]]; do
    if [[ $rest != '#'* ]]; then
      [[ $rest == *=*'|'* ]] || break
      name=${rest%%=*} rest=${rest#*=}
      if [[ " ${*:3} " == *" $name "* ]]; then printf -v "$name" %s "${rest%%'|'*}"; fi
    fi
    rest=${rest#*'|'}
  done
}
save_env() {
  local block=${copies[${2#"(hd0,gpt3)/"}]}
  [[ ${block%'#'} == '# GRUB Environment Block|'* && ${block%'#'} == *'|' ]] || return 0
  wrote "${2#"(hd0,gpt3)/"}"
}
search() { firmware=hd0,gpt1; }
regexp() { disk=hd0; }
function [ {
  if [[ $1 == -f ]]; then [[ " $brings " == *" ${2##*/} "* ]]; else builtin [ "$@"; fi
}
source() { arguments=$brought; more+="ran=${1##*/}"; }
linux() { told+="kernel=${1//[^45]/} ${*:2} "; }
initrd() { told+="initramfs=${1//[^45]/} "; }
boot() { told+=$more; }
reboot() { :; }
"#,
};

/// U-Boot takes the first value of a name.
pub(crate) const U_BOOT: Loader = Loader {
    layout: Layout::UBoot,
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
  local line found=' '
  case $1 in
    import)
      while [[ -n $memory ]]; do
        line=${memory%%'|'*} memory=${memory:${#line}+1}
        [[ $line == [^#]*=* && " ${*:5} " == *" ${line%%=*} "* && $found != *" ${line%%=*} "* ]] || continue
        found+="${line%%=*} "
        printf -v "${line%%=*}" %s "${line#*=}"
      done
      ;;
    export) [[ $* == "export -t -s 400 40300000 order left_a left_b check" ]] || told+="$*? " ;;
  esac
}
load() {
  filesize=1000
  [[ "$1 $2" == "virtio 0:$boot_partition" && " kernel initramfs $brings " == *" $4 "* ]] || return 1
  case $4 in
    slot.env) memory="arguments=$brought|" ;;
    kernel) kernel=${2#0:} ;;
    initramfs) initrd=${2#0:} ;;
    *.dtb) [[ $3 == 48200000 ]] && more+="tree=$4 " ;;
    slot.scr) script_at=$3 ;;
  esac
}
source() { [[ $1 == "$script_at" ]] && more+="ran=slot.scr"; }
booti() {
  told+="kernel=$kernel $bootargs initramfs=$initrd $more"
  case "$* $more" in
    '40400000 48400000:1000 40000000 '*tree=*) told+="$*?" ;;
    '40400000 48400000:1000 40000000 '* | '40400000 48400000:1000 48200000 '*tree=*) ;;
    *) told+="$*?" ;;
  esac
}
reset() { :; }
"#,
};

/// Runs the script for each line of two copies.
const EVERY_LINE: &str = r#"
wrote() { told+="$1=$order:$left_a:$left_b "; [[ $check == "$order:$left_a:$left_b" ]] || told+="wrong-check "; }
sleep() { :; }
declare -A copies
while IFS=';' read -r first second; do
  copies=([first]=$first [second]=$second)
  told= more=
  eval "$script"
  echo "$told"
done
"#;

/// What a script did: which copies it wrote, in order, which slot it started, and what it took from there.
struct Boot {
    writes: Vec<(usize, Counters)>,
    started: Slot,
    brought: String,
}

/// A pair of copies, and what a script does with it.
struct Start {
    pair: [Copy; 2],
    boot: Boot,
}

/// Every pair of copies. Bash takes seconds for all of them.
static EVERY_START: LazyLock<Vec<Start>> = LazyLock::new(|| {
    let loaders = [GRUB, U_BOOT].map(|loader| {
        std::thread::spawn(move || {
            let pairs = every_pair(loader.layout);
            let boots = loader.run(&pairs, &[]);
            pairs.into_iter().zip(boots).map(|(pair, boot)| Start { pair, boot }).collect::<Vec<_>>()
        })
    });
    loaders.into_iter().flat_map(|starts| starts.join().unwrap()).collect()
});

impl Loader {
    fn run(&self, pairs: &[[Copy; 2]], environment: &[(&str, &str)]) -> Vec<Boot> {
        let line = |[first, second]: &[Copy; 2]| format!("{};{}\n", first.told(self.layout), second.told(self.layout));
        let input: String = pairs.iter().map(line).collect();
        let mut bash = Command::new("bash")
            .args(["-c", &format!("{}{EVERY_LINE}", self.commands)])
            .env("script", self.script)
            .envs([("brings", ""), ("brought", ""), ("fdtfile", "")])
            .envs(environment.iter().copied())
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

    /// What a slot's start takes from its boot partition, which has these files besides its system.
    fn brings(&self, files: &str, device_tree: &str) -> String {
        let whole = Copy::whole(self.layout, Counters::UNKNOWN);
        let environment = [("brings", files), ("brought", "root=it"), ("fdtfile", device_tree)];
        self.run(&[[whole.clone(), whole]], &environment).remove(0).brought
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
        let [left_a, left_b] = [left_a, left_b].map(|left| {
            left.parse().ok().and_then(Starts::new).unwrap_or_else(|| panic!("{line}: no number of starts"))
        });
        let order = order.parse().unwrap_or_else(|_| panic!("{line}: no order"));
        let copy = ["first", "second"].iter().position(|copy| *copy == place).unwrap_or_else(|| panic!("{line}"));
        writes.push((copy, Counters { order, left_a, left_b }));
    }
    let slot = words.next().and_then(|word| word.strip_prefix("nexus.slot=")).and_then(|slot| slot.parse().ok());
    let started = slot.unwrap_or_else(|| panic!("{line}: no slot"));
    let partition = if started == Slot::A { "4" } else { "5" };
    let mut brought: Vec<_> = words.collect();
    let initramfs = brought.iter().position(|word| word.starts_with("initramfs=")).map(|at| brought.remove(at));
    assert_eq!((kernel, initramfs), (partition, Some(format!("initramfs={partition}").as_str())), "{line}");
    Boot { writes, started, brought: brought.join(" ") }
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
        after = Counters { left_a: Starts::TRIAL, left_b: Starts::TRIAL, ..before };
        preferred[0]
    });
    let fewer = (0..=slots::GOOD).rev().filter_map(Starts::new).find(|&fewer| fewer < left(after, slot)).unwrap();
    match slot {
        Slot::A => after.left_a = fewer,
        Slot::B => after.left_b = fewer,
    }
    (slot, after)
}

#[test]
fn the_script_starts_the_slot_of_the_rule_from_every_state_of_both_copies() {
    for Start { pair, boot } in EVERY_START.iter() {
        let (slot, after) = rule(counts(pair.each_ref().map(Copy::read_at_start)));
        let mut copies = pair.each_ref().map(Copy::read);
        for (at, counters) in boot.writes.iter().copied() {
            copies[at] = Some(counters);
        }
        // nexus-init does the rest. Where GRUB could write to neither copy, it begins anew.
        let mended = Counters::left_by(copies, slot);
        let after = if boot.writes.is_empty() { Counters::UNKNOWN.started(slot) } else { after };
        let copies = copies.map(|copy| copy.unwrap_or(mended));
        assert_eq!((boot.started, copies), (slot, [after; 2]), "from {pair:?}");
        assert_eq!(boot.brought, "", "from {pair:?}");
    }
}

#[test]
fn wherever_the_power_fails_one_copy_is_whole_and_counts_as_before_or_after() {
    for Start { pair, boot } in EVERY_START.iter() {
        let mut copies = pair.each_ref().map(Copy::read);
        // One that GRUB cannot write to is lost until the system has started, and the other one all that there is.
        if ![0, 1].iter().all(|at| boot.writes.iter().any(|(written, _)| written == at)) {
            continue;
        }
        let some = copies.iter().any(Option::is_some);
        let before = counts(copies);
        let (_, after) = rule(before);
        for (at, counters) in boot.writes.iter().copied() {
            // The write under way is torn.
            copies[at] = None;
            assert!(!some || copies.iter().any(Option::is_some), "from {pair:?}");
            let counted = counts(copies);
            assert!(counted == before || counted == after || copies == [None; 2], "from {pair:?}: {counted}");
            copies[at] = Some(counters);
            let counted = counts(copies);
            assert!(counted == before || counted == after, "from {pair:?}: {counted}");
        }
    }
}

#[test]
fn a_good_slot_outlives_starts_that_are_cut_off_and_rot_does_not_outlive_nine() {
    for (loader, left) in [(GRUB, 9), (U_BOOT, 9)] {
        let mut counters = Counters { order: Order::BA, left_a: Starts::GOOD, left_b: Starts::GOOD };
        let mut started = Vec::new();
        for _ in 0..=left {
            let copy = Copy::whole(loader.layout, counters);
            let boot = loader.run(&[[copy.clone(), copy]], &[]).remove(0);
            started.push(boot.started);
            counters = boot.writes.last().unwrap().1;
        }
        assert_eq!(started, [vec![Slot::B; left], vec![Slot::A]].concat());
        assert_eq!(counters.works(Slot::B).left_b, Starts::GOOD);
    }
}

#[test]
fn a_slot_brings_its_arguments_and_what_a_later_version_does_differently() {
    assert_eq!(GRUB.brings("slot.cfg", ""), "root=it ran=slot.cfg");
    assert_eq!(GRUB.brings("", ""), "");
    assert_eq!(U_BOOT.brings("slot.env", ""), "root=it");
    assert_eq!(U_BOOT.brings("slot.env slot.scr", ""), "root=it ran=slot.scr");
}

#[test]
fn a_slot_may_bring_the_device_tree_of_its_board_and_else_has_the_firmwares() {
    let (mine, other) = ("broadcom/bcm2711-rpi-4-b.dtb", "broadcom/bcm2837-rpi-3-b.dtb");
    let brings = |name: &str| format!("slot.env device-trees/{name}");
    assert_eq!(U_BOOT.brings(&brings(mine), mine), format!("root=it tree=device-trees/{mine}"));
    assert_eq!(U_BOOT.brings(&brings(other), mine), "root=it");
    assert_eq!(U_BOOT.brings(&brings(mine), ""), "root=it", "a board that U-Boot does not know");
}
