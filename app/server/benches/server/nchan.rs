//! nginx with nchan (<https://nchan.io>): the field's own way to fan out events, for comparison.

use std::{
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rcgen::CertifiedKey;
use tempfile::TempDir;

use crate::{
    Target,
    process::{Measured, measure},
    stamp,
};

/// A running nginx.
pub(crate) struct Nchan {
    nginx: Child,
    pub(crate) target: Target,
    publisher: String,
    folder: TempDir,
}

impl Nchan {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(folder.path().join("certificate.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
        let (streams, publisher) = (free_port(), free_port());
        fs::write(folder.path().join("nginx.conf"), configuration(streams, publisher)).unwrap();
        let nginx = Command::new("nginx")
            .args(["-p", folder.path().to_str().unwrap(), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"])
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let target = Target { address: ([127, 0, 0, 1], streams).into(), path: "/events", anchor: cert.pem() };
        let nchan = Self { nginx, target, publisher: format!("http://127.0.0.1:{publisher}/publish"), folder };
        while tokio::net::TcpStream::connect(nchan.target.address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        nchan
    }

    /// The master and its workers together.
    pub(crate) fn measure(&self) -> Measured {
        let mut all = measure(self.nginx.id());
        for worker in self.workers() {
            let each = measure(worker);
            all = Measured { memory: all.memory + each.memory, cpu: all.cpu + each.cpu };
        }
        all
    }

    /// Publishes what a screen of ours got, stamped anew, once a second.
    pub(crate) async fn publish(&self, event: &str, times: u32) {
        // nchan writes the fields of an event itself; what is posted is its data.
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).expect("an event with data");
        let client = reqwest::Client::new();
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        for _ in 0..times {
            seconds.tick().await;
            let request = client.post(&self.publisher).header("X-EventSource-Event", "panel");
            request.body(stamp::renew(data)).send().await.unwrap().error_for_status().unwrap();
        }
        seconds.tick().await;
    }

    fn workers(&self) -> Vec<u32> {
        let id = self.nginx.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        children.split_whitespace().map(|child| child.parse().unwrap()).collect()
    }
}

impl Drop for Nchan {
    fn drop(&mut self) {
        let stop = Command::new("kill").args(["-TERM", &self.nginx.id().to_string()]).status();
        assert!(stop.is_ok_and(|status| status.success()), "nginx in {} was not ended", self.folder.path().display());
        self.nginx.wait().unwrap();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn configuration(streams: u16, publisher: u16) -> String {
    format!(
        "load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
user root;
worker_processes auto;
worker_rlimit_nofile 20000;
pid nginx.pid;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  nchan_shared_memory_size 256M;
  keepalive_timeout 1h;
  server {{
    listen 127.0.0.1:{streams} ssl backlog=4096;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
    ssl_protocols TLSv1.3;
    ssl_buffer_size 4k;
    location = /events {{
      nchan_subscriber eventsource;
      nchan_channel_id board;
      nchan_subscriber_first_message newest;
    }}
  }}
  server {{
    listen 127.0.0.1:{publisher};
    location = /publish {{
      nchan_publisher;
      nchan_channel_id board;
      nchan_message_buffer_length 1;
    }}
  }}
}}
"
    )
}
