//! The formats that are signed, derived or kept: a change here is a change for everybody.

use data_encoding::HEXLOWER;
use doorpost_mls::{
    door::{DoorSecret, InviteSecret, door_psk_id, parse_door_psk_id},
    identity::{AccountSecrets, verify_credential},
    sealed::{derive_password_keys, vault_key_from_prf},
    ticket::{make_approval, make_host, make_leave_note, make_ticket},
};
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, RealmId, TimeMs,
    admission::{
        ChatPolicy, CommitAad, DeviceCredential, FORMAT_VERSION, FormatError, HostKey, InvitePolicy, Ticket,
        Versioned as _,
    },
    chat::Ciphersuite,
    invite::Admission,
    settings::ChatProfile,
};
use doorpost_policy::membership::{Leaf, approval_message, leave_message, ticket_message, verify_appointment};
use proptest::prelude::*;

use crate::world::Seeded;

const CHAT: ChatId = ChatId::from_bytes([0x11; 16]);
const INVITE: InviteId = InviteId::from_bytes([0x22; 16]);
const ACCOUNT: AccountId = AccountId::from_bytes([0x33; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([0x44; 16]);
const UNTIL: TimeMs = TimeMs(1_800_000_000_000);

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

#[test]
fn signed_bytes() {
    let (identity, nonce) = ([0x55; 32], [0x66; 16]);
    insta::assert_snapshot!("ticket message", hex(&ticket_message(CHAT, INVITE, ACCOUNT, &identity, &nonce, UNTIL)));
    insta::assert_snapshot!(
        "approval message",
        hex(&approval_message(CHAT, INVITE, ACCOUNT, &identity, &nonce, UNTIL))
    );
    insta::assert_snapshot!("leave message", hex(&leave_message(CHAT, ACCOUNT, &[[0; 16], nonce])));
}

#[test]
fn signed_things() {
    let entropy = Seeded::new(11);
    let secrets = AccountSecrets::generate(&entropy);
    let device = secrets.certify_device(ACCOUNT, DEVICE, &entropy);
    let credential = device.credential().to_bytes();
    insta::assert_snapshot!("device credential", hex(&credential));
    assert_eq!(verify_credential(&credential, &device.signature_key()).as_ref(), Ok(device.credential()));

    let secret = InviteSecret::from_slice(&[0x77; 32]).unwrap();
    let identity = secrets.identity_key();
    let ticket = make_ticket(&secret, CHAT, INVITE, ACCOUNT, &identity, UNTIL, &entropy);
    insta::assert_snapshot!("ticket", hex(&ticket.to_bytes()));
    let leaf = Leaf { account_id: ACCOUNT, device_id: DEVICE, identity_key: identity, ticket: Some(ticket) };
    let approval = make_approval(&secrets, ACCOUNT, CHAT, &leaf, UNTIL).unwrap();
    let note = make_leave_note(&secrets, ACCOUNT, CHAT, &[leaf.nonce(), leaf.nonce()]);
    let aad =
        CommitAad { version: FORMAT_VERSION, approvals: vec![approval], leave_notes: vec![note], revocations: vec![] };
    insta::assert_snapshot!("commit aad", hex(&aad.to_bytes()));

    let host = make_host(&secrets, CHAT, &leaf);
    assert!(verify_appointment(&host, CHAT, &identity));
    insta::assert_snapshot!("appointment", hex(host.appointment.unwrap().signature.as_ref()));
}

#[test]
fn policy() {
    let invite = InvitePolicy {
        invite_id: INVITE,
        join_key: [0x99; 32],
        former_join_keys: Vec::new(),
        published: false,
        admission: Admission::Approval,
        seats: Some(50),
        expires_at: Some(UNTIL),
        closed: false,
        since_seq: 0,
    };
    let policy = ChatPolicy::new(CHAT, HostKey::maker(ACCOUNT, [0x55; 32]), vec![invite]);
    insta::assert_snapshot!(hex(&policy.to_bytes()));
}

#[test]
fn derived_keys() {
    let secret = InviteSecret::from_slice(&[0x77; 32]).unwrap();
    insta::assert_snapshot!("join key", hex(&secret.join_key()));
    let door = DoorSecret::first([0x88; 32]);
    let sealed = secret.seal_door(CHAT, INVITE, &door, Ciphersuite::X25519, &Seeded::new(5));
    insta::assert_snapshot!("sealed door", hex(sealed.as_ref()));
    let profile = ChatProfile::new("Supper", "On Saturdays", Some(Binary(vec![0xff, 0xd8, 0xff])));
    let sealed = door.seal_profile(CHAT, &profile, &Seeded::new(6));
    assert_eq!(door.open_profile(CHAT, sealed.as_ref()), Ok(profile));
    insta::assert_snapshot!("sealed profile", hex(sealed.as_ref()));
    insta::assert_snapshot!("door psk id", hex(&door_psk_id(CHAT, 1)));
    let keys = derive_password_keys("correct horse", RealmId::from_bytes([1; 16]), "anna");
    insta::assert_snapshot!("password proof", hex(&keys.proof));
    insta::assert_snapshot!("password vault key", hex(&keys.vault_key));
    insta::assert_snapshot!("prf vault key", hex(&vault_key_from_prf(&[0xaa; 32])));
}

proptest! {
    #[test]
    fn psk_ids_name_chat_and_door(chat: [u8; 16], version: u32) {
        let chat_id = ChatId::from_bytes(chat);
        prop_assert_eq!(parse_door_psk_id(&door_psk_id(chat_id, version)), Some((chat_id, version)));
    }

    #[test]
    fn noise_is_no_psk_id(noise in proptest::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(parse_door_psk_id(&noise).is_none_or(|(chat, version)| door_psk_id(chat, version) == noise));
    }

    #[test]
    fn versioned_formats_take_themselves_and_nothing_longer(
        noise in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        fn check<V: doorpost_model::admission::Versioned>(noise: &[u8]) -> Result<(), TestCaseError> {
            let bytes = [&[FORMAT_VERSION], noise].concat();
            if let Ok(value) = V::from_bytes(&bytes) {
                prop_assert_eq!(V::from_bytes(&value.to_bytes()).map(|again| again.to_bytes()), Ok(value.to_bytes()));
                let longer = [bytes, vec![0]].concat();
                prop_assert_eq!(V::from_bytes(&longer).err(), Some(FormatError::Malformed));
            }
            prop_assert_eq!(V::from_bytes(&[2]).err(), Some(FormatError::Version(2)));
            Ok(())
        }
        check::<Ticket>(&noise)?;
        check::<DeviceCredential>(&noise)?;
        check::<CommitAad>(&noise)?;
        check::<ChatPolicy>(&noise)?;
    }
}
