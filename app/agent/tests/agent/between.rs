//! Who stands between a stick and its server.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::site::{Authority, Site, acceptor};

/// Somebody in between.
pub struct Proxy {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Ends TLS with a certificate of his own authority and passes on what is inside.
    pub async fn start(authority: &Authority, site: &Site) -> Self {
        Self::start_at(0, authority, site).await
    }

    pub async fn start_at(port: u16, authority: &Authority, site: &Site) -> Self {
        let (leaf, key) = authority.leaf(2020, 2099);
        Self::listen(port, Some(acceptor(leaf, &key)), site).await
    }

    /// Shows the server's own certificate, which everybody can see, with a key that is not its own.
    pub async fn with_stolen_certificate(site: &Site) -> Self {
        let (_, key) = Authority::new().leaf(2020, 2099);
        Self::listen(0, Some(acceptor(site.leaf.clone(), &key)), site).await
    }

    /// A router: passes bytes on.
    pub async fn passing_through(site: &Site) -> Self {
        Self::listen(0, None, site).await
    }

    pub async fn passing_through_at(port: u16, site: &Site) -> Self {
        Self::listen(port, None, site).await
    }

    pub fn url(&self) -> String {
        format!("https://{}/", self.address)
    }

    /// Stops, connections included, and gives the port that is free now.
    pub async fn stop(mut self) -> u16 {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
        self.address.port()
    }

    async fn listen(port: u16, acceptor: Option<TlsAcceptor>, site: &Site) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let (address, server) = (listener.local_addr().unwrap(), site.address);
        let mut roots = RootCertStore::empty();
        let pem = rustls_pki_types::pem::PemObject::from_pem_slice(site.anchor.as_bytes()).unwrap();
        roots.add(pem).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = TlsConnector::from(Arc::new(config));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (acceptor, connector) = (acceptor.clone(), connector.clone());
                connections.spawn(async move {
                    let mut upstream = TcpStream::connect(server).await.unwrap();
                    let Some(acceptor) = acceptor else {
                        let _ = tokio::io::copy_bidirectional(&mut stream, &mut upstream).await;
                        return;
                    };
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let host = ServerName::try_from("127.0.0.1").unwrap();
                    let mut upstream = connector.connect(host, upstream).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut upstream).await;
                });
            }
        });
        Self { address, task }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An HTTP proxy, which leads every `CONNECT` to the site, whatever it names. Gives its address.
pub async fn http_proxy(site: &Site) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, server) = (listener.local_addr().unwrap(), site.address);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                assert!(head.starts_with(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n"), "{}", String::from_utf8_lossy(&head));
                stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                let mut upstream = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut upstream).await;
            });
        }
    });
    address
}
