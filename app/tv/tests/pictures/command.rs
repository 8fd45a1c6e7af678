//! The program itself, as somebody types it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use crate::golden;

fn sample(picture: &Path, texts: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexus-tv"));
    command.args(["--sample", "overview", "--size", "1280x720", "--snapshot"]).arg(picture).arg("--texts").arg(texts);
    command.output().unwrap()
}

#[test]
fn a_sample_is_drawn_once_into_a_picture_and_its_words_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (picture, texts) = (folder.path().join("tv.png"), folder.path().join("texts"));
    let ended = sample(&picture, &texts);
    assert!(ended.status.success(), "{ended:?}");
    let drawn = golden::read(&picture);
    assert_eq!((drawn.width, drawn.height), (1280, 720));
    let lines = fs::read_to_string(&texts).unwrap();
    let words: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].take()).collect();
    assert!(["Demo data", "No owner"].iter().all(|word| words.iter().any(|said| said == word)), "{words:?}");
}

#[test]
fn words_that_cannot_be_kept_are_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let ended = sample(&folder.path().join("tv.png"), &folder.path().join("missing/texts"));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success() && said.contains("cannot write the texts to"), "{said}");
}
