//! Answers that only a chat's hosts can read: the hosts' key, who vouches for it, and sealing to it.

use std::fmt;

use doorpost_model::{
    AccountId, Binary, ChatId, InviteId,
    admission::{FORMAT_VERSION, PublicKey, Versioned, signed_bytes},
    hosts_key::{Answers, HostsKey, LABEL_ANSWERS, LABEL_HOSTS_KEY, LABEL_SEALING_KEY, SealedAnswers, SealingKey},
};
use doorpost_policy::membership::verify_signature;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    door::DoorSecret,
    entropy::{self, Entropy},
    hpke,
    identity::AccountSecrets,
    sealed::SealError,
};

const INFO_HOSTS_SECRET: &[u8] = b"doorpost hosts secret v1";

/// The secret half of a chat's hosts' key (X25519).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct HostsSecret([u8; 32]);

impl fmt::Debug for HostsSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostsSecret(..)")
    }
}

impl HostsSecret {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// X25519 public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(self.0)).to_bytes()
    }

    /// The public half with a host's word for it.
    #[must_use]
    pub fn vouch(
        &self,
        version: u32,
        chat_id: ChatId,
        host: &AccountSecrets,
        host_account_id: AccountId,
        door: &DoorSecret,
    ) -> HostsKey {
        let public_key = self.public_key();
        let message = hosts_key_message(chat_id, version, &public_key);
        HostsKey {
            version,
            public_key: Binary(public_key.to_vec()),
            host_account_id,
            host_identity_key: Binary(host.identity_key().to_vec()),
            signature: host.sign(&message),
            door_tag: Binary(door.tag(&message).to_vec()),
        }
    }

    /// Seals the secret to a host's account.
    ///
    /// # Errors
    /// [`SealError`] when the sealing key is not signed by the account's identity, or no key at all.
    pub fn seal_to(&self, chat_id: ChatId, version: u32, host: &SealingKey) -> Result<Binary, SealError> {
        let key = verify_sealing_key(host)?;
        hpke::seal(&key, INFO_HOSTS_SECRET, &copy_aad(chat_id, version, host.account_id), &self.0).map(Binary)
    }

    /// Opens the copy of a version that was sealed to one's own account.
    ///
    /// # Errors
    /// [`SealError`] also when it is the secret of another public key than `public_key`.
    pub fn open_copy(
        account: &AccountSecrets,
        account_id: AccountId,
        chat_id: ChatId,
        version: u32,
        public_key: &[u8],
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let aad = copy_aad(chat_id, version, account_id);
        let mut bytes = hpke::open(account.sealing_secret(), INFO_HOSTS_SECRET, &aad, sealed)?;
        let secret = bytes.as_slice().try_into().map(Self).map_err(|_| SealError);
        bytes.zeroize();
        secret.and_then(|secret| if secret.public_key()[..] == *public_key { Ok(secret) } else { Err(SealError) })
    }

    /// Opens the answers of an applicant with this identity key.
    ///
    /// # Errors
    /// [`SealError`] when they are for another key, or not by the applicant.
    pub fn open_answers(
        &self,
        from: &Applicant,
        identity_key: &PublicKey,
        sealed: &SealedAnswers,
    ) -> Result<Answers, SealError> {
        let aad = from.aad(sealed.key_version);
        let bytes = hpke::open(&self.0, LABEL_ANSWERS.as_bytes(), &aad, &sealed.sealed.0)?;
        let answers = Answers::from_bytes(&bytes).map_err(|_| SealError)?;
        let message = from.message(&answers.questions, &answers.answers);
        let is_theirs = verify_signature(identity_key, &message, answers.signature.as_ref());
        if is_theirs { Ok(answers) } else { Err(SealError) }
    }
}

/// Who answers, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applicant {
    pub chat_id: ChatId,
    pub invite_id: InviteId,
    pub account_id: AccountId,
}

impl Applicant {
    /// Seals answers to a chat's hosts, in the order of the questions.
    ///
    /// # Errors
    /// [`SealError`] when the hosts' key is not vouched for by the host it names, or not by somebody who has the
    /// chat's door secret.
    pub fn seal_answers(
        &self,
        account: &AccountSecrets,
        key: &HostsKey,
        door: &DoorSecret,
        questions: Vec<String>,
        answers: Vec<String>,
    ) -> Result<SealedAnswers, SealError> {
        let public_key = verify_hosts_key(key, self.chat_id)?;
        if !fits_door(key, self.chat_id, door) {
            return Err(SealError);
        }
        let signature = account.sign(&self.message(&questions, &answers));
        let plaintext = Answers { version: FORMAT_VERSION, questions, answers, signature }.to_bytes();
        let aad = self.aad(key.version);
        let sealed = hpke::seal(&public_key, LABEL_ANSWERS.as_bytes(), &aad, &plaintext)?;
        Ok(SealedAnswers { key_version: key.version, sealed: Binary(sealed) })
    }

    fn aad(&self, key_version: u32) -> Vec<u8> {
        signed_bytes(LABEL_ANSWERS, &(self.chat_id, self.invite_id, self.account_id, key_version))
    }

    fn message(&self, questions: &[String], answers: &[String]) -> Vec<u8> {
        signed_bytes(LABEL_ANSWERS, &(self.chat_id, self.invite_id, self.account_id, questions, answers))
    }
}

/// The public half of a hosts' key, when the host it names has signed it. Whether that is a host of the chat, its
/// policy says.
///
/// # Errors
/// [`SealError`]
pub fn verify_hosts_key(key: &HostsKey, chat_id: ChatId) -> Result<PublicKey, SealError> {
    let identity = PublicKey::try_from(key.host_identity_key.0.as_slice()).map_err(|_| SealError)?;
    let public_key = PublicKey::try_from(key.public_key.0.as_slice()).map_err(|_| SealError)?;
    let message = hosts_key_message(chat_id, key.version, &public_key);
    if verify_signature(&identity, &message, key.signature.as_ref()) { Ok(public_key) } else { Err(SealError) }
}

/// Whether a hosts' key carries the tag that `door` gives it.
#[must_use]
pub fn fits_door(key: &HostsKey, chat_id: ChatId, door: &DoorSecret) -> bool {
    let Ok(public_key) = PublicKey::try_from(key.public_key.0.as_slice()) else { return false };
    door.tag(&hosts_key_message(chat_id, key.version, &public_key))[..] == key.door_tag.0[..]
}

/// An account's sealing key, when its identity key has signed it. Whether the identity key is the account's is not
/// known here.
///
/// # Errors
/// [`SealError`]
pub fn verify_sealing_key(key: &SealingKey) -> Result<PublicKey, SealError> {
    let identity = PublicKey::try_from(key.identity_key.0.as_slice()).map_err(|_| SealError)?;
    let sealing_key = PublicKey::try_from(key.sealing_key.0.as_slice()).map_err(|_| SealError)?;
    let message = sealing_key_message(key.account_id, &sealing_key);
    if verify_signature(&identity, &message, key.signature.as_ref()) { Ok(sealing_key) } else { Err(SealError) }
}

pub(crate) fn sealing_key_message(account_id: AccountId, sealing_key: &PublicKey) -> Vec<u8> {
    signed_bytes(LABEL_SEALING_KEY, &(account_id, sealing_key))
}

fn hosts_key_message(chat_id: ChatId, version: u32, public_key: &PublicKey) -> Vec<u8> {
    signed_bytes(LABEL_HOSTS_KEY, &(chat_id, version, public_key))
}

fn copy_aad(chat_id: ChatId, version: u32, account_id: AccountId) -> Vec<u8> {
    signed_bytes(LABEL_HOSTS_KEY, &(chat_id, version, account_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::cell::Cell<u8>);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            self.0.set(self.0.get() + 1);
            bytes.fill(self.0.get());
        }
    }

    struct World {
        entropy: Counting,
        chat_id: ChatId,
        host: (AccountId, AccountSecrets),
        applicant: (Applicant, AccountSecrets),
        door: DoorSecret,
        secret: HostsSecret,
    }

    fn world() -> World {
        let entropy = Counting(std::cell::Cell::new(0));
        let chat_id = ChatId::from_bytes([1; 16]);
        let applicant =
            Applicant { chat_id, invite_id: InviteId::from_bytes([2; 16]), account_id: AccountId::from_bytes([3; 16]) };
        World {
            chat_id,
            host: (AccountId::from_bytes([4; 16]), AccountSecrets::generate(&entropy)),
            applicant: (applicant, AccountSecrets::generate(&entropy)),
            door: DoorSecret::generate(&entropy),
            secret: HostsSecret::generate(&entropy),
            entropy,
        }
    }

    impl World {
        fn key(&self) -> HostsKey {
            self.secret.vouch(1, self.chat_id, &self.host.1, self.host.0, &self.door)
        }

        fn seal(&self, key: &HostsKey, door: &DoorSecret) -> Result<SealedAnswers, SealError> {
            let (applicant, account) = &self.applicant;
            applicant.seal_answers(account, key, door, vec!["Why?".to_owned()], vec!["Because".to_owned()])
        }
    }

    #[test]
    fn hosts_read_answers_and_nobody_else_does() {
        let world = world();
        let sealed = world.seal(&world.key(), &world.door).expect("sealed");
        let (applicant, identity) = (world.applicant.0, world.applicant.1.identity_key());
        let opened = world.secret.open_answers(&applicant, &identity, &sealed).expect("opened");
        assert_eq!((&opened.questions[0][..], &opened.answers[0][..]), ("Why?", "Because"));
        let other = HostsSecret::generate(&world.entropy);
        other.open_answers(&applicant, &identity, &sealed).expect_err("another key");
        let elsewhere = Applicant { invite_id: InviteId::from_bytes([9; 16]), ..applicant };
        world.secret.open_answers(&elsewhere, &identity, &sealed).expect_err("another invite");
        let newer = SealedAnswers { key_version: 2, ..sealed.clone() };
        world.secret.open_answers(&applicant, &identity, &newer).expect_err("another version");
        let host = world.host.1.identity_key();
        world.secret.open_answers(&applicant, &host, &sealed).expect_err("not by the applicant");
    }

    #[test]
    fn a_server_cannot_put_its_own_key_there() {
        let world = world();
        let own = HostsSecret::generate(&world.entropy);
        // It can vouch for it with an identity of its own, and does not have the door's secret.
        let liar = AccountSecrets::generate(&world.entropy);
        let guessed = DoorSecret::generate(&world.entropy);
        let swapped = own.vouch(1, world.chat_id, &liar, world.host.0, &guessed);
        world.seal(&swapped, &world.door).expect_err("not by somebody who is behind the door");
        let patched = HostsKey { public_key: Binary(own.public_key().to_vec()), ..world.key() };
        world.seal(&patched, &world.door).expect_err("not what the host signed");
        let older = HostsKey { version: 2, ..world.key() };
        world.seal(&older, &world.door).expect_err("another version");
        assert!(fits_door(&world.key(), world.chat_id, &world.door));
        assert!(!fits_door(&world.key(), world.chat_id, &guessed));
    }

    #[test]
    fn copies_are_for_the_hosts_they_were_made_for() {
        let world = world();
        let (host_id, host) = &world.host;
        let public_key = world.secret.public_key();
        let sealed = world.secret.seal_to(world.chat_id, 1, &host.signed_sealing_key(*host_id)).expect("sealed");
        let open = |account: &AccountSecrets, id, version, public_key: &[u8]| {
            HostsSecret::open_copy(account, id, world.chat_id, version, public_key, &sealed.0)
        };
        assert_eq!(open(host, *host_id, 1, &public_key).expect("opened"), world.secret);
        open(&world.applicant.1, *host_id, 1, &public_key).expect_err("another account");
        open(host, *host_id, 2, &public_key).expect_err("another version");
        open(host, *host_id, 1, &[7; 32]).expect_err("the secret of another key");
        // A sealing key that the server made up.
        let forged = SealingKey { sealing_key: Binary(public_key.to_vec()), ..host.signed_sealing_key(*host_id) };
        world.secret.seal_to(world.chat_id, 1, &forged).expect_err("not signed");
    }
}
