//! The other end of a wall: an agent that says "live", and a server that streams a board over TLS.

use std::{path::Path, sync::Arc, time::Duration};

use board::{Revision, sample, wire};
use device::{Live, Said, State, Trust, lines};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixListener},
    runtime,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nDate: Mon, 16 Nov 2026 14:32:00 GMT\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";

/// Serves one wall, until the process is ended.
pub(crate) fn serve(socket: &Path) {
    runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (acceptor, anchor) = private_authority();
        let live = Live {
            server: format!("https://localhost:{}", listener.local_addr().unwrap().port()).parse().unwrap(),
            proxy: None,
            trust: Trust::Anchor(anchor),
            board: "overview".to_owned(),
            access_token: "token".to_owned(),
            expires_at: sample::now(),
            screen: "Reception".to_owned(),
            rotation: 0,
            clock_offset: 0,
        };
        let agent = UnixListener::bind(socket).unwrap();
        let (mut wall, _) = agent.accept().await.unwrap();
        wall.write_all(&lines::encode(&Said::from(State::Live(live))).unwrap()).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(tcp).await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(HEAD.as_bytes()).await.unwrap();
        let board = sample::overview();
        let changed = super::one_tile_changed(board.clone());
        let first = wire::Event::Board(Box::new(board.clone()));
        // The wall went away when it cannot be written to: it has measured.
        let mut sent = stream.write_all(chunk(&first, Revision(1)).as_bytes()).await;
        for revision in 2.. {
            if sent.is_err() || stream.flush().await.is_err() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
            let board = if revision % 2 == 0 { &changed } else { &board };
            let panel = wire::Event::Panel(Box::new(board.panels[0].clone()));
            sent = stream.write_all(chunk(&panel, Revision(revision)).as_bytes()).await;
        }
    });
}

fn chunk(event: &wire::Event, Revision(revision): Revision) -> String {
    let text = format!("event: {}\nid: a.{revision}\ndata: {}\n\n", event.name(), event.to_data().unwrap());
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The server's side of TLS, and its anchor.
fn private_authority() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let anchor = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);

    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let chain: Vec<CertificateDer<'static>> = vec![params.signed_by(&key, &issuer).unwrap().into()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), anchor)
}
