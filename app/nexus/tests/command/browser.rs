//! A browser as plain as can be: one request for each connection over real TLS, one cookie, forms as browsers send them.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::form_urlencoded::Serializer;

pub(crate) struct Browser {
    tls: Arc<ClientConfig>,
    authority: String,
    cookie: String,
}

impl Browser {
    /// For the server that greeted so on its console, trusted by what `nexus ca show` says.
    pub(crate) fn new(console: &[String], authority: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = Arc::new(tls.with_root_certificates(roots).with_no_client_auth());
        let greeting = console.iter().find_map(|line| line.split("https://").nth(1)).unwrap();
        Self { tls, authority: greeting.split('/').next().unwrap().to_owned(), cookie: String::new() }
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nOrigin: https://{}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n",
            self.authority
        );
        let answer = self.send(&head, &body);
        if let Some(cookie) = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")) {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        answer
    }

    /// The whole answer, head and body.
    #[expect(clippy::disallowed_methods, reason = "it asks the server of the test")]
    fn send(&self, head: &str, body: &str) -> String {
        let connection = ClientConnection::new(self.tls.clone(), "localhost".try_into().unwrap()).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(&self.authority).unwrap());
        let (authority, cookie) = (&self.authority, &self.cookie);
        let request = format!("{head}Host: {authority}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}
