//! Addresses from which an administrator has signed in lately: at the sign-in there is a reserve for them, so that whoever
//! guesses from everywhere else locks nobody out.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    access::Neighbourhood,
    forwarded::Client,
    store::{Store, StoreError},
};

/// For how long an address is familiar.
const LATELY: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Those of one installation, as far as the audit log goes back.
pub(crate) struct Familiar(Mutex<HashMap<Neighbourhood, Timestamp>>);

impl Familiar {
    pub(crate) async fn load(store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        let familiar = Self(Mutex::default());
        for (address, at) in store.sign_ins(now.saturating_sub(LATELY).unwrap_or(Timestamp::MIN)).await? {
            familiar.note(address, at);
        }
        Ok(familiar)
    }

    /// An administrator signed in from there.
    pub(super) fn note(&self, address: IpAddr, at: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, before| at.duration_since(*before) < LATELY);
        known.insert(address.into(), at);
    }

    /// Whether a client is familiar. This machine always is: who set the server up can sign in from there.
    pub(super) fn knows(&self, client: Client, now: Timestamp) -> bool {
        let here = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        let lately = |at: &Timestamp| now.duration_since(*at) < LATELY;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        client.is_known() && (here.contains(&client.ip()) || known.get(&client.ip().into()).is_some_and(lately))
    }
}
