//! How the screens say that they are.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

use device::fleet::Health;
use jiff::Timestamp;
use updates::Version;
use uuid::Uuid;

use super::rollout::Tally;
use crate::store::{Deed, Store, StoreError};

/// What each screen said last, and who is held back. The database is the truth; this is what requests look at.
pub(crate) struct Fleet {
    store: Store,
    reports: RwLock<HashMap<Uuid, Report>>,
    held: RwLock<HashSet<Uuid>>,
}

/// What a screen said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) health: Health,
    pub(crate) at: Timestamp,
}

impl Fleet {
    pub(crate) async fn load(store: Store) -> Result<Self, StoreError> {
        let reports = store.health().await?.into_iter().map(|(screen, health, at)| (screen, Report { health, at }));
        let held = store.held_screens().await?;
        Ok(Self { reports: RwLock::new(reports.collect()), held: RwLock::new(held.into_iter().collect()), store })
    }

    /// A screen says how it is. What only counts up is not written each time.
    pub(crate) async fn tell(&self, screen: Uuid, health: Health, at: Timestamp) -> Result<(), StoreError> {
        let before = self.find(screen);
        if before.is_none_or(|before| differs(&before.health, &health)) {
            self.store.tell_health(screen, &health, at).await?;
        }
        self.reports.write().unwrap_or_else(PoisonError::into_inner).insert(screen, Report { health, at });
        Ok(())
    }

    pub(crate) fn find(&self, screen: Uuid) -> Option<Report> {
        self.reports.read().unwrap_or_else(PoisonError::into_inner).get(&screen).cloned()
    }

    pub(crate) fn is_held(&self, screen: Uuid) -> bool {
        self.held.read().unwrap_or_else(PoisonError::into_inner).contains(&screen)
    }

    /// Holds updates back from a screen, or does so no longer.
    pub(crate) async fn hold(&self, screen: Uuid, held: bool, deed: &Deed) -> Result<(), StoreError> {
        self.store.hold_screen(screen, held, deed).await?;
        let mut all = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held {
            all.insert(screen)
        } else {
            all.remove(&screen)
        };
        Ok(())
    }

    /// A screen was removed.
    pub(crate) fn forget(&self, screen: Uuid) {
        self.reports.write().unwrap_or_else(PoisonError::into_inner).remove(&screen);
        self.held.write().unwrap_or_else(PoisonError::into_inner).remove(&screen);
    }

    /// How each version fares.
    pub(crate) fn tallies(&self) -> BTreeMap<Version, Tally> {
        let mut tallies = BTreeMap::<Version, Tally>::new();
        for Report { health, .. } in self.reports.read().unwrap_or_else(PoisonError::into_inner).values() {
            tallies.entry(health.version.clone()).or_default().running += 1;
            if let Some(failure) = health.failure.as_ref().filter(|failure| failure.version != health.version) {
                tallies.entry(failure.version.clone()).or_default().failed += 1;
            }
        }
        tallies
    }
}

fn differs(before: &Health, now: &Health) -> bool {
    let kind = std::mem::discriminant(&before.update) != std::mem::discriminant(&now.update);
    kind || (&before.version, &before.slot, &before.failure) != (&now.version, &now.slot, &now.failure)
}
