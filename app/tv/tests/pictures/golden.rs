//! Golden pictures: `tests/golden/NAME.png`, at half the size of what is drawn (a shift by one pixel still shows).
//!
//! `UPDATE_GOLDEN=1 cargo test -p tv` draws them anew; look at them before you commit them. What was drawn lies in
//! cargo's `target/tmp/pictures` in full size. The pictures are those of one version of Inter: with another one every
//! letter differs a little, and only the tests that read the drawing can judge. Where a change is judged (`CI` is set), that
//! is not enough, unless `WAIVE_GOLDEN` says so; elsewhere it is told aloud, and `scripts/test` tells it once more at its end.

use std::{
    env,
    fs::{self, File},
    io::{self, BufReader, Write as _},
    path::{Path, PathBuf},
    sync::Once,
};

use jiff::Timestamp;
use slint::Rgb8Pixel;
use tv::{
    snapshot::{self, Picture},
    view::Screen,
};

use crate::scenes;

/// The version of Inter that the golden pictures were drawn with.
const INTER: &str = "3.019";
static TOLD: Once = Once::new();
/// Where `scripts/test` reads why no picture was compared.
const NOT_COMPARED: &str = "golden-pictures-not-compared";
/// By how much a channel may differ before a pixel counts as different.
const CHANNEL: u8 = 20;
/// How many of a million pixels may be different.
const DIFFERENT: usize = 300;

/// A picture, and the file that it was written to so that somebody can look at it.
pub(crate) fn keep(name: &str, screen: &Screen, now: Timestamp, (width, height): (u32, u32)) -> (Picture, PathBuf) {
    let drawn = snapshot::render(screen, width, height, now).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    fs::create_dir_all(&folder).unwrap();
    let kept = folder.join(format!("{name}.png"));
    drawn.write(&kept).unwrap();
    (drawn, kept)
}

pub(crate) fn matches(name: &str, screen: &Screen, size: (u32, u32)) {
    matches_at(name, screen, scenes::now(), size);
}

/// The same at another instant.
pub(crate) fn matches_at(name: &str, screen: &Screen, now: Timestamp, (width, height): (u32, u32)) {
    let (drawn, kept) = keep(name, screen, now, (width, height));
    if !tv_components::INTER_VERSION.starts_with(INTER) {
        let why = format!(
            "golden pictures are drawn with Inter {INTER}, and this machine has {}",
            tv_components::INTER_VERSION
        );
        assert!(
            env::var_os("CI").is_none() || env::var_os("WAIVE_GOLDEN").is_some(),
            "CI is set, and {why}: build with that version (NEXUS_FONT_DIR), or set WAIVE_GOLDEN"
        );
        TOLD.call_once(|| tell(&why));
        return;
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
    let half = halved(&drawn);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        return half.write(&golden).unwrap();
    }
    let wanted = read(&golden);
    assert_eq!((half.width, half.height), (wanted.width, wanted.height), "{name} has another size");
    let different = half.pixels().iter().zip(wanted.pixels()).filter(|(one, other)| differ(**one, **other)).count();
    let allowed = half.pixels().len() * DIFFERENT / 1_000_000;
    assert!(
        different <= allowed,
        "{name}: {different} pixels differ from {}, at most {allowed} may; look at {}",
        golden.display(),
        kept.display()
    );
}

/// Says that no picture is compared, on the console and to `scripts/test`.
fn tell(why: &str) {
    // Not by a macro: of a test that passes, nobody would read it.
    let _ = writeln!(io::stderr(), "\nNOT COMPARED: {why}.\nA pass says nothing about any golden picture.\n");
    fs::write(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(NOT_COMPARED), why).unwrap();
}

fn differ(one: Rgb8Pixel, other: Rgb8Pixel) -> bool {
    [(one.r, other.r), (one.g, other.g), (one.b, other.b)].iter().any(|(one, other)| one.abs_diff(*other) > CHANNEL)
}

/// Every pixel is the mean of four.
fn halved(picture: &Picture) -> Picture {
    let (width, height, pixels) = (picture.width / 2, picture.height / 2, picture.pixels());
    let at = |x: u32, y: u32| pixels[(y * picture.width + x) as usize];
    let mean = |x: u32, y: u32| {
        let four = [at(2 * x, 2 * y), at(2 * x + 1, 2 * y), at(2 * x, 2 * y + 1), at(2 * x + 1, 2 * y + 1)];
        let channel = |of: fn(&Rgb8Pixel) -> u8| (four.iter().map(|pixel| u32::from(of(pixel))).sum::<u32>() / 4) as u8;
        [channel(|pixel| pixel.r), channel(|pixel| pixel.g), channel(|pixel| pixel.b)]
    };
    let bytes = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| mean(x, y)).collect();
    Picture { width, height, bytes }
}

/// A picture from its file.
pub(crate) fn read(path: &Path) -> Picture {
    let file = File::open(path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE_GOLDEN=1 draws it for the first time", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(info.buffer_size());
    Picture { width: info.width, height: info.height, bytes }
}
