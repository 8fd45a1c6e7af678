//! Changes the size of a virtual display as its owner would, through the one protocol in which QEMU hears of it: RFB
//! (RFC 6143) with the community's message SetDesktopSize.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, ensure};

const VERSION: &[u8; 12] = b"RFB 003.008\n";
const NO_PASSWORD: u8 = 1;
/// Of SetEncodings, whose only use here is to say that this client knows displays that change.
const EXTENDED_DESKTOP_SIZE: i32 = -308;
const SET_ENCODINGS: u8 = 2;
const SET_DESKTOP_SIZE: u8 = 251;

/// Makes the display of the QEMU at `socket` so large.
///
/// # Errors
/// It does not answer, or speaks another protocol.
pub fn resize(socket: &Path, width: u16, height: u16) -> anyhow::Result<()> {
    let mut stream = UnixStream::connect(socket).context("QEMU has no VNC socket")?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut version = [0; 12];
    stream.read_exact(&mut version)?;
    ensure!(&version == VERSION, "QEMU speaks {}", String::from_utf8_lossy(&version));
    stream.write_all(VERSION)?;
    let mut count = [0];
    stream.read_exact(&mut count)?;
    let mut kinds = vec![0; count[0].into()];
    stream.read_exact(&mut kinds)?;
    ensure!(kinds.contains(&NO_PASSWORD), "QEMU wants a password");
    stream.write_all(&[NO_PASSWORD])?;
    let mut result = [0; 4];
    stream.read_exact(&mut result)?;
    ensure!(result == [0; 4], "QEMU refuses");
    const SHARED: u8 = 1;
    stream.write_all(&[SHARED])?;
    // Size, pixel format, and the length of the name.
    let mut init = [0; 24];
    stream.read_exact(&mut init)?;
    let length = init.last_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    let mut name = vec![0; length as usize];
    stream.read_exact(&mut name)?;

    let mut message = vec![SET_ENCODINGS, 0, 0, 1];
    message.extend(EXTENDED_DESKTOP_SIZE.to_be_bytes());
    message.extend([SET_DESKTOP_SIZE, 0]);
    message.extend([width, height].map(u16::to_be_bytes).concat());
    // One screen, 0, at 0, 0, as large as the whole, without flags.
    message.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.extend([width, height].map(u16::to_be_bytes).concat());
    message.extend([0; 4]);
    stream.write_all(&message)?;
    // QEMU answers with the new layout; it has taken the size then.
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).context("QEMU does not take the size")
}
