//! The rehearsal: keys are replaced, one is lost, one is stolen, and screens that follow go on doing so.

use std::fs;

use jiff::Timestamp;
use repository::{
    FollowError, Role,
    publish::{Keys, Successor},
};

use crate::stage::{Vendor, copy_files};

#[tokio::test]
async fn every_key_is_replaced_and_old_and_new_screens_follow() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let (old, never_looked) = (vendor.client(), vendor.client());
    old.look(&vendor.repository()).await.unwrap();
    for key in ["root-1", "root-2", "root-3", "targets-1", "snapshot-1", "timestamp-1"] {
        vendor.take_out(key, Successor::Always).await.unwrap();
        assert!(!vendor.keys().join(format!("{key}.key")).exists(), "{key}");
        assert_eq!(old.look(&vendor.repository()).await.unwrap(), ["1.0.0"], "{key}");
    }
    vendor.publish("2.0.0").await;
    // Every root that there was is followed, one after the other.
    for version in 1..=7 {
        assert!(vendor.metadata(&format!("{version}.root.json")).exists(), "{version}");
    }
    assert_eq!(old.look(&vendor.repository()).await.unwrap(), ["2.0.0", "1.0.0"]);
    assert_eq!(never_looked.look(&vendor.repository()).await.unwrap(), ["2.0.0", "1.0.0"]);
    assert_eq!(vendor.client().look(&vendor.repository()).await.unwrap(), ["2.0.0", "1.0.0"]);
}

#[tokio::test]
async fn the_loss_of_one_root_key_is_made_up_for_by_the_other_two() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let client = vendor.client();
    client.look(&vendor.repository()).await.unwrap();
    fs::remove_file(vendor.keys().join("root-2.key")).unwrap();
    vendor.take_out("root-2", Successor::Always).await.unwrap();
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
    // From now on any two of the three sign, the new one among them.
    fs::remove_file(vendor.keys().join("root-1.key")).unwrap();
    vendor.take_out("root-1", Successor::Always).await.unwrap();
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

#[tokio::test]
async fn one_root_key_alone_replaces_nothing() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    for lost in ["root-1", "root-2"] {
        fs::remove_file(vendor.keys().join(format!("{lost}.key"))).unwrap();
    }
    let refused = vendor.take_out("targets-1", Successor::Always).await.unwrap_err();
    assert!(format!("{refused:#}").contains("too few root keys"), "{refused:#}");
    assert!(!vendor.metadata("2.root.json").exists());
}

#[tokio::test]
async fn root_keys_may_lie_elsewhere() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let safe = |key: &str| vendor.place(&format!("safe-{key}"));
    for key in ["root-1", "root-3"] {
        fs::rename(vendor.keys().join(format!("{key}.key")), safe(key)).unwrap();
    }
    fs::remove_file(vendor.keys().join("root-2.key")).unwrap();
    let keys = Keys::open(&vendor.keys(), &[safe("root-1"), safe("root-3")]).unwrap();
    let publisher = repository::publish::Publisher::new(&vendor.repository(), keys, Timestamp::now());
    publisher.take_out("timestamp-1", Successor::Always).await.unwrap().carry_out().unwrap();
    assert_eq!(vendor.client().look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

#[tokio::test]
async fn a_root_that_one_key_signed_is_not_followed() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let client = vendor.client();
    client.look(&vendor.repository()).await.unwrap();
    vendor.take_out("root-3", Successor::Always).await.unwrap();
    vendor.tamper("2.root.json", |json| json["signatures"].as_array_mut().unwrap().truncate(1));
    let refused = client.look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(refused, FollowError::Signature { role: Role::Root, .. }), "{refused}");
}

#[tokio::test]
async fn a_revoked_key_signs_nothing_that_is_believed_even_where_the_new_root_is_withheld() {
    for key in ["timestamp-1", "snapshot-1", "targets-1"] {
        let vendor = Vendor::new().await;
        vendor.publish("1.0.0").await;
        let (stolen, thieves) = (vendor.place("stolen"), vendor.copy("thieves"));
        copy_files(&vendor.keys(), &stolen);
        vendor.take_out(key, Successor::IfNeeded).await.unwrap();
        let client = vendor.client();
        client.look(&vendor.repository()).await.unwrap();
        // The thief's repository has no second root, and goes ahead of the vendor's by far.
        for version in ["6.0.0", "6.0.1", "6.0.2", "6.0.3"] {
            let publisher = vendor.publisher(&thieves, &stolen, Timestamp::now());
            publisher.publish(&vendor.release(version)).await.unwrap().carry_out().unwrap();
        }
        let refused = client.look(&thieves).await.unwrap_err();
        assert!(matches!(refused, FollowError::Signature { .. }), "{key}: {refused}");
    }
}

#[tokio::test]
async fn whoever_saw_versions_far_ahead_of_a_thief_follows_the_vendor_again_once_its_keys_are_replaced() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    let (stolen, thieves) = (vendor.place("stolen"), vendor.copy("thieves"));
    copy_files(&vendor.keys(), &stolen);
    for version in ["6.0.0", "6.0.1", "6.0.2", "6.0.3"] {
        let publisher = vendor.publisher(&thieves, &stolen, Timestamp::now());
        publisher.publish(&vendor.release(version)).await.unwrap().carry_out().unwrap();
    }
    let client = vendor.client();
    client.look(&thieves).await.unwrap();
    let behind = client.look(&vendor.repository()).await.unwrap_err();
    assert!(matches!(behind, FollowError::Rollback { .. }), "{behind}");
    for key in ["timestamp-1", "snapshot-1", "targets-1"] {
        vendor.take_out(key, Successor::IfNeeded).await.unwrap();
    }
    assert_eq!(client.look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
    assert!(client.look(&thieves).await.is_err());
}

#[tokio::test]
async fn a_root_key_that_is_revoked_needs_no_successor_as_long_as_two_are_left() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    vendor.take_out("root-1", Successor::IfNeeded).await.unwrap();
    assert!(!vendor.keys().join("root-4.key").exists());
    vendor.take_out("root-2", Successor::IfNeeded).await.unwrap();
    assert!(vendor.keys().join("root-4.key").exists());
    assert_eq!(vendor.client().look(&vendor.repository()).await.unwrap(), ["1.0.0"]);
}

#[tokio::test]
async fn keys_are_made_once_and_the_certificates_of_bundles_with_them() {
    let vendor = Vendor::new().await;
    let again = Keys::make(&vendor.keys(), Timestamp::now()).await.unwrap_err();
    assert!(again.to_string().contains("has keys already"), "{again}");
    for name in ["root.json", "bundle-ca.pem", "bundle.pem", "bundle.key"] {
        assert!(vendor.keys().join(name).exists(), "{name}");
    }
    let before = fs::read(vendor.keys().join("bundle.pem")).unwrap();
    Keys::open(&vendor.keys(), &[]).unwrap().rotate_signer(Timestamp::now()).unwrap().carry_out().unwrap();
    assert_ne!(fs::read(vendor.keys().join("bundle.pem")).unwrap(), before);
}
