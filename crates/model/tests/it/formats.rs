use data_encoding::HEXLOWER;
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    admission::{
        Appointment, Approval, ChatPolicy, CommitAad, DeviceCredential, DeviceRevocation, FORMAT_VERSION, FormatError,
        HostKey, InvitePolicy, LABEL_TICKET, LeaveNote, Ticket, Versioned, signed_bytes,
    },
    invite::Admission,
    settings::{ChatSettings, HistoryWindow},
};
use proptest::prelude::*;

fn credential() -> DeviceCredential {
    DeviceCredential {
        version: FORMAT_VERSION,
        account_id: AccountId::from_bytes([1; 16]),
        device_id: DeviceId::from_bytes([2; 16]),
        identity_key: [3; 32],
        signature: Binary(vec![4; 64]),
    }
}

fn ticket() -> Ticket {
    Ticket {
        version: FORMAT_VERSION,
        invite_id: InviteId::from_bytes([5; 16]),
        nonce: [6; 16],
        expires_at: TimeMs(1_790_000_000_000),
        signature: Binary(vec![7; 64]),
    }
}

fn policy() -> ChatPolicy {
    let appointment = Appointment { by: [3; 32], signature: Binary(vec![16; 64]) };
    ChatPolicy {
        version: FORMAT_VERSION,
        chat_id: ChatId::from_bytes([8; 16]),
        hosts: vec![HostKey {
            account_id: AccountId::from_bytes([15; 16]),
            identity_key: [17; 32],
            appointment: Some(appointment),
        }],
        former_hosts: vec![HostKey::maker(AccountId::from_bytes([1; 16]), [3; 32])],
        invites: vec![InvitePolicy {
            invite_id: InviteId::from_bytes([5; 16]),
            join_key: [9; 32],
            former_join_keys: Vec::new(),
            published: false,
            admission: Admission::Approval,
            seats: Some(50),
            expires_at: Some(TimeMs(1_790_000_000_000)),
            closed: false,
            since_seq: 0,
        }],
        door_version: 1,
        banned: vec![AccountId::from_bytes([18; 16])],
        settings: ChatSettings {
            history: HistoryWindow::Last(100),
            message_ttl_ms: Some(86_400_000),
            slow_mode_ms: Some(30_000),
            only_hosts_write: true,
        },
        profile: Some(Binary(vec![19; 40])),
        direct: false,
    }
}

fn aad() -> CommitAad {
    CommitAad {
        version: FORMAT_VERSION,
        approvals: vec![Approval {
            host_account_id: AccountId::from_bytes([1; 16]),
            account_id: AccountId::from_bytes([10; 16]),
            invite_id: InviteId::from_bytes([5; 16]),
            nonce: Binary(vec![6; 16]),
            expires_at: TimeMs(1_790_000_000_000),
            signature: Binary(vec![11; 64]),
        }],
        leave_notes: vec![LeaveNote {
            account_id: AccountId::from_bytes([12; 16]),
            nonces: vec![Binary(vec![13; 16])],
            signature: Binary(vec![14; 64]),
        }],
        revocations: vec![DeviceRevocation {
            account_id: AccountId::from_bytes([20; 16]),
            device_id: DeviceId::from_bytes([21; 16]),
            signature: Binary(vec![22; 64]),
        }],
    }
}

#[test]
fn signed_and_carried_formats_stay_as_they_are() {
    insta::assert_snapshot!("device_credential", HEXLOWER.encode(&credential().to_bytes()));
    insta::assert_snapshot!("ticket", HEXLOWER.encode(&ticket().to_bytes()));
    insta::assert_snapshot!("chat_policy", HEXLOWER.encode(&policy().to_bytes()));
    insta::assert_snapshot!("commit_aad", HEXLOWER.encode(&aad().to_bytes()));
    insta::assert_snapshot!(
        "signed_bytes",
        HEXLOWER.encode(&signed_bytes(LABEL_TICKET, &(ChatId::from_bytes([8; 16]), [6_u8; 16], TimeMs(5))))
    );
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(DeviceCredential::from_bytes(&credential().to_bytes()), Ok(credential()));
    assert_eq!(Ticket::from_bytes(&ticket().to_bytes()), Ok(ticket()));
    assert_eq!(ChatPolicy::from_bytes(&policy().to_bytes()), Ok(policy()));
    assert_eq!(CommitAad::from_bytes(&aad().to_bytes()), Ok(aad()));
}

#[test]
fn other_versions_and_trailing_bytes_are_refused() {
    let mut newer = ticket().to_bytes();
    newer[0] = 2;
    assert_eq!(Ticket::from_bytes(&newer), Err(FormatError::Version(2)));
    let mut longer = ticket().to_bytes();
    longer.push(0);
    assert_eq!(Ticket::from_bytes(&longer), Err(FormatError::Malformed));
    assert_eq!(Ticket::from_bytes(&[]), Err(FormatError::Malformed));
}

proptest! {
    /// Strangers' bytes end in a value or an error, never in a panic, and a value is written back as it was read.
    #[test]
    fn any_bytes_are_survived(mut bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Some(first) = bytes.first_mut() {
            *first = FORMAT_VERSION;
        }
        if let Ok(policy) = ChatPolicy::from_bytes(&bytes) {
            prop_assert_eq!(ChatPolicy::from_bytes(&policy.to_bytes()), Ok(policy));
        }
        if let Ok(aad) = CommitAad::from_bytes(&bytes) {
            prop_assert_eq!(CommitAad::from_bytes(&aad.to_bytes()), Ok(aad));
        }
        if let Ok(ticket) = Ticket::from_bytes(&bytes) {
            prop_assert_eq!(Ticket::from_bytes(&ticket.to_bytes()), Ok(ticket));
        }
    }

    /// Two labels never sign the same bytes for the same fields.
    #[test]
    fn labels_keep_signatures_apart(a in "[a-z ]{1,20}", b in "[a-z ]{1,20}", field in any::<u64>()) {
        prop_assume!(a != b);
        prop_assert_ne!(signed_bytes(&a, &field), signed_bytes(&b, &field));
    }
}
