//! What a connection presents before a stick is paired, and the anchor that pairing brings: a certificate as DER, or
//! an authority as PEM.
#![no_main]

use agent::trust::{Presented, verifier};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use pairing::message::Trust;
use rustls::pki_types::{CertificateDer, ServerName};

fuzz_target!(|bytes: &[u8]| {
    let host = ServerName::try_from("nexus.example.com").expect("a host name");
    let presented = Presented { chain: vec![CertificateDer::from(bytes.to_vec())], host };
    let [build, now] = ["2026-05-01T00:00:00Z", "2027-11-22T00:00:00Z"].map(|text| text.parse().expect("an instant"));
    let named = Trust::WebPki("nexus.example.com".parse().expect("a host name"));
    assert!(presented.verify(&named, now).is_err(), "no public authority signed this");
    if let Some(time) = presented.valid_at(now, build) {
        assert!(time >= build, "a clock before the build is never right");
        presented.verify(&named, time).expect_err("no public authority signed this");
    }
    let _ = presented.valid_at(Timestamp::MIN, Timestamp::MIN);
    if let Ok(pem) = std::str::from_utf8(bytes) {
        let _ = verifier(&Trust::Anchor(pem.to_owned()));
    }
});
