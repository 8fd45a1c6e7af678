//! The webhook to which alerts go: signed here by the Standard Webhooks convention, and sent to the sealed address alone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER};
use egress::{Client, Destination, Limits};
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use vault::Sealed;
use zeroize::Zeroizing;

use crate::api::{Broker, Refusal};
use crate::endpoint::Endpoint;
use crate::{Error, Failure, Secret};

/// Of an answer only the status matters; whoever sends more is cut short.
const LIMITS: Limits = Limits { length: 64 << 10, within: Duration::from_secs(15), media_types: &[] };

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The key with which deliveries are signed; its text is `whsec_` and base64.
#[derive(Clone, Debug)]
pub struct SigningKey(SecretString);

impl SigningKey {
    const PREFIX: &str = "whsec_";

    /// A key that somebody gave: 24 to 64 bytes in base64, after `whsec_` or without it.
    ///
    /// # Errors
    /// It is none.
    pub fn new(text: &SecretString) -> Result<Self, Error> {
        let text = text.expose_secret().trim();
        let key = Self(SecretString::from(text.strip_prefix(Self::PREFIX).unwrap_or(text)));
        match key.bytes().map(|bytes| bytes.len()) {
            Some(24..=64) => Ok(key),
            _ => Err(Error::SigningKey),
        }
    }

    /// A fresh key.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(vault::Error::Random)?;
        Ok(Self(SecretString::from(BASE64.encode(&*bytes))))
    }

    /// The key as a receiver takes it.
    pub fn text(&self) -> SecretString {
        SecretString::from(format!("{}{}", Self::PREFIX, self.0.expose_secret()))
    }

    fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        BASE64.decode(self.0.expose_secret().as_bytes()).ok().map(Zeroizing::new)
    }

    /// `v1,` and base64 of the HMAC over id, time and body.
    fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.bytes()?).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
    }
}

/// A webhook that can be sent to.
pub(crate) struct Webhook {
    client: Client,
    destination: Destination,
    key: SigningKey,
}

/// What the receiver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// The status of its answer.
    pub status: u16,
    /// How many seconds it wants to be left alone, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Webhook {
    pub(crate) fn new(endpoint: &Endpoint, key: SigningKey) -> Result<Self, Error> {
        let (client, destination) = endpoint.client(LIMITS)?;
        Ok(Self { client, destination, key })
    }

    async fn deliver(&self, id: &str, body: Bytes) -> Result<Delivered, Failure> {
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let unsigned = || Failure::Unsigned(Box::new(Error::SigningKey));
        let signature = self.key.sign(id, timestamp, &body).ok_or_else(unsigned)?;
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| unsigned());
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (WEBHOOK_ID, value(id)?),
            (WEBHOOK_TIMESTAMP, HeaderValue::from(timestamp)),
            (WEBHOOK_SIGNATURE, value(&signature)?),
        ]);
        let answer = self.client.post(&self.destination, headers, body).await?;
        let retry_after = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Ok(Delivered { status: answer.status.as_u16(), retry_after })
    }
}

/// Which webhook it is, as far as one can say without saying where it leads.
#[derive(Serialize)]
pub(crate) struct Known {
    set: bool,
    /// Different whenever address or key were entered anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

/// `GET /webhook`
pub(crate) async fn known(State(broker): State<Broker>) -> Result<Json<Known>, Refusal> {
    let revision = broker.store.sealed_webhook().await?.map(|(url, key)| revision(&url, &key));
    Ok(Json(Known { set: revision.is_some(), revision }))
}

/// A digest of the sealed entries: salted anew by every seal, they tell nothing of what they hold.
fn revision(url: &Sealed, key: &Sealed) -> String {
    let digest = Sha256::new().chain_update(url.blob()).chain_update(key.blob()).finalize();
    HEXLOWER.encode(&digest[..16])
}

/// `POST /webhook/deliveries`: sends this body under the id that the header `webhook-id` names.
pub(crate) async fn deliver(
    State(broker): State<Broker>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Delivered>, Refusal> {
    let webhook = broker.store.webhook().await?.ok_or_else(|| Refusal::not_set(Secret::WebhookUrl))?;
    let id = headers.get(&WEBHOOK_ID).and_then(|id| id.to_str().ok()).filter(|id| is_id(id));
    let id = id.ok_or_else(Refusal::no_delivery_id)?;
    let _turn = broker.turns.acquire().await;
    let delivered =
        webhook.deliver(id, body).await.inspect_err(|failure| tracing::warn!(id, "the webhook: {failure}"))?;
    tracing::debug!(id, status = delivered.status, "delivered");
    Ok(Json(delivered))
}

/// What signs unambiguously: id and time are parted by a full stop.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Sends one body to an address, signed, as a running Broker would. Nothing is stored.
///
/// # Errors
/// [`Error::Attempt`]: it brought no answer.
pub async fn attempt_webhook(endpoint: &Endpoint, key: &SigningKey, id: &str, body: Bytes) -> Result<Delivered, Error> {
    Ok(Webhook::new(endpoint, key.clone())?.deliver(id, body).await?)
}
