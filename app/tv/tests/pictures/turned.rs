//! A TV that hangs upright: its picture is turned from the first screen on.

use std::{
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use device::{Place, Report, Said, State};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use slint::platform::software_renderer::TargetPixel as _;
use tokio::sync::{mpsc, watch};
use tv::{
    agent,
    app::{App, Now},
    network::Network,
    platform::{Card, Display, Error, Loop, Mode, Pixel, Rect, Rotation, Scanout, Settings},
    snapshot::{self, Picture},
    view::{Motion, Screen, Ui},
    wall::{self, Surface},
};

use crate::scenes;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 360;

/// A display of memory, which another thread looks at.
struct Memory {
    bytes: Vec<u8>,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Card for Memory {
    fn displays(&mut self) -> Result<Vec<Display>, Error> {
        let mode = Mode { width: WIDTH, height: HEIGHT, refresh: 60, preferred: true };
        Ok(vec![Display { connector: 1, name: "memory".into(), modes: vec![mode] }])
    }

    fn light(&mut self, _: &Display, mode: Mode) -> Result<(), Error> {
        self.bytes.resize((mode.width * mode.height) as usize * 4, 0);
        Ok(())
    }

    fn release(&mut self) {}

    fn scanout(&mut self) -> Scanout<'_> {
        Scanout { pitch: WIDTH as usize * 4, bytes: &mut self.bytes }
    }

    fn flush(&mut self, _: &[Rect]) -> Result<(), Error> {
        self.shown.lock().unwrap().clone_from(&self.bytes);
        Ok(())
    }
}

struct Upright(Loop);

impl Surface for Upright {
    fn rotate(&self, rotation: Rotation) {
        self.0.rotate(rotation);
    }

    fn alive(&self) -> Report {
        Report::Unknown
    }

    fn shown(&self, _: &Ui) {}
}

/// The picture as somebody sees it whose head is turned with a display that hangs turned by 90 degrees.
fn upright(bytes: &[u8]) -> Picture {
    let at = |x: u32, y: u32| {
        let pixel = bytes[((y * WIDTH + x) * 4) as usize..][..4].try_into().expect("four bytes");
        Pixel(u32::from_ne_bytes(pixel)).rgb()
    };
    let bytes =
        (0..WIDTH).flat_map(|y| (0..HEIGHT).map(move |x| (x, y))).flat_map(|(x, y)| at(WIDTH - 1 - y, x)).collect();
    Picture { width: HEIGHT, height: WIDTH, bytes }
}

fn differing(one: &Picture, other: &Picture) -> usize {
    one.pixels().iter().zip(other.pixels()).filter(|(one, other)| one.g.abs_diff(other.g) > 40).count()
}

#[test]
fn the_first_picture_lies_as_the_display_hangs() {
    let now = Now { since_start: Duration::ZERO, wall: Timestamp::UNIX_EPOCH };
    let app = App::new(TimeZone::UTC).turned(90);
    let mut display = snapshot::Display::turned(WIDTH, HEIGHT, app.rotation(), Motion::Reduced).unwrap();
    display.show(&app.screen(now), app.time(now));
    let picture = display.picture();
    assert_eq!((picture.width, picture.height), (WIDTH, HEIGHT));
    let pixels = picture.pixels().iter().map(|pixel| Pixel::from_rgb(pixel.r, pixel.g, pixel.b));
    let seen = upright(&pixels.flat_map(|pixel| pixel.0.to_ne_bytes()).collect::<Vec<u8>>());
    let wanted = snapshot::render(&app.screen(now), HEIGHT, WIDTH, app.time(now)).unwrap();
    assert!(differing(&seen, &wanted) < 200);
}

/// The loop's proxy is one for the whole process: this is the only test that runs it.
#[test]
fn a_tv_that_hangs_upright_shows_its_pairing_code_upright() {
    let mut pairing = scenes::pairing();
    if let State::Pairing(pairing) = &mut pairing.state {
        // Its time is over: nothing on this screen moves but the clock.
        pairing.expires_at = pairing.issued_at + SignedDuration::from_secs(1);
    }
    let shown = Arc::new(Mutex::new(Vec::new()));
    let (send, events) = mpsc::channel(4);
    let said = Said { place: Place { turned: 90, ..Place::default() }, ..pairing.state.clone().into() };
    send.try_send(agent::Event::Said(Box::new(said)).into()).unwrap();
    let memory = shown.clone();
    let running = thread::spawn(move || {
        let open = Box::new(move || Ok(Box::new(Memory { bytes: Vec::new(), shown: memory.clone() }) as _));
        let platform = Loop::new(Settings { open, uevents: None }).unwrap();
        slint::platform::set_platform(Box::new(platform.clone())).unwrap();
        let mut ui = Ui::new(Motion::Reduced).unwrap();
        ui.hold_still();
        platform.look();
        ui.open().unwrap();
        let (target, _targets) = watch::channel(None);
        let (reports, _reported) = mpsc::channel(4);
        wall::run(ui, Box::new(Upright(platform)), App::new(TimeZone::UTC), Network { events, target, reports })
            .unwrap();
    });

    let screen = Screen { zone: TimeZone::UTC, ..pairing };
    let end = Instant::now() + Duration::from_secs(20);
    let different = loop {
        let wanted = snapshot::render(&screen, HEIGHT, WIDTH, Timestamp::now()).unwrap();
        let bytes = shown.lock().unwrap().clone();
        if !bytes.is_empty() {
            let seen = upright(&bytes);
            let different = differing(&seen, &wanted);
            if different < 200 || Instant::now() > end {
                let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
                fs::create_dir_all(&folder).unwrap();
                seen.write(&folder.join("turned.png")).unwrap();
                break different;
            }
        }
        assert!(Instant::now() < end, "nothing is shown");
        thread::sleep(Duration::from_millis(20));
    };
    slint::quit_event_loop().unwrap();
    running.join().unwrap();
    assert!(different < 200, "{different} pixels differ from the upright pairing screen");
}
