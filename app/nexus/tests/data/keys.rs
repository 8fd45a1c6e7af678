//! `nexus keys rotate-passphrase`.

use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use vault::{ExposeSecret, Name};

use crate::stage::{Installation, NEW_PASSPHRASE, PASSPHRASE, WORDS, run};

const NEW: &str = "canary-passphrase-that-is-new";

fn rotate(installation: &Installation) -> Command {
    let mut command = installation.nexus();
    command.args(["keys", "rotate-passphrase"]);
    command
}

/// An installation with so many secrets; each holds its own name.
fn with_secrets(count: usize) -> (Installation, Vec<Name>) {
    let installation = Installation::new();
    vault::file::make_folder(&installation.data()).unwrap();
    let names: Vec<Name> = (0..count).map(|number| format!("secret.{number}").parse().unwrap()).collect();
    for name in &names {
        installation.vault(WORDS).set(name, &name.as_str().into()).unwrap();
    }
    (installation, names)
}

fn opens_all(installation: &Installation, words: &str, names: &[Name]) -> bool {
    let vault = installation.vault(words);
    names.iter().all(|name| vault.open(name).is_ok_and(|secret| secret.expose_secret() == name.as_str()))
}

#[test]
fn the_passphrase_is_rotated_from_a_variable_or_a_file_and_never_printed() {
    let (installation, names) = with_secrets(2);
    let file = installation.folder.path().join("new");
    fs::write(&file, format!("{NEW}\n")).unwrap();

    let (output, said) = run(rotate(&installation).arg("--new-passphrase-file").arg(&file));
    assert!(output.status.success(), "{said}");
    assert!(said.contains("2 secrets") && said.contains("start Nexus again"), "{said}");
    assert!(opens_all(&installation, NEW, &names));
    let (output, again) = run(rotate(&installation).env(NEW_PASSPHRASE, NEW));
    assert!(output.status.success() && again.contains("Nothing to do: all 2"), "{again}");
    let (output, back) = run(rotate(&installation).env(PASSPHRASE, NEW).env(NEW_PASSPHRASE, WORDS));
    assert!(output.status.success(), "{back}");
    assert!(opens_all(&installation, WORDS, &names));
    for said in [said, again, back] {
        assert!(!said.contains(WORDS) && !said.contains(NEW), "{said}");
    }
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_changed() {
    let (installation, _) = with_secrets(1);
    let before = fs::read(installation.data().join("secrets.json")).unwrap();
    let file = installation.folder.path().join("new");
    let new = (NEW_PASSPHRASE, NEW);
    let cases: [(&[(&str, &str)], Option<&str>, &str); 7] = [
        (&[], None, "there is no new passphrase"),
        (&[(NEW_PASSPHRASE, "")], None, "DASHBOARD_SECRET_NEW_PASSPHRASE is set but empty"),
        (&[new], Some("x"), "there are two new passphrases"),
        (&[new, (PASSPHRASE, "wrong")], None, "nothing was changed: cannot read the secret \"secret.0\""),
        (&[new, (PASSPHRASE, "")], None, "DASHBOARD_SECRET_PASSPHRASE is set but empty"),
        (&[], Some("two\nlines\n"), "holds several lines"),
        (&[], Some("\n"), "holds no passphrase"),
    ];
    for (variables, content, reason) in cases {
        let mut command = rotate(&installation);
        command.envs(variables.iter().copied());
        if let Some(content) = content {
            fs::write(&file, content).unwrap();
            command.arg("--new-passphrase-file").arg(&file);
        }
        refused(&mut command, reason);
    }
    refused(rotate(&installation).env(NEW_PASSPHRASE, NEW).env_remove(PASSPHRASE), "without a passphrase");
    assert_eq!(fs::read(installation.data().join("secrets.json")).unwrap(), before);
}

fn refused(command: &mut Command, reason: &str) {
    let (output, said) = run(command);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains(reason), "{said} should say {reason}");
}

#[test]
fn a_rotation_that_is_killed_leaves_one_passphrase_for_all_and_a_second_run_finishes_it() {
    kill_rotations(3);
}

#[test]
#[ignore = "takes minutes"]
fn many_rotations_that_are_killed_leave_one_passphrase_for_all() {
    kill_rotations(60);
}

fn kill_rotations(rounds: u32) {
    let (installation, names) = with_secrets(2);
    let rotate = |old: &str, new: &str| {
        let mut command = rotate(&installation);
        command.env(PASSPHRASE, old).env(NEW_PASSPHRASE, new).stdout(Stdio::null());
        command
    };
    let (mut old, mut new) = (NEW, WORDS);
    let started = Instant::now();
    assert!(rotate(new, old).status().unwrap().success());
    let takes = started.elapsed();

    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..rounds {
        let mut rotating = rotate(old, new).spawn().unwrap();
        std::thread::sleep(takes.mul_f64(random.random_range(0.0..1.1)));
        rotating.kill().unwrap();
        rotating.wait().unwrap();
        let fits = [old, new].map(|words| opens_all(&installation, words, &names));
        assert!(fits[0] != fits[1], "exactly one passphrase opens all of them: {fits:?}");

        assert!(rotate(old, new).status().unwrap().success());
        assert!(opens_all(&installation, new, &names));
        std::mem::swap(&mut old, &mut new);
    }
}
