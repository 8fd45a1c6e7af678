//! What leaves a server's machine: nothing but questions to the helpdesk that was connected.
//!
//! The server runs in a network of its own with two ways out: one to the helpdesk's address, one to all the rest, the
//! name servers among it. Nobody answers on either; the kernel counts what is sent.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use journeys::{
    process::{Process, program, wait_for},
    unchecked::not_checked,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// `rest` leads everywhere, `desk` to the helpdesk's network. Without IPv6 and ARP, the kernel says nothing by itself.
/// One packet is planted on each, so that a count which cannot count is found out.
const NETWORK: &str = "set -e
    echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    ip link set lo up
    for way in rest desk; do
      ip link add $way type veth peer name $way-end
      ip link set $way arp off up
      ip link set $way-end up
    done
    ip address add 192.0.2.1/24 dev rest
    ip address add 10.9.0.1/24 dev desk
    ip route add default via 192.0.2.254 dev rest
    echo planted >/dev/udp/203.0.113.9/9
    echo planted >/dev/udp/10.9.0.9/9
    exec \"$@\"";

/// Packets sent by each way, as the kernel has them for the network that a process is in.
fn sent(process: &Process) -> (u64, u64) {
    let table = std::fs::read_to_string(format!("/proc/{}/net/dev", process.id())).expect("the process runs");
    let by = |way: &str| {
        let line = table.lines().find_map(|line| line.trim().strip_prefix(way)?.strip_prefix(':'));
        // Eight columns of what was received, then bytes and packets sent.
        line.and_then(|line| line.split_whitespace().nth(9)?.parse().ok()).unwrap_or(0)
    };
    (by("rest"), by("desk"))
}

fn within_network(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "--map-root-user", "bash", "-c", NETWORK, "bash", "bash", "-c", script]);
    command
        .env("nexus", program("nexus"))
        .env("NEXUS_DATA", folder.join("data"))
        .env("NEXUS_LISTEN", "127.0.0.1:8443")
        .env("NEXUS_POLL_SECONDS", "1")
        .env("NEXUS_LOG", "info,server::poller=debug")
        .env("DASHBOARD_SECRET_PASSPHRASE", "a passphrase for one journey");
    command
}

/// Whether this machine lets us make networks; in some containers nobody may.
fn networks_can_be_made() -> bool {
    let made = Command::new("unshare").args(["--net", "--mount", "--map-root-user", "true"]).status();
    let made = made.is_ok_and(|status| status.success());
    if !made {
        not_checked("what leaves the server's machine", "no network can be made here");
    }
    made
}

fn count(process: &Process, words: &str) -> usize {
    process.output().lines().filter(|line| line.contains(words)).count()
}

#[test]
fn with_the_demo_desk_not_one_packet_leaves() {
    if !networks_can_be_made() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start("nexus serve", &mut within_network(folder.path(), "exec \"$nexus\" serve"));
    let polled = wait_for(PATIENCE, "polls", || (count(&server, "server::poller: polled") >= 8).then_some(()));
    assert!(polled.is_some(), "{}", server.output());
    assert_eq!(sent(&server), (1, 1), "only what was planted:\n{}", server.output());
}

#[test]
fn with_a_helpdesk_packets_go_to_its_address_alone() {
    if !networks_can_be_made() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let token: PathBuf = folder.path().join("token");
    std::fs::write(&token, "1-14-a-canary").unwrap();
    let script = "\"$nexus\" connect request-tracker --url http://10.9.0.7/rt --token-file \"$token\" \\
          --allow-token-in-clear --allow-unreachable && exec \"$nexus\" serve";
    let mut command = within_network(folder.path(), script);
    let server = Process::start("nexus serve", command.env("token", &token));
    let serves = wait_for(PATIENCE, "the server", || (count(&server, "serving") > 0).then_some(()));
    assert!(serves.is_some(), "{}", server.output());
    let (_, connected) = sent(&server);
    let asked = wait_for(PATIENCE, "a poll", || (sent(&server).1 > connected).then_some(()));
    assert!(asked.is_some(), "the helpdesk is not asked:\n{}", server.output());
    assert_eq!(sent(&server).0, 1, "only what was planted:\n{}", server.output());
}
