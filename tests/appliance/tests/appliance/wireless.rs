//! A screen without a cable. Two radios are the kernel's own making (mac80211_hwsim): one is the screen's, the other goes
//! into a network of its own, in which it is an access point with the machine's cable behind it.

use std::time::Duration;

use appliance::{Display, Machine};

use crate::{
    inside::FAILED,
    stage::{START, Stage, is_debug, start, wait_for_state},
};

/// The name and the key of the wireless network: neither means to a file's format what it says.
const NAME: &str = "Büro; [1] #";
const KEY: &str = r#" back\slash; "quoted" #1"#;
/// Within which the guest's shell has done what it is told.
const SHELL: Duration = Duration::from_secs(120);

#[test]
#[ignore = "takes minutes and an image"]
fn a_screen_without_a_cable_joins_a_wi_fi_with_wpa2_and_its_key_is_erased() {
    joins("wpa2", "key_mgmt=WPA-PSK ieee80211w=0");
}

#[test]
#[ignore = "takes minutes and an image"]
fn a_screen_without_a_cable_joins_a_wi_fi_with_wpa3_and_its_key_is_erased() {
    joins("wpa3", "key_mgmt=SAE ieee80211w=2");
}

/// Starts a screen whose cable is pulled beside an access point that offers nothing but this.
fn joins(security: &str, offered: &str) {
    if !is_debug() {
        eprintln!("not tried: this image has no shell, and no radio that a machine could pretend to have");
        return;
    }
    let stage = Stage::new();
    let card = stage.card(&format!(
        "server = \"{}\"\n[wifi]\nssid = '{NAME}'\nkey = '{KEY}'\nsecurity = \"{security}\"\ncountry = \"DE\"\n",
        stage.url()
    ));
    let mut machine = start(&card, Display::Connected(1280, 720));
    machine.cable(false).unwrap();
    let heard = machine.wait_for(START, |_, _| (), |said| said["network"] == "failed");
    heard.expect("a screen without a network says so");
    open_access_point(&mut machine, offered);
    machine.cable(true).unwrap();
    wait_for_state(&mut machine, "pairing");
    let mut ask = |command: &str| machine.run(command, SHELL).unwrap();
    let (joined, rules, failed) = (ask("iw dev wlan0 link"), ask("iw reg get"), ask(FAILED));
    assert!(joined.contains("Connected to"), "{joined}");
    assert!(rules.contains("country DE"), "{rules}");
    assert!(failed.contains("failed=0"), "{failed}");
    drop(machine);
    let left = card.setup().unwrap();
    assert!(left.contains(NAME) && !left.contains(KEY), "{left}");
}

/// Makes the second radio an access point, and a bridge from it to the cable.
fn open_access_point(machine: &mut Machine<'_>, offered: &str) {
    let name: String = NAME.bytes().map(|byte| format!("{byte:02x}")).collect();
    let settings = offered.replace(' ', "\n");
    let file = format!(
        "network={{\nssid={name}\nmode=2\nfrequency=2412\nproto=RSN\npairwise=CCMP\n{settings}\npsk=\"{KEY}\"\n}}\n"
    );
    let lines = file.lines().map(|line| format!("'{line}'")).collect::<Vec<_>>().join(" ");
    let commands = [
        format!("printf '%s\\n' {lines} >/run/access-point"),
        "modprobe bridge && modprobe mac80211_hwsim radios=2 && cable=$(basename /sys/class/net/e*)".to_owned(),
        "busybox unshare -n busybox sleep 9999 & apart=/proc/$!/ns/net other=$!".to_owned(),
        "until [ $(busybox readlink $apart) != $(busybox readlink /proc/self/ns/net) ]; do :; done".to_owned(),
        "iw phy phy1 set netns $other && busybox ip link set dev $cable netns $other".to_owned(),
        "there() { busybox nsenter --net=$apart \"$@\"; }".to_owned(),
        "there wpa_supplicant -B -i wlan1 -c /run/access-point".to_owned(),
        "until there iw dev wlan1 info | grep -q 'type AP'; do busybox sleep 1; done".to_owned(),
        "there busybox brctl addbr bridge && there busybox brctl addif bridge $cable && there busybox brctl addif bridge wlan1".to_owned(),
        "for link in $cable bridge; do there busybox ip link set $link up; done".to_owned(),
    ];
    for command in commands {
        machine.run(&command, SHELL).unwrap();
    }
}
