//! What a browser keeps on its disk of an access link that it opened.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use browser::chromium::{Browser, DESKTOP};
use journeys::{process::wait_for, server::Server};
use memchr::memmem;

use crate::{administrator::set_up, guests::one_time_link};

/// Where Chromium keeps what a page or its server may store: cookies, storage, caches.
const OURS: [&str; 8] =
    ["Cache", "Code Cache", "Cookies", "IndexedDB", "Local Storage", "Network", "Service Worker", "Session Storage"];

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_visited_pages_keeps_an_opened_link_which_opens_nothing_any_more() {
    let server = tokio::task::spawn_blocking(Server::with_demo_desk).await.unwrap();
    let administrator = Browser::open(DESKTOP).await;
    set_up(&administrator, &server).await;
    administrator.go(&server.url("/admin/screens/links/share")).await;
    let link = one_time_link(&administrator).await;
    administrator.close().await;
    let (address, key) = link.split_once('#').expect("a link with its key");

    let profile = tempfile::tempdir().unwrap();
    let guest = Browser::open_with(profile.path(), DESKTOP).await;
    guest.go(&link).await;
    guest.wait_until_live().await;
    guest.close().await;
    let folder = profile.path().join("Default");
    let visited = wait_for(Duration::from_secs(30), "the list of visited pages", || {
        fs::read(folder.join("History")).ok().filter(|list| memmem::find(list, address.as_bytes()).is_some())
    });
    let visited = visited.expect("Chromium lists what it visited");
    for file in OURS.iter().flat_map(|name| files(&folder.join(name))) {
        let content = fs::read(&file).unwrap_or_default();
        assert!(memmem::find(&content, key.as_bytes()).is_none(), "the key is in {}", file.display());
    }

    // An address is listed before any script of its page runs, so whoever reads the list has the key. Should a Chromium come
    // that lists none, the link itself is as good.
    let kept = memmem::find(&visited, link.as_bytes()).map_or(link.as_bytes(), |at| &visited[at..at + link.len()]);
    let thief = Browser::open(DESKTOP).await;
    thief.go(std::str::from_utf8(kept).unwrap()).await;
    thief.wait_until("!document.getElementById('refused').hidden").await;
    let said = thief.text("#refused").await;
    assert!(said.contains("used up"), "{said}");
    assert_eq!(thief.run("return document.cookie", vec![]).await, "");
    thief.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

/// A file, or all that are in a folder, at any depth.
fn files(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().flat_map(|entry| files(&entry.path())).collect(),
        Err(_) => vec![path.to_owned()],
    }
}
