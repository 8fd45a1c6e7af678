//! Connections and secrets in the vault.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Mutex;
use vault::{Name, Sealed, SecretString, Vault};

use crate::calendar::Calendar;
use crate::endpoint::Endpoint;
use crate::upstream::Upstream;
use crate::webhook::Webhook;
use crate::{Connection, Error, Id, Secret, SigningKey};

const PREFIX: &str = "connection.";

/// Seals a connection under its id, in place of an earlier one. Durable when it returns; a running
/// Broker uses it from its next request on. Blocks for about a tenth of a second.
pub fn connect(vault: &Vault, id: &Id, connection: &Connection) -> Result<(), Error> {
    Ok(vault.set(&name_of(id), &connection.to_sealable())?)
}

/// Forgets a connection and says whether there was one.
pub fn disconnect(vault: &Vault, id: &Id) -> Result<bool, Error> {
    Ok(vault.remove(&name_of(id))?)
}

/// Seals where the on-call calendar is read. As [`connect`].
pub fn set_calendar(vault: &Vault, endpoint: &Endpoint) -> Result<(), Error> {
    Ok(vault.set(&Secret::CalendarUrl.entry(), &endpoint.to_sealable())?)
}

/// Seals where alerts are sent, and the key that signs them. As [`connect`].
pub fn set_webhook(vault: &Vault, endpoint: &Endpoint, key: &SigningKey) -> Result<(), Error> {
    vault.set(&Secret::WebhookKey.entry(), &key.text())?;
    Ok(vault.set(&Secret::WebhookUrl.entry(), &endpoint.to_sealable())?)
}

/// What a running Broker knows of the vault. Opening a secret is dear, so an opened connection is kept
/// for as long as the file holds the very same sealed entry.
pub(crate) struct Store {
    vault: Arc<Vault>,
    opened: Mutex<Opened>,
    calendar: Mutex<Option<Kept<Sealed, Calendar>>>,
    webhook: Mutex<Option<Kept<(Sealed, Sealed), Webhook>>>,
}

/// What was opened of a sealed entry.
struct Kept<S, T> {
    sealed: S,
    opened: Arc<T>,
}

#[derive(Default)]
struct Opened {
    upstreams: HashMap<Id, (Sealed, Arc<Upstream>)>,
    /// Those that were opened before, and that our passphrase does not open any more.
    outdated: HashSet<Id>,
    /// What was last said about a file that cannot be read, so that it is not said at every request.
    complaint: Option<String>,
}

impl Store {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault: Arc::new(vault), opened: Mutex::default(), calendar: Mutex::default(), webhook: Mutex::default() }
    }

    pub(crate) fn has_passphrase(&self) -> bool {
        self.vault.has_passphrase()
    }

    /// # Errors
    /// There is none, so nothing can be sealed.
    pub(crate) fn require_passphrase(&self) -> Result<(), Error> {
        if self.has_passphrase() { Ok(()) } else { Err(vault::Error::NoPassphrase.into()) }
    }

    /// As [`connect`].
    pub(crate) async fn connect(&self, id: &Id, connection: &Connection) -> Result<(), Error> {
        let (name, text) = (name_of(id), connection.to_sealable());
        self.blocking(move |vault| vault.set(&name, &text)).await
    }

    /// As [`disconnect`].
    pub(crate) async fn disconnect(&self, id: &Id) -> Result<bool, Error> {
        let name = name_of(id);
        self.blocking(move |vault| vault.remove(&name)).await
    }

    /// The secrets that are set.
    pub(crate) async fn secrets(&self) -> Result<Vec<Secret>, Error> {
        let names = self.blocking(|vault| vault.names()).await?;
        Ok(names.iter().filter_map(|name| name.as_str().parse().ok()).collect())
    }

    /// Stores a secret in place of an earlier one. Durable when it returns.
    pub(crate) async fn set(&self, secret: Secret, value: SecretString) -> Result<(), Error> {
        let name = secret.entry();
        self.blocking(move |vault| vault.set(&name, &value)).await
    }

    /// Forgets a secret and says whether it was set.
    pub(crate) async fn remove(&self, secret: Secret) -> Result<bool, Error> {
        let name = secret.entry();
        self.blocking(move |vault| vault.remove(&name)).await
    }

    /// The ids of all connections in the file as it is now.
    pub(crate) async fn ids(&self) -> Result<Vec<Id>, Error> {
        let names = self.blocking(|vault| vault.names()).await?;
        Ok(names.iter().filter_map(|name| name.as_str().strip_prefix(PREFIX)?.parse().ok()).collect())
    }

    /// A connection as the file has it now, or as it had it before it was damaged; `None` where there is none.
    pub(crate) async fn upstream(&self, id: &Id) -> Result<Option<Arc<Upstream>>, Error> {
        let name = name_of(id);
        // Held throughout, so that requests that arrive together open a connection once.
        let mut opened = self.opened.lock().await;
        let wanted = name.clone();
        let sealed = match self.blocking(move |vault| vault.sealed(&wanted)).await {
            Ok(sealed) => {
                opened.complaint = None;
                sealed
            }
            Err(error) => return opened.as_before(id, error),
        };
        let Some(sealed) = sealed else {
            opened.upstreams.remove(id);
            opened.outdated.remove(id);
            return Ok(None);
        };
        if let Some((known, upstream)) = opened.upstreams.get(id)
            && *known == sealed
        {
            return Ok(Some(upstream.clone()));
        }
        let was_ours = opened.upstreams.remove(id).is_some();
        let blob = sealed.clone();
        let text = match self.blocking(move |vault| vault.open_sealed(&name, &blob)).await {
            Err(Error::Vault(vault::Error::Unreadable(_))) if was_ours || opened.outdated.contains(id) => {
                return Err(opened.outdated(id));
            }
            text => text?,
        };
        opened.outdated.remove(id);
        let upstream = Arc::new(Upstream::new(Connection::from_sealed(id, &text)?)?);
        opened.upstreams.insert(id.clone(), (sealed, upstream.clone()));
        Ok(Some(upstream))
    }

    /// The calendar as the file has it now; `None` where its address is not set.
    pub(crate) async fn calendar(&self) -> Result<Option<Arc<Calendar>>, Error> {
        let mut opened = self.calendar.lock().await;
        let Some(sealed) = self.sealed(Secret::CalendarUrl.entry()).await? else {
            *opened = None;
            return Ok(None);
        };
        if let Some(kept) = opened.as_ref().filter(|kept| kept.sealed == sealed) {
            return Ok(Some(kept.opened.clone()));
        }
        let text = self.open(Secret::CalendarUrl.entry(), sealed.clone()).await?;
        let calendar = Arc::new(Calendar::new(&Endpoint::from_sealed(Secret::CalendarUrl, &text)?)?);
        *opened = Some(Kept { sealed, opened: calendar.clone() });
        Ok(Some(calendar))
    }

    /// The webhook as the file has it now; `None` where its address or its key is not set.
    pub(crate) async fn webhook(&self) -> Result<Option<Arc<Webhook>>, Error> {
        let mut opened = self.webhook.lock().await;
        let Some(sealed) = self.sealed_webhook().await? else {
            *opened = None;
            return Ok(None);
        };
        if let Some(kept) = opened.as_ref().filter(|kept| kept.sealed == sealed) {
            return Ok(Some(kept.opened.clone()));
        }
        let url = self.open(Secret::WebhookUrl.entry(), sealed.0.clone()).await?;
        let key = SigningKey::new(&self.open(Secret::WebhookKey.entry(), sealed.1.clone()).await?)?;
        let webhook = Arc::new(Webhook::new(&Endpoint::from_sealed(Secret::WebhookUrl, &url)?, key)?);
        *opened = Some(Kept { sealed, opened: webhook.clone() });
        Ok(Some(webhook))
    }

    /// The webhook's address and key as they lie in the file, where both are set.
    pub(crate) async fn sealed_webhook(&self) -> Result<Option<(Sealed, Sealed)>, Error> {
        let (url, key) =
            (self.sealed(Secret::WebhookUrl.entry()).await?, self.sealed(Secret::WebhookKey.entry()).await?);
        Ok(url.zip(key))
    }

    async fn sealed(&self, name: Name) -> Result<Option<Sealed>, Error> {
        self.blocking(move |vault| vault.sealed(&name)).await
    }

    async fn open(&self, name: Name, sealed: Sealed) -> Result<SecretString, Error> {
        self.blocking(move |vault| vault.open_sealed(&name, &sealed)).await
    }

    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Vault) -> Result<T, vault::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let vault = self.vault.clone();
        match tokio::task::spawn_blocking(move || work(&vault)).await {
            Ok(result) => Ok(result?),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

impl Opened {
    /// A connection that could be opened once was sealed with another passphrase while this process ran: said once, since
    /// only a start with the new one helps.
    fn outdated(&mut self, id: &Id) -> Error {
        let error = Error::Outdated(id.to_string());
        if self.outdated.insert(id.clone()) {
            tracing::error!("{error}");
        }
        error
    }

    /// A file that was damaged meanwhile says nothing about a connection that was opened before: that goes on.
    fn as_before(&mut self, id: &Id, error: Error) -> Result<Option<Arc<Upstream>>, Error> {
        let known = self.upstreams.get(id).filter(|_| error.is_about_the_file());
        let Some((_, upstream)) = known else { return Err(error) };
        let complaint = error.to_string();
        if self.complaint.as_ref() != Some(&complaint) {
            tracing::error!("{complaint}. Connections that were read before go on until the Broker is started again");
            self.complaint = Some(complaint);
        }
        Ok(Some(upstream.clone()))
    }
}

fn name_of(id: &Id) -> Name {
    #[expect(clippy::expect_used, reason = "every character of an id may stand in a name, and 64 of them fit")]
    format!("{PREFIX}{id}").parse().expect("an id makes a name")
}
