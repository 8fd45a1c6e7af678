//! Golden pictures: `tests/golden/NAME.png`. `UPDATE_GOLDEN=1 cargo test -p tv` draws them anew; look at them before
//! you commit them. What was drawn lies in cargo's `target/tmp/pictures`.

use std::{env, fs, path::PathBuf};

use tv::{snapshot, view::Screen};

use crate::scenes;

pub(crate) fn matches(name: &str, screen: &Screen, (width, height): (u32, u32)) {
    let drawn = snapshot::render(screen, width, height, scenes::now()).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    fs::create_dir_all(&folder).unwrap();
    drawn.write(&folder.join(format!("{name}.png"))).unwrap();
}
