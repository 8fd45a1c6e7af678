use std::fs;
use std::path::Path;

use serde_json::Value;
use vault::{Cost, Error, ExposeSecret, Rotation, Vault};

use crate::secrets::{cheap, name, passphrase, vault};

const NEW: &str = "battery staple";

fn renewed(folder: &Path) -> Vault {
    Vault::new(folder.join("secrets.json"), Some(passphrase(NEW))).with_cost(cheap())
}

fn stored(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("secrets.json")).unwrap()).unwrap()
}

fn opened(vault: &Vault, setting: &str) -> Result<String, Error> {
    vault.open(&name(setting)).map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn after_a_rotation_every_secret_opens_with_the_new_passphrase_and_none_with_the_old() {
    let folder = tempfile::tempdir().unwrap();
    let old = vault(folder.path());
    for setting in ["alert.webhook", "desk.token"] {
        old.set(&name(setting), &setting.into()).unwrap();
    }
    let before = stored(folder.path());
    let rotation = old.rotate(&passphrase(NEW)).unwrap();
    assert_eq!(rotation.resealed, [name("alert.webhook"), name("desk.token")]);
    for setting in ["alert.webhook", "desk.token"] {
        assert_eq!(opened(&renewed(folder.path()), setting).unwrap(), setting);
        assert!(matches!(opened(&old, setting), Err(Error::Unreadable(_))));
        assert_ne!(stored(folder.path())["secrets"][setting]["blob"], before["secrets"][setting]["blob"]);
    }
}

#[test]
fn a_second_run_changes_nothing_and_finishes_what_was_sealed_by_halves() {
    let folder = tempfile::tempdir().unwrap();
    let old = vault(folder.path());
    old.set(&name("desk.token"), &"t".into()).unwrap();
    old.rotate(&passphrase(NEW)).unwrap();
    let whole = fs::read(folder.path().join("secrets.json")).unwrap();
    let kept = Rotation { resealed: vec![], kept: vec![name("desk.token")] };
    for again in [old, renewed(folder.path())] {
        assert_eq!(again.rotate(&passphrase(NEW)).unwrap(), kept, "by whichever passphrase it was started");
        assert_eq!(fs::read(folder.path().join("secrets.json")).unwrap(), whole);
    }

    // As somebody leaves it who puts an entry of an older copy of the file into a newer one.
    let other = tempfile::tempdir().unwrap();
    vault(other.path()).set(&name("alert.webhook"), &"w".into()).unwrap();
    let mut mixed = stored(folder.path());
    mixed["secrets"]["alert.webhook"] = stored(other.path())["secrets"]["alert.webhook"].clone();
    fs::write(folder.path().join("secrets.json"), mixed.to_string()).unwrap();
    let rotation = vault(folder.path()).rotate(&passphrase(NEW)).unwrap();
    assert_eq!((rotation.resealed, rotation.kept), (vec![name("alert.webhook")], vec![name("desk.token")]));
    assert_eq!(opened(&renewed(folder.path()), "alert.webhook").unwrap(), "w");
}

#[test]
fn a_secret_that_opens_with_neither_passphrase_stops_it_by_name_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    vault(folder.path()).set(&name("desk.token"), &"t".into()).unwrap();
    let before = fs::read(folder.path().join("secrets.json")).unwrap();
    let wrong = Vault::new(folder.path().join("secrets.json"), Some(passphrase("wrong"))).with_cost(cheap());
    let error = wrong.rotate(&passphrase(NEW)).unwrap_err();
    assert!(error.to_string().contains("\"desk.token\""), "{error}");
    let without = Vault::new(folder.path().join("secrets.json"), None);
    assert!(matches!(without.rotate(&passphrase(NEW)), Err(Error::NoPassphrase)));
    assert_eq!(fs::read(folder.path().join("secrets.json")).unwrap(), before);
}

#[test]
fn a_cost_below_the_present_one_is_raised_and_a_higher_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let costing =
        |log_n| vault(folder.path()).with_cost(Cost::new(log_n, 1, 1).unwrap()).set(&name("desk.token"), &"t".into());
    let cost = || stored(folder.path())["secrets"]["desk.token"]["scrypt"]["log_n"].as_u64().unwrap();
    let present = || vault(folder.path()).with_cost(Cost::new(4, 1, 1).unwrap());
    for (before, after, resealed) in [(2, 4, 1), (6, 6, 0)] {
        costing(before).unwrap();
        // The same passphrase again: only the cost can be a reason to write.
        let rotation = present().rotate(&passphrase("correct horse")).unwrap();
        assert_eq!((cost(), rotation.resealed.len()), (after, resealed));
    }
    present().rotate(&passphrase(NEW)).unwrap();
    assert_eq!(cost(), 6);
}

#[test]
fn whoever_holds_the_old_passphrase_stores_nothing_after_a_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let old = vault(folder.path());
    old.set(&name("desk.token"), &"t".into()).unwrap();
    old.rotate(&passphrase(NEW)).unwrap();
    let before = fs::read(folder.path().join("secrets.json")).unwrap();
    let error = old.set(&name("alert.webhook"), &"w".into()).unwrap_err();
    assert!(matches!(error, Error::OtherPassphrase(_)) && error.to_string().contains("secrets.json"), "{error}");
    assert_eq!(fs::read(folder.path().join("secrets.json")).unwrap(), before);
    // The remedy that an unreadable secret names: enter it again.
    old.set(&name("desk.token"), &"entered again".into()).unwrap();
    assert_eq!(opened(&old, "desk.token").unwrap(), "entered again");
}

#[test]
fn what_is_stored_while_a_rotation_runs_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..20 {
        vault(folder.path()).set(&name(&format!("before.{number}")), &"t".into()).unwrap();
    }
    let accepted = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let vault = vault(folder.path());
                let names = (0..).map(move |number| name(&format!("writer-{writer}.{number}")));
                scope.spawn(move || names.take_while(|name| vault.set(name, &"t".into()).is_ok()).collect::<Vec<_>>())
            })
            .collect();
        while vault(folder.path()).names().unwrap().len() < 24 {
            std::thread::yield_now();
        }
        vault(folder.path()).rotate(&passphrase(NEW)).unwrap();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(accepted.len() >= 4, "somebody wrote meanwhile: {accepted:?}");
    let (new, names) = (renewed(folder.path()), renewed(folder.path()).names().unwrap());
    assert_eq!(names.len(), 20 + accepted.len());
    for name in names {
        assert_eq!(new.open(&name).unwrap().expose_secret(), "t", "{name}");
    }
}
