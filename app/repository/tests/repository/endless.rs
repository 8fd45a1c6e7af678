//! Files that do not end.

use bytes::Bytes;
use futures_util::stream;
use repository::{FilesystemTransport, FollowError, Transport, TransportError, TransportStream, async_trait};
use url::Url;

use crate::stage::Vendor;

/// Whoever carries one file of the repository sends zeros for ever.
#[derive(Clone, Debug)]
struct Endless {
    file: &'static str,
}

#[async_trait]
impl Transport for Endless {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        if !url.path().ends_with(self.file) {
            return FilesystemTransport.fetch(url).await;
        }
        let zeros = Bytes::from(vec![b' '; 64 * 1024]);
        Ok(Box::pin(stream::repeat_with(move || Ok(zeros.clone()))))
    }
}

#[tokio::test]
async fn a_file_that_does_not_end_is_given_up() {
    let vendor = Vendor::new().await;
    vendor.publish("1.0.0").await;
    for file in ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "nexus-amd64-1.0.0.json"] {
        let refused = vendor.client().look_by(&vendor.repository(), Endless { file }).await.unwrap_err();
        assert!(matches!(&refused, FollowError::Endless(url) if url.ends_with(file)), "{file}: {refused}");
    }
}

/// Nobody answers.
#[derive(Clone, Debug)]
struct Nobody;

#[async_trait]
impl Transport for Nobody {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        Err(TransportError::new_with_cause(repository::TransportErrorKind::Other, url, "connection refused"))
    }
}

#[tokio::test]
async fn that_nobody_answers_is_told_from_everything_else() {
    let vendor = Vendor::new().await;
    let refused = vendor.client().look_by(&vendor.repository(), Nobody).await.unwrap_err();
    assert!(matches!(&refused, FollowError::Unreachable { why, .. } if why == "connection refused"), "{refused}");
}
