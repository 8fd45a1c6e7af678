//! `nexus-init`: process 1 of the initramfs.

use std::{
    convert::Infallible,
    error::Error,
    fs::{self, Permissions},
    io::Write as _,
    os::{
        fd::AsFd as _,
        unix::{
            fs::{PermissionsExt as _, chown},
            process::CommandExt as _,
        },
    },
    path::{Path, PathBuf},
    process::{ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use init::{modules, partition, root::Root, switch};
use nix::{
    mount::{MsFlags, mount, umount},
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::reboot::{RebootMode, reboot},
    unistd::sync,
};
use slots::Store;

/// How file systems are mounted that hold no programs and no devices.
const HIDDEN: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NOEXEC).union(MsFlags::MS_NODEV);
/// Modules, and the lists of them, in the order in which they are loaded.
const MODULES: &str = "/modules";
/// The slowest disks are sticks behind USB hubs.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the first picture waits to hear how the display hangs: cards and disks are there by then, sticks may not be.
const HASTE: Duration = Duration::from_secs(1);
/// The partition of `nexus.toml`, and where it is mounted while that is read.
const SETUP: &str = "NEXUS-SETUP";
const SETUP_AT: &str = "/setup";
/// What is told to the TV's unit: it starts before the agent can tell it anything.
const TOLD: &str = "/run/nexus-tv.env";
/// Where the kernel lists disks and partitions.
const BLOCK: &str = "/sys/class/block";
/// Milliseconds that the first picture may take to open what it needs.
const READY: u16 = 5000;
/// The group `video`: Debian gives it this number everywhere (base-passwd).
const VIDEO: u32 = 44;
/// The partition of the slot counters.
const COUNTERS: &str = "nexus-slots";
/// Where the root is mounted before it becomes the root.
const ROOT: &str = "/root";

fn main() {
    let Err(error) = run();
    say(3, &format!("{error}; restarting in 5 s"));
    thread::sleep(Duration::from_secs(5));
    sync();
    // Only a process without the right to restart comes back from here, and the kernel panics when process 1 ends.
    let _ = reboot(RebootMode::RB_AUTOBOOT);
}

fn run() -> Result<Infallible, Box<dyn Error>> {
    kernel("devtmpfs", "/dev", MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC, "mode=0755")?;
    kernel("proc", "/proc", HIDDEN, "")?;
    kernel("sysfs", "/sys", HIDDEN, "")?;
    kernel("tmpfs", "/run", MsFlags::MS_NOSUID | MsFlags::MS_NODEV, "mode=0755")?;

    // Disks take their time, and the display's driver takes its own meanwhile.
    load("root")?;
    load("display")?;
    open_displays();
    let hangs = turned();
    let picture = picture(hangs.unwrap_or_default());
    let root: Root = fs::read_to_string("/proc/cmdline")?.parse()?;
    let device = partition::wait_for(Path::new(BLOCK), root.partition(), PATIENCE)?;
    if hangs.is_none() {
        // It is on the same disk, which has come now: the TV's unit shall know.
        turned();
    }
    mend(&root);
    verify(&root, &device.to_string_lossy())?;
    mount(Some("/dev/mapper/nexus-root"), ROOT, Some("erofs"), MsFlags::MS_RDONLY | MsFlags::MS_NODEV, None::<&str>)
        .map_err(|error| {
            format!("the root of slot {:?} on {} cannot be mounted: {error}", root.slot, device.display())
        })?;
    say(6, &format!("slot {:?} on {}", root.slot, device.display()));
    if let Some(printed) = &picture {
        wait_until_ready(printed);
    }
    Ok(switch::over_to(Path::new(ROOT), "/usr/lib/systemd/systemd")?)
}

fn kernel(kind: &str, at: &str, flags: MsFlags, options: &str) -> Result<(), String> {
    mount(Some(kind), at, Some(kind), flags, Some(options)).map_err(|error| format!("cannot mount {at}: {error}"))
}

fn load(list: &str) -> Result<(), Box<dyn Error>> {
    for (module, error) in modules::load(Path::new(MODULES), list)? {
        // The disk or the display may need another one.
        say(4, &format!("the kernel does not load {module}: {error}"));
    }
    Ok(())
}

/// Gives the cards to the group that may draw, as udev will do later: the TV starts before udev has come to it.
fn open_displays() {
    let is_card = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("card"));
    let cards = fs::read_dir("/dev/dri").into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_card);
    // What firmware has set up, where it has.
    let framebuffer = Some(PathBuf::from("/dev/fb0")).filter(|path| path.exists());
    for path in cards.chain(framebuffer) {
        let open =
            chown(&path, None, Some(VIDEO)).and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o660)));
        if let Err(error) = open {
            say(4, &format!("{} stays closed to the TV: {error}", path.display()));
        }
    }
}

/// How the display hangs, in degrees, which the TV's unit is told too: what the operator wrote, where that can be read in
/// time.
fn turned() -> Option<u16> {
    let read = || -> Result<u16, Box<dyn Error>> {
        let device = partition::wait_for(Path::new(BLOCK), SETUP, HASTE)?;
        mount(Some(&device), SETUP_AT, Some("vfat"), MsFlags::MS_RDONLY.union(HIDDEN), None::<&str>)?;
        let file = setup_file::bytes(&Path::new(SETUP_AT).join("nexus.toml"));
        umount(SETUP_AT)?;
        let turned = setup_file::place(&file?).turned;
        fs::write(TOLD, format!("NEXUS_TURNED={turned}\n"))?;
        Ok(turned)
    };
    read()
        .inspect_err(|error| say(4, &format!("how the display hangs is not known: nexus.toml on {SETUP}: {error}")))
        .ok()
}

/// Starts the first picture, which outlives this program: see `nexus-tv --early`. Answers what it prints.
fn picture(turned: u16) -> Option<ChildStdout> {
    // systemd leaves alone what marks itself so: https://systemd.io/ROOT_STORAGE_DAEMONS/
    let started = Command::new("/usr/bin/nexus-tv")
        .arg0("@nexus-tv")
        .args(["--early", "--boards", "/boards", "--turned", &turned.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    match started {
        Ok(mut child) => child.stdout.take(),
        Err(error) => {
            say(4, &format!("no first picture: {error}"));
            None
        }
    }
}

/// Waits until the first picture needs no file of the initramfs any more, all of which are about to go, and no device, which
/// then has another path; or until it has ended, as where there is no display.
fn wait_until_ready(printed: &ChildStdout) {
    let mut descriptors = [PollFd::new(printed.as_fd(), PollFlags::POLLIN)];
    match poll(&mut descriptors, PollTimeout::from(READY)) {
        Ok(0) => say(4, "the first picture takes too long, and may not come"),
        Ok(_) => {}
        Err(error) => say(4, &format!("nobody knows whether the first picture is ready: {error}")),
    }
}

/// Makes both copies of the slot counters whole where the boot loader could not, before anything of the slot can fail.
fn mend(root: &Root) {
    let mended = || -> Result<bool, Box<dyn Error>> {
        let device = partition::find(Path::new(BLOCK), COUNTERS)?;
        let device = device.ok_or_else(|| format!("no disk has a partition {COUNTERS}"))?;
        Ok(Store::open(&device)?.mend(root.slot)?)
    };
    match mended() {
        Ok(false) => {}
        Ok(true) => say(4, "the slot counters were torn, and are whole again"),
        // The boot loader takes what it finds.
        Err(error) => say(4, &format!("the slot counters are not looked at: {error}")),
    }
}

/// Sets dm-verity up over the device, as /dev/mapper/nexus-root.
fn verify(root: &Root, device: &str) -> Result<(), String> {
    let table = root.table(device);
    let output = Command::new("/usr/sbin/dmsetup")
        .args(["create", "nexus-root", "--readonly", "--table", &table])
        // Nobody is here yet to make device nodes in dmsetup's place.
        .env("DM_DISABLE_UDEV", "1")
        .output()
        .map_err(|error| format!("dmsetup does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("the root of slot {:?} on {device} cannot be verified: {}", root.slot, words.trim()))
}

/// Writes to the kernel's log, with a priority of syslog(3).
fn say(priority: u8, words: &str) {
    if let Ok(mut log) = fs::File::options().write(true).open("/dev/kmsg") {
        // Each write is a line of its own.
        let _ = log.write_all(format!("<{priority}>nexus-init: {words}\n").as_bytes());
    }
}
