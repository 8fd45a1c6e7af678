//! Whether this host runs guests in hardware. `/dev/kvm` may open and still not run anything, so a guest is run.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use board_support::Emulator;

/// A boot sector that ends QEMU through its debug port: `mov dx, 0xf4; mov al, 0x10; out dx, al; hlt`, and again.
const ENDS_AT_ONCE: [u8; 9] = [0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xf4, 0xeb, 0xfd];
/// QEMU's exit code for the 0x10 that the boot sector writes: `(value << 1) | 1`.
const ENDED: i32 = 0x21;
/// The firmware takes a second before it comes to the boot sector.
const PATIENCE: Duration = Duration::from_secs(10);

/// The accelerator to use for a machine: `kvm` if it has the host's architecture and a guest really ran, else `tcg`.
///
/// # Errors
/// QEMU is not installed, or the disk is full.
pub fn probe(emulator: &Emulator) -> anyhow::Result<&'static str> {
    let own = std::env::consts::ARCH == "x86_64" && emulator.system == "x86_64";
    if !own || std::fs::File::options().write(true).open("/dev/kvm").is_err() {
        return Ok("tcg");
    }
    let mut sector = [0_u8; 512];
    sector[..ENDS_AT_ONCE.len()].copy_from_slice(&ENDS_AT_ONCE);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    let mut disk = tempfile::NamedTempFile::new()?;
    disk.write_all(&sector)?;
    let mut guest = Command::new("qemu-system-x86_64")
        .args(["-machine", "q35,accel=kvm", "-cpu", "host", "-m", "64", "-nodefaults", "-display", "none"])
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4"])
        .arg("-drive")
        .arg(format!("format=raw,snapshot=on,file={}", disk.path().display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start qemu-system-x86_64; install qemu-system-x86")?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(status) = guest.try_wait()? {
            return Ok(if status.code() == Some(ENDED) { "kvm" } else { "tcg" });
        }
        thread::sleep(Duration::from_millis(50));
    }
    guest.kill()?;
    guest.wait()?;
    Ok("tcg")
}
