//! Whoever carries the repository is not to be trusted: what they can try, and what is said of it.

use std::{fs, path::PathBuf};

use jiff::SignedDuration;
use repository::{FollowError, Role, publish::Successor};

use crate::stage::{Client, Vendor, days_ago};

#[tokio::test]
async fn frozen_metadata_is_refused_once_it_has_expired_and_the_day_is_named() {
    let published = days_ago(20);
    let vendor = Vendor::since(published).await;
    vendor.publish_at("1.0.0", published).await;
    let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
    let FollowError::Expired { role: Role::Timestamp, since: Some(since) } = refused else { panic!("{refused}") };
    let fourteen_days_later = published + SignedDuration::from_hours(24 * 14);
    assert_eq!(since.as_second(), fourteen_days_later.as_second(), "{since}");
}

#[tokio::test]
async fn a_root_that_has_expired_is_named_and_nothing_is_published_under_it() {
    let vendor = Vendor::since(days_ago(400)).await;
    vendor.publish_at("1.0.0", days_ago(400)).await;
    let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(refused, FollowError::Expired { role: Role::Root, since: Some(_) }), "{refused}");
    let publisher = vendor.publisher(&vendor.repository(), &vendor.keys(), days_ago(0));
    let refused = publisher.refresh().await.unwrap_err().to_string();
    assert!(refused.contains("a screen would not follow: root.json has expired"), "{refused}");
    // A new root is signed with any change of keys.
    vendor.take_out("root-1", Successor::Always).await.unwrap();
    assert_eq!(vendor.client().look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

/// A vendor who has published twice, a copy of the repository between both, and a client who has seen the newer one.
async fn a_newer_repository_was_seen() -> (Vendor, PathBuf, Client) {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let old = vendor.copy("old");
    vendor.publish("2.0.0").await;
    let client = vendor.client();
    client.look(&vendor.repository()).await.unwrap();
    (vendor, old, client)
}

#[tokio::test]
async fn an_older_repository_is_refused_by_whoever_saw_a_newer_one() {
    let (vendor, old, client) = a_newer_repository_was_seen().await;
    let refused = client.look(&old).await.unwrap_err();
    let FollowError::Rollback { role: Role::Timestamp, known: 2, offered: 1 } = refused else { panic!("{refused}") };
    // Whoever comes new cannot know.
    assert_eq!(vendor.client().look(&old).await.unwrap(), ["1.0.0"]);
}

#[tokio::test]
async fn a_refused_repository_leaves_the_memory_of_the_newer_one() {
    let (vendor, old, client) = a_newer_repository_was_seen().await;
    for _ in 0..2 {
        client.look(&old).await.unwrap_err();
    }
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["2.0.0", "1.0.0"]);
}

#[tokio::test]
async fn parts_of_two_publications_are_refused() {
    for (of_old, at_new) in [("1.snapshot.json", "2.snapshot.json"), ("1.targets.json", "2.targets.json")] {
        let vendor = Vendor::new().await;
        vendor.publish("1.0.0").await;
        vendor.publish("2.0.0").await;
        fs::copy(vendor.metadata(of_old), vendor.metadata(at_new)).unwrap();
        let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
        assert!(matches!(refused, FollowError::Mixed(_)), "{at_new}: {refused}");
    }
}

#[tokio::test]
async fn metadata_without_its_signatures_is_refused() {
    for (name, role) in [("timestamp.json", Role::Timestamp), ("1.root.json", Role::Root)] {
        let vendor = Vendor::new().await;
        vendor.publish("1.0.0").await;
        // Its own root is the first; the next one is the mirror's.
        let client = vendor.client();
        let name = if role == Role::Root {
            vendor.take_out("root-3", Successor::Always).await.unwrap();
            "2.root.json"
        } else {
            name
        };
        vendor.tamper(name, |json| drop(json["signatures"].as_array_mut().unwrap().drain(..)));
        let refused = client.look(&vendor.repository()).await.unwrap_err();
        assert!(matches!(refused, FollowError::Signature { role: found, .. } if found == role), "{refused}");
    }
}

#[tokio::test]
async fn what_was_changed_after_it_was_signed_is_refused() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.tamper("timestamp.json", |json| json["signed"]["expires"] = "2999-01-01T00:00:00Z".into());
    let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(refused, FollowError::Signature { role: Role::Timestamp, .. }), "{refused}");
}

#[tokio::test]
async fn a_manifest_in_the_place_of_another_is_refused() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.publish("2.0.0").await;
    let file = |version: &str| {
        let targets = fs::read_dir(vendor.repository().join("targets")).unwrap();
        let mut paths = targets.map(|entry| entry.unwrap().path());
        paths.find(|path| path.to_str().unwrap().ends_with(&format!("nexus-amd64-{version}.json"))).unwrap()
    };
    fs::copy(file("1.0.0"), file("2.0.0")).unwrap();
    let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(refused, FollowError::Mixed(_)), "{refused}");
}

#[tokio::test]
async fn a_part_that_is_withheld_is_named() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    fs::remove_file(vendor.metadata("1.targets.json")).unwrap();
    let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(&refused, FollowError::Missing(url) if url.ends_with("1.targets.json")), "{refused}");
    let nothing = vendor.client().look(&vendor.place("nothing")).await.unwrap_err();
    assert!(matches!(&nothing, FollowError::Missing(url) if url.ends_with("timestamp.json")), "{nothing}");
}

#[tokio::test]
async fn another_vendor_is_refused() {
    let (vendor, other) = (Vendor::new().await, Vendor::new().await);
    vendor.publish("1.0.0").await;
    other.publish("9.0.0").await;
    let refused = vendor.client().look(&other.repository()).await.unwrap_err();
    assert!(matches!(refused, FollowError::Signature { role: Role::Timestamp, .. }), "{refused}");
}

#[tokio::test]
async fn metadata_that_does_not_read_is_named() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    fs::write(vendor.metadata("timestamp.json"), "{").unwrap();
    let refused = vendor.client().look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(refused, FollowError::Malformed { role: Role::Timestamp, .. }), "{refused}");
}
