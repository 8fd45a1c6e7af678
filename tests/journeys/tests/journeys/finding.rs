//! A screen that nobody told about its server, in a network of its own with a server in it.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use journeys::process::{Process, program, wait_for};
use serde_json::Value;

use crate::traffic::{curl, networks_can_be_made, setup_code};

const PATIENCE: Duration = Duration::from_secs(60);

/// One cable with an address. Without IPv6 there is nothing to wait for before addresses may be used.
const NETWORK: &str = "set -e
    echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    ip link set lo up
    ip link add lan type veth peer name lan-end
    ip link set lan up
    ip link set lan-end up
    ip address add 10.9.7.1/24 dev lan
    exec \"$@\"";

#[test]
fn a_screen_that_nobody_told_anything_finds_the_server_shows_a_code_and_is_paired() {
    if !networks_can_be_made() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command
        .args(["--net", "--mount", "--map-root-user", "bash", "-c", NETWORK, "bash"])
        .arg(program("nexus"))
        .arg("serve");
    command.env_remove("NEXUS_CONFIG").env("NEXUS_DATA", folder.path().join("data"));
    command.env("NEXUS_NAMES", "localhost").env("DASHBOARD_SECRET_PASSPHRASE", "a passphrase for one journey");
    let mut server = Process::start("nexus serve", &mut command);
    let code = setup_code(&server);
    let announced = wait_for(PATIENCE, "an announcement", || server.output().contains("is announced").then_some(()));
    assert!(announced.is_some(), "{}", server.output());

    let at = |name: &str| folder.path().join(name);
    let mut command = Command::new("nsenter");
    command.args(["--target", &server.id().to_string(), "--user", "--preserve-credentials", "--net", "--"]);
    command.arg(program("nexus-agent")).arg("--config").arg(at("nexus.toml")).arg("--state-dir").arg(at("state"));
    command.arg("--socket").arg(at("agent.sock")).arg("--time-synchronized").arg(at("time-synchronized"));
    let agent = Process::start("nexus-agent", &mut command);
    let until = |what: &str, wanted: &dyn Fn(&Value) -> bool| {
        let state = wait_for(PATIENCE, what, || {
            let mut ask = Command::new(program("nexus-agent"));
            let said = ask.arg("state").arg("--socket").arg(at("agent.sock")).output().ok()?;
            serde_json::from_slice::<Value>(&said.stdout).ok().filter(wanted)
        });
        state.unwrap_or_else(|| panic!("never {what}:\n{}", agent.output()))
    };
    let shown = until("a code", &|state| state["state"] == "pairing");
    assert_eq!((&shown["server"], &shown["found_among"]), (&"10.9.7.1:8443".into(), &1.into()));
    assert_eq!(shown["qr"], shown["code"], "nobody is sent to an address that was only found");

    let fields = format!("setup_code={code}&password=correct-horse-battery&password_again=correct-horse-battery");
    curl(&server, folder.path(), &["--data", &fields, "https://localhost:8443/admin/sign-in"]);
    let entered = format!("code={}&name=Lobby&board=overview", shown["code"].as_str().unwrap());
    let entered = curl(&server, folder.path(), &["--data", &entered, "https://localhost:8443/admin/screens/add"]);
    let attempt = entered.lines().find_map(|line| line.strip_prefix("location: ")).expect("the code is taken").trim();
    let attempt = format!("https://localhost:8443{attempt}");
    let digits = until("two digits", &|state| state["confirm"].is_string())["confirm"].as_str().unwrap().to_owned();
    let page = curl(&server, folder.path(), &[&attempt]);
    assert!(page.contains(&format!(">{digits}<")), "{page}");
    curl(&server, folder.path(), &["--data", "digits=same", &attempt]);
    let live = until("a board", &|state| state["state"] == "live");
    assert_eq!(live["server"], "https://10.9.7.1:8443/");

    let asked = Instant::now();
    server.signal("TERM");
    assert!(server.wait_for_end(PATIENCE));
    assert!(asked.elapsed() < Duration::from_secs(12), "a goodbye takes no time");
}
