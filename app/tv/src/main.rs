//! `nexus-tv`: the renderer on the wall. Chooses where it draws; everything else is in the library.

mod arguments;
mod surface;
mod watchdog;

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use board::sample;
use board_support::{Machine, Resolution, recognise};
use clap::Parser as _;
use device::{Live, State, Trust};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use slint::platform::software_renderer::TargetPixel as _;
use tracing_subscriber::EnvFilter;
use tv::{
    app::{App, Now},
    network::Network,
    platform::{self, Loop, Pixel, Settings, Uevents, picture::Picture},
    snapshot::{self, Display},
    still,
    view::{Connection, Motion, Screen, Ui},
    wall,
};

use arguments::{Arguments, Size};
use surface::{Own, Texts};

/// How long a picture waits for something to show.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let largest = arguments.boards.as_deref().and_then(largest);
    let app = App::new(zone()).turned(arguments.turned);
    if arguments.early {
        return early(largest, &app);
    }
    let motion = if arguments.reduce_motion { Motion::Reduced } else { Motion::Full };
    let texts = arguments.texts.map(Texts::new);
    match (arguments.snapshot, arguments.live_snapshot, arguments.window) {
        (Some(file), _, _) => {
            let size = arguments.size.unwrap_or_default();
            let (screen, time) = match arguments.sample {
                Some(name) => (sampled(&name, arguments.theme.map(Into::into))?, sample::now()),
                None => still::take(&arguments.socket, zone(), PATIENCE)?,
            };
            let mut display = Display::new(size.width, size.height, Motion::Reduced)?;
            display.show(&screen, time);
            display.picture().write(&file).with_context(|| {
                format!("cannot write {}; name a file in a folder that is there and may be written in", file.display())
            })?;
            texts.map_or(Ok(()), |texts| texts.write(display.ui()))
        }
        (None, Some(file), _) => {
            let Size { width, height } = arguments.size.unwrap_or_default();
            let open = Box::new(move || Ok(Box::new(Picture::new(file.clone(), width, height)) as _));
            own(Settings { open, uevents: None }, motion, texts, app, arguments.socket)
        }
        (None, None, true) => window(motion, arguments.size.unwrap_or_default(), texts, app, arguments.socket),
        (None, None, false) => {
            let uevents = Uevents::listen().context(
                "cannot hear from the kernel when a display is plugged in; allow netlink sockets (AF_NETLINK) in the \
                 sandbox of nexus-tv",
            )?;
            let open = Box::new(move || platform::open(largest));
            own(Settings { open, uevents: Some(uevents) }, motion, texts, app, arguments.socket)
        }
    }
}

/// Draws what the program without options would draw first, so that nobody sees the one follow the other.
fn early(largest: Option<Resolution>, app: &App) -> anyhow::Result<()> {
    let now = Now { since_start: Duration::ZERO, wall: Timestamp::now() };
    let draw = |width, height| -> Result<Vec<Pixel>, snapshot::Error> {
        let mut display = Display::turned(width, height, app.rotation(), Motion::Reduced)?;
        display.show(&app.screen(now), app.time(now));
        Ok(display.picture().pixels().iter().map(|pixel| Pixel::from_rgb(pixel.r, pixel.g, pixel.b)).collect())
    };
    let mut drawn = Ok(());
    // Whoever takes the files away does not wait where this cannot be said.
    let mut opened = || drop(io::stdout().write_all(b"ready\n"));
    platform::first_picture(largest, &mut opened, &mut |width, height| {
        draw(width, height).unwrap_or_else(|error| {
            drawn = Err(error);
            Vec::new()
        })
    })?;
    Ok(drawn?)
}

/// The largest mode of the board that this runs on. Without a board that is known, the display decides.
fn largest(boards: &Path) -> Option<Resolution> {
    let boards = board_support::all(boards).inspect_err(|error| tracing::error!("{error}")).ok()?;
    let board = recognise(&boards, &Machine::look(Path::new("/")));
    if board.is_none() {
        tracing::warn!("this machine is none of the boards that are known; its display is taken as large as it is");
    }
    board?.display
}

/// Draws on a platform of our own.
fn own(settings: Settings, motion: Motion, texts: Option<Texts>, app: App, socket: PathBuf) -> anyhow::Result<()> {
    let platform = Loop::new(settings).context("cannot make the event loop")?;
    slint::platform::set_platform(Box::new(platform.clone())).map_err(|error| anyhow!("{error}"))?;
    let ui = Ui::new(motion)?;
    platform.rotate(app.rotation());
    platform.look();
    ui.open()?;
    watchdog::start().context("cannot start the thread that tells systemd how it goes")?;
    wall::run(ui, Box::new(Own { platform, texts }), app, network(socket)?)?;
    Ok(())
}

#[cfg(feature = "desktop")]
fn window(motion: Motion, size: Size, texts: Option<Texts>, app: App, socket: PathBuf) -> anyhow::Result<()> {
    slint::BackendSelector::new()
        .backend_name("winit".to_owned())
        .renderer_name("software".to_owned())
        .select()
        .context("cannot open a window; without a desktop, use --live-snapshot FILE")?;
    let ui = Ui::new(motion)?;
    ui.window().set_size(slint::PhysicalSize::new(size.width, size.height));
    ui.open()?;
    wall::run(ui, Box::new(surface::Desktop::new(texts)), app, network(socket)?)?;
    Ok(())
}

#[cfg(not(feature = "desktop"))]
fn window(_: Motion, _: Size, _: Option<Texts>, _: App, _: PathBuf) -> anyhow::Result<()> {
    anyhow::bail!("this nexus-tv was built without a desktop window; build it with `--features desktop`")
}

fn network(socket: PathBuf) -> anyhow::Result<Network> {
    Network::start(socket, || {
        // The event loop has ended already where this fails.
        let _ = slint::quit_event_loop();
    })
    .context("cannot start the network thread")
}

/// The machine's zone, for the clock on screens without a board.
fn zone() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

/// A sample board on a live screen, marked as what it is.
fn sampled(name: &str, theme: Option<board::Theme>) -> anyhow::Result<Screen> {
    let mut board = sample::named(name).with_context(|| {
        let names: Vec<String> = sample::all().into_iter().map(|(name, _)| name).collect();
        format!("there is no sample {name:?}; there are {}", names.join(", "))
    })?;
    board.demo = true;
    if let Some(theme) = theme {
        board.theme = theme;
    }
    let live = Live {
        server: "https://nexus.example.com".parse()?,
        proxy: None,
        trust: Trust::WebPki,
        board: board.id.0.clone(),
        access_token: String::new(),
        expires_at: sample::now() + SignedDuration::from_hours(1),
        screen: "Reception".to_owned(),
        rotation: 0,
        clock_offset: 0,
    };
    let connection = if name.starts_with("offline") { Connection::Lost } else { Connection::Live };
    let zone = TimeZone::get(&board.time_zone)?;
    Ok(Screen {
        state: State::Live(live),
        board: Some(Arc::new(board)),
        identify: None,
        unchecked_days: None,
        connection,
        zone,
    })
}
