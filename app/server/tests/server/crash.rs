//! A server that is killed in the middle of writing: what it stored is there, and what it did not finish is not by halves.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use server::{Config, Folder, Settings};
use sqlx::{Connection, query_as, query_scalar, sqlite::SqliteConnection};
use tempfile::TempDir;
use vault::{Cost, ExposeSecret, Name, Passphrase, Vault};

use crate::{
    browser::{Browser, PASSWORD},
    keys::Device,
    stage::{Setup, Stage},
    stick::pair,
};

/// Where the writer finds the data folder, and with which number it goes on.
const FOLDER: &str = "NEXUS_TEST_CRASH";
const FROM: &str = "NEXUS_TEST_CRASH_FROM";

/// How many screens an address pairs at once, which is what one life of the writer is good for.
const PAIRINGS: usize = 3;

#[test]
fn a_server_killed_at_random_moments_keeps_what_it_stored_and_nothing_by_halves() {
    kill_writers(12);
}

#[test]
#[ignore = "takes many minutes"]
fn a_server_killed_at_500_random_moments_keeps_what_it_stored_and_nothing_by_halves() {
    kill_writers(500);
}

fn kill_writers(rounds: u32) {
    let outer = tempfile::tempdir().unwrap();
    let data = outer.path().join("data");
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut kept = Kept::default();
    let mut told = 0;
    for round in 0..rounds {
        // While it starts and brings its database up to date, while it writes, and between one pairing and the next.
        let not_before = ["", "wrote settings", "wrote screen"][usize::try_from(round % 3).unwrap()];
        let lines = killed_writer(&data, &kept, not_before, Duration::from_millis(random.random_range(0..400)));
        told += lines.len();
        kept = kept.followed_by(&data, &lines);
    }
    let rounds = usize::try_from(rounds).unwrap();
    assert!(told > rounds, "the writers hardly wrote: {told} times in {rounds} rounds");
    assert!(kept.keys.len() >= rounds / 6, "they hardly replaced keys: {} in {rounds} rounds", kept.keys.len());
    assert!(kept.screens.len() >= rounds / 3, "they hardly paired: {} in {rounds} rounds", kept.screens.len());
    // As it was left, it serves.
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let stage = Setup { folder: linked(&data), ..Setup::new() }.start().await;
        let page = signed_in(&stage).await.text("/admin/screens").await;
        assert!(page.matches("Reception").count() >= kept.screens.len(), "{page}");
        stage.server.stop().await;
    });
}

/// Starts a writer, kills it a while after it told something, and answers what it told of its writes until then.
fn killed_writer(data: &Path, kept: &Kept, not_before: &str, after: Duration) -> Vec<String> {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::writer", "--ignored", "--nocapture"])
        .env(FOLDER, data)
        .env(FROM, kept.next().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut told = Vec::new();
    while !not_before.is_empty() && !told.last().is_some_and(|line: &String| line.contains(not_before)) {
        told.push(lines.next().expect("it goes on writing"));
    }
    std::thread::sleep(after);
    writer.kill().unwrap();
    writer.wait().unwrap();
    told.extend(lines);
    told
}

/// What the files of a killed writer hold.
#[derive(Default)]
struct Kept {
    settings: u64,
    secret: u64,
    screens: BTreeSet<String>,
    /// Those of them that are at their second key.
    keys: BTreeSet<String>,
}

impl Kept {
    /// The number with which the next writer goes on.
    fn next(&self) -> u64 {
        self.settings.max(self.secret) + 1
    }

    /// Opens everything, and compares it with what the writer told.
    fn followed_by(&self, data: &Path, lines: &[String]) -> Self {
        let told = |what: &str| -> Vec<&str> {
            lines.iter().filter_map(|line| line.split_once("wrote ")?.1.strip_prefix(what)?.strip_prefix(' ')).collect()
        };
        let is_whole = |before: u64, told: &[&str], now: u64, what: &str| {
            // The newest that was told, or the one that was being written when the writer was killed.
            let newest = told.last().map(|number| number.parse::<u64>().unwrap());
            let allowed = newest.map_or([before, self.next()], |newest| [newest, newest + 1]);
            assert!(allowed.contains(&now), "{what}: {now} instead of one of {allowed:?}");
        };
        let (screens, keys) = screens(data);
        let now = Self { settings: settings(data), secret: secret(data), screens, keys };
        is_whole(self.settings, &told("settings"), now.settings, "settings");
        is_whole(self.secret, &told("secret"), now.secret, "secret");
        let stored: BTreeSet<String> =
            told("screen").into_iter().map(str::to_owned).chain(self.screens.clone()).collect();
        assert!(now.screens.is_superset(&stored), "screens are gone: {:?}", stored.difference(&now.screens));
        assert!(now.screens.len() <= stored.len() + 1, "at most one was being paired");
        let taken: BTreeSet<String> = told("key").into_iter().map(str::to_owned).chain(self.keys.clone()).collect();
        assert!(now.keys.is_superset(&taken), "keys went back: {:?}", taken.difference(&now.keys));
        assert!(now.keys.len() <= taken.len() + 1, "at most one key was being replaced");
        now
    }
}

fn settings(data: &Path) -> u64 {
    let Some(settings) = Settings::read(&Folder::open(data).unwrap()).unwrap() else { return 0 };
    settings.team.strip_prefix("Team ").map_or(0, |number| number.parse().unwrap())
}

fn secret(data: &Path) -> u64 {
    match vault(data).open(&secret_name()) {
        Ok(secret) => secret.expose_secret().parse().unwrap(),
        Err(vault::Error::Missing(_)) => 0,
        Err(error) => panic!("{error}"),
    }
}

/// The devices that fill screens, and those of them that are at their second key.
fn screens(data: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let path = data.join("nexus.db");
    if fs::metadata(&path).map_or(0, |file| file.len()) == 0 {
        return Default::default();
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut database = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
        let check: String = query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
        assert_eq!(check, "ok");
        let tables = query_scalar::<_, i64>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'replaced_keys'");
        if tables.fetch_one(&mut database).await.unwrap() == 0 {
            return Default::default();
        }
        let sql =
            "SELECT device, generation, (SELECT COUNT(*) FROM replaced_keys WHERE screen = screens.id) FROM screens";
        let rows: Vec<(String, i64, i64)> = query_as(sql).fetch_all(&mut database).await.unwrap();
        database.close().await.unwrap();
        assert!(rows.iter().all(|(_, generation, replaced)| generation == replaced), "by halves: {rows:?}");
        let second = rows.iter().filter(|(_, generation, _)| *generation == 1).map(|(device, ..)| device.clone());
        (rows.iter().map(|(device, ..)| device.clone()).collect(), second.collect())
    })
}

fn vault(data: &Path) -> Vault {
    let passphrase = Passphrase::new("correct horse".into()).unwrap();
    Vault::new(data.join("secrets.json"), Some(passphrase)).with_cost(Cost::new(1, 1, 1).unwrap())
}

fn secret_name() -> Name {
    "connection.crash".parse().unwrap()
}

/// A stage's folder whose data folder is this one.
fn linked(data: &Path) -> Arc<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(data, folder.path().join("data")).unwrap();
    Arc::new(folder)
}

async fn signed_in(stage: &Stage) -> Browser {
    if stage.server.setup_code().is_some() {
        return Browser::signed_in(stage).await;
    }
    let mut browser = Browser::new(stage);
    assert_eq!(browser.post("/admin/sign-in", &[("password", PASSWORD)]).await.status(), 303);
    browser
}

/// A whole server, beside whom settings and secrets are written as `nexus connect` does. Tells each write once it is done.
#[test]
#[ignore = "the process that the others kill"]
fn writer() {
    let Some(data) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let folder = Folder::open(&data).unwrap();
    let config = Config::read(&std::collections::BTreeMap::new(), None).unwrap();
    Settings::open(&folder, &config, Timestamp::now()).unwrap();
    let (secrets, chosen) = (data.clone(), folder.clone());
    std::thread::spawn(move || {
        for number in from.. {
            vault(&secrets).set(&secret_name(), &number.to_string().into()).unwrap();
            tell("secret", &number);
        }
    });
    std::thread::spawn(move || {
        for number in from.. {
            let settings = Settings::read(&chosen).unwrap().unwrap();
            Settings { team: format!("Team {number}"), ..settings }.write(&chosen).unwrap();
            tell("settings", &number);
        }
    });
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let stage = Setup { folder: linked(&data), ..Setup::new() }.start().await;
        let mut browser = signed_in(&stage).await;
        for _ in 0..PAIRINGS {
            let (stick, paired) = pair(&stage, &mut browser).await;
            tell("screen", &paired.device);
            let mut device = Device::new(stick, paired);
            device.goes_on().await;
            tell("key", &device.paired.device);
        }
        std::future::pending::<()>().await;
    });
}

#[expect(clippy::print_stdout, reason = "the process that kills this one reads it")]
fn tell(what: &str, which: &impl std::fmt::Display) {
    println!("wrote {what} {which}");
}
