//! What a running screen is like from inside: asked in the shell that debug images have.

use std::time::Duration;

use appliance::Machine;

use crate::{stage::is_debug, start_cost::first_pictures};

/// What an operator may want of the machine.
pub(crate) const SETTINGS: &str = "hostname = \"lobby-tv\"
time_zone = \"Europe/Berlin\"
ntp = [\"10.0.2.2\"]

[network]
address = \"10.0.2.77/24\"
gateway = \"10.0.2.2\"
dns = [\"10.0.2.3\"]
";

/// Counts the units that failed, and names them.
pub(crate) const FAILED: &str =
    "systemctl list-units --failed --plain --no-legend | busybox awk '{ print $1 } END { print \"failed=\" NR }'";

/// A command, and what it must print.
const EXPECTED: [(&str, &str); 18] = [
    ("busybox hostname", "lobby-tv"),
    ("busybox ip -4 address show", "10.0.2.77/24"),
    ("busybox ip route show", "default via 10.0.2.2"),
    ("cat /run/NetworkManager/resolv.conf", "nameserver 10.0.2.3"),
    ("cat /run/systemd/timesyncd.conf.d/nexus.conf", "NTP=10.0.2.2"),
    ("busybox stat -c mode=%a /run/systemd/timesyncd.conf.d", "mode=755"),
    ("test -e /run/nexus/machine/changed || echo applied", "applied"),
    ("grep ' / ' /proc/mounts", "erofs ro,"),
    ("grep ' /data ' /proc/mounts", "rw,nosuid,nodev,noexec,noatime"),
    // The card has 2 GiB, the image a data partition of 64 MiB.
    ("test $(busybox df -k /data | busybox awk 'END { print $2 }') -gt 1000000 && echo grown", "grown"),
    ("nft list chain inet nexus inbound", "policy drop"),
    ("echo sysrq=$(cat /proc/sys/kernel/sysrq)", "sysrq=0"),
    ("systemctl is-enabled ctrl-alt-del.target", "masked"),
    ("echo gettys=$(systemctl list-units --plain --no-legend '*getty*' | busybox wc -l)", "gettys=0"),
    ("ls /usr/lib/firmware", "regulatory.db"),
    (
        "systemctl start nexus-journal.service && busybox find /data/journal -type f -size +0 | grep -q . && echo kept",
        "kept",
    ),
    // The machine that stands for a PC has a watchdog, that for arm64 has none.
    (
        "test $(busybox uname -m) = aarch64 || systemctl show --property=WatchdogDevice | grep -q /dev/ && echo watched",
        "watched",
    ),
    (FAILED, "failed=0"),
];

/// Looks at all of it, where the image has a shell.
pub(crate) fn check(machine: &mut Machine<'_>) {
    if !is_debug() {
        eprintln!("not looked at from inside: this image has no shell");
        return;
    }
    let wrong: Vec<String> = EXPECTED
        .into_iter()
        .filter_map(|(command, expected)| {
            let said = machine.run(command, Duration::from_secs(60)).unwrap();
            (!said.contains(expected)).then(|| format!("{command}: {said:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The early program's, and that of the unit which takes over.
    let pictures = first_pictures(machine);
    assert_eq!(pictures.len(), 2, "first pictures after {pictures:?} s");
}
