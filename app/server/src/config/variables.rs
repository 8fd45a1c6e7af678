//! The variables of the environment, and slips in them.

use std::ffi::OsString;

/// Every variable of the environment that means something to `nexus`.
pub(super) const VARIABLES: [&str; 28] = [
    "NEXUS_CONFIG",
    "NEXUS_DATA",
    "NEXUS_NAMES",
    "NEXUS_CERTIFICATE",
    "NEXUS_KEY",
    "NEXUS_ANCHOR",
    "NEXUS_LISTEN",
    "NEXUS_LISTEN_HTTP",
    "NEXUS_ANNOUNCE",
    "NEXUS_OPEN_READ",
    "READ_ALLOWLIST",
    "TRUSTED_PROXIES",
    "NEXUS_LOG_FORMAT",
    "NEXUS_LOG",
    "NEXUS_TIME_ZONE",
    "NEXUS_DEMO_SEED",
    "NEXUS_DEMO_SCENARIO",
    "NEXUS_DEMO_HOURS",
    "NEXUS_DEMO_SPEED",
    "NEXUS_POLL_SECONDS",
    "NEXUS_BROKER_SOCKET",
    "NEXUS_BROKER_PEER",
    "NEXUS_METRICS_TOKEN_FILE",
    "NEXUS_METRICS_NETWORKS",
    "NEXUS_UPDATES_ROOT",
    "NEXUS_UPDATES_FROM",
    "NEXUS_CONNECTIONS",
    "NEXUS_CONNECTIONS_PER_ADDRESS",
];

/// Those of `names` that look like settings of Nexus and are none: slips, as a rule. They are no mistakes, because
/// orchestrators make variables of such names too (Kubernetes for a service called nexus).
pub fn unknown_variables(names: impl IntoIterator<Item = OsString>) -> Vec<String> {
    let names = names.into_iter().filter_map(|name| name.into_string().ok());
    names.filter(|name| name.starts_with("NEXUS_") && !VARIABLES.contains(&name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_nobody_reads_is_noticed() {
        let names = ["NEXUS_LSITEN", "NEXUS_LISTEN", "LISTEN", "NEXUS_CONFIG"].map(OsString::from);
        assert_eq!(unknown_variables(names), ["NEXUS_LSITEN"]);
    }
}
