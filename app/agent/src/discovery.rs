//! Finding the server where neither `nexus.toml` nor a pairing names one.
//!
//! What is found is no more than somebody to ask: anybody in the network can say that he is a server. Pairing by the code
//! decides whom the screen belongs to, and until then nothing that was found here is put into a QR code or opened by anybody.
//! What answers say is judged in [`Found`]'s module, without I/O; [`Lan`] asks.

mod found;
mod lan;
mod search_domain;

pub use found::{Answer, Found};
pub use lan::{Lan, Names, System};
pub use search_domain::domains;

/// Looks for servers, once.
pub trait Finder: Send + Sync + 'static {
    /// Whom there is, the best first, and each once. It comes to an end within seconds.
    fn look(&self) -> impl Future<Output = Vec<Found>> + Send;
}
