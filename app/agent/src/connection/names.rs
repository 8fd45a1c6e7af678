//! Names of servers, asked of the system as by default; one that is not known is told from a server that does not answer.

use std::{error::Error, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Nobody in this network knows an address for the name: it may be mistyped, or the network's DNS server is away.
#[derive(Debug, thiserror::Error)]
#[error("no address for {name}: {reason}")]
pub(super) struct UnknownName {
    name: String,
    #[source]
    reason: io::Error,
}

impl UnknownName {
    /// Whether an error comes of this host having no address.
    pub(super) fn is_why(error: &(dyn Error + 'static), host: Option<&str>) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(unknown) = error.downcast_ref::<Self>() {
                return Some(unknown.name.as_str()) == host;
            }
            cause = error.source();
        }
        false
    }
}

/// The system's own names.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map(Iterator::collect::<Vec<_>>);
            match found {
                Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                Err(reason) => Err(UnknownName { name, reason }.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::{future::ready, sync::Arc};

    use super::*;

    #[tokio::test]
    async fn a_name_without_an_address_is_known_from_the_error_of_a_call() {
        struct Nobody;
        impl Resolve for Nobody {
            fn resolve(&self, name: Name) -> Resolving {
                let unknown = UnknownName { name: name.as_str().to_owned(), reason: io::Error::other("not found") };
                Box::pin(ready(Err(unknown.into())))
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
        let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls);
        let client = client.dns_resolver(Arc::new(Nobody)).build().unwrap();
        let error = client.get("https://nexus.example.com/").send().await.unwrap_err();
        assert!(UnknownName::is_why(&error, Some("nexus.example.com")), "{error:?}");
        assert!(!UnknownName::is_why(&error, Some("proxy.example.com")), "it is another name that was asked for");
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_is_unknown_and_the_own_machine_is_known() {
        // No label has more than 63 letters (RFC 1035), so nobody is asked.
        let name = "x".repeat(64);
        let Err(error) = System.resolve(name.parse().unwrap()).await else { panic!("{name} has an address") };
        assert!(UnknownName::is_why(&*error, Some(&name)), "{error:?}");
        assert!(System.resolve("localhost".parse().unwrap()).await.unwrap().count() > 0);
    }
}
