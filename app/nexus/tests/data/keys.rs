//! `nexus keys rotate-passphrase`.

use std::{
    fs::{self, OpenOptions, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use vault::{ExposeSecret, Name};

use crate::{
    serving::{Serving, client, eventually},
    stage::{Installation, NEW_PASSPHRASE, PASSPHRASE, WORDS, run},
};

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
    /// Further variables, what the file of the new passphrase holds, and why that is refused.
    type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, &'a str);

    let (installation, _) = with_secrets(1);
    let before = fs::read(installation.data().join("secrets.json")).unwrap();
    let file = installation.folder.path().join("new");
    let new = (NEW_PASSPHRASE, NEW);
    let cases: [Case<'_>; 7] = [
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

#[test]
fn without_a_passphrase_the_server_starts_says_so_and_no_secret_is_stored() {
    let installation = Installation::new();
    let serving = Serving::run(installation.nexus().env_remove(PASSPHRASE));
    eventually(|| serving.log().contains("there is no passphrase, so no secret can be stored or used").then_some(()));
    assert!(client(&installation).get(format!("{}/healthz", serving.origin())).send().unwrap().status().is_success());
    let token = installation.folder.path().join("token");
    fs::write(&token, "1-14-canary-token").unwrap();
    let mut connect = installation.nexus();
    connect.args(["connect", "request-tracker", "--allow-unreachable", "--url", "https://localhost:1", "--token-file"]);
    refused(connect.arg(token).env_remove(PASSPHRASE), "without a passphrase");
    assert!(!installation.data().join("secrets.json").exists());
}

#[test]
fn everything_in_the_data_folder_is_its_owners_alone_after_a_start_and_what_was_not_is_logged() {
    let installation = Installation::new();
    Serving::start(&installation, &[]).stop();
    let backups = installation.data().join("backups");
    fs::create_dir(&backups).unwrap();
    let wide = ["nexus.db", "nexus.db-wal", "nexus.db-shm", "settings.json", "pki/authority.key", "backups/a.tar.zst"];
    for name in wide {
        let path = installation.data().join(name);
        OpenOptions::new().create(true).append(true).open(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    }
    for folder in [installation.data(), backups] {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }
    let serving = Serving::start(&installation, &[]);
    assert_narrow(&installation.data());
    let log = serving.log();
    for name in wide {
        assert!(log.lines().any(|line| line.contains(name) && line.contains("was narrowed")), "{name}: {log}");
    }
}

fn assert_narrow(path: &Path) {
    let metadata = fs::symlink_metadata(path).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o077, 0, "{}", path.display());
    if metadata.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| assert_narrow(&entry.unwrap().path()));
    }
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
