//! What an operator sees of commits.

use doorpost_policy::{membership::MembershipChange, recovery::is_external};

use crate::http::Error;

/// Counts a commit that is in force.
pub(super) fn accepted(change: &MembershipChange) {
    metrics::counter!("doorpost_commits_total", "kind" => kind(change)).increment(1);
}

/// Counts a commit that was not taken, by the code that its maker gets.
pub(super) fn refused(error: &Error) {
    metrics::counter!("doorpost_commits_refused_total", "reason" => error.code().as_str()).increment(1);
}

fn kind(change: &MembershipChange) -> &'static str {
    if is_external(change) {
        "external"
    } else if change.devices_added.is_empty() && change.devices_removed.is_empty() {
        "other"
    } else {
        "batch"
    }
}

#[cfg(test)]
mod tests {
    use doorpost_model::{AccountId, DeviceId};

    use super::*;

    #[test]
    fn a_commit_is_of_one_kind() {
        let (account, own, other) =
            (AccountId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]), DeviceId::from_bytes([3; 16]));
        let change = MembershipChange {
            committer_account: account,
            committer_device: own,
            joined: Vec::new(),
            removed: Vec::new(),
            devices_added: Vec::new(),
            devices_removed: Vec::new(),
            identity_changed: Vec::new(),
            policy: None,
            policy_changes: Vec::new(),
            door_changed: false,
        };
        assert_eq!(kind(&change), "other");
        assert_eq!(kind(&MembershipChange { devices_removed: vec![(account, other)], ..change.clone() }), "batch");
        assert_eq!(kind(&MembershipChange { devices_added: vec![(account, other)], ..change.clone() }), "batch");
        let back =
            MembershipChange { devices_added: vec![(account, own)], devices_removed: vec![(account, own)], ..change };
        assert_eq!(kind(&back), "external", "a device that comes in again");
    }
}
