//! The kernel's news about displays: the uevent netlink socket.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
};

use nix::{
    errno::Errno,
    sys::socket::{AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket},
};

/// The multicast group of the kernel itself (udev's own is 2).
const KERNEL_GROUP: u32 = 1;

/// Longer than any uevent: the kernel's limit is 2 KiB of variables (`UEVENT_BUFFER_SIZE`) and a path.
const LONGEST: usize = 8 * 1024;

/// A datagram socket on which uevents arrive.
#[derive(Debug)]
pub struct Uevents(OwnedFd);

impl Uevents {
    /// Listens to the kernel.
    ///
    /// # Errors
    /// A sandbox forbids netlink sockets.
    pub fn listen() -> io::Result<Self> {
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
            SockProtocol::NetlinkKObjectUEvent,
        )?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, KERNEL_GROUP))?;
        Ok(Self(socket))
    }

    /// Reads everything that has arrived and answers whether displays may have changed.
    pub fn displays_changed(&self) -> bool {
        let mut changed = false;
        let mut message = [0; LONGEST];
        loop {
            match recv(self.0.as_raw_fd(), &mut message, MsgFlags::MSG_DONTWAIT) {
                Ok(length) => changed |= is_about_displays(&message[..length]),
                Err(Errno::EINTR) => {}
                // The kernel dropped messages: any of them may have been ours.
                Err(Errno::ENOBUFS) => changed = true,
                Err(_) => return changed,
            }
        }
    }
}

impl From<OwnedFd> for Uevents {
    /// Takes a non-blocking datagram socket on which somebody else sends uevents.
    fn from(socket: OwnedFd) -> Self {
        Self(socket)
    }
}

impl AsFd for Uevents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A uevent is `action@path` and then `KEY=VALUE` fields, each ended by a zero byte.
fn is_about_displays(message: &[u8]) -> bool {
    message.split(|&byte| byte == 0).any(|field| field == b"SUBSYSTEM=drm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_news_of_the_display_subsystem_count() {
        assert!(is_about_displays(b"change@/devices/x/drm/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=1\0"));
        assert!(!is_about_displays(b"add@/devices/x/usb1\0ACTION=add\0SUBSYSTEM=usb\0"));
        assert!(!is_about_displays(b""));
    }
}
