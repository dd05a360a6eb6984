//! Vault, keyring, door, password.

use doorpost_mls::{
    door::{DoorSecret, InviteSecret},
    identity::AccountSecrets,
    sealed::{
        KeyringEntry, SealError, derive_password_keys, open_keyring, open_vault, seal_keyring, seal_vault,
        vault_key_from_prf,
    },
};
use doorpost_model::{
    AccountId, ChatId, InviteId, RealmId, admission::Versioned as _, chat::Ciphersuite, hosts_key::SealingKey,
};
use proptest::prelude::*;

use crate::world::{Seeded, World};

#[test]
fn a_vault_opens_with_its_key_alone() {
    let entropy = Seeded::new(1);
    let secrets = AccountSecrets::generate(&entropy);
    let account_id = AccountId::from_bytes([1; 16]);
    let key = vault_key_from_prf(&[9; 32]);
    let sealed = seal_vault(&key, account_id, &secrets, &entropy);
    let opened = open_vault(&key, account_id, sealed.as_ref()).unwrap();
    assert_eq!(opened.to_bytes(), secrets.to_bytes());
    assert!(open_vault(&[0; 32], account_id, sealed.as_ref()).is_err());
    assert!(open_vault(&key, AccountId::from_bytes([2; 16]), sealed.as_ref()).is_err());
    assert!(sealed.0.len() <= doorpost_model::limits::SEALED_SECRET_BYTES_MAX);
}

#[test]
fn a_keyring_entry_opens_for_its_chat_alone() {
    let world = World::open();
    let secrets = &world.host.secrets;
    let entry = KeyringEntry::new(world.door.clone(), Some(world.ticket_for(&world.host)));
    let sealed = seal_keyring(secrets, world.chat_id, &entry, &world.entropy);
    assert_eq!(open_keyring(secrets, world.chat_id, sealed.as_ref()), Ok(entry));
    assert_eq!(open_keyring(secrets, ChatId::from_bytes([2; 16]), sealed.as_ref()), Err(SealError));
    assert_eq!(open_keyring(&world.person().secrets, world.chat_id, sealed.as_ref()), Err(SealError));
}

#[test]
fn a_door_opens_with_its_invite_alone() {
    let entropy = Seeded::new(2);
    let (secret, other) = (InviteSecret::generate(&entropy), InviteSecret::generate(&entropy));
    let door = DoorSecret::generate(&entropy);
    let (chat_id, invite_id) = (ChatId::from_bytes([1; 16]), InviteId::from_bytes([2; 16]));
    let sealed = secret.seal_door(chat_id, invite_id, &door, Ciphersuite::XWing, &entropy);
    assert_eq!(secret.open_door(chat_id, invite_id, sealed.as_ref()), Ok((door, Ciphersuite::XWing)));
    assert_eq!(other.open_door(chat_id, invite_id, sealed.as_ref()), Err(SealError));
    assert_eq!(secret.open_door(ChatId::from_bytes([3; 16]), invite_id, sealed.as_ref()), Err(SealError));
    assert_eq!(secret.open_door(chat_id, InviteId::from_bytes([3; 16]), sealed.as_ref()), Err(SealError));
    for length in 0..sealed.0.len() {
        assert_eq!(secret.open_door(chat_id, invite_id, &sealed.0[..length]), Err(SealError));
    }
}

#[test]
fn password_keys_differ_by_all_they_come_from() {
    let realm = RealmId::from_bytes([1; 16]);
    let keys = derive_password_keys("correct horse", realm, "anna");
    let again = derive_password_keys("correct horse", realm, "anna");
    assert_eq!((keys.proof, keys.vault_key), (again.proof, again.vault_key));
    assert_ne!(keys.proof, keys.vault_key);
    for other in [
        derive_password_keys("correct horsf", realm, "anna"),
        derive_password_keys("correct horse", RealmId::from_bytes([2; 16]), "anna"),
        derive_password_keys("correct horse", realm, "anne"),
    ] {
        assert_ne!(keys.proof, other.proof);
        assert_ne!(keys.vault_key, other.vault_key);
    }
}

proptest! {
    #[test]
    fn damaged_vaults_do_not_open(position in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let entropy = Seeded::new(3);
        let account_id = AccountId::from_bytes([1; 16]);
        let mut sealed = seal_vault(&[4; 32], account_id, &AccountSecrets::generate(&entropy), &entropy);
        let position = position.index(sealed.0.len());
        sealed.0[position] ^= 1 << bit;
        prop_assert!(open_vault(&[4; 32], account_id, sealed.as_ref()).is_err());
    }
}

#[test]
fn an_invites_secret_opens_for_the_account_it_is_sealed_to() {
    let entropy = Seeded::new(3);
    let secret = InviteSecret::generate(&entropy);
    let (invite_id, ben) = (InviteId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
    let (bens, others) = (AccountSecrets::generate(&entropy), AccountSecrets::generate(&entropy));
    let copy = secret.seal_to(invite_id, &bens.signed_sealing_key(ben)).unwrap();
    assert_eq!(copy.account_id, ben);
    let open = |account: &AccountSecrets, id, invite| InviteSecret::open_copy(account, id, invite, &copy.sealed.0);
    assert_eq!(open(&bens, ben, invite_id), Ok(secret.clone()));
    assert_eq!(open(&others, ben, invite_id), Err(SealError));
    assert_eq!(open(&bens, ben, InviteId::from_bytes([9; 16])), Err(SealError));
    assert_eq!(open(&bens, AccountId::from_bytes([9; 16]), invite_id), Err(SealError));
    // A key that the server made up in ben's name.
    let forged = SealingKey { sealing_key: others.signed_sealing_key(ben).sealing_key, ..bens.signed_sealing_key(ben) };
    assert_eq!(secret.seal_to(invite_id, &forged), Err(SealError));
}
