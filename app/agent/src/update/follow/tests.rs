#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use device::Live;
use device::fleet::{Candidates, Slot, Turn};
use jiff::Timestamp;
use updates::{Manifest, Name, Seed};

use super::*;
use crate::clock::{Clock, Shared};
use crate::update::{Installer, Origin};

/// A vendor who has published nothing, and counts who looks.
#[derive(Clone, Default)]
struct Looks(Arc<AtomicUsize>);

impl UpdateSource for Looks {
    async fn releases(&self, _: &Name) -> Result<Vec<Manifest>, String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Vec::new())
    }

    async fn turn(&self, _: &Candidates) -> Result<Turn, String> {
        unreachable!("nothing is published")
    }

    fn origin(&self, _: &Manifest) -> Result<Origin, String> {
        unreachable!("nothing is published")
    }
}

/// A machine that runs well.
struct Machine;

impl Installer for Machine {
    async fn install(&self, _: &Manifest, _: &Origin, _: impl Fn(u8) + Send + Sync) -> Result<(), String> {
        unreachable!("nothing is published")
    }
}

impl BootFlow for Machine {
    async fn started(&self) -> Result<Started, String> {
        let compatible = "nexus-amd64".to_owned().try_into().unwrap();
        Ok(Started { slot: Slot::A, version: "1.0.0".parse().unwrap(), compatible, boot: 1, proven: true, left: None })
    }

    async fn proven(&self) -> Result<bool, String> {
        Ok(true)
    }

    async fn activate(&self, _: Slot) -> Result<(), String> {
        Ok(())
    }

    async fn restart(&self) -> Result<(), String> {
        Ok(())
    }
}

struct Nowhere;

impl Store for Nowhere {
    fn store(&self, _: &Record) -> Result<(), String> {
        Ok(())
    }
}

/// With a server that nobody is at.
fn signed_in() -> SignedIn {
    let live = Live {
        server: "https://127.0.0.1:1".parse().unwrap(),
        proxy: None,
        trust: device::Trust::WebPki,
        board: "support".into(),
        access_token: "token".into(),
        expires_at: Timestamp::UNIX_EPOCH,
        screen: "Support".into(),
        rotation: 0,
        clock_offset: 0,
    };
    let clock = Clock::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    SignedIn::new(&live, &Arc::new(Shared::new(clock))).unwrap()
}

#[tokio::test]
async fn who_does_not_want_to_wait_has_it_looked_for_updates_at_once() {
    let looks = Looks::default();
    let (_session, session) = watch::channel(Some(signed_in()));
    let (shown, _shown) = watch::channel(Shown::default());
    let (want, wanted) = mpsc::channel(1);
    let world = World { source: looks.clone(), machine: Machine, store: Nowhere, session, shown };
    let reach = async |many| {
        while looks.0.load(Ordering::SeqCst) < many {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let person = async {
        reach(1).await;
        want.send(()).await.unwrap();
        // The next look by itself is an hour away.
        reach(2).await;
    };
    tokio::time::timeout(Duration::from_secs(30), async {
        tokio::select! {
            () = world.follow(Record::new(Seed::draw(7)), wanted) => panic!("it ended"),
            () = person => {}
        }
    })
    .await
    .unwrap();
}
