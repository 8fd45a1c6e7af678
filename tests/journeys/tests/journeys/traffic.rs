//! What leaves a server's machine: nothing but questions to the helpdesk and the calendar that were connected, and alerts to
//! the webhook.
//!
//! The server runs in a network of its own with a way out to each of them, and one to all the rest, the name servers among
//! it. Nobody answers on any; the kernel counts what is sent.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use broker::{Endpoint, SigningKey};
use journeys::{
    process::{Process, program, wait_for},
    unchecked::not_checked,
};
use vault::{Passphrase, Vault};

const PATIENCE: Duration = Duration::from_secs(60);
const PASSPHRASE: &str = "a passphrase for one journey";

/// `rest` leads everywhere, each of the others to one network. Without IPv6 and ARP, the kernel says nothing by itself.
/// One packet is planted on each, so that a count which cannot count is found out.
const NETWORK: &str = "set -e
    echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    ip link set lo up
    number=0
    for way in rest desk calendar webhook; do
      ip link add $way type veth peer name $way-end
      ip link set $way arp off up
      ip link set $way-end up
      [[ $way = rest ]] || ip address add 10.9.$number.1/24 dev $way
      number=$((number + 1))
    done
    ip address add 192.0.2.1/24 dev rest
    ip route add default via 192.0.2.254 dev rest
    for address in 203.0.113.9 10.9.1.9 10.9.2.9 10.9.3.9; do echo planted >/dev/udp/$address/9; done
    exec \"$@\"";

const HELPDESK: &str = "http://10.9.1.7/rt";
const CALENDAR: &str = "http://10.9.2.7/canary.ics";
const WEBHOOK: &str = "http://10.9.3.7/canary";

/// Packets sent by a way, as the kernel has them for the network that a process is in.
fn sent(process: &Process, way: &str) -> u64 {
    let table = std::fs::read_to_string(format!("/proc/{}/net/dev", process.id())).expect("the process runs");
    let line = table.lines().find_map(|line| line.trim().strip_prefix(way)?.strip_prefix(':'));
    // Eight columns of what was received, then bytes and packets sent.
    line.and_then(|line| line.split_whitespace().nth(9)?.parse().ok()).unwrap_or(0)
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
        .env("DASHBOARD_SECRET_PASSPHRASE", PASSPHRASE);
    command
}

/// Whether this machine lets us make networks; in some containers nobody may.
pub(crate) fn networks_can_be_made() -> bool {
    let made = Command::new("unshare").args(["--net", "--mount", "--map-root-user", "true"]).status();
    let made = made.is_ok_and(|status| status.success());
    if !made {
        not_checked("what needs a network of its own", "none can be made here");
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
    for way in ["rest", "desk", "calendar", "webhook"] {
        assert_eq!(sent(&server, way), 1, "only what was planted on {way}:\n{}", server.output());
    }
}

/// The code that a new server prints.
pub(crate) fn setup_code(server: &Process) -> String {
    let code = wait_for(PATIENCE, "the setup code", || {
        let output = server.output();
        let (_, code) = output.split_once("enter this setup code:")?;
        code.split_whitespace().next().map(str::to_owned)
    });
    code.unwrap_or_else(|| panic!("{}", server.output()))
}

/// What an administrator's browser asks, from within the server's network.
pub(crate) fn curl(server: &Process, folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("nsenter")
        .args(["--target", &server.id().to_string(), "--user", "--preserve-credentials", "--net", "--"])
        .args(["curl", "--silent", "--show-error", "--max-time", "20", "--include", "--cacert"])
        .arg(folder.join("data/pki/authority.pem"))
        .args(["--cookie-jar", "cookies", "--cookie", "cookies", "--header", "Origin: https://localhost:8443"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("nsenter and curl are installed");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn with_a_helpdesk_a_calendar_and_a_webhook_packets_go_to_their_addresses_alone() {
    if !networks_can_be_made() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let token: PathBuf = folder.path().join("token");
    std::fs::write(&token, "1-14-a-canary").unwrap();
    // As `nexus connect` seals them, which would want an answer first.
    vault::file::make_folder(&folder.path().join("data")).unwrap();
    let passphrase = Passphrase::new(PASSPHRASE.into()).unwrap();
    let vault = Vault::new(folder.path().join("data/secrets.json"), Some(passphrase));
    broker::set_calendar(&vault, &Endpoint::new(CALENDAR.into(), true, None).unwrap()).unwrap();
    let webhook = Endpoint::new(WEBHOOK.into(), true, None).unwrap();
    broker::set_webhook(&vault, &webhook, &SigningKey::generate().unwrap()).unwrap();

    let script = "\"$nexus\" connect request-tracker --url \"$helpdesk\" --token-file \"$token\" \\
          --allow-token-in-clear --allow-unreachable && exec \"$nexus\" serve";
    let mut command = within_network(folder.path(), script);
    let server = Process::start("nexus serve", command.env("token", &token).env("helpdesk", HELPDESK));
    let code = setup_code(&server);
    let fields = format!("setup_code={code}&password=correct-horse-battery&password_again=correct-horse-battery");
    let signed_in = curl(&server, folder.path(), &["--data", &fields, "https://localhost:8443/admin/sign-in"]);
    assert!(signed_in.contains("303") || signed_in.contains("location: /admin/screens"), "{signed_in}");
    let tested = curl(&server, folder.path(), &["--data", "", "https://localhost:8443/admin/alerts/test"]);
    assert!(tested.contains("location: /admin/alerts"), "{tested}");

    let connected = sent(&server, "desk");
    for (way, before) in [("desk", connected), ("calendar", 1), ("webhook", 1)] {
        let asked = wait_for(PATIENCE, way, || (sent(&server, way) > before).then_some(()));
        assert!(asked.is_some(), "the {way} is not asked:\n{}", server.output());
    }
    assert_eq!(sent(&server, "rest"), 1, "only what was planted:\n{}", server.output());
}
