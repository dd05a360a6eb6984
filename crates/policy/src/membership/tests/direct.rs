//! Chats of two.

use super::*;

/// Accounts 0, who made it, and 1.
fn direct_policy() -> ChatPolicy {
    ChatPolicy::new_direct(CHAT, HostKey::maker(account(0), public(0)), host_key(1, 0))
}

fn by(leaf: &Leaf) -> CommitFacts {
    CommitFacts {
        committer: Committer::Member(leaf.clone()),
        added: vec![],
        removed: vec![],
        new_policy: None,
        psks: vec![],
        aad: CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] },
    }
}

#[test]
fn a_chat_of_two_is_of_the_two_its_maker_named() {
    assert_eq!(check_policy(&direct_policy(), CHAT), Ok(()));
    let refused = |change: &dyn Fn(&mut ChatPolicy)| {
        let mut policy = direct_policy();
        change(&mut policy);
        check_policy(&policy, CHAT) == Err(Refusal::PolicyInvalid)
    };
    assert!(refused(&|policy| policy.hosts.truncate(1)));
    assert!(refused(&|policy| policy.hosts.push(host_key(2, 0))));
    assert!(refused(&|policy| policy.hosts[1] = host_key(1, 2)), "not by the maker's word");
    assert!(refused(&|policy| policy.hosts[1] = HostKey::maker(account(1), public(1))));
    assert!(refused(&|policy| policy.invites = super::policy().invites));
    assert!(refused(&|policy| policy.banned = vec![account(5)]));
    assert!(refused(&|policy| policy.settings.only_hosts_write = true));
}

#[test]
fn the_two_come_in_without_a_ticket_and_nobody_else_does() {
    let policy = direct_policy();
    let maker = leaf(0, 1, None);
    let adding = |added: Leaf| CommitFacts { added: vec![added], ..by(&maker) };
    let before = std::slice::from_ref(&maker);
    assert_eq!(check_commit(before, &policy, &adding(leaf(1, 2, None)), NOW), Ok(()));
    assert_eq!(check_commit(before, &policy, &adding(leaf(2, 2, None)), NOW), Err(Refusal::NoTicket(account(2))));
    let stranger = leaf(2, 2, Some(ticket(0, 2, 100, NOW.plus(10))));
    assert_eq!(check_commit(before, &policy, &adding(stranger), NOW), Err(Refusal::UnknownInvite(account(2))));
    let other_identity = Leaf { identity_key: public(9), ..leaf(1, 2, None) };
    assert_eq!(check_commit(before, &policy, &adding(other_identity), NOW), Err(Refusal::NoTicket(account(1))));
}

#[test]
fn neither_is_taken_out_and_it_stays_what_it_is() {
    let policy = direct_policy();
    let before = [leaf(0, 1, None), leaf(1, 2, None), leaf(1, 3, None)];
    let removing =
        |which: usize, committer: usize| CommitFacts { removed: vec![before[which].clone()], ..by(&before[committer]) };
    assert_eq!(check_commit(&before, &policy, &removing(1, 0), NOW), Err(Refusal::RemovalNotAllowed(account(1))));
    assert_eq!(check_commit(&before, &policy, &removing(0, 1), NOW), Err(Refusal::RemovalNotAllowed(account(0))));
    assert_eq!(check_commit(&before, &policy, &removing(2, 1), NOW), Ok(()), "one's own device");
    let changing = |new: ChatPolicy| CommitFacts { new_policy: Some(new), ..by(&before[1]) };
    let mut slower = policy.clone();
    slower.settings.message_ttl_ms = Some(60_000);
    assert_eq!(check_commit(&before, &policy, &changing(slower), NOW), Ok(()));
    let opened = ChatPolicy { direct: false, ..policy.clone() };
    assert_eq!(check_commit(&before, &policy, &changing(opened), NOW), Err(Refusal::PolicyInvalid));
    let mut others = policy.clone();
    others.hosts[1] = host_key(2, 0);
    assert_eq!(check_commit(&before, &policy, &changing(others), NOW), Err(Refusal::DirectChat));
}
