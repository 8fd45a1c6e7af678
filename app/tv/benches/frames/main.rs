//! What the TV costs: milliseconds a frame, processor time at one change a second, memory. One line a figure.
//!
//! Everything is measured on the platform of a stick: the same loop, the same drawing, and the copy of what changed into
//! a buffer of its own, which stands for the display's. Times are processor time, so that a busy machine disturbs less.
//!
//! - A frame's time is the median of many, from the board that has changed to the copy in the display's buffer.
//! - A share of a core is that of the thread that draws; time goes on, so clocks and ages change with the tiles. Once, with
//!   the memory, it is that of the whole process: with TLS, and the board's state read from what came.
//! - Memory is the proportional set size of a process that runs as the wall does: an agent on its socket, a board over
//!   TLS from a server (both in another process), a change every second. It counts the picture in cached memory; the
//!   buffer that the display reads is the graphics driver's, not the program's, and is left out. As on a stick that has
//!   just started, the program's file is not in the page cache, where a build leaves all of it, and there is no
//!   fontconfig.
//!
//! Two aims of a native build are not reached: 1 % of a core at one change a second, and 20 MB. Of a second with one
//! change, clocks and ages that go on take a third, and the new number's fade, five or six frames, the rest: with reduced
//! motion there is none. Of the memory, a third is the picture, and the greatest part of the rest the program itself: the
//! kernel maps around each page that is touched, so nearly all of its text counts.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of its own that prints figures")]

mod server;

use std::{
    cell::Cell,
    env,
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use board::{Board, Form, Revision, Value, sample};
use device::{Live, Report, State, Trust};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use nix::{
    fcntl::{PosixFadviseAdvice, posix_fadvise},
    time::{ClockId, clock_gettime},
};
use slint::{PlatformError, Timer, platform::WindowAdapter};
use tv::{
    app::App,
    network::Network,
    platform::{Card, Display, Error, Loop, Mode, Rect, Rotation, Scanout, Settings},
    view::{Connection, Motion, Screen, Ui},
    wall::{self, Surface},
};

const SIZES: [(&str, u32, u32); 2] = [("1080p", 1920, 1080), ("4K", 3840, 2160)];

/// How long a share of the processor is measured.
const SPAN: Duration = Duration::from_secs(10);

/// When the wall has started, and its share of a core is that of a wall that goes on.
const STARTED: Duration = Duration::from_secs(2);
/// How long the wall runs before its memory is measured.
const SETTLED: Duration = Duration::from_secs(12);

type Change = fn(Board) -> Board;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", socket] => server::serve(Path::new(socket)),
        ["memory", socket] => memory(Path::new(socket)),
        ["tile"] => {
            // For a profiler.
            apart(|| print_frames("1080p", 1920, 1080));
        }
        _ => everything(),
    }
}

fn everything() {
    for (name, width, height) in SIZES {
        apart(move || print_frames(name, width, height));
        let changes: [(&str, Change); 3] = [
            ("nothing but the time", |board| board),
            ("one tile", one_tile_changed),
            ("all tiles", |_| sample::named("overview-zeros").unwrap()),
        ];
        for (tiles, other) in changes {
            apart(move || {
                let (share, frames) = share(width, height, other);
                println!(
                    "one change a second at {name}, {tiles}: {:.2} % of a core, {frames:.0} frames a second (aim: 1 % for one tile)",
                    share * 100.0
                );
            });
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let program = env::current_exe().unwrap();
    let mut server = Command::new(&program).arg("serve").arg(&socket).stdin(Stdio::null()).spawn().unwrap();
    // A process of its own, which has never drawn anything else.
    let fresh = folder.path().join("tv");
    fs::copy(program, &fresh).unwrap();
    let file = File::open(&fresh).unwrap();
    file.sync_all().unwrap();
    posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED).unwrap();
    drop(file);
    // The loader ends its search at a library that is none.
    for name in ["libfontconfig.so.1", "libfontconfig.so"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    Command::new(fresh).arg("memory").arg(&socket).env("LD_LIBRARY_PATH", folder.path()).status().unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Slint takes one platform per thread.
fn apart(measure: impl FnOnce() + Send + 'static) {
    thread::spawn(measure).join().unwrap();
}

/// What a frame took.
struct Frame {
    /// Until Slint was told.
    telling: Duration,
    /// From there until it was drawn and copied.
    drawing: Duration,
    pixels: u64,
}

fn print_frames(name: &str, width: u32, height: u32) {
    let mut wall = Wall::new(width, height, Motion::Reduced);
    let boards = [sample::overview(), one_tile_changed(sample::overview())];
    wall.show(&boards[0]);
    wall.turn();
    wall.turn();
    let one = median((0..200).map(|n| wall.frame(&boards[n % 2])));
    let whole = median((0..30).map(|n| {
        // Another theme is another picture everywhere.
        let theme = [board::Theme::Daylight, board::Theme::Midnight][n % 2];
        wall.frame(&Board { theme, ..boards[0].clone() })
    }));
    for (what, Frame { telling, drawing, pixels }) in [("whole", whole), ("one tile", one)] {
        println!(
            "one frame at {name}, {what}: {:.2} ms ({:.2} telling Slint, {:.2} drawing; {pixels} pixels; aim: 1 ms for one tile)",
            milliseconds(telling + drawing),
            milliseconds(telling),
            milliseconds(drawing)
        );
    }
}

/// The share of a core that a wall takes whose board is another one each second, and the frames it draws in a second.
fn share(width: u32, height: u32, other: Change) -> (f64, f64) {
    let mut wall = Wall::new(width, height, Motion::Full);
    let boards = [sample::overview(), other(sample::overview())];
    wall.show(&boards[0]);
    wall.turn();
    wall.turn();
    let frames = wall.platform.figures().frames();
    let (began, start) = (Instant::now(), processor_time());
    for second in 1..=SPAN.as_secs() {
        wall.now += SignedDuration::from_secs(1);
        wall.show(&boards[second as usize % 2]);
        let end = began + Duration::from_secs(second);
        while Instant::now() < end {
            assert!(wall.platform.turn(Some(end - Instant::now())).unwrap().is_continue());
        }
    }
    let seconds = SPAN.as_secs_f64();
    let frames = (wall.platform.figures().frames() - frames) as f64 / seconds;
    ((processor_time() - start).as_secs_f64() / seconds, frames)
}

/// Memory of the whole program at 1080p, as it runs on a stick: see the top.
fn memory(socket: &Path) {
    const WIDTH: u32 = 1920;
    const HEIGHT: u32 = 1080;
    let platform = platform(WIDTH, HEIGHT, Rc::default());
    slint::platform::set_platform(Box::new(platform.clone())).unwrap();
    let ui = Ui::new(Motion::Full).unwrap();
    platform.look();
    ui.open().unwrap();
    let network = Network::start(socket.to_owned(), || slint::quit_event_loop().unwrap()).unwrap();
    let figures = platform.figures();
    let begun = Rc::new(Cell::new(None));
    let begin = begun.clone();
    Timer::single_shot(STARTED, move || {
        begin.set(Some((Instant::now(), clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap())));
    });
    Timer::single_shot(SETTLED, move || {
        // A number has faded every second.
        assert!(figures.frames() > 2 * SETTLED.as_secs(), "the wall shows no board");
        let buffer = f64::from(WIDTH * HEIGHT * 4) / 1e6;
        let megabytes = proportional_set_size() - buffer;
        println!(
            "memory at 1080p: {megabytes:.1} MB PSS (of which the picture in cached memory {buffer:.1} MB; a TLS stream \
             is open; aim: 20 MB), without the display's own buffer of {buffer:.1} MB"
        );
        let (instant, before) = begun.get().unwrap();
        let spent = Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap()) - Duration::from(before);
        println!(
            "the whole process meanwhile: {:.2} % of a core (one tile a second, over TLS)",
            100.0 * spent.as_secs_f64() / instant.elapsed().as_secs_f64()
        );
        slint::quit_event_loop().unwrap();
    });
    wall::run(ui, Box::new(Shown(platform)), App::new(TimeZone::UTC), network).unwrap();
}

/// Megabytes of this process.
fn proportional_set_size() -> f64 {
    if let Ok(path) = env::var("SMAPS") {
        fs::copy("/proc/self/smaps", path).unwrap();
    }
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB"));
    kilobytes.unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
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
    copied: Rc<Cell<u64>>,
}

impl Wall {
    fn new(width: u32, height: u32, motion: Motion) -> Self {
        let copied = Rc::<Cell<u64>>::default();
        let platform = platform(width, height, copied.clone());
        slint::platform::set_platform(Box::new(Thread(platform.clone()))).unwrap();
        let ui = Ui::new(motion).unwrap();
        platform.look();
        ui.open().unwrap();
        Self { platform, ui, now: sample::now(), copied }
    }

    fn show(&mut self, board: &Board) {
        let live = Live {
            server: "https://nexus.example.com".parse().unwrap(),
            proxy: None,
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
            identify: None,
            unchecked_days: None,
            connection: Connection::Live,
            zone: TimeZone::UTC,
        };
        self.ui.show(&screen, self.now);
    }

    fn frame(&mut self, board: &Board) -> Frame {
        self.copied.set(0);
        let start = processor_time();
        self.show(board);
        let told = processor_time();
        self.turn();
        Frame { telling: told - start, drawing: processor_time() - told, pixels: self.copied.get() }
    }

    fn turn(&self) {
        assert!(self.platform.turn(Some(Duration::ZERO)).unwrap().is_continue());
    }
}

fn platform(width: u32, height: u32, copied: Rc<Cell<u64>>) -> Loop {
    let mode = Mode { width, height, refresh: 60, preferred: true };
    let open = Box::new(move || Ok(Box::new(Memory { mode, bytes: Vec::new(), copied: copied.clone() }) as _));
    Loop::new(Settings { open, uevents: None }).unwrap()
}

/// The platform without its proxy, of which a process can have only one.
struct Thread(Loop);

impl slint::platform::Platform for Thread {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.0.window())
    }
}

struct Shown(Loop);

impl Surface for Shown {
    fn rotate(&self, rotation: Rotation) {
        self.0.rotate(rotation);
    }

    fn alive(&self) -> Report {
        let figures = self.0.figures();
        let (width, height) = figures.size();
        Report::Alive { frames: figures.frames(), width, height }
    }

    fn shown(&self, _: &Ui) {}
}

struct Memory {
    mode: Mode,
    bytes: Vec<u8>,
    copied: Rc<Cell<u64>>,
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

    fn flush(&mut self, damage: &[Rect]) -> Result<(), Error> {
        let pixels: u64 = damage.iter().map(|rect| u64::from(rect.width) * u64::from(rect.height)).sum();
        self.copied.set(self.copied.get() + pixels);
        Ok(())
    }
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

fn median(frames: impl Iterator<Item = Frame>) -> Frame {
    let mut frames: Vec<Frame> = frames.collect();
    frames.sort_unstable_by_key(|frame| frame.telling + frame.drawing);
    frames.swap_remove(frames.len() / 2)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
