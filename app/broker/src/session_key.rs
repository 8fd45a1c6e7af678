//! The one secret that leaves the Broker: the key under which the server signs the sessions of people who look at boards.
//!
//! It opens nothing by itself. It lies sealed so that whoever has a backup of the server's files forges no session.

use axum::Json;
use axum::extract::State;
use data_encoding::BASE64;
use serde::Serialize;
use vault::{Error, ExposeSecret, Name, SecretString, Vault};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::api::{Broker, Refusal};
use crate::store::Store;

/// The name of its entry in the vault.
const NAME: &str = "server.session-key";

#[derive(Serialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Answer {
    key: String,
}

/// `POST /session-key`
pub(crate) async fn session_key(State(broker): State<Broker>) -> Result<Json<Answer>, Refusal> {
    // One at a time, so that two that ask at once are told the same key.
    let _alone = broker.session_key.lock().await;
    let key = broker.store.session_key().await?;
    Ok(Json(Answer { key: key.expose_secret().to_owned() }))
}

impl Store {
    /// The key as base64 of 32 bytes, drawn where there is none yet.
    async fn session_key(&self) -> Result<SecretString, crate::Error> {
        self.blocking(|vault| {
            let name = name()?;
            match vault.open(&name) {
                Err(Error::Missing(_)) => draw(vault, &name),
                opened => opened,
            }
        })
        .await
    }
}

fn draw(vault: &Vault, name: &Name) -> Result<SecretString, Error> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(Error::Random)?;
    let key = SecretString::from(BASE64.encode(&*key));
    vault.set(name, &key)?;
    Ok(key)
}

fn name() -> Result<Name, Error> {
    NAME.parse()
}
