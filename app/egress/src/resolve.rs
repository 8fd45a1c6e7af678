//! Names become addresses, each of which is judged.

use std::{net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::policy::{Policy, Refusal};

/// Resolves as this machine does: `/etc/hosts`, its DNS servers, and whatever else it is set up to ask.
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Judges what another resolver finds. What it lets through is what is connected to: a name is resolved once for each
/// connection, and never between judgement and use.
pub(crate) struct Judging {
    pub(crate) found_by: Arc<dyn Resolve>,
    pub(crate) policy: Policy,
    pub(crate) is_encrypted: bool,
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let finding = self.found_by.resolve(name);
        let (policy, is_encrypted) = (self.policy.clone(), self.is_encrypted);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = finding.await?.collect();
            if addresses.is_empty() {
                return Err(Refusal::Unknown(host).into());
            }
            // One that is refused makes all of them suspect: a host of the internet has no private address beside.
            for address in &addresses {
                policy.admit(&host, address.ip(), is_encrypted)?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
