//! The mirror: filled, refused, served.

use std::{fs, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    response::IntoResponse,
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use server::updates::Origin;
use tokio::net::TcpListener;

use super::vendor::{Vendor, days_ago};
use crate::{browser::Browser, stage::Stage};

const BUNDLE: &str = "/updates/targets/nexus-amd64-1.0.0.raucb";

#[tokio::test]
async fn what_a_stick_brought_is_offered_and_followed_by_a_screen() {
    let stage = Stage::start().await;
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.publish("1.1.0").await;
    assert!(vendor.follow(&stage).await.is_err(), "nothing is offered before");
    let offered = vendor.bring(&stage, &vendor.repository()).await.unwrap();
    assert_eq!(offered.releases.len(), 2);
    let followed = vendor.follow(&stage).await.unwrap();
    assert_eq!(followed.releases[0].manifest.version.to_string(), "1.1.0");
    assert_eq!(stage.get(BUNDLE).await.text().await.unwrap(), Vendor::bundle("1.0.0"));

    let page = Browser::signed_in(&stage).await.text("/admin/updates").await;
    assert!(page.contains("The newest: 1.1.0 for nexus-amd64"), "{page}");
    assert!(page.contains("Replaced by a newer one"), "{page}");
}

#[tokio::test]
async fn a_bundle_that_was_swapped_or_cut_off_is_not_offered_and_the_page_says_why() {
    let stage = Stage::start().await;
    let browser = Browser::signed_in(&stage).await;
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.bring(&stage, &vendor.repository()).await.unwrap();
    vendor.publish("1.1.0").await;
    let whole = Vendor::bundle("1.1.0");
    let swapped = whole.replace("0123", "9876");
    for (wrong, why) in [(&swapped[..], "not the one that the vendor signed"), (&whole[..500], "it has 500 bytes")] {
        let copy = vendor.copy("copy");
        fs::write(copy.join("targets/nexus-amd64-1.1.0.raucb"), wrong).unwrap();
        let refused = vendor.bring(&stage, &copy).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
        let page = browser.text("/admin/updates").await;
        assert!(page.contains(why) && page.contains("The newest: 1.0.0"), "{page}");
        assert_eq!(stage.get("/updates/targets/nexus-amd64-1.1.0.raucb").await.status(), 404);
        // What was offered before is as it was.
        assert_eq!(vendor.follow(&stage).await.unwrap().releases.len(), 1);
    }
    assert_eq!(vendor.bring(&stage, &vendor.repository()).await.unwrap().releases.len(), 2);
}

#[tokio::test]
async fn an_older_an_expired_and_another_vendors_repository_are_refused() {
    let stage = Stage::start().await;
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let old = vendor.copy("old");
    vendor.publish("1.1.0").await;
    vendor.bring(&stage, &vendor.repository()).await.unwrap();
    let refused = vendor.bring(&stage, &old).await.unwrap_err().to_string();
    assert!(refused.contains("goes back in time"), "{refused}");

    let late = Vendor::since(days_ago(20)).await;
    late.publish_at("1.0.0", days_ago(20)).await;
    let refused = late.bring(&stage, &late.repository()).await.unwrap_err().to_string();
    assert!(refused.contains("timestamp.json has expired since"), "{refused}");

    let other = Vendor::new().await;
    other.publish("9.0.0").await;
    let refused = vendor.bring(&stage, &other.repository()).await.unwrap_err().to_string();
    assert!(refused.contains("does not have the signatures"), "{refused}");
    assert_eq!(vendor.follow(&stage).await.unwrap().releases[0].manifest.version.to_string(), "1.1.0");
}

#[tokio::test]
async fn of_old_releases_the_bundles_go_and_the_manifests_stay() {
    let stage = Stage::start().await;
    let vendor = Vendor::new().await;
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
        vendor.publish(version).await;
        vendor.bring(&stage, &vendor.repository()).await.unwrap();
    }
    assert_eq!(stage.get(BUNDLE).await.status(), 404);
    assert_eq!(stage.get("/updates/targets/nexus-amd64-1.1.0.raucb").await.status(), 200);
    assert_eq!(vendor.follow(&stage).await.unwrap().releases.len(), 4);
}

#[tokio::test]
async fn parts_of_a_bundle_are_served_as_rauc_asks_for_them() {
    let stage = Stage::start().await;
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.bring(&stage, &vendor.repository()).await.unwrap();
    let whole = Vendor::bundle("1.0.0");
    let client = stage.client();
    let asked = async |headers: &[(&str, &str)]| {
        let request = client.get(stage.url(BUNDLE));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
    };
    let answer = asked(&[]).await;
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()["accept-ranges"], "bytes");
    assert_eq!(answer.headers()["content-length"], whole.len().to_string().as_str());

    let answer = asked(&[("range", "bytes=10-19"), ("if-range", &tag)]).await;
    assert_eq!(answer.status(), 206);
    assert_eq!(answer.headers()["content-range"], format!("bytes 10-19/{}", whole.len()).as_str());
    assert_eq!(answer.text().await.unwrap(), &whole[10..20]);
    assert_eq!(asked(&[("range", "bytes=-5")]).await.text().await.unwrap(), &whole[whole.len() - 5..]);
    // Of another file than the one that the screen has a part of, all is sent.
    assert_eq!(asked(&[("range", "bytes=10-19"), ("if-range", "\"other\"")]).await.status(), 200);
    assert_eq!(asked(&[("if-none-match", &tag)]).await.status(), 304);
    let answer = asked(&[("range", "bytes=5000-")]).await;
    assert_eq!(answer.status(), 416);
    assert_eq!(answer.headers()["content-range"], format!("bytes */{}", whole.len()).as_str());

    // Nobody counts them.
    for first in 0..300 {
        let range = format!("bytes={first}-{first}");
        assert_eq!(asked(&[("range", &range)]).await.status(), 206, "{first}");
    }
}

#[tokio::test]
async fn nothing_beside_the_mirror_is_served() {
    let stage = Stage::start().await;
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.bring(&stage, &vendor.repository()).await.unwrap();
    for path in [
        "/updates/metadata/..%2Fstate.json",
        "/updates/metadata/..%2f..%2fauth.json",
        "/updates/targets/%2Fetc%2Fpasswd",
        "/updates/targets/.hidden",
        "/updates/metadata/",
        "/updates/state.json",
        "/updates/kept/root.json",
    ] {
        assert_eq!(stage.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_vendors_server_is_mirrored_and_an_interrupted_bundle_goes_on_where_it_was() {
    let stage = Stage::start().await;
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let address = serve(vendor.repository()).await;
    let part = stage.data("updates/incoming");
    fs::create_dir_all(&part).unwrap();
    // Had it been fetched from the beginning, this would be written over and the bundle whole.
    fs::write(part.join("nexus-amd64-1.0.0.raucb"), "X").unwrap();
    let origin = Origin::Address(address.parse().unwrap());
    let refused = vendor.fill(&stage, &origin).await.unwrap_err().to_string();
    assert!(refused.contains("not the one that the vendor signed"), "{refused}");
    fs::write(part.join("nexus-amd64-1.0.0.raucb"), &Vendor::bundle("1.0.0")[..500]).unwrap();
    vendor.fill(&stage, &origin).await.unwrap();
    assert_eq!(stage.get(BUNDLE).await.text().await.unwrap(), Vendor::bundle("1.0.0"));
    let nobody = Origin::Address("http://127.0.0.1:9/".parse().unwrap());
    let refused = vendor.fill(&stage, &nobody).await.unwrap_err().to_string();
    assert!(refused.contains("cannot be read"), "{refused}");
}

/// A vendor's web server, which serves parts.
async fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/nexus", listener.local_addr().unwrap());
    let router = Router::new().route("/nexus/{part}/{name}", get(file)).with_state(Arc::new(folder));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn file(
    State(folder): State<Arc<PathBuf>>,
    Path((part, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> impl IntoResponse {
    let Ok(bytes) = fs::read(folder.join(part).join(name)) else { return (StatusCode::NOT_FOUND, Vec::new()) };
    let Some(range) = headers.get(header::RANGE) else { return (StatusCode::OK, bytes) };
    let (first, last) = range.to_str().unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (first, last) = (first.parse::<usize>().unwrap(), last.parse::<usize>().unwrap());
    (StatusCode::PARTIAL_CONTENT, bytes[first..=last].to_vec())
}
