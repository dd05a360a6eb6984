//! What the metrics say, in `/metrics` and to whoever looks for a name.

/// Counters, with their help texts.
const COUNTERS: &[(&str, &str)] = &[
    ("doorpost_http_requests_total", "Requests answered, by route, method and status"),
    ("doorpost_rate_limited_total", "Actions refused by a rate limit"),
    ("doorpost_messages_total", "Chat messages taken into logs"),
    ("doorpost_messages_delivered_total", "Chat messages handed to sockets, counted for each socket"),
    ("doorpost_socket_resyncs_total", "Devices told to read again because they fell behind"),
    ("doorpost_leases_total", "Commits asked of members (batch) and of newcomers (external)"),
    ("doorpost_commits_total", "Commits accepted, by kind: external, batch or other"),
    ("doorpost_commits_refused_total", "Commits refused, by the error code their makers got"),
];
const GAUGES: &[(&str, &str)] = &[
    ("doorpost_sockets", "Open sockets"),
    ("doorpost_sqlite_queue_depth", "Transactions that wait for SQLite, by queue: writer or readers"),
];
const HISTOGRAMS: &[(&str, &str)] = &[
    ("doorpost_http_request_seconds", "Time to answer a request, by route"),
    ("doorpost_sqlite_commit_writes", "Writing transactions that shared one commit of SQLite"),
];

/// Gives the recorder of this process the help texts.
pub(super) fn describe_all() {
    for &(name, help) in COUNTERS {
        metrics::describe_counter!(name, help);
    }
    for &(name, help) in GAUGES {
        metrics::describe_gauge!(name, help);
    }
    for &(name, help) in HISTOGRAMS {
        metrics::describe_histogram!(name, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_in_the_operators_handbook() {
        let handbook = include_str!("../../../../docs/OPERATING.md");
        for &(name, _) in COUNTERS.iter().chain(GAUGES).chain(HISTOGRAMS) {
            assert!(handbook.contains(name), "{name}");
        }
    }
}
