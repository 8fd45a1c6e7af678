//! What a server announces itself as in its own network, and what a screen looks for there: DNS-SD (RFC 6763).

/// The service.
pub const SERVICE: &str = "_nexus._tcp.local.";

/// The property that holds the name by which alone the server's certificate counts.
pub const HOST: &str = "host";
