//! What the TV costs: milliseconds a frame, processor time at one change a second, memory. One line a figure.
//!
//! Everything is measured on the platform of a stick, on a card made of memory; times are processor time.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of its own that prints figures")]

use std::{
    env, fs,
    process::Command,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use board::{Board, Form, Revision, Value, sample};
use device::{Live, State, Trust};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use nix::time::{ClockId, clock_gettime};
use slint::{PlatformError, platform::WindowAdapter};
use tv::{
    network::Network,
    platform::{Card, Display, Error, Loop, Mode, Rect, Scanout, Settings},
    view::{Connection, Motion, Screen, Ui},
};

const SIZES: [(&str, u32, u32); 2] = [("1080p", 1920, 1080), ("4K", 3840, 2160)];

/// How long a share of the processor is measured.
const SPAN: Duration = Duration::from_secs(10);

fn main() {
    if env::args().any(|argument| argument == "pss") {
        return pss();
    }
    for (name, width, height) in SIZES {
        apart(move || {
            let (whole, one) = frames(width, height);
            println!("one frame at {name}, whole: {:.2} ms", milliseconds(whole));
            println!("one frame at {name}, one tile: {:.2} ms", milliseconds(one));
        });
        for (tiles, other) in [
            ("one tile", one_tile_changed as fn(Board) -> Board),
            ("all tiles", |_| sample::named("overview-zeros").unwrap()),
        ] {
            apart(move || {
                println!(
                    "one change a second at {name}, {tiles}: {:.2} % of a core",
                    share(width, height, other) * 100.0
                );
            });
        }
    }
    // A process of its own, which has never drawn anything else.
    Command::new(env::current_exe().unwrap()).arg("pss").status().unwrap();
}

/// Slint takes one platform per thread.
fn apart(measure: impl FnOnce() + Send + 'static) {
    thread::spawn(measure).join().unwrap();
}

/// The median processor time of a whole frame, and of one in which one tile changed.
fn frames(width: u32, height: u32) -> (Duration, Duration) {
    let mut wall = Wall::new(width, height, Motion::Reduced);
    let boards = [sample::overview(), one_tile_changed(sample::overview())];
    wall.show(&boards[0]);
    wall.turn();
    wall.turn();
    let one = median((0..60).map(|n| {
        let start = processor_time();
        wall.show(&boards[n % 2]);
        wall.turn();
        processor_time() - start
    }));
    let whole = median((0..30).map(|n| {
        // Another theme is another picture everywhere.
        let theme = [board::Theme::Daylight, board::Theme::Midnight][n % 2];
        let board = Board { theme, ..boards[0].clone() };
        let start = processor_time();
        wall.show(&board);
        wall.turn();
        processor_time() - start
    }));
    (whole, one)
}

/// The share of a core that a wall takes whose board is another one each second.
fn share(width: u32, height: u32, other: fn(Board) -> Board) -> f64 {
    let mut wall = Wall::new(width, height, Motion::Full);
    let boards = [sample::overview(), other(sample::overview())];
    wall.show(&boards[0]);
    wall.turn();
    wall.turn();
    let (began, start) = (Instant::now(), processor_time());
    for second in 1..=SPAN.as_secs() {
        wall.show(&boards[second as usize % 2]);
        let end = began + Duration::from_secs(second);
        while Instant::now() < end {
            assert!(wall.platform.turn(Some(end - Instant::now())).unwrap().is_continue());
        }
    }
    (processor_time() - start).as_secs_f64() / SPAN.as_secs_f64()
}

/// Memory of the whole program at 1080p, with the network thread; the card's own buffer is memory here too.
fn pss() {
    let folder = tempfile::tempdir().unwrap();
    let _network = Network::start(folder.path().join("agent.sock"), || {}).unwrap();
    let mut wall = Wall::new(1920, 1080, Motion::Full);
    for board in [sample::overview(), one_tile_changed(sample::overview()), sample::war_room(), sample::overview()] {
        wall.show(&board);
        let end = Instant::now() + Duration::from_secs(1);
        while Instant::now() < end {
            assert!(wall.platform.turn(Some(end - Instant::now())).unwrap().is_continue());
        }
    }
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let pss =
        rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    let buffer = 1920.0 * 1080.0 * 4.0 / 1e6;
    let megabytes = pss.unwrap() * 1024.0 / 1e6;
    println!("memory at 1080p: {:.1} MB PSS, without the card's buffer of {buffer:.1} MB", megabytes - buffer);
}

fn one_tile_changed(mut board: Board) -> Board {
    let panel = board.panels.iter_mut().find(|panel| matches!(panel.form, Form::Stat(_))).unwrap();
    if let Form::Stat(stat) = &mut panel.form {
        stat.value = Value::Count(131);
    }
    panel.revision = Revision(2);
    board
}

struct Wall {
    platform: Loop,
    ui: Ui,
    now: Timestamp,
}

impl Wall {
    fn new(width: u32, height: u32, motion: Motion) -> Self {
        let mode = Mode { width, height, refresh: 60, preferred: true };
        let open = Box::new(move || Ok(Box::new(Memory { mode, bytes: Vec::new() }) as _));
        let platform = Loop::new(Settings { open, uevents: None }).unwrap();
        slint::platform::set_platform(Box::new(Thread(platform.clone()))).unwrap();
        let ui = Ui::new(motion).unwrap();
        platform.look();
        ui.open().unwrap();
        Self { platform, ui, now: sample::now() }
    }

    fn show(&mut self, board: &Board) {
        let live = Live {
            server: "https://nexus.example.com".parse().unwrap(),
            trust: Trust::WebPki,
            board: board.id.0.clone(),
            access_token: String::new(),
            expires_at: self.now + SignedDuration::from_hours(1),
            screen: "Reception".to_owned(),
            rotation: 0,
            clock_offset: 0,
        };
        let screen = Screen {
            state: State::Live(live),
            board: Some(Arc::new(board.clone())),
            connection: Connection::Live,
            zone: TimeZone::UTC,
        };
        self.ui.show(&screen, self.now);
    }

    fn turn(&self) {
        assert!(self.platform.turn(Some(Duration::ZERO)).unwrap().is_continue());
    }
}

/// The platform without its proxy, of which a process can have only one.
struct Thread(Loop);

impl slint::platform::Platform for Thread {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.0.window())
    }
}

struct Memory {
    mode: Mode,
    bytes: Vec<u8>,
}

impl Card for Memory {
    fn displays(&mut self) -> Result<Vec<Display>, Error> {
        Ok(vec![Display { connector: 1, name: "memory".to_owned(), modes: vec![self.mode] }])
    }

    fn light(&mut self, _: &Display, mode: Mode) -> Result<(), Error> {
        self.bytes.resize((mode.width * mode.height) as usize * 4, 0);
        Ok(())
    }

    fn release(&mut self) {}

    fn scanout(&mut self) -> Scanout<'_> {
        Scanout { pitch: self.mode.width as usize * 4, bytes: &mut self.bytes }
    }

    fn flush(&mut self, _: &[Rect]) -> Result<(), Error> {
        Ok(())
    }
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
