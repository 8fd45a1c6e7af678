//! The platform on a card made of memory.

use std::{
    io,
    os::unix::net::UnixDatagram,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use board::{Board, sample};
use device::{Live, State, Trust};
use jiff::tz::TimeZone;
use slint::{
    ComponentHandle, PlatformError,
    platform::{
        Platform, WindowAdapter,
        software_renderer::{MinimalSoftwareWindow, RepaintBufferType},
    },
};

use super::*;
use crate::{
    snapshot,
    view::{Connection, Motion, Screen, Ui},
};

mod fake;

use fake::{Fake, display};

slint::slint! {
    export component Tiles inherits Window {
        in property <color> left: #204060;
        in property <color> right: #406020;
        background: #101010;
        Rectangle { x: 0; y: 0; width: root.width / 4; height: root.height / 2; background: root.left; }
        Rectangle { x: root.width / 2; y: root.height / 2; width: root.width / 2; height: root.height / 2; background: root.right; }
    }
}

const HD: Mode = Mode { width: 192, height: 108, refresh: 60, preferred: true };
const SMALL: Mode = Mode { width: 64, height: 48, refresh: 60, preferred: true };

struct Window(Rc<MinimalSoftwareWindow>);

impl Platform for Window {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.0.clone())
    }
}

fn output(fake: &Fake) -> (Output, Tiles) {
    let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
    slint::platform::set_platform(Box::new(Window(window.clone()))).expect("one platform a thread");
    let tiles = Tiles::new().expect("a component");
    tiles.show().expect("a window");
    (Output::new(window, fake.open()), tiles)
}

fn lit_output(fake: &Fake) -> (Output, Tiles) {
    let (mut output, tiles) = output(fake);
    output.refresh(Instant::now());
    assert!(output.draw(Instant::now()), "the first frame");
    (output, tiles)
}

fn agent_says() -> Live {
    Live {
        server: "https://nexus.example.com".parse().expect("an address"),
        proxy: None,
        trust: Trust::WebPki,
        board: "overview".to_owned(),
        access_token: String::new(),
        expires_at: sample::now(),
        screen: "Reception".to_owned(),
        rotation: 0,
        clock_offset: 0,
    }
}

fn red() -> slint::Color {
    slint::Color::from_rgb_u8(255, 0, 0)
}

#[test]
fn the_display_shows_the_whole_window() {
    let fake = Fake::showing(HD);
    let (output, _tiles) = lit_output(&fake);
    assert_eq!(fake.picture(), output.shadow());
    assert_eq!(fake.pixel(0, 0), [0x20, 0x40, 0x60]);
    assert_eq!(fake.pixel(191, 107), [0x40, 0x60, 0x20]);
    assert_eq!(fake.pixel(191, 0), [0x10, 0x10, 0x10]);
    assert_eq!(output.figures().size(), (192, 108));
}

#[test]
fn a_board_that_changed_is_the_picture_that_slint_draws_alone() {
    let first = sample::overview();
    let mut second = first.clone();
    second.panels[0].title = "Żółte jaźnie".into();
    let live = |board: &Board| Screen {
        state: State::Live(agent_says()),
        board: Some(Arc::new(board.clone())),
        identify: None,
        unchecked_days: None,
        connection: Connection::Live,
        zone: TimeZone::UTC,
    };
    let fake = Fake::showing(Mode { width: 1280, height: 720, refresh: 60, preferred: true });
    let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
    slint::platform::set_platform(Box::new(Window(window.clone()))).expect("one platform a thread");
    let mut ui = Ui::new(Motion::Reduced).expect("a component");
    ui.hold_still();
    let mut output = Output::new(window, fake.open());
    output.refresh(Instant::now());
    ui.open().expect("a window");
    for board in [&first, &second] {
        ui.show(&live(board), sample::now());
        slint::platform::update_timers_and_animations();
        assert!(output.draw(Instant::now()));
    }
    let seen: Vec<[u8; 3]> = output.shadow().iter().map(|pixel| pixel.rgb()).collect();
    let screen = live(&second);
    let alone = thread::spawn(move || snapshot::render(&screen, 1280, 720, sample::now()).expect("a picture"));
    let alone: Vec<[u8; 3]> =
        alone.join().expect("a picture").pixels().iter().map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    assert!(seen == alone, "{} pixels differ", seen.iter().zip(&alone).filter(|(seen, alone)| seen != alone).count());
}

#[test]
fn nothing_is_drawn_when_nothing_changes() {
    let fake = Fake::showing(HD);
    let (mut output, _tiles) = lit_output(&fake);
    assert!(!output.draw(Instant::now()));
    assert_eq!(output.figures().frames(), 1);
}

#[test]
fn only_the_changed_rectangle_is_copied() {
    let fake = Fake::showing(HD);
    let (mut output, tiles) = lit_output(&fake);
    // The frame after a whole one is whole again: it fills the renderer's cache.
    tiles.set_left(slint::Color::from_rgb_u8(1, 2, 3));
    output.draw(Instant::now());
    tiles.set_left(red());
    assert!(output.draw(Instant::now()));
    assert_eq!(fake.0.borrow().flushed, [Rect { x: 0, y: 0, width: 48, height: 54 }]);
    assert_eq!(fake.picture(), output.shadow());
    assert_eq!(fake.pixel(47, 53), [255, 0, 0]);
}

#[test]
fn a_late_display_gets_the_picture() {
    let fake = Fake::default();
    let (mut output, _tiles) = output(&fake);
    output.refresh(Instant::now());
    assert!(!output.is_lit() && !output.draw(Instant::now()));
    assert_eq!(output.retry_at(), None, "a missing display is waited for, not polled");

    fake.0.borrow_mut().displays = vec![display(vec![])];
    output.refresh(Instant::now());
    assert!(!output.is_lit(), "connected, but without modes");

    fake.plug(HD);
    output.refresh(Instant::now());
    assert!(output.draw(Instant::now()));
    assert_eq!(fake.picture(), output.shadow());
}

#[test]
fn unplugging_keeps_the_program_running_and_plugging_shows_the_newest_picture() {
    let fake = Fake::showing(HD);
    let (mut output, tiles) = lit_output(&fake);
    fake.unplug();
    output.refresh(Instant::now());
    assert_eq!(output.figures().size(), (0, 0));
    tiles.set_left(red());
    assert!(!output.draw(Instant::now()));

    fake.plug(HD);
    output.refresh(Instant::now());
    assert!(output.draw(Instant::now()));
    assert_eq!(fake.pixel(0, 0), [255, 0, 0]);
    assert_eq!(fake.picture(), output.shadow());
}

#[test]
fn another_mode_lays_the_window_out_anew() {
    let fake = Fake::showing(HD);
    let (mut output, tiles) = lit_output(&fake);
    fake.plug(SMALL);
    output.refresh(Instant::now());
    assert!(output.draw(Instant::now()));
    assert_eq!(tiles.window().size(), slint::PhysicalSize::new(64, 48));
    assert_eq!(fake.pixel(63, 47), [0x40, 0x60, 0x20]);
    assert_eq!(fake.picture(), output.shadow());
}

#[test]
fn news_that_change_nothing_repaint_the_display_from_memory() {
    let fake = Fake::showing(HD);
    let (mut output, _tiles) = lit_output(&fake);
    output.refresh(Instant::now());
    assert_eq!(fake.0.borrow().flushed, [Rect { x: 0, y: 0, width: 192, height: 108 }]);
    assert_eq!(output.figures().frames(), 1, "nothing was drawn anew");
}

#[test]
fn every_rotation_shows_the_top_left_tile_where_it_belongs() {
    for (degrees, corner, size) in [
        (0, (0, 0), (192, 108)),
        (90, (191, 0), (108, 192)),
        (180, (191, 107), (192, 108)),
        (270, (0, 107), (108, 192)),
    ] {
        std::thread::spawn(move || {
            let fake = Fake::showing(HD);
            let (mut output, tiles) = lit_output(&fake);
            output.rotate(Rotation::from_degrees(degrees).expect("a rotation"));
            output.draw(Instant::now());
            assert_eq!(fake.pixel(corner.0, corner.1), [0x20, 0x40, 0x60], "{degrees} degrees");
            assert_eq!(output.figures().size(), size);
            for color in [slint::Color::from_rgb_u8(1, 2, 3), red()] {
                tiles.set_left(color);
                output.draw(Instant::now());
            }
            assert_eq!(fake.picture(), output.shadow(), "{degrees} degrees, in part");
            assert_eq!(fake.pixel(corner.0, corner.1), [255, 0, 0], "{degrees} degrees, in part");
            let flushed = fake.0.borrow().flushed.clone();
            assert!(matches!(flushed[..], [Rect { width, height, .. }] if width * height == 48 * 54), "{flushed:?}");
        })
        .join()
        .expect("a rotation failed");
    }
    assert_eq!(Rotation::from_degrees(45), None);
}

#[test]
fn a_refusal_is_tried_again_with_growing_waits_until_the_picture_is_back() {
    let fake = Fake::showing(HD);
    let (mut output, tiles) = lit_output(&fake);
    fake.0.borrow_mut().refusal = Some(io::ErrorKind::NotFound);
    tiles.set_left(red());
    let start = Instant::now();
    output.draw(start);
    assert!(!output.is_lit());
    let first = output.retry_at().expect("a retry");
    output.refresh(first);
    let second = output.retry_at().expect("a retry");
    assert!(second - first > first - start, "waits grow");
    assert!(second - first <= Duration::from_secs(10));

    fake.0.borrow_mut().refusal = None;
    output.refresh(second);
    assert_eq!(output.retry_at(), None);
    output.draw(second);
    assert_eq!(fake.pixel(0, 0), [255, 0, 0]);
    assert!(fake.0.borrow().opened >= 3, "the card is opened anew: the old one may be gone");
}

#[test]
fn refusals_say_what_to_do() {
    let not_master = Error::NotMaster { card: "/dev/dri/card0".into() }.to_string();
    assert!(not_master.contains("another program holds the displays") && not_master.contains("end it"), "{not_master}");
    let open =
        Error::Open { path: "/dev/dri/card0".into(), source: io::ErrorKind::PermissionDenied.into() }.to_string();
    assert!(open.contains("group `video`"), "{open}");
}

/// A loop whose platform is given to Slint without its process-wide proxy, so that every test can have one.
fn looped(fake: &Fake) -> (Loop, Tiles, UnixDatagram) {
    let (kernel, ours) = UnixDatagram::pair().expect("a pair of sockets");
    ours.set_nonblocking(true).expect("a socket option");
    let run = Loop::new(Settings { open: fake.open(), uevents: Some(Uevents::from(std::os::fd::OwnedFd::from(ours))) })
        .expect("a loop");
    slint::platform::set_platform(Box::new(Window(run.window()))).expect("one platform a thread");
    let tiles = Tiles::new().expect("a component");
    tiles.show().expect("a window");
    run.look();
    (run, tiles, kernel)
}

#[test]
fn a_kernel_event_wakes_the_loop_and_lights_the_display() {
    let fake = Fake::default();
    let (run, _tiles, kernel) = looped(&fake);
    fake.plug(HD);
    kernel.send(b"change@/devices/usb\0SUBSYSTEM=usb\0").expect("sent");
    assert!(run.turn(Some(Duration::from_secs(10))).expect("a turn").is_continue());
    assert!(fake.0.borrow().lit.is_none(), "news of other devices mean nothing");
    kernel.send(b"change@/devices/drm/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=1\0").expect("sent");
    assert!(run.turn(Some(Duration::from_secs(10))).expect("a turn").is_continue());
    assert!(run.turn(Some(Duration::ZERO)).expect("a turn").is_continue());
    assert_eq!(fake.0.borrow().frames, 1);
    assert_eq!(run.figures().size(), (192, 108));
}

#[test]
fn calls_from_other_threads_wake_the_loop_in_order_and_quit_ends_it() {
    let fake = Fake::showing(HD);
    let (run, tiles, _kernel) = looped(&fake);
    assert!(run.turn(Some(Duration::ZERO)).expect("a turn").is_continue());
    let proxy = run.new_event_loop_proxy().expect("a proxy");
    let weak = tiles.as_weak();
    let thread = std::thread::spawn(move || {
        for color in [slint::Color::from_rgb_u8(0, 255, 0), red()] {
            let weak = weak.clone();
            proxy.invoke_from_event_loop(Box::new(move || weak.unwrap().set_left(color))).expect("invoked");
        }
        proxy.quit_event_loop().expect("quit");
    });
    thread.join().expect("the thread");
    run.run_event_loop().expect("a loop that ends");
    assert_eq!(tiles.get_left(), red());
}

#[test]
fn a_picture_file_follows_the_window_and_is_never_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tv.png");
    let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
    slint::platform::set_platform(Box::new(Window(window.clone()))).expect("one platform a thread");
    let tiles = Tiles::new().expect("a component");
    tiles.show().expect("a window");
    let file = path.clone();
    let mut output = Output::new(window, Box::new(move || Ok(Box::new(picture::Picture::new(file.clone(), 64, 48)))));
    output.refresh(Instant::now());
    output.draw(Instant::now());
    tiles.set_left(red());
    output.draw(Instant::now());
    assert_eq!(corner_becomes(&path, [255, 0, 0]), Some((64, 48)));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside the picture");
}

/// Waits until the first pixel of a PNG is the given one, and answers the size of the picture. Every read must succeed.
fn corner_becomes(path: &std::path::Path, wanted: [u8; 3]) -> Option<(u32, u32)> {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if let Ok(file) = std::fs::File::open(path) {
            let mut reader = png::Decoder::new(io::BufReader::new(file)).read_info().expect("a whole PNG");
            let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
            let info = reader.next_frame(&mut bytes).expect("a whole PNG");
            if bytes.starts_with(&wanted) {
                return Some((info.width, info.height));
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}
