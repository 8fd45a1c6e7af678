//! The kernel's news, as it comes on the TV's netlink socket.
#![no_main]

use std::os::fd::AsRawFd as _;

use libfuzzer_sys::fuzz_target;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, send, socketpair};

// The file itself, so that the targets need not build the TV around it.
#[allow(dead_code, reason = "nobody listens to the kernel here")]
#[path = "../../../app/tv/src/platform/uevents.rs"]
mod uevents;

fuzz_target!(|message: &[u8]| {
    let (kernel, ours) =
        socketpair(AddressFamily::Unix, SockType::Datagram, None, SockFlag::SOCK_NONBLOCK).expect("there are sockets");
    send(kernel.as_raw_fd(), message, MsgFlags::empty()).expect("a message of libFuzzer's fits into a socket");
    let uevents = uevents::Uevents::from(ours);
    let named = format!("\0{}\0", String::from_utf8_lossy(message)).contains("\0SUBSYSTEM=drm\0");
    assert_eq!(uevents.displays_changed(), named);
    assert!(!uevents.displays_changed(), "a message counts once");
});
