#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use pairing::message::{Payload, Screen, Trust};
use uuid::Uuid;

use super::*;

fn entropy(seed: u8) -> Entropy {
    Entropy::from_seed([seed; 32])
}

fn pairing() -> Pairing {
    let screen = Screen { id: Uuid::from_u128(3), name: "Support".parse().unwrap(), board: "support".parse().unwrap() };
    let payload = Payload { instance: Uuid::from_u128(2), trust: Trust::Anchor("PEM".into()), screen };
    Pairing { server: "https://nexus.test".parse().unwrap(), paired: Paired { device: Uuid::from_u128(1), payload } }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_is_said_of_a_damaged_file_quotes_nothing_of_it() {
    for text in ["{\"wifi\": \"correct horse\"}", "\"correct horse", "correct horse"] {
        let error = serde_json::from_str::<TakenOver>(text).err().unwrap();
        let said = unreadable(&error);
        assert!(said.starts_with("line 1") && !said.contains("horse"), "{said}");
    }
}

#[test]
fn key_and_pairing_survive_a_restart_and_are_for_the_owner_only() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("state");
    let (folder, first) = Folder::open(&path, None, &entropy(1)).unwrap();
    assert_eq!(first.pairing, None);
    folder.store(&pairing()).unwrap();
    let (_, second) = Folder::open(&path, None, &entropy(2)).unwrap();
    assert_eq!((second.ring.present().public(), second.pairing), (first.ring.present().public(), Some(pairing())));
    assert!(second.passed > Timestamp::now() - jiff::SignedDuration::from_mins(5), "the files are new");
    assert_eq!(mode(&path), 0o700);
    for name in [KEY, MACHINE, PAIRING] {
        assert_eq!(mode(&path.join(name)), 0o600, "{name}");
    }
}

#[test]
fn wider_modes_are_narrowed() {
    let temp = tempfile::tempdir().unwrap();
    Folder::open(temp.path(), None, &entropy(1)).unwrap();
    let key = temp.path().join(KEY);
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    Folder::open(temp.path(), None, &entropy(1)).unwrap();
    assert_eq!(mode(&key), 0o600);
}

#[test]
fn forgetting_leaves_another_key_and_no_pairing() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, first) = Folder::open(temp.path(), None, &entropy(1)).unwrap();
    folder.store(&pairing()).unwrap();
    let fresh = DeviceKey::draw(&entropy(7));
    folder.forget(&fresh, &entropy(8)).unwrap();
    let (_, stored) = Folder::open(temp.path(), None, &entropy(2)).unwrap();
    assert_eq!((stored.ring.present().public(), stored.pairing), (fresh.public(), None));
    assert_ne!(stored.ring.present().public(), first.ring.present().public());
}

#[test]
fn a_damaged_file_is_named_and_kept() {
    for (name, content) in
        [(KEY, "{\"format\":"), (KEY, "{}"), (MACHINE, "short"), (PAIRING, "\0\0\0\0"), (PAIRING, "{}")]
    {
        let temp = tempfile::tempdir().unwrap();
        let (folder, _) = Folder::open(temp.path(), None, &entropy(1)).unwrap();
        folder.store(&pairing()).unwrap();
        let path = temp.path().join(name);
        fs::write(&path, content).unwrap();
        let error = Folder::open(temp.path(), None, &entropy(2)).unwrap_err();
        assert_eq!((&error.path, error.damaged), (&path, true), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "kept as it is");

        put_aside(temp.path(), Timestamp::UNIX_EPOCH).unwrap();
        let (_, stored) = Folder::open(temp.path(), None, &entropy(3)).unwrap();
        assert_eq!(stored.pairing, None);
        assert_eq!(fs::read_to_string(temp.path().join(format!("{name}.0.old"))).unwrap(), content);
    }
}

#[test]
fn a_card_without_its_machine_key_says_so() {
    let temp = tempfile::tempdir().unwrap();
    let elsewhere = temp.path().join("elsewhere.key");
    let path = temp.path().join("state");
    Folder::open(&path, Some(&elsewhere), &entropy(1)).unwrap();
    assert!(elsewhere.exists() && !path.join(MACHINE).exists());
    fs::remove_file(&elsewhere).unwrap();
    let error = Folder::open(&path, Some(&elsewhere), &entropy(1)).unwrap_err();
    assert!(error.damaged && error.reason.contains("missing"), "{error}");
    fs::write(&elsewhere, [9; 32]).unwrap();
    let error = Folder::open(&path, Some(&elsewhere), &entropy(1)).unwrap_err();
    assert!(error.reason.contains("sealed on other hardware"), "{error}");
}

#[test]
fn the_last_known_good_time_is_remembered_back_and_forth() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, _) = Folder::open(temp.path(), None, &entropy(1)).unwrap();
    let later: Timestamp = "2126-01-01T00:00:00Z".parse().unwrap();
    folder.remember_time(later).unwrap();
    assert_eq!(Folder::open(temp.path(), None, &entropy(1)).unwrap().1.passed, later);
    folder.remember_time(later + jiff::SignedDuration::from_mins(59)).unwrap();
    assert_eq!(folder.known_time(), Some(later), "not worth a write");
    folder.remember_time("2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    assert!(Folder::open(temp.path(), None, &entropy(1)).unwrap().1.passed < later);
    fs::write(temp.path().join(CLOCK), "noon").unwrap();
    assert!(Folder::open(temp.path(), None, &entropy(1)).is_ok());
}

/// A ring of a paired device to whom the next key is drawn, and one that went on to it.
fn rings(first: Ring) -> (Ring, Ring) {
    let (now, month) = (std::time::Instant::now(), pairing::rotation::device::LONGEST);
    let mut drawn = first;
    drawn.granted(0, now, &entropy(20));
    drawn.granted(month, now, &entropy(21));
    assert!(drawn.wants_to_rotate(now));
    let mut taken = drawn.clone();
    let nonce = pairing::session::Nonces::new(&entropy(22), now).issue(&entropy(23), now);
    taken.rotate(&pairing().paired, nonce, now).unwrap();
    assert!(taken.granted(month, now, &entropy(24)));
    (drawn, taken)
}

#[test]
fn wherever_power_fails_while_keys_are_stored_the_folder_opens_with_all_that_count() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, stored) = Folder::open(temp.path(), None, &entropy(1)).unwrap();
    folder.store(&pairing()).unwrap();
    let device = pairing().paired.device;
    let (drawn, taken) = rings(stored.ring.clone());
    let first = stored.ring.present().public();
    let next = taken.present().public();

    folder.store_keys(device, &drawn, &entropy(2)).unwrap();
    let (_, stored) = Folder::open(temp.path(), None, &entropy(3)).unwrap();
    assert_eq!((stored.ring.present().public(), stored.ring.signing().public()), (first, next), "next is tried first");

    // Power fails between the two files: the old device key beside the new ring.
    let old = fs::read(temp.path().join(KEY)).unwrap();
    folder.store_keys(device, &taken, &entropy(4)).unwrap();
    let whole = fs::read(temp.path().join(KEY)).unwrap();
    fs::write(temp.path().join(KEY), old).unwrap();
    let (_, stored) = Folder::open(temp.path(), None, &entropy(5)).unwrap();
    assert_eq!((stored.ring.generation(), stored.ring.present().public()), (0, first));
    assert_eq!(stored.ring.signing().public(), next);

    fs::write(temp.path().join(KEY), whole).unwrap();
    let (_, stored) = Folder::open(temp.path(), None, &entropy(6)).unwrap();
    let mut ring = stored.ring;
    assert_eq!((ring.generation(), ring.present().public()), (1, next));
    assert!(ring.unknown(), "the one before is kept, for a server that was put back from a backup");
    assert_eq!(ring.signing().public(), first);
    assert_eq!(mode(&temp.path().join(RING)), 0o600);
}

#[test]
fn the_keys_of_another_pairing_do_not_count_and_are_forgotten_with_it() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, stored) = Folder::open(temp.path(), None, &entropy(1)).unwrap();
    let (_, taken) = rings(stored.ring);
    folder.store_keys(Uuid::from_u128(77), &taken, &entropy(2)).unwrap();
    folder.store(&pairing()).unwrap();
    let (folder, stored) = Folder::open(temp.path(), None, &entropy(3)).unwrap();
    assert_eq!((stored.ring.generation(), stored.ring.present().public()), (0, taken.present().public()));

    folder.store_keys(pairing().paired.device, &taken, &entropy(4)).unwrap();
    folder.forget(&DeviceKey::draw(&entropy(5)), &entropy(6)).unwrap();
    assert!(!temp.path().join(RING).exists() && !temp.path().join(PAIRING).exists());
    folder.store(&pairing()).unwrap();
    let (_, stored) = Folder::open(temp.path(), None, &entropy(7)).unwrap();
    assert_eq!(stored.ring.generation(), 0);
}

#[test]
fn damaged_keys_and_keys_that_do_not_belong_together_are_named_and_kept() {
    for content in ["{\"format\":", "{}", "other"] {
        let temp = tempfile::tempdir().unwrap();
        let (folder, stored) = Folder::open(temp.path(), None, &entropy(1)).unwrap();
        folder.store(&pairing()).unwrap();
        let (drawn, _) = rings(stored.ring);
        folder.store_keys(pairing().paired.device, &drawn, &entropy(2)).unwrap();
        let path = temp.path().join(RING);
        if content == "other" {
            let other = Ring::new(Arc::new(DeviceKey::draw(&entropy(9))));
            fs::write(
                &path,
                serde_json::to_vec(&other.seal(pairing().paired.device, &folder.machine, &entropy(3))).unwrap(),
            )
            .unwrap();
        } else {
            fs::write(&path, content).unwrap();
        }
        let before = fs::read(&path).unwrap();
        let error = Folder::open(temp.path(), None, &entropy(4)).unwrap_err();
        assert_eq!((&error.path, error.damaged), (&path, true), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
        let renamed = put_aside(temp.path(), Timestamp::UNIX_EPOCH).unwrap();
        assert!(renamed.iter().any(|(from, _)| *from == path), "{renamed:?}");
        assert!(Folder::open(temp.path(), None, &entropy(5)).unwrap().1.pairing.is_none());
    }
}
