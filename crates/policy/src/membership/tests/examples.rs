//! Single rules, by example.

use doorpost_model::{
    limits::{FORMER_JOIN_KEYS_MAX, PROFILE_BYTES_MAX},
    settings::{ChatSettings, HistoryWindow, PolicyChange},
};

use super::*;

#[test]
fn another_identity_comes_in_like_a_newcomer_and_is_shown() {
    let old = leaf(1, 1, Some(ticket(0, 1, 100, NOW.plus(10))));
    let before = [leaf(0, 200, None), old.clone()];
    let message = ticket_message(CHAT, invite(0), account(1), &public(50), &[5; 16], NOW);
    let signature = Binary(key(100).sign(&message).to_bytes().to_vec());
    let reset = Ticket { version: FORMAT_VERSION, invite_id: invite(0), nonce: [5; 16], expires_at: NOW, signature };
    let new = Leaf { identity_key: public(50), device_id: DeviceId::from_bytes([9; 16]), ..old.clone() };
    let commit = |leaf: Leaf| CommitFacts {
        committer: Committer::External(leaf),
        added: vec![],
        removed: vec![],
        new_policy: None,
        psks: vec![PskFact::Door { chat_id: CHAT, door_version: 1 }],
        aad: CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] },
    };
    let with_the_old_ticket = check_commit(&before, &policy(), &commit(new.clone()), NOW);
    assert_eq!(with_the_old_ticket, Err(Refusal::TicketForged(account(1))));
    let commit = commit(Leaf { ticket: Some(reset), ..new });
    assert_eq!(check_commit(&before, &policy(), &commit, NOW), Ok(()));
    let change = membership_change(&before, &policy(), &commit);
    assert_eq!((change.identity_changed, change.joined), (vec![account(1)], vec![]));
}

#[test]
fn limits_hold() {
    let policy = policy();
    let devices: Vec<Leaf> = (0..10).map(|device| leaf(0, device, None)).collect();
    assert_eq!(check_tree(&devices, &policy), Ok(()));
    let more = [devices, vec![leaf(0, 10, None)]].concat();
    assert_eq!(check_tree(&more, &policy), Err(Refusal::TooManyDevices(account(0))));
    assert_eq!(
        check_tree(&[leaf(0, 1, None), leaf(0, 1, None)], &policy),
        Err(Refusal::DuplicateDevice(DeviceId::from_bytes([1; 16]))),
    );
    let mut crowded = policy;
    crowded.invites = (0..65)
        .map(|number| InvitePolicy {
            invite_id: InviteId::from_bytes([number; 16]),
            join_key: [0; 32],
            former_join_keys: Vec::new(),
            published: false,
            admission: Admission::Open,
            seats: None,
            expires_at: None,
            closed: false,
            since_seq: 0,
        })
        .collect();
    assert_eq!(check_policy(&crowded, CHAT), Err(Refusal::PolicyInvalid));
    crowded.invites.truncate(64);
    assert_eq!(check_policy(&crowded, CHAT), Ok(()));
    crowded.invites[0].seats = Some(0);
    assert_eq!(check_policy(&crowded, CHAT), Err(Refusal::PolicyInvalid));
}

#[test]
fn who_is_kept_out_comes_in_by_no_commit() {
    let (unchanged, mut policy) = (policy(), policy());
    let back = leaf(1, 1, Some(ticket(0, 1, 100, NOW.plus(10))));
    let before = [leaf(0, 200, None)];
    let facts = |committer, added: Vec<Leaf>, psks| CommitFacts {
        committer,
        added,
        removed: vec![],
        new_policy: None,
        psks,
        aad: CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] },
    };
    let by_host = facts(Committer::Member(before[0].clone()), vec![back.clone()], vec![]);
    let door = PskFact::Door { chat_id: CHAT, door_version: 1 };
    let external = facts(Committer::External(back.clone()), vec![], vec![door]);
    let tree = [before[0].clone(), back.clone()];
    for commit in [&by_host, &external] {
        assert_eq!(check_commit(&before, &policy, commit, NOW), Ok(()));
    }
    assert_eq!(check_tree(&tree, &policy), Ok(()));
    policy.ban(account(1));
    for commit in [&by_host, &external] {
        assert_eq!(check_commit(&before, &policy, commit, NOW), Err(Refusal::Banned(account(1))));
    }
    assert_eq!(check_tree(&tree, &policy), Err(Refusal::Banned(account(1))));
    // Nor is somebody kept out who stays in.
    let commit =
        CommitFacts { new_policy: Some(policy.clone()), ..facts(Committer::Member(before[0].clone()), vec![], vec![]) };
    let verdict = check_commit(&tree, &unchanged, &commit, NOW);
    assert_eq!(verdict, Err(Refusal::Banned(account(1))));
    // A host who lifts it lets them in again.
    assert!(policy.unban(account(1)));
    assert_eq!(check_commit(&before, &policy, &by_host, NOW), Ok(()));
}

#[test]
fn hosts_come_from_hosts() {
    let known = policy().hosts;
    let with = |hosts: Vec<HostKey>, former_hosts| ChatPolicy { hosts, former_hosts, ..policy() };
    let maker = || known[0].clone();
    assert!(hosts_descend_from(&known, &policy()));
    // The maker made 1 a host and left, 1 made 2 one.
    assert!(hosts_descend_from(&known, &with(vec![host_key(2, 1), host_key(1, 0)], vec![maker()])));
    assert!(hosts_descend_from(&known, &with(vec![host_key(2, 1)], vec![host_key(1, 0), maker()])));
    // Somebody whom nobody made one, by their own word or by that of somebody unknown.
    for stranger in [HostKey::maker(account(3), public(3)), host_key(3, 3), host_key(3, 4)] {
        assert!(!hosts_descend_from(&known, &with(vec![maker(), stranger], vec![])));
    }
    assert!(!hosts_descend_from(&known, &with(vec![host_key(2, 1)], vec![HostKey::maker(account(1), public(1))])));
    let mut forged = host_key(3, 0);
    forged.account_id = account(4);
    assert!(!hosts_descend_from(&known, &with(vec![maker(), forged], vec![])));
}

#[test]
fn changes_of_a_policy_are_named() {
    let old = policy();
    let mut new = old.clone();
    new.add_host(host_key(1, 0));
    new.ban(account(2));
    new.settings = ChatSettings {
        history: HistoryWindow::Last(10),
        message_ttl_ms: Some(60_000),
        slow_mode_ms: Some(5_000),
        only_hosts_write: true,
    };
    new.profile = Some(Binary(vec![1]));
    new.invites[0].closed = true;
    new.invites[1].seats = Some(3);
    new.invites.push(InvitePolicy { invite_id: invite(3), ..new.invites[2].clone() });
    let leaves = [leaf(0, 200, None)];
    let change = |old: &ChatPolicy, new: &ChatPolicy| {
        let aad = CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] };
        let commit = CommitFacts {
            committer: Committer::Member(leaves[0].clone()),
            added: vec![],
            removed: vec![],
            new_policy: Some(new.clone()),
            psks: vec![],
            aad,
        };
        membership_change(&leaves, old, &commit).policy_changes
    };
    let expected = [
        PolicyChange::HostAdded { account_id: account(1) },
        PolicyChange::Banned { account_id: account(2) },
        PolicyChange::History { history: HistoryWindow::Last(10) },
        PolicyChange::MessageTtl { message_ttl_ms: Some(60_000) },
        PolicyChange::SlowMode { slow_mode_ms: Some(5_000) },
        PolicyChange::OnlyHostsWrite { only_hosts_write: true },
        PolicyChange::Profile,
        PolicyChange::InviteClosed { invite_id: invite(0) },
        PolicyChange::InviteChanged { invite_id: invite(1) },
        PolicyChange::InviteAdded { invite_id: invite(3) },
    ];
    assert_eq!(change(&old, &new), expected);
    assert_eq!(change(&old, &old), []);
    let back = change(&new, &old);
    assert!(back.contains(&PolicyChange::HostRemoved { account_id: account(1) }));
    assert!(back.contains(&PolicyChange::Unbanned { account_id: account(2) }));
}

#[test]
fn a_policy_keeps_to_its_limits() {
    let refused = |change: &dyn Fn(&mut ChatPolicy)| {
        let mut policy = policy();
        change(&mut policy);
        check_policy(&policy, CHAT) == Err(Refusal::PolicyInvalid)
    };
    let accounts = |count: u16| {
        (0..count).map(|number| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            bytes[15] = 1;
            AccountId::from_bytes(bytes)
        })
    };
    assert!(!refused(&|policy| policy.banned = accounts(1_000).collect()));
    assert!(refused(&|policy| policy.banned = accounts(1_001).collect()));
    assert!(refused(&|policy| policy.banned = vec![account(2), account(1)]));
    assert!(refused(&|policy| policy.banned = vec![account(1), account(1)]));
    assert!(refused(&|policy| policy.banned = vec![account(0)]), "a host is kept out");
    assert!(refused(&|policy| policy.former_hosts = policy.hosts.clone()), "host and former host");
    assert!(refused(&|policy| policy.settings.slow_mode_ms = Some(1)));
    assert!(!refused(&|policy| policy.profile = Some(Binary(vec![0; PROFILE_BYTES_MAX]))));
    assert!(refused(&|policy| policy.profile = Some(Binary(vec![0; PROFILE_BYTES_MAX + 1]))));
}

#[test]
fn a_revocation_takes_its_device_out_and_no_other() {
    let device = |leaf: &Leaf, signer: u8| {
        let message = revocation_message(leaf.account_id, leaf.device_id);
        let signature = Binary(key(signer).sign(&message).to_bytes().to_vec());
        DeviceRevocation { account_id: leaf.account_id, device_id: leaf.device_id, signature }
    };
    let of = |account: u8, device: u8| leaf(account, device, Some(ticket(0, account, 100, NOW.plus(10))));
    let (lost, kept, other) = (of(1, 1), of(1, 2), of(2, 3));
    let before = [leaf(0, 200, None), lost.clone(), kept.clone(), other.clone()];
    let commit = |removed: Vec<Leaf>, revocations| CommitFacts {
        committer: Committer::Member(other.clone()),
        added: vec![],
        removed,
        new_policy: None,
        psks: vec![],
        aad: CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations },
    };
    let check = |commit: &CommitFacts| check_commit(&before, &policy(), commit, NOW);
    let revoked = commit(vec![lost.clone()], vec![device(&lost, 1)]);
    assert_eq!(check(&revoked), Ok(()));
    let change = membership_change(&before, &policy(), &revoked);
    assert_eq!((change.removed, change.devices_removed), (vec![], vec![(account(1), lost.device_id)]));
    // Both of them: the account is out, by its own word.
    let both = commit(vec![lost.clone(), kept.clone()], vec![device(&lost, 1), device(&kept, 1)]);
    assert_eq!(check(&both), Ok(()));
    let removed = membership_change(&before, &policy(), &both).removed;
    assert_eq!(removed, [RemovedAccount { account_id: account(1), by: None }]);

    let invalid = Err(Refusal::RevocationInvalid(lost.device_id));
    assert_eq!(check(&commit(vec![lost.clone()], vec![device(&lost, 2)])), invalid, "by somebody else");
    assert_eq!(check(&commit(vec![], vec![device(&lost, 1)])), invalid, "not taken out");
    assert_eq!(check(&commit(vec![lost.clone()], vec![device(&lost, 1), device(&lost, 1)])), invalid, "twice");
    let another = commit(vec![lost.clone(), kept], vec![device(&lost, 1)]);
    assert_eq!(check(&another), Err(Refusal::RemovalNotAllowed(account(1))));
    let door = PskFact::Door { chat_id: CHAT, door_version: 1 };
    let external = CommitFacts {
        committer: Committer::External(lost.clone()),
        psks: vec![door],
        ..commit(vec![lost.clone()], vec![device(&lost, 1)])
    };
    assert_eq!(check(&external), Err(Refusal::ExternalCommitTooWide));
}

/// What a commit of the host looks like that takes out the leaves `removed`.
fn removal(removed: &[Leaf], new_policy: Option<ChatPolicy>) -> CommitFacts {
    CommitFacts {
        committer: Committer::Member(leaf(0, 200, None)),
        added: vec![],
        removed: removed.to_vec(),
        new_policy,
        psks: vec![],
        aad: CommitAad { version: FORMAT_VERSION, approvals: vec![], leave_notes: vec![], revocations: vec![] },
    }
}

#[test]
fn who_is_taken_out_finds_another_door() {
    let of = |account: u8, device: u8| leaf(account, device, Some(ticket(0, account, 100, NOW.plus(10))));
    let (gone, other_device, stays) = (of(1, 1), of(1, 2), of(2, 3));
    let before = [leaf(0, 200, None), gone.clone(), other_device.clone(), stays];
    let raised = |by: u32| Some(ChatPolicy { door_version: policy().door_version + by, ..policy() });
    let both = [gone.clone(), other_device];
    let check = |commit: &CommitFacts| check_commit(&before, &policy(), commit, NOW);
    assert_eq!(check(&removal(&both, None)), Err(Refusal::DoorKept(account(1))));
    assert_eq!(check(&removal(&both, Some(policy()))), Err(Refusal::DoorKept(account(1))));
    assert_eq!(check(&removal(&both, raised(1))), Ok(()));
    assert!(membership_change(&before, &policy(), &removal(&both, raised(1))).door_changed);
    assert_eq!(check(&removal(&both, raised(2))), Err(Refusal::PolicyInvalid), "a number is left out");
    let lower = ChatPolicy { door_version: policy().door_version - 1, ..policy() };
    assert_eq!(check(&removal(&both, Some(lower))), Err(Refusal::PolicyInvalid));
    // One device of several goes, or the account by its own word: what it knows its other devices know too.
    assert_eq!(check(&removal(&[gone], None)), Ok(()));
    let nonces: Vec<Nonce> = both.iter().map(Leaf::nonce).collect();
    let aad = CommitAad { leave_notes: vec![note(1, 1, &nonces)], ..removal(&[], None).aad };
    assert_eq!(check(&CommitFacts { aad, ..removal(&both, None) }), Ok(()));
    // A commit that takes nobody out may change the door as well.
    assert_eq!(check(&removal(&[], raised(1))), Ok(()));
}

#[test]
fn an_invite_has_another_key_with_another_door_alone() {
    let of = |account: u8, signer: u8| leaf(account, account, Some(ticket(0, account, signer, NOW.plus(10))));
    let (host, stays, gone) = (leaf(0, 200, None), of(1, 100), of(2, 100));
    let before = [host.clone(), stays.clone(), gone.clone()];
    let change = |doors: u32, change: &dyn Fn(&mut ChatPolicy)| {
        let mut policy = ChatPolicy { door_version: policy().door_version + doors, ..policy() };
        change(&mut policy);
        policy
    };
    let check = |policy_after: ChatPolicy| {
        check_commit(&before, &policy(), &removal(std::slice::from_ref(&gone), Some(policy_after)), NOW)
    };
    let rekey = |policy: &mut ChatPolicy| policy.invites[0].change_key(public(110));
    let rekeyed = change(1, &rekey);
    assert_eq!(check(rekeyed.clone()), Ok(()));
    assert_eq!(check_commit(&before, &policy(), &removal(&[], Some(change(0, &rekey))), NOW), {
        Err(Refusal::InviteDropped(invite(0)))
    });
    let closed = |policy: &mut ChatPolicy| policy.invites[2].change_key(public(112));
    assert_eq!(check(change(1, &closed)), Err(Refusal::InviteDropped(invite(2))), "a closed one");
    let foreign = |policy: &mut ChatPolicy| policy.invites[0].former_join_keys.push(public(111));
    assert_eq!(check(change(1, &foreign)), Err(Refusal::InviteDropped(invite(0))), "a key that it never had");
    let mut open = policy();
    open.invites[0].published = true;
    let hidden = removal(&[], Some(policy()));
    let kept = check_commit(&before, &open, &hidden, NOW);
    assert_eq!(kept, Err(Refusal::InviteDropped(invite(0))), "what everybody knows is no secret again");
    let drops = |policy: &mut ChatPolicy| policy.invites[0].join_key = public(110);
    assert_eq!(check(change(1, &drops)), Err(Refusal::TicketForged(account(1))), "somebody is in by the key it had");
    let many =
        |policy: &mut ChatPolicy| policy.invites[0].former_join_keys = vec![public(100); FORMER_JOIN_KEYS_MAX + 1];
    assert_eq!(check_policy(&change(0, &many), CHAT), Err(Refusal::PolicyInvalid));

    // Whoever is in stays in; nobody else comes in by the key before.
    assert_eq!(check_tree(&[host.clone(), stays.clone()], &rekeyed), Ok(()));
    let add = |newcomer: Leaf| CommitFacts { added: vec![newcomer], ..removal(&[], None) };
    let now_in = [host.clone(), stays.clone()];
    assert_eq!(check_commit(&now_in, &rekeyed, &add(gone), NOW), Err(Refusal::TicketStale(account(2))));
    assert_eq!(check_commit(&now_in, &rekeyed, &add(of(3, 110)), NOW), Ok(()));
    assert_eq!(check_commit(&now_in, &rekeyed, &add(of(3, 111)), NOW), Err(Refusal::TicketForged(account(3))));
    // The next host to take somebody out may drop what nobody needs any more.
    let mut pruned = ChatPolicy { door_version: rekeyed.door_version + 1, ..rekeyed.clone() };
    pruned.invites[0].former_join_keys.clear();
    let commit = removal(&[stays], Some(pruned));
    assert_eq!(check_commit(&now_in, &rekeyed, &commit, NOW), Ok(()));
}
