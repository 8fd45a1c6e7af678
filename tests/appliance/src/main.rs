//! `scripts/boot`: boots an image until its screen says something, and takes a picture of it.

#![allow(clippy::print_stderr, reason = "what happens is for the person in front of the terminal")]

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use appliance::{Card, Display, Machine, Options, acceleration, picture::Picture};
use clap::{Parser, ValueEnum};
use serde_json::Value;

/// The agent's headline where nexus.toml names no server, and none is found.
const NO_SERVER: &str = "No Nexus server was found here";
/// How long a state is waited for, where nothing is said.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long a state may take to be drawn.
const DRAWN: Duration = Duration::from_secs(60);

/// Boots an appliance image in QEMU until its screen says something.
#[derive(Debug, Parser)]
#[command(name = "boot")]
struct Arguments {
    /// The disk image.
    image: PathBuf,
    /// What it boots on: an architecture by Debian's name, or a machine of QEMU that a board names.
    #[arg(long, value_name = "NAME", default_value = "amd64")]
    machine: String,
    /// The folder with the boards.
    #[arg(long, value_name = "DIR", default_value = "board-support")]
    boards: PathBuf,
    /// What to wait for; without it the machine runs until Ctrl-C.
    #[arg(long, value_name = "STATE")]
    until: Option<Until>,
    /// Keep a picture of the display, as PNG.
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// Seconds from the state to the picture: the TV draws it, or fades it in, or fetches the board first.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    settle: u64,
    /// Seconds until giving up: 600 with --until, and without for ever.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// `nexus.toml` for the set-up partition. The host is 10.0.2.2 to the guest.
    #[arg(long, value_name = "FILE")]
    setup: Option<PathBuf>,
    /// With a debug image: once it has come to the state, run this command in its shell, and print what it prints.
    #[arg(long, value_name = "COMMAND")]
    run: Option<String>,
    /// The display's size.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1920x1080", value_parser = size)]
    size: (u32, u32),
    /// Keep what comes over the serial line here, and not beside the image.
    #[arg(long, value_name = "FILE")]
    serial: Option<PathBuf>,
    /// Keep what the agent says, a line of JSON for each state; a script finds the pairing code there.
    #[arg(long, value_name = "FILE")]
    states: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Until {
    /// A pairing code, or, where no server is set, the words that say so.
    Pairing,
    /// A live board.
    Live,
    /// The words that the network or the server cannot be reached.
    Offline,
}

impl Until {
    fn accepts(self, state: &Value) -> bool {
        let name = state["state"].as_str();
        match self {
            Self::Pairing => name == Some("pairing") || state["headline"] == NO_SERVER,
            Self::Live => name == Some("live"),
            Self::Offline => name == Some("starting") && (state["network"] == "failed" || state["server"] == "failed"),
        }
    }
}

fn size(text: &str) -> Result<(u32, u32), String> {
    text.split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .ok_or_else(|| "a size is WIDTHxHEIGHT, like 1920x1080".to_owned())
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let emulator = appliance::emulator(&arguments.boards, &arguments.machine)?;
    let accelerator = acceleration::probe(&emulator)?;
    let speaks = emulator.graphics.is_some();
    let beside = |extension| arguments.image.with_extension(extension);
    let serial = arguments.serial.unwrap_or_else(|| beside("serial.log"));
    eprintln!("booting {} ({accelerator}), its serial line is in {}", arguments.image.display(), serial.display());
    let card = Card::write(&arguments.image, emulator, arguments.setup.as_deref())?;
    let (width, height) = arguments.size;
    let options =
        Options { accelerator, display: Display::Connected(width, height), serial: Some(serial), days_off: 0 };
    let mut machine = Machine::start(&card, &options)?;
    let given = arguments.timeout.map(Duration::from_secs);
    let patience = given.unwrap_or(PATIENCE);
    let mut states = arguments.states.map(File::create).transpose().context("cannot keep the states")?;
    let heard = |after: Duration, state: &Value| {
        eprintln!("{:6.1} s  {}", after.as_secs_f32(), words(state));
        if let Some(file) = &mut states
            && let Err(error) = writeln!(file, "{state}")
        {
            eprintln!("the state is not kept: {error}");
        }
    };
    let reached = match arguments.until {
        None => machine.run_on(given, heard),
        Some(until) if speaks => machine.wait_for(patience, heard, |state| until.accepts(state)).map(drop),
        Some(until) => {
            let file = arguments.screenshot.clone().unwrap_or_else(|| beside("png"));
            wait_for_screen(&mut machine, until, patience, &file)
        }
    };
    // A picture of what went wrong is worth as much.
    if let Some(file) = &arguments.screenshot {
        thread::sleep(Duration::from_secs(arguments.settle));
        let drawn = machine.wait_for_picture(file, DRAWN, Picture::shows_something);
        if reached.is_ok() {
            drawn.context("the display stays dark")?;
        }
        eprintln!("{:6.1} s  the picture is in {}", machine.uptime().as_secs_f32(), file.display());
    }
    if let Some(command) = arguments.run.filter(|_| reached.is_ok()) {
        writeln!(std::io::stdout(), "{}", machine.run(&command, patience)?)?;
    }
    reached.context("the screen did not come to it")
}

/// Waits on a machine that says nothing, for want of a port: for the screen that tells that it has no network. Keeps a
/// picture of it in `file`.
fn wait_for_screen(machine: &mut Machine<'_>, until: Until, patience: Duration, file: &Path) -> anyhow::Result<()> {
    ensure!(until == Until::Offline, "this machine has no network, and comes to no code and no board");
    let waited = machine.wait_for_picture(file, patience, Picture::tells_of_trouble);
    waited.map(drop).context("the display does not tell that there is no network")
}

/// A state in a few words; codes and names stay on the screen.
fn words(state: &Value) -> String {
    let text = |key: &str| state[key].as_str().unwrap_or_default();
    match text("state") {
        "starting" => format!("starting: {}; {}", text("network_text"), text("server_text")),
        "problem" => format!("problem: {}", text("headline")),
        name => name.to_owned(),
    }
}
