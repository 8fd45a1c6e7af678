//! The administrator's one-time codes (RFC 6238): their key is drawn, kept sealed and used here, and leaves once, to be shown.
//!
//! Codes are of six digits, for 30 seconds each, by HMAC-SHA-1, which is what all authenticators speak. One step of
//! difference between the clocks is tolerated. Each code counts once: which step was used last is kept with the key.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use data_encoding::BASE32_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};
use vault::{Name, Vault};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Error;
use crate::api::{Broker, Refusal, Removed};
use crate::body::Wiped;

/// The name of its entry in the vault.
const NAME: &str = "server.one-time-codes";

/// What RFC 4226, section 4, recommends.
const LENGTH: usize = 20;

/// How long a key waits for the code that proves that somebody's device has it.
const WAITS: Duration = Duration::from_secs(15 * 60);

/// A key that was shown, and not confirmed yet. It is in this memory alone.
pub(crate) struct Pending {
    key: Zeroizing<[u8; LENGTH]>,
    since: Instant,
}

/// How a key is sealed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: String,
    /// The step of the newest code that was used.
    spent: u64,
}

#[derive(Serialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Drawn {
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    code: SecretString,
    /// Whether it is used by this. Otherwise it is only looked at.
    #[serde(default)]
    spend: bool,
}

#[derive(Serialize)]
pub(crate) struct Judged {
    valid: bool,
}

/// `POST /one-time-codes`: draws a key. It takes the place of an earlier one once a code confirms it.
pub(crate) async fn begin(State(broker): State<Broker>) -> Result<Json<Drawn>, Refusal> {
    broker.store.require_passphrase()?;
    let mut key = Zeroizing::new([0; LENGTH]);
    getrandom::fill(&mut *key).map_err(|error| Error::Vault(vault::Error::Random(error)))?;
    let drawn = Drawn { key: BASE32_NOPAD.encode(&*key) };
    *broker.one_time.lock().await = Some(Pending { key, since: Instant::now() });
    Ok(Json(drawn))
}

/// `POST /one-time-codes/confirmation`: the code of a device that has the key. From here on there are codes.
pub(crate) async fn confirm(
    State(broker): State<Broker>,
    Wiped(Typed { code, .. }): Wiped<Typed>,
) -> Result<Json<Judged>, Refusal> {
    let mut pending = broker.one_time.lock().await;
    let Some(key) = pending.as_ref().filter(|pending| pending.since.elapsed() < WAITS).map(|pending| &pending.key)
    else {
        return Err(Refusal::nothing_to_confirm());
    };
    let Some(step) = step_of(key, &code, 0) else { return Ok(Json(Judged { valid: false })) };
    let entry = Entry { key: BASE32_NOPAD.encode(&**key), spent: step };
    broker.store.blocking(move |vault| write(vault, &entry)).await?;
    *pending = None;
    tracing::info!("one-time codes are set up");
    Ok(Json(Judged { valid: true }))
}

/// `POST /one-time-codes/check`: whether this is a code of now that was not used yet.
pub(crate) async fn check(
    State(broker): State<Broker>,
    Wiped(Typed { code, spend }): Wiped<Typed>,
) -> Result<Json<Judged>, Refusal> {
    // One at a time, so that of two that come with the same code one uses it.
    let _alone = broker.one_time.lock().await;
    let judged = broker.store.blocking(move |vault| {
        let mut entry = read(vault)?;
        let key = key_of(&entry).ok_or_else(|| vault::Error::NotText(name()))?;
        let Some(step) = step_of(&key, &code, entry.spent) else { return Ok(false) };
        if spend {
            entry.spent = step;
            write(vault, &entry)?;
        }
        Ok(true)
    });
    match judged.await {
        Err(Error::Vault(vault::Error::Missing(_))) => Err(Refusal::no_one_time_codes()),
        judged => Ok(Json(Judged { valid: judged? })),
    }
}

/// `DELETE /one-time-codes`
pub(crate) async fn forget(State(broker): State<Broker>) -> Result<Json<Removed>, Refusal> {
    let mut pending = broker.one_time.lock().await;
    *pending = None;
    let removed = broker.store.blocking(forget_one_time_codes).await?;
    tracing::info!(removed, "one-time codes are removed");
    Ok(Json(Removed { removed }))
}

/// Forgets the key of one-time codes and says whether there was one. Needs no passphrase.
///
/// # Errors
/// The vault cannot be read or written.
pub fn forget_one_time_codes(vault: &Vault) -> Result<bool, vault::Error> {
    vault.remove(&name())
}

/// The step of a code that is valid now, later than `spent`.
fn step_of(key: &[u8; LENGTH], code: &SecretString, spent: u64) -> Option<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let digits = Zeroizing::new(code.expose_secret().chars().filter(|c| !c.is_whitespace()).collect::<String>());
    generator(key)?.check(&digits, now).filter(|step| *step > spent)
}

/// By the usual parameters of RFC 6238, with one step of tolerance.
fn generator(key: &[u8; LENGTH]) -> Option<Totp> {
    Builder::new().with_secret(Secret::new_stack(*key)).with_skew(1).build().ok()
}

fn key_of(entry: &Entry) -> Option<Zeroizing<[u8; LENGTH]>> {
    let bytes = Zeroizing::new(BASE32_NOPAD.decode(entry.key.as_bytes()).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

fn read(vault: &Vault) -> Result<Entry, vault::Error> {
    let text = vault.open(&name())?;
    // serde_json's own words may quote what it met.
    serde_json::from_str(text.expose_secret()).map_err(|_| vault::Error::NotText(name()))
}

fn write(vault: &Vault, entry: &Entry) -> Result<(), vault::Error> {
    #[expect(clippy::expect_used, reason = "text and numbers always serialise")]
    let text = SecretString::from(serde_json::to_string(entry).expect("an entry serialises"));
    vault.set(&name(), &text)
}

#[expect(clippy::expect_used, reason = "the name is ours, and every test reads it")]
fn name() -> Name {
    NAME.parse().expect("it is a name")
}
