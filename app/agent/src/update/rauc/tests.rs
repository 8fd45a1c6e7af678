#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

use std::sync::{Arc, Mutex};

use std::os::unix::net::UnixStream;
use zbus::object_server::SignalEmitter;
use zbus::{OwnedVariant, connection, fdo, interface};

use super::*;

/// Plays RAUC: what it is asked for, and what it answers.
struct Played {
    asked: Arc<Mutex<Vec<String>>>,
    result: i32,
    error: &'static str,
    slot: &'static str,
    progress: (i32, String, i32),
}

#[interface(name = "de.pengutronix.rauc.Installer")]
impl Played {
    async fn install_bundle(
        &mut self,
        source: String,
        args: HashMap<String, OwnedVariant>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        if self.error == "already processing a different method" {
            return Err(fdo::Error::Failed(self.error.to_owned()));
        }
        let mut args: Vec<_> =
            args.iter().map(|(key, value)| format!("{key}={}", value.downcast_ref::<&str>().unwrap())).collect();
        args.sort();
        self.asked.lock().unwrap().push(format!("install {source} {}", args.join(" ")));
        let (emitter, result) = (emitter.to_owned(), self.result);
        self.progress = (40, "copying".to_owned(), 3);
        self.progress_changed(&emitter).await?;
        tokio::spawn(async move { Self::completed(&emitter, result).await.unwrap() });
        Ok(())
    }

    fn mark(&self, state: &str, slot_identifier: &str) -> (String, String) {
        self.asked.lock().unwrap().push(format!("mark {state} {slot_identifier}"));
        ("boot.1".to_owned(), "activated".to_owned())
    }

    #[zbus(signal)]
    async fn completed(emitter: &SignalEmitter<'_>, result: i32) -> zbus::Result<()>;

    #[zbus(property)]
    fn boot_slot(&self) -> &str {
        self.slot
    }

    #[zbus(property)]
    fn compatible(&self) -> &str {
        "nexus-amd64"
    }

    #[zbus(property)]
    fn last_error(&self) -> &str {
        self.error
    }

    #[zbus(property)]
    fn progress(&self) -> (i32, String, i32) {
        self.progress.clone()
    }
}

/// Plays the unit `nexus-works.service`.
struct Works;

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl Works {
    #[zbus(property)]
    fn active_state(&self) -> &str {
        "active"
    }
}

struct Stage {
    rauc: Rauc,
    asked: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
    _bus: zbus::Connection,
}

async fn stage(command_line: &str, change: impl FnOnce(&mut Played)) -> Stage {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut played = Played { asked: asked.clone(), result: 0, error: "", slot: "a", progress: (0, String::new(), 0) };
    change(&mut played);
    let (ours, theirs) = UnixStream::pair().unwrap();
    let guid = zbus::Guid::generate();
    let service = connection::Builder::unix_stream(theirs)
        .server(guid)
        .p2p()
        .serve_at("/", played)
        .serve_at("/org/freedesktop/systemd1/unit/nexus_2dworks_2eservice", Works)
        .build();
    let client = connection::Builder::unix_stream(ours).p2p().build();
    let (service, client) = tokio::try_join!(service, client).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("cmdline"), command_line).unwrap();
    std::fs::write(file("os-release"), "ID=debian\nIMAGE_ID=nexus\nIMAGE_VERSION=\"1.2.3\"\n").unwrap();
    let places = Places {
        command_line: file("cmdline"),
        os_release: file("os-release"),
        restart: file("restart"),
        reasons: folder.path().to_owned(),
    };
    Stage { rauc: Rauc::new(&client, places).await.unwrap(), asked, folder, _bus: service }
}

fn release() -> Manifest {
    let manifest = serde_json::json!({
        "version": "1.3.0",
        "compatible": "nexus-amd64",
        "bundle": {"name": "nexus-amd64-1.3.0.raucb", "size": 1, "manifest_hash": "7a".repeat(32)},
        "minimum_boot": 1,
        "published_at": "2027-03-01T00:00:00Z",
        "waves": [{"percent": 100, "hours": 0}],
    });
    Manifest::read(manifest.to_string().as_bytes()).unwrap()
}

fn origin() -> Origin {
    let url = "https://nexus.test:8443/updates/targets/nexus-amd64-1.3.0.raucb".parse().unwrap();
    Origin { url, ca: "/run/nexus/mirror.pem".into() }
}

#[tokio::test]
async fn a_bundle_is_installed_from_the_mirror_with_the_hash_that_was_published() {
    let stage = stage("quiet nexus.slot=a", |_| {}).await;
    let percents = Mutex::new(Vec::new());
    stage.rauc.install(&release(), &origin(), |percent| percents.lock().unwrap().push(percent)).await.unwrap();
    let hash = "7a".repeat(32);
    let asked = format!(
        "install https://nexus.test:8443/updates/targets/nexus-amd64-1.3.0.raucb require-manifest-hash={hash} \
         tls-ca=/run/nexus/mirror.pem"
    );
    assert_eq!(*stage.asked.lock().unwrap(), [asked]);
    assert!(percents.lock().unwrap().iter().all(|percent| [0, 40].contains(percent)), "{percents:?}");
}

#[tokio::test]
async fn what_rauc_refuses_is_told_in_its_own_words() {
    let refuses =
        stage("nexus.slot=a", |played| (played.result, played.error) = (1, "signature verification failed")).await;
    assert_eq!(
        refuses.rauc.install(&release(), &origin(), |_| {}).await,
        Err("signature verification failed".to_owned())
    );
    let busy = stage("nexus.slot=a", |played| played.error = "already processing a different method").await;
    assert_eq!(
        busy.rauc.install(&release(), &origin(), |_| {}).await,
        Err("already processing a different method".to_owned())
    );
}

#[tokio::test]
async fn how_the_machine_was_started_is_what_the_kernel_rauc_and_the_unit_say() {
    let stage = stage("quiet nexus.boot=2 nexus.slot=b", |played| played.slot = "b").await;
    std::fs::write(stage.folder.path().join("left-a"), "nexus-tv.service does not run\n").unwrap();
    let compatible = String::from("nexus-amd64").try_into().unwrap();
    let version = "1.2.3".parse().unwrap();
    let left = Some("nexus-tv.service does not run".to_owned());
    let expected = Started { slot: Slot::B, version, compatible, boot: 2, proven: true, left };
    assert_eq!(stage.rauc.started().await.unwrap(), expected);
}

#[tokio::test]
async fn a_slot_is_activated_by_its_place_and_a_restart_is_asked_for_by_a_file() {
    let stage = stage("quiet", |played| played.slot = "b").await;
    stage.rauc.activate(Slot::A).await.unwrap();
    stage.rauc.activate(Slot::B).await.unwrap();
    assert_eq!(*stage.asked.lock().unwrap(), ["mark active other", "mark active booted"]);
    stage.rauc.restart().await.unwrap();
    assert!(stage.folder.path().join("restart").exists());
}

#[tokio::test]
async fn a_system_that_does_not_say_what_it_is_is_told_of() {
    let stage = stage("quiet", |played| played.slot = "system0").await;
    assert_eq!(stage.rauc.started().await, Err("RAUC says that slot \"system0\" runs".to_owned()));
    assert!(image_version("ID=debian\n").unwrap_err().contains("names no IMAGE_VERSION"));
    assert!(image_version("IMAGE_VERSION=today\n").unwrap_err().contains("\"today\""));
}
