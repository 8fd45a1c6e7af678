//! What comes back on the Broker's socket, as the server process reads it: any bytes, then the end.
#![no_main]

use std::sync::{Arc, LazyLock, Mutex};

use bridge::{Broker, Patience};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixListener,
    runtime::Runtime,
};

static SITE: LazyLock<Site> = LazyLock::new(Site::start);

fuzz_target!(|answer: &[u8]| {
    *SITE.answer.lock().expect("nobody panics") = answer.to_vec();
    SITE.runtime.block_on(async {
        let _ = SITE.broker.connections().await;
        let _ = SITE.broker.health().await;
        // One attempt, so that no failure is waited out.
        let once =
            SITE.broker.connection("request-tracker").with_patience(Patience { failures: 1, ..Patience::default() });
        if let Ok(response) = once.get("tickets", &[]).await {
            assert!(!response.status.is_server_error() && response.status.as_u16() != 429, "{}", response.status);
        }
    });
});

struct Site {
    answer: Arc<Mutex<Vec<u8>>>,
    broker: Broker,
    runtime: Runtime,
    _folder: TempDir,
}

impl Site {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let socket = folder.path().join("broker.sock");
        let answer = Arc::new(Mutex::new(Vec::new()));
        let runtime = Runtime::new().expect("a runtime");
        let (listener, given) = {
            let _inside = runtime.enter();
            (UnixListener::bind(&socket).expect("a socket can be made"), answer.clone())
        };
        runtime.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = given.lock().expect("nobody panics").clone();
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(&answer).await;
            }
        });
        Self { answer, broker: Broker::new(&socket), runtime, _folder: folder }
    }
}
