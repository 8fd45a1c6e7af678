use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Connection, Error, wire};

/// The door to the Broker: its Unix socket.
#[derive(Clone, Debug)]
pub struct Broker {
    socket: PathBuf,
}

/// How the Broker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// Whether it was given a passphrase. Without one it refuses every use of a connection.
    pub passphrase: bool,
}

/// A connection that the Broker has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Its id, such as `request-tracker`.
    pub id: String,
    /// Where it leads; `None` where it cannot be opened.
    pub base_url: Option<String>,
    /// Whether it can be used.
    pub usable: bool,
    /// Why not: a code, such as `no_passphrase`.
    pub code: Option<String>,
    /// Why not, in words.
    pub message: Option<String>,
}

/// Which webhook the Broker has, as far as it says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Webhook {
    /// Whether there is one.
    pub set: bool,
    /// Different whenever it was entered anew.
    pub revision: Option<String>,
}

/// What the receiver of a delivery said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Delivered {
    /// The status of its answer.
    pub status: u16,
    /// How many seconds it wants to be left alone, if it says so.
    pub retry_after: Option<u64>,
}

impl Broker {
    /// The Broker that listens on this socket, now or later.
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into() }
    }

    /// Its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whether it runs, and whether it can use secrets. Tries once.
    pub async fn health(&self) -> Result<Health, Error> {
        self.read("/health").await
    }

    /// Which connections there are. Never a credential. Tries once.
    pub async fn connections(&self) -> Result<Vec<Listed>, Error> {
        #[derive(Deserialize)]
        struct Connections {
            connections: Vec<Listed>,
        }
        Ok(self.read::<Connections>("/connections").await?.connections)
    }

    /// A connection by its id, such as `request-tracker`. Sends nothing yet.
    pub fn connection(&self, id: &str) -> Connection {
        Connection::new(self.clone(), id)
    }

    /// The on-call calendar's feed; `None` where no address is set. Tries once.
    pub async fn calendar(&self) -> Result<Option<Bytes>, Error> {
        match wire::get(&self.socket, "/calendar").await? {
            Ok(response) => Ok(Some(response.body)),
            Err(words) if words.code == "not_set" => Ok(None),
            Err(wire::Words { code, message }) => Err(Error::Refused { code, message }),
        }
    }

    /// Whether there is a webhook, and which. Tries once.
    pub async fn webhook(&self) -> Result<Webhook, Error> {
        self.read("/webhook").await
    }

    /// Has a body signed and sent to the webhook; `None` where none is set. The same id tells the receiver that it is the
    /// same delivery. Tries once.
    pub async fn deliver(&self, id: &str, body: Bytes) -> Result<Option<Delivered>, Error> {
        let id = HeaderValue::from_str(id)
            .map_err(|error| Error::Broker { socket: self.socket.clone(), reason: error.to_string() })?;
        let header = (HeaderName::from_static("webhook-id"), id);
        match wire::ask(&self.socket, Method::POST, "/webhook/deliveries", Some(header), body).await? {
            Ok(response) => self.parsed(&response.body).map(Some),
            Err(words) if words.code == "not_set" => Ok(None),
            Err(wire::Words { code, message }) => Err(Error::Refused { code, message }),
        }
    }

    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        match wire::get(&self.socket, path).await? {
            Ok(response) => self.parsed(&response.body),
            Err(wire::Words { code, message }) => Err(Error::Refused { code, message }),
        }
    }

    pub(crate) fn parsed<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body)
            .map_err(|error| Error::Broker { socket: self.socket.clone(), reason: error.to_string() })
    }
}
