//! Who may be a host: each but the chat's maker by the word of a host before.

use doorpost_model::admission::{ChatPolicy, HostKey, PublicKey};

use super::{Leaf, Refusal, verify_appointment};

/// Whether the hosts of `new` are fit to follow those of `old`, by a commit of the host with `committer_key`.
/// `staying` are the leaves that are in the group before and after.
///
/// - Whoever becomes a host is in the group, and the committing host's signature says so.
/// - Whoever is called a former host was a host.
/// - One host at least is in the group afterwards.
pub(super) fn check_hosts<'a>(
    old: &ChatPolicy,
    new: &ChatPolicy,
    committer_key: &PublicKey,
    staying: impl Iterator<Item = &'a Leaf> + Clone,
) -> Result<(), Refusal> {
    for host in new.hosts.iter().filter(|host| !old.hosts.contains(host)) {
        if !staying.clone().any(|leaf| leaf.is_of(host)) {
            return Err(Refusal::HostNotMember(host.account_id));
        }
        if !verify_appointment(host, old.chat_id, committer_key) {
            return Err(Refusal::AppointmentInvalid(host.account_id));
        }
    }
    let was_host = |former: &HostKey| old.hosts.contains(former) || old.former_hosts.contains(former);
    if !new.former_hosts.iter().all(was_host) {
        return Err(Refusal::PolicyInvalid);
    }
    if staying.clone().any(|leaf| leaf.is_host(new)) { Ok(()) } else { Err(Refusal::NoHostLeft) }
}

/// Whether each host of `policy` is among `known`, or was made one by somebody of whom that holds: what a device
/// asks that was away while hosts came and went.
#[must_use]
pub fn hosts_descend_from(known: &[HostKey], policy: &ChatPolicy) -> bool {
    let (mut trusted, mut others): (Vec<&HostKey>, Vec<&HostKey>) =
        policy.hosts.iter().chain(&policy.former_hosts).partition(|host| known.contains(host));
    let mut looked_at = 0;
    while let Some(host) = trusted.get(looked_at) {
        let appoints = |other: &&HostKey| verify_appointment(other, policy.chat_id, &host.identity_key);
        let (appointed, rest) = others.into_iter().partition(appoints);
        others = rest;
        trusted.extend::<Vec<&HostKey>>(appointed);
        looked_at += 1;
    }
    policy.hosts.iter().all(|host| trusted.contains(&host))
}
