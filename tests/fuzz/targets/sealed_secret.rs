//! `secrets.json`, damaged or changed by somebody: no secret but the sealed one comes out, and nothing is written over.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tempfile::TempDir;
use vault::{Cost, ExposeSecret, Name, Passphrase, SecretString, Vault};

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("there is a folder for temporary files"));

/// The only secret that was ever sealed under the passphrase; its entry is among the seeds.
const NAME: &str = "connection.request-tracker";
const SECRET: &str = "canary";

fuzz_target!(|bytes: &[u8]| {
    costs_are_bounded(bytes);
    let path = FOLDER.path().join("secrets.json");
    std::fs::write(&path, bytes).expect("the file can be written");
    let passphrase = Passphrase::new(SecretString::from("passphrase")).expect("it is not empty");
    let vault = Vault::new(&path, Some(passphrase)).with_cost(Cost::new(1, 1, 1).expect("the lowest cost"));
    let Ok(names) = vault.names() else {
        let name = NAME.parse().expect("a name");
        assert!(vault.remove(&name).is_err() && vault.set(&name, &SecretString::from("x")).is_err());
        assert_eq!(std::fs::read(&path).expect("the file is there"), bytes, "a damaged file was written over");
        return;
    };
    for name in names.iter().filter(|name| is_cheap(bytes, name)) {
        if let Ok(secret) = vault.open(name) {
            assert_eq!((name.as_str(), secret.expose_secret()), (NAME, SECRET), "nobody sealed this");
        }
    }
});

/// Whether trying to open an entry takes microseconds: a recorded cost may ask for a gibibyte.
fn is_cheap(bytes: &[u8], name: &Name) -> bool {
    let Ok(file) = serde_json::from_slice::<Value>(bytes) else { return false };
    let cost = &file["secrets"][name.as_str()]["scrypt"];
    let at_most = |field: &str, most| cost[field].as_u64().is_some_and(|value| value <= most);
    at_most("log_n", 4) && at_most("r", 2) && at_most("p", 2)
}

fn costs_are_bounded(bytes: &[u8]) {
    let [log_n, r1, r2, r3, r4, p, ..] = *bytes else { return };
    let r = u32::from_le_bytes([r1, r2, r3, r4]);
    if Cost::new(log_n, r, p.into()).is_some() {
        assert!((u128::from(r) * 128) << log_n <= 1 << 30, "scrypt would take more than 1 GiB");
    }
}
