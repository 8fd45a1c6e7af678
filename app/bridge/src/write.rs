//! What an administrator changes with the Broker: connections and secrets go in, and never come out.

use bytes::Bytes;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Broker, Error, wire};

/// A connection that somebody wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Address of the provider's web interface.
    pub address: &'a str,
    /// The token.
    pub credential: &'a SecretString,
    /// The provider's certificate authority, PEM, where it is a private one.
    pub ca_certificate: Option<&'a str>,
    /// Whether the token may travel where others can read it.
    pub allow_in_clear: bool,
}

/// A secret that there may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KnownSecret {
    /// Its name, such as `calendar-url`.
    pub name: String,
    /// Whether it is set. No more is ever told of it.
    pub set: bool,
}

/// How [`Wanted`] goes over the wire.
#[derive(Serialize)]
struct Sent<'a> {
    address: &'a str,
    credential: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_certificate: Option<&'a str>,
    allow_in_clear: bool,
}

#[derive(Serialize)]
struct Value<'a> {
    value: &'a str,
}

#[derive(Deserialize)]
struct Removed {
    removed: bool,
}

impl Broker {
    /// Tries a connection and stores it where it works.
    ///
    /// # Errors
    /// [`Error::Refused`] with the Broker's code and words; nothing is stored then.
    pub async fn connect(&self, id: &str, wanted: Wanted<'_>) -> Result<(), Error> {
        self.write(Method::PUT, &format!("/connections/{id}"), wanted.body()?).await.map(drop)
    }

    /// Tries a connection and stores nothing.
    ///
    /// # Errors
    /// As [`Broker::connect`].
    pub async fn try_out(&self, id: &str, wanted: Wanted<'_>) -> Result<(), Error> {
        self.write(Method::POST, &format!("/connections/{id}/trial"), wanted.body()?).await.map(drop)
    }

    /// Tries the connection that is stored.
    ///
    /// # Errors
    /// As [`Broker::connect`].
    pub async fn test(&self, id: &str) -> Result<(), Error> {
        self.write(Method::POST, &format!("/connections/{id}/test"), Bytes::new()).await.map(drop)
    }

    /// Lets the Broker forget a connection, and says whether there was one.
    ///
    /// # Errors
    /// The Broker cannot be reached, or cannot write.
    pub async fn disconnect(&self, id: &str) -> Result<bool, Error> {
        self.remove(&format!("/connections/{id}")).await
    }

    /// The secrets that there may be, and which of them are set. Never a value.
    ///
    /// # Errors
    /// The Broker cannot be reached, or cannot read its file.
    pub async fn secrets(&self) -> Result<Vec<KnownSecret>, Error> {
        #[derive(Deserialize)]
        struct Secrets {
            secrets: Vec<KnownSecret>,
        }
        Ok(self.read::<Secrets>("/secrets").await?.secrets)
    }

    /// Stores a secret in place of an earlier one.
    ///
    /// # Errors
    /// [`Error::Refused`] with the Broker's code and words; the earlier one stays then.
    pub async fn set_secret(&self, name: &str, value: &SecretString) -> Result<(), Error> {
        let body = wiped(&Value { value: value.expose_secret() }, value.expose_secret().len())?;
        self.write(Method::PUT, &format!("/secrets/{name}"), body).await.map(drop)
    }

    /// Lets the Broker forget a secret, and says whether it was set.
    ///
    /// # Errors
    /// The Broker cannot be reached, or cannot write.
    pub async fn remove_secret(&self, name: &str) -> Result<bool, Error> {
        self.remove(&format!("/secrets/{name}")).await
    }

    pub(crate) async fn remove(&self, path: &str) -> Result<bool, Error> {
        let body = self.write(Method::DELETE, path, Bytes::new()).await?;
        Ok(self.parsed::<Removed>(&body)?.removed)
    }

    pub(crate) async fn write(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, Error> {
        let response = match wire::send(self.socket(), method, path, body).await? {
            Ok(response) => response,
            Err(wire::Words { code, message }) => return Err(Error::Refused { code, message }),
        };
        if !response.status.is_success() {
            let reason = format!("it answered {}", response.status);
            return Err(Error::Broker { socket: self.socket().to_owned(), reason });
        }
        Ok(response.body)
    }
}

impl Wanted<'_> {
    fn body(self) -> Result<Bytes, Error> {
        let Self { address, credential, ca_certificate, allow_in_clear } = self;
        let credential = credential.expose_secret();
        let length = address.len() + credential.len() + ca_certificate.map_or(0, str::len);
        wiped(&Sent { address, credential, ca_certificate, allow_in_clear }, length)
    }
}

/// A value as JSON that is overwritten when the last one who holds it lets go. `length` is that of its texts, each byte of
/// which takes six at most; with room for all of that, nothing moves while it grows and is left behind.
pub(crate) fn wiped(value: &impl Serialize, length: usize) -> Result<Bytes, Error> {
    let mut json = Zeroizing::new(Vec::with_capacity(6 * length + 256));
    serde_json::to_writer(&mut *json, value).map_err(|error| Error::Unsendable(error.to_string()))?;
    Ok(Bytes::from_owner(json))
}
