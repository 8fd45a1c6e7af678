//! How large a panel's event is: of every panel on the boards of the demo desk, in its working hours.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use board::{
    Board, Panel,
    wire::{Event, EventId},
};
use demo::Demo;
use jiff::tz::TimeZone;
use reqwest::{Certificate, Client};
use server::{Clock, Config, Folder, Server, Settings, SystemClock, settings, tls::Anchor};

/// For so long it is watched what is sent.
const WATCHED: Duration = Duration::from_secs(30);

pub(crate) async fn sizes() {
    let folder = tempfile::tempdir().unwrap();
    let strings = BTreeMap::from([("NEXUS_LISTEN", "127.0.0.1:0"), ("NEXUS_DEMO_HOURS", "working")]);
    let mut config = Config::read(&strings, None).unwrap();
    config.data = folder.path().to_owned();
    let clock = Arc::new(SystemClock);
    let settings = Settings::open(&Folder::open(&config.data).unwrap(), &config, clock.now()).unwrap();
    let boards = settings.boards.iter().map(|board| board.id.0.clone()).collect::<Vec<_>>();
    let open = |settings: &Settings| match settings.desk {
        settings::Desk::Demo(demo) => Demo::new(demo.simulation(TimeZone::UTC)),
        settings::Desk::RequestTracker(_) => unreachable!("nobody connects one"),
    };
    let server = Server::start(config, settings, open, clock).await.unwrap();
    // Until the first poll is on the boards.
    while server.figures().events_encoded == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = server.figures();
    tokio::time::sleep(WATCHED).await;
    let after = server.figures();
    let panels = panels(&server, &boards).await;

    let mut sizes = panels.iter().map(|panel| (framed(panel), panel.id.0.as_str())).collect::<Vec<_>>();
    sizes.sort_unstable();
    let (middle, _) = sizes[sizes.len() / 2];
    let ((least, smallest), (most, largest)) = (sizes[0], sizes[sizes.len() - 1]);
    println!("{middle:>9} bytes a panel event, in the middle of the {} panels of the demo's boards", sizes.len());
    println!("{least:>9} bytes of the smallest, {smallest}");
    println!("{most:>9} bytes of the largest, {largest}");
    let sent = after.events_encoded - before.events_encoded;
    let mean = (after.event_bytes - before.event_bytes) as f64 / sent.max(1) as f64;
    println!("{mean:>9.0} bytes an event of the {sent} that were sent in {} s, all boards together", WATCHED.as_secs());
    server.stop().await;
}

/// The panels of these boards as they stand.
async fn panels(server: &Server, boards: &[String]) -> Vec<Panel> {
    let Anchor::Certificates(pem) = server.anchor() else { unreachable!("a private authority") };
    let anchor = Certificate::from_pem(pem.as_bytes()).unwrap();
    let client = Client::builder().tls_certs_only([anchor]).build().unwrap();
    let mut panels = Vec::new();
    for board in boards {
        let url = format!("https://localhost:{}/api/v1/boards/{board}/state", server.address().port());
        let answer = client.get(url).send().await.unwrap().error_for_status().unwrap();
        panels.extend(answer.json::<Board>().await.unwrap().panels);
    }
    panels
}

/// The length of a panel's event, as it stands in a stream.
fn framed(panel: &Panel) -> usize {
    let event = Event::Panel(Box::new(panel.clone()));
    let id = EventId { epoch: u64::MAX, revision: panel.revision };
    format!("event: {}\nid: {id}\ndata: {}\n\n", event.name(), event.to_data().unwrap()).len()
}
