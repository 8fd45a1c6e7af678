//! One virtual screen.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{card::Card, console, picture::Picture, qmp::Qmp, vnc};

/// How often the display is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How a screen is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// `kvm` or `tcg`.
    pub accelerator: &'static str,
    /// The display.
    pub display: Display,
    /// Where the serial line is kept, if not beside the card.
    pub serial: Option<PathBuf>,
    /// By how many days its clock is off.
    pub days_off: i64,
}

/// The display of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// It is there from the start; width and height in pixels.
    Connected(u32, u32),
    /// There is none until [`Machine::connect_display`].
    Missing,
}

/// A running screen. Its power is cut when this is dropped; the card remains.
#[derive(Debug)]
pub struct Machine<'a> {
    card: &'a Card,
    serial: PathBuf,
    qemu: Child,
    qmp: Qmp,
    states: Receiver<Value>,
    started: Instant,
}

impl<'a> Machine<'a> {
    /// Switches a screen on.
    ///
    /// # Errors
    /// QEMU does not start.
    pub fn start(card: &'a Card, options: &Options) -> anyhow::Result<Self> {
        let at = |name: &str| card.at(name);
        for socket in ["state", "qmp", "vnc", "serial"] {
            let _ = fs::remove_file(at(socket));
        }
        let emulator = card.emulator();
        let serial = options.serial.clone().unwrap_or_else(|| at("serial.log"));
        let cpu = if options.accelerator == "kvm" { "host" } else { &emulator.cpu };
        let log = File::create(at("qemu.log"))?;
        let program = format!("qemu-system-{}", emulator.system);
        let mut qemu = Command::new(&program)
            .args(["-machine", &emulator.machine, "-accel", options.accelerator, "-cpu", cpu])
            .args(["-nodefaults", "-no-user-config", "-display", "none"])
            .args(card.firmware())
            .args(match &emulator.graphics {
                Some(graphics) => on_pci(card, graphics, options.display)?,
                None => on_board(card),
            })
            .args(clock(options.days_off)?)
            .args(["-chardev", &serial_line(card, &serial), "-serial", "chardev:serial"])
            .args(["-qmp", &format!("unix:{},server=on,wait=off", at("qmp").display())])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {program}; install QEMU"))?;
        let started = Instant::now();
        let qmp = loop {
            match Qmp::connect(&at("qmp")) {
                Ok(qmp) => break qmp,
                Err(error) => {
                    let ended = qemu.try_wait()?.is_some();
                    if ended || started.elapsed() > Duration::from_secs(20) {
                        let _ = qemu.kill();
                        let _ = qemu.wait();
                        let log = fs::read_to_string(at("qemu.log")).unwrap_or_default();
                        return Err(error.context(format!("QEMU does not run: {}", log.trim())));
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            }
        };
        let states = if emulator.graphics.is_some() { listen(&at("state"))? } else { channel().1 };
        Ok(Self { card, serial, qemu, qmp, states, started })
    }

    /// Time since the power came on.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// The file with what came over the serial line.
    #[must_use]
    pub fn serial(&self) -> &Path {
        &self.serial
    }

    /// QEMU's own protocol, for whatever has no method here.
    pub fn qmp(&mut self) -> &mut Qmp {
        &mut self.qmp
    }

    /// Waits until the agent says a state that `wanted` accepts; `heard` is told every state on the way. It says none on a
    /// machine without a PCI bus, which has no port for it.
    ///
    /// # Errors
    /// It does not come in time, or the machine ends.
    pub fn wait_for(
        &mut self,
        patience: Duration,
        mut heard: impl FnMut(Duration, &Value),
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.states.recv_timeout(left) {
                Ok(state) => {
                    heard(self.uptime(), &state);
                    if wanted(&state) {
                        return Ok(state);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("not within {} s; the serial line is in {}", patience.as_secs(), self.serial.display())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the machine has ended; the serial line is in {}", self.serial.display())
                }
            }
        }
    }

    /// Lets it run until it ends by itself, or for so long; `heard` is told every state.
    ///
    /// # Errors
    /// Nobody knows how QEMU is.
    pub fn run_on(&mut self, longest: Option<Duration>, mut heard: impl FnMut(Duration, &Value)) -> anyhow::Result<()> {
        let ends = longest.map(|longest| Instant::now() + longest);
        while self.qemu.try_wait()?.is_none() && ends.is_none_or(|ends| Instant::now() < ends) {
            match self.states.recv_timeout(LOOK) {
                Ok(state) => heard(self.uptime(), &state),
                Err(RecvTimeoutError::Timeout) => {}
                // It says none, or has just ended.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(LOOK),
            }
        }
        Ok(())
    }

    /// Runs a command in the shell of a debug image and answers what it prints.
    ///
    /// # Errors
    /// There is no shell, or the command does not end in time.
    pub fn run(&mut self, command: &str, patience: Duration) -> anyhow::Result<String> {
        console::run(&self.card.at("serial"), command, patience)
    }

    /// Takes a picture of the display into a PNG file.
    ///
    /// # Errors
    /// QEMU cannot take one.
    pub fn screenshot(&mut self, file: &Path) -> anyhow::Result<Picture> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let absolute = folder.canonicalize()?.join(file.file_name().context("a picture needs a file name")?);
        self.qmp.run("screendump", &json!({ "filename": absolute, "format": "png" }))?;
        let picture = Picture::read(&absolute)?;
        if self.card.emulator().graphics.is_some() {
            return Ok(picture);
        }
        // QEMU reads the framebuffer of a Raspberry Pi with red and blue exchanged: U-Boot's logo shows it, too.
        let picture = picture.exchanged();
        picture.write(&absolute)?;
        Ok(picture)
    }

    /// Waits until the display shows what is asked for. The last picture is kept in the file, that of a failure, too.
    ///
    /// # Errors
    /// It does not come in time.
    pub fn wait_for_picture(
        &mut self,
        file: &Path,
        patience: Duration,
        shows: impl Fn(&Picture) -> bool,
    ) -> anyhow::Result<Picture> {
        let until = Instant::now() + patience;
        loop {
            // There is no picture while the display is being plugged in.
            let picture = match self.screenshot(file) {
                Ok(picture) if shows(&picture) => return Ok(picture),
                picture => picture.map(drop),
            };
            if Instant::now() > until {
                picture?;
                bail!("the display shows something else; it is in {}", file.display());
            }
            thread::sleep(LOOK);
        }
    }

    /// Plugs a display into a machine that was started without one, graphics card and all.
    ///
    /// # Errors
    /// There is one already, or QEMU has ended.
    pub fn connect_display(&mut self, width: u32, height: u32) -> anyhow::Result<()> {
        let card = json!({ "driver": "bochs-display", "bus": "display-slot", "id": "display", "edid": true,
            "xres": width, "yres": height, "vgamem": "16M" });
        self.qmp.run("device_add", &card).map(drop)
    }

    /// Makes the display another size, as when somebody plugs in another one.
    ///
    /// # Errors
    /// QEMU does not take it.
    pub fn resize_display(&mut self, width: u16, height: u16) -> anyhow::Result<()> {
        vnc::resize(&self.card.at("vnc"), width, height)
    }

    /// Plugs the network cable in or pulls it.
    ///
    /// # Errors
    /// QEMU has ended.
    pub fn cable(&mut self, plugged: bool) -> anyhow::Result<()> {
        self.qmp.run("set_link", &json!({ "name": "cable", "up": plugged })).map(drop)
    }
}

/// The devices of a machine with a PCI bus, and a network behind NAT.
fn on_pci(card: &Card, graphics: &str, display: Display) -> anyhow::Result<Vec<String>> {
    let display = match display {
        Display::Connected(width, height) => format!("{graphics},edid=on,xres={width},yres={height}"),
        // Firmware gives an empty slot 2 MB of addresses, in which a graphics card's memory has no room.
        Display::Missing => "pcie-root-port,id=display-slot,slot=9,mem-reserve=64M".to_owned(),
    };
    let state = format!("socket,id=state,path={},server=on,wait=off", card.at("state").display());
    let options = [
        ("-smp", "2".to_owned()),
        ("-m", "512".to_owned()),
        ("-drive", card.drive()?),
        ("-device", format!("virtio-blk-pci,drive=disk{}", card.turn())),
        ("-device", display),
        ("-vnc", format!("unix:{}", card.at("vnc").display())),
        ("-netdev", "user,id=network".to_owned()),
        ("-device", "virtio-net-pci,netdev=network,id=cable".to_owned()),
        ("-device", "virtio-rng-pci".to_owned()),
        ("-device", "virtio-serial-pci".to_owned()),
        ("-chardev", state),
        ("-device", "virtserialport,chardev=state,name=nexus.state".to_owned()),
    ];
    Ok(options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect())
}

/// QEMU's options for a clock that is off by so many days.
fn clock(days_off: i64) -> anyhow::Result<Vec<String>> {
    if days_off == 0 {
        return Ok(Vec::new());
    }
    let time = Timestamp::now().checked_add(SignedDuration::from_hours(24 * days_off))?;
    Ok(vec!["-rtc".to_owned(), format!("base={}", time.strftime("%Y-%m-%dT%H:%M:%S"))])
}

/// A serial line that can be typed into, and that is kept in a file.
fn serial_line(card: &Card, kept: &Path) -> String {
    format!("socket,id=serial,path={},server=on,wait=off,logfile={}", card.at("serial").display(), kept.display())
}

/// A board that has its devices on it takes nothing but a card.
fn on_board(card: &Card) -> Vec<String> {
    vec!["-drive".to_owned(), format!("if=sd,format=raw,file={}", card.disk().display())]
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// What the agent says on the port `nexus.state`: a line of JSON for each state.
fn listen(socket: &Path) -> anyhow::Result<Receiver<Value>> {
    let stream = UnixStream::connect(socket).context("QEMU has no port for states")?;
    let (sender, states) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // A line that was cut by a restart of the guest is none.
            if let Ok(state) = serde_json::from_str(&line)
                && sender.send(state).is_err()
            {
                return;
            }
        }
    });
    Ok(states)
}
