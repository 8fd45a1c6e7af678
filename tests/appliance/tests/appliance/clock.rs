//! A screen whose clock is wrong, and a time server that knows better.

use std::{net::UdpSocket, thread, time::Duration};

use appliance::Display;
use jiff::Timestamp;

use crate::stage::{HOST, Stage, is_debug, start_at, wait_for_state};

/// The port of NTP (RFC 5905), which only root may have.
const PORT: u16 = 123;
/// Bytes of its packets.
const PACKET: usize = 48;
/// Seconds from the beginning of 1900, which NTP counts from, to that of 1970.
const ERA: i64 = 2_208_988_800;
/// Within which the guest's shell has done what it is told.
const SHELL: Duration = Duration::from_secs(180);

#[test]
#[ignore = "takes minutes and an image"]
fn a_clock_that_is_a_year_behind_is_set_by_the_time_server_that_the_operator_names() {
    if !is_debug() {
        eprintln!("not tried: this image has no shell that could be asked for the time");
        return;
    }
    serve_time();
    let stage = Stage::new();
    let card = stage.card(&format!("server = \"{}\"\nntp = [\"{HOST}\"]\n", stage.url()));
    let mut machine = start_at(&card, Display::Connected(1280, 720), -365);
    wait_for_state(&mut machine, "pairing");
    let wait = "until [ -e /run/systemd/timesync/synchronized ]; do busybox sleep 1; done";
    let said = machine.run(&format!("{wait}; busybox date +seconds=%s"), SHELL).unwrap();
    let seconds = said.lines().find_map(|line| line.strip_prefix("seconds=")?.parse::<i64>().ok());
    let off = Timestamp::now().as_second() - seconds.unwrap_or_else(|| panic!("no time: {said}"));
    assert!(off.abs() < 30, "the guest's clock is off by {off} s");
}

/// Answers all who ask for the time, as a server of stratum 1, until the program ends.
fn serve_time() {
    let socket = UdpSocket::bind(("127.0.0.1", PORT)).expect(
        "port 123 for a time server; run this test as root, or in a namespace: \
         unshare --map-root-user --net sh -c 'ip link set lo up; exec cargo test …'",
    );
    thread::spawn(move || {
        let mut asked = [0; PACKET];
        while let Ok((PACKET.., who)) = socket.recv_from(&mut asked) {
            let now = stamp(Timestamp::now());
            let mut answer = [0; PACKET];
            // No leap second, version 4, mode server; stratum 1; precision of a microsecond.
            answer[..4].copy_from_slice(&[0b00_100_100, 1, asked[2], 0xec]);
            answer[12..16].copy_from_slice(b"GPS\0");
            answer[16..24].copy_from_slice(&now);
            // When they sent it, by their clock; when it came; when this goes.
            answer[24..32].copy_from_slice(&asked[40..48]);
            answer[32..40].copy_from_slice(&now);
            answer[40..48].copy_from_slice(&now);
            if socket.send_to(&answer, who).is_err() {
                return;
            }
        }
    });
}

/// Seconds and fractions of them since 1900.
fn stamp(time: Timestamp) -> [u8; 8] {
    let seconds = u32::try_from(time.as_second() + ERA).expect("a time before 2036");
    let fraction = (u64::from(time.subsec_nanosecond().unsigned_abs()) << 32) / 1_000_000_000;
    let fraction = u32::try_from(fraction).expect("less than a second");
    ((u64::from(seconds) << 32) | u64::from(fraction)).to_be_bytes()
}
