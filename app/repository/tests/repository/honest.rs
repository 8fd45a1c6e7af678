//! Everybody does as they should.

use std::fs;

use repository::{FilesystemTransport, FollowError, Role, publish::default_waves};

use crate::stage::{COMPATIBLE, Vendor, days_ago, name, version, versions};

#[tokio::test]
async fn what_is_published_is_followed_newest_first_and_of_the_own_kind_alone() {
    let vendor = Vendor::new().await;
    for version in ["1.9.0", "1.10.0", "1.2.0"] {
        vendor.publish(version).await;
    }
    let mut other = vendor.release("5.0.0");
    other.compatible = name("nexus-arm64");
    let publisher = vendor.publisher(&vendor.repository(), &vendor.keys(), days_ago(0));
    publisher.publish(&other).await.unwrap().carry_out().unwrap();

    let followed = vendor.client().look_by(&vendor.repository(), FilesystemTransport).await.unwrap();
    assert_eq!(versions(&followed), ["1.10.0", "1.9.0", "1.2.0"]);
    let newest = &followed.releases[0];
    assert_eq!(newest.manifest.compatible.as_str(), COMPATIBLE);
    assert_eq!(newest.manifest.bundle.name.as_str(), "nexus-amd64-1.10.0.raucb");
    let bundle = vendor.repository().join("targets/nexus-amd64-1.10.0.raucb");
    assert_eq!(fs::read(bundle).unwrap(), b"the bundle of 1.10.0");
    assert_eq!(followed.fresh.role, Role::Timestamp);
}

#[tokio::test]
async fn a_release_never_changes() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let publisher = vendor.publisher(&vendor.repository(), &vendor.keys(), days_ago(0));
    let refused = publisher.publish(&vendor.release("1.0.0")).await.unwrap_err();
    assert!(refused.to_string().contains("published already"), "{refused}");
}

#[tokio::test]
async fn a_plan_that_is_not_carried_out_writes_nothing() {
    let vendor = Vendor::new().await;
    let publisher = vendor.publisher(&vendor.repository(), &vendor.keys(), days_ago(0));
    let plan = publisher.publish(&vendor.release("1.0.0")).await.unwrap();
    let told = plan.told().join("\n");
    assert!(told.contains("publishes nexus-amd64 1.0.0"), "{told}");
    assert!(told.contains("timestamp.json"), "{told}");
    assert!(!vendor.repository().exists());
}

#[tokio::test]
async fn refreshing_renews_what_is_in_the_second_half_of_its_life_and_is_followed() {
    let vendor = Vendor::since(days_ago(100)).await;
    vendor.publish_at("1.0.0", days_ago(100)).await;
    let client = vendor.client();
    let expired = client.look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(expired, FollowError::Expired { role: Role::Timestamp, .. }), "{expired}");
    vendor.refresh().await;
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
    // Of the snapshot (30 days) all is over, of the targets (180 days) more than half.
    for name in ["2.snapshot.json", "2.targets.json"] {
        assert!(vendor.metadata(name).exists(), "{name}");
    }
    vendor.refresh().await;
    assert!(!vendor.metadata("3.snapshot.json").exists());
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

#[tokio::test]
async fn a_clock_that_was_ahead_once_and_then_put_right_stops_no_updates() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let client = vendor.client();
    client.look(&vendor.repository()).await.unwrap();
    // So tough would have left it.
    fs::write(client.kept().join("latest_known_time.json"), "\"2099-01-01T00:00:00Z\"").unwrap();
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

#[tokio::test]
async fn what_a_power_cut_left_half_written_is_made_up_for() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let client = vendor.client();
    client.look(&vendor.repository()).await.unwrap();
    fs::create_dir_all(client.kept().join("work")).unwrap();
    fs::write(client.kept().join("work/root.json"), "{").unwrap();
    fs::write(client.kept().join("root.json.new"), "{").unwrap();
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
    // Even a disk that lost all of it leaves the trusted root.
    fs::write(client.kept().join("root.json"), "{").unwrap();
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

#[test]
fn the_usual_waves_reach_everybody() {
    let waves: Vec<updates::Wave> = default_waves().into();
    assert_eq!((waves.len(), waves[6].percent, waves[6].hours), (7, 100, 144));
    assert!(version("1.10.0") > version("1.9.0"));
}
