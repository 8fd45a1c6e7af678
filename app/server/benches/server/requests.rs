//! What single requests cost: a sign-in, and the state of a board.

use std::time::{Duration, Instant};

use reqwest::{Certificate, Client};

use crate::{board_server::BoardServer, milliseconds};

const PASSWORD: &str = "a long bench password";
/// Fewer than the throttle allows one address.
const SIGN_INS: u32 = 5;
const READERS: usize = 8;
const READING: Duration = Duration::from_secs(5);

/// What the server computes, and how long a person waits, for one sign-in.
pub(crate) async fn sign_in(server: &BoardServer) {
    let client = client(server);
    let code = server.setup_code.as_str();
    post(&client, server, &[("setup_code", code), ("password", PASSWORD), ("password_again", PASSWORD)]).await;
    let before = server.process.measure();
    let started = Instant::now();
    for _ in 0..SIGN_INS {
        post(&client, server, &[("password", PASSWORD)]).await;
    }
    println!("{:>9.1} ms a sign-in takes", milliseconds(started.elapsed() / SIGN_INS));
    let cpu = (server.process.measure().cpu - before.cpu) / SIGN_INS;
    println!("{:>9.1} ms of processor time a sign-in", milliseconds(cpu));
}

/// How often a board's state is answered a second, to readers who keep their connections.
pub(crate) async fn state(server: &BoardServer) {
    let url = format!("https://localhost:{}/api/v1/boards/queue/state", server.target.address.port());
    let until = Instant::now() + READING;
    let before = server.process.measure();
    let readers = (0..READERS).map(|_| {
        let (client, url) = (client(server), url.clone());
        tokio::spawn(async move {
            let mut answered = 0;
            while Instant::now() < until {
                let response = client.get(&url).send().await.unwrap().error_for_status().unwrap();
                response.bytes().await.unwrap();
                answered += 1;
            }
            answered
        })
    });
    let mut answered = 0;
    for reader in readers.collect::<Vec<_>>() {
        answered += reader.await.unwrap();
    }
    println!("{:>9.0} state requests a second", f64::from(answered) / READING.as_secs_f64());
    let cpu = server.process.measure().cpu - before.cpu;
    println!("{:>9.3} ms of processor time a state request", milliseconds(cpu) / f64::from(answered));
}

async fn post(client: &Client, server: &BoardServer, fields: &[(&str, &str)]) {
    let origin = format!("https://localhost:{}", server.target.address.port());
    let request = client.post(format!("{origin}/admin/sign-in")).header("origin", &origin);
    let response = request.form(fields).send().await.unwrap();
    assert!(response.status().is_redirection(), "{}", response.status());
}

fn client(server: &BoardServer) -> Client {
    let anchor = Certificate::from_pem(server.target.anchor.as_bytes()).unwrap();
    let builder = Client::builder().tls_certs_only([anchor]).redirect(reqwest::redirect::Policy::none());
    builder.http1_only().resolve("localhost", server.target.address).build().unwrap()
}
