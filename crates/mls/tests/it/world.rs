//! People with devices and stores, and a server that keeps a chat's group and log.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use doorpost_mls::{
    Entropy, Refusal,
    delivery::{ChatGroup, StagedCommit},
    door::{DoorSecret, InviteSecret},
    identity::{AccountSecrets, Device},
    member::{Add, CommitPlan, Event, ExternalJoin, Groups, MemberError, PreparedCommit, Processed},
    storage::{KeyValue, KeyValueError, WriteSet},
    ticket::{make_approval, make_leave_note, make_ticket},
};
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    admission::{Approval, ChatPolicy, HostKey, InvitePolicy, LeaveNote, Ticket},
    chat::{Ciphersuite, CommitUpload, EntryKind, LogEntry, NewChat},
    invite::Admission,
    limits::TICKET_TTL_MS,
};
use rand::{RngCore, SeedableRng, rngs::StdRng};

/// Randomness from a seed.
pub struct Seeded(RefCell<StdRng>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(RefCell::new(StdRng::seed_from_u64(seed)))
    }

    pub fn id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill_bytes(bytes);
    }
}

/// Now, by the clock that the library reads too: key packages made at another time would not be valid.
pub fn now() -> TimeMs {
    let lifetime = openmls::prelude::Lifetime::new(0);
    TimeMs(i64::try_from(lifetime.not_after()).unwrap() * 1_000)
}

/// A device's stored keys.
#[derive(Clone, Default)]
pub struct Keys(pub BTreeMap<Vec<u8>, Vec<u8>>);

impl Keys {
    pub fn apply(&mut self, writes: WriteSet) {
        for (key, value) in writes.0 {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }
}

impl KeyValue for Keys {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(self.0.get(key).cloned())
    }
}

/// Somebody with one device.
pub struct Person {
    pub secrets: AccountSecrets,
    pub device: Device,
    pub keys: Keys,
    pub groups: Groups,
}

impl Person {
    pub fn new(entropy: &Seeded) -> Self {
        let secrets = AccountSecrets::generate(entropy);
        Self::with(secrets, AccountId::from_bytes(entropy.id()), entropy)
    }

    fn with(secrets: AccountSecrets, account_id: AccountId, entropy: &Seeded) -> Self {
        let device = secrets.certify_device(account_id, DeviceId::from_bytes(entropy.id()), entropy);
        Self { secrets, device, keys: Keys::default(), groups: Groups::new() }
    }

    /// Another device of the same account.
    pub fn second_device(&self, entropy: &Seeded) -> Self {
        Self::with(self.secrets.clone(), self.account(), entropy)
    }

    pub fn account(&self) -> AccountId {
        self.device.account_id()
    }

    pub fn sender(&self) -> (AccountId, DeviceId) {
        (self.device.account_id(), self.device.device_id())
    }

    pub fn host_key(&self) -> HostKey {
        HostKey::maker(self.account(), self.secrets.identity_key())
    }

    pub fn key_package(&mut self, ticket: Option<&Ticket>) -> Vec<u8> {
        self.key_package_of(Ciphersuite::X25519, ticket)
    }

    pub fn key_package_of(&mut self, ciphersuite: Ciphersuite, ticket: Option<&Ticket>) -> Vec<u8> {
        let made = doorpost_mls::member::make_key_package(&self.device, ticket, ciphersuite, now()).unwrap();
        self.keys.apply(made.writes);
        made.key_package
    }

    pub fn encrypt(&mut self, chat_id: ChatId, text: &str) -> Vec<u8> {
        let made = self.groups.encrypt(&self.keys, &self.device, chat_id, text.as_bytes()).unwrap();
        self.keys.apply(made.writes);
        made.payload
    }

    pub fn prepare(&mut self, chat_id: ChatId, plan: CommitPlan) -> Result<PreparedCommit, MemberError> {
        let mut prepared = self.groups.prepare_commit(&self.keys, &self.device, chat_id, plan, now())?;
        self.keys.apply(std::mem::take(&mut prepared.writes));
        Ok(prepared)
    }

    pub fn process(&mut self, entry: &LogEntry) -> Result<Event, MemberError> {
        self.process_in_full(entry).map(|processed| processed.event)
    }

    pub fn process_in_full(&mut self, entry: &LogEntry) -> Result<Processed, MemberError> {
        let mut processed = self.groups.process(&self.keys, &self.device, entry)?;
        self.keys.apply(std::mem::take(&mut processed.writes));
        Ok(processed)
    }

    pub fn view(&mut self, chat_id: ChatId) -> doorpost_mls::member::GroupView {
        self.groups.view(&self.keys, &self.device, chat_id).unwrap()
    }

    pub fn leave_note(&mut self, chat_id: ChatId) -> LeaveNote {
        let nonces = self.view(chat_id).nonces(self.account());
        make_leave_note(&self.secrets, self.account(), chat_id, &nonces)
    }
}

/// An invite with its secret.
#[derive(Clone)]
pub struct Invite {
    pub invite_id: InviteId,
    pub secret: InviteSecret,
}

impl Invite {
    pub fn new(entropy: &Seeded) -> Self {
        Self { invite_id: InviteId::from_bytes(entropy.id()), secret: InviteSecret::generate(entropy) }
    }

    pub fn policy(&self, admission: Admission, seats: Option<u32>) -> InvitePolicy {
        InvitePolicy {
            invite_id: self.invite_id,
            join_key: self.secret.join_key(),
            former_join_keys: Vec::new(),
            published: false,
            admission,
            seats,
            expires_at: None,
            closed: false,
            since_seq: 0,
        }
    }
}

/// A chat with its host, one invite, and a server that keeps it.
pub struct World {
    pub entropy: Seeded,
    pub chat_id: ChatId,
    pub door: DoorSecret,
    pub invite: Invite,
    pub host: Person,
    pub server: ChatGroup,
    pub log: Vec<LogEntry>,
    client_seq: Cell<u64>,
}

impl World {
    pub fn new(admission: Admission, seats: Option<u32>) -> Self {
        Self::encrypted_with(Ciphersuite::X25519, admission, seats)
    }

    pub fn encrypted_with(ciphersuite: Ciphersuite, admission: Admission, seats: Option<u32>) -> Self {
        let entropy = Seeded::new(7);
        let mut host = Person::new(&entropy);
        let chat_id = ChatId::from_bytes(entropy.id());
        let door = DoorSecret::generate(&entropy);
        let invite = Invite::new(&entropy);
        let policy = ChatPolicy::new(chat_id, host.host_key(), vec![invite.policy(admission, seats)]);
        let created = host.groups.create(&host.keys, &host.device, &policy, &door, ciphersuite, now()).unwrap();
        host.keys.apply(created.writes);
        let new = NewChat {
            chat_id,
            title: "Saturday".to_owned(),
            group_info: Binary(created.group_info),
            ratchet_tree: Binary(created.ratchet_tree),
        };
        let server = ChatGroup::create(&new, host.sender()).unwrap();
        Self { entropy, chat_id, door, invite, host, server, log: Vec::new(), client_seq: Cell::new(0) }
    }

    pub fn open() -> Self {
        Self::new(Admission::Open, None)
    }

    pub fn person(&self) -> Person {
        Person::new(&self.entropy)
    }

    pub fn ticket_for(&self, person: &Person) -> Ticket {
        self.ticket_by(&self.invite, person)
    }

    pub fn ticket_by(&self, invite: &Invite, person: &Person) -> Ticket {
        make_ticket(
            &invite.secret,
            self.chat_id,
            invite.invite_id,
            person.account(),
            &person.secrets.identity_key(),
            now().plus(TICKET_TTL_MS),
            &self.entropy,
        )
    }

    /// An applicant's key package with a fresh ticket.
    pub fn applicant(&self) -> (Person, Vec<u8>) {
        let mut person = self.person();
        let ticket = self.ticket_for(&person);
        let key_package = person.key_package_of(self.server.ciphersuite(), Some(&ticket));
        (person, key_package)
    }

    pub fn approve(&self, key_package: &[u8]) -> Approval {
        let checked = doorpost_mls::delivery::check_key_package(key_package, self.server.policy(), now()).unwrap();
        let until = now().plus(doorpost_model::limits::APPROVAL_TTL_MS);
        make_approval(&self.host.secrets, self.host.account(), self.chat_id, &checked.leaf, until).unwrap()
    }

    fn entry(&self, kind: EntryKind, sender: (AccountId, DeviceId), payload: Vec<u8>) -> LogEntry {
        self.client_seq.set(self.client_seq.get() + 1);
        LogEntry {
            chat_id: self.chat_id,
            seq: self.log.len() as u64 + 1,
            kind,
            epoch: self.server.epoch(),
            sender_account: sender.0,
            sender_device: sender.1,
            client_seq: self.client_seq.get(),
            at: now(),
            payload: Binary(payload),
            mark: None,
        }
    }

    pub fn message_entry(&self, sender: &Person, payload: Vec<u8>) -> LogEntry {
        self.entry(EntryKind::Message, sender.sender(), payload)
    }

    pub fn commit_entry(&self, sender: (AccountId, DeviceId), commit: &Binary) -> LogEntry {
        self.entry(EntryKind::Commit, sender, commit.0.clone())
    }

    pub fn stage(&self, sender: (AccountId, DeviceId), upload: &CommitUpload) -> Result<StagedCommit, Refusal> {
        self.server.stage(upload, sender, now())
    }

    /// The server takes a commit into the log.
    pub fn accept(&mut self, sender: (AccountId, DeviceId), upload: &CommitUpload) -> LogEntry {
        let staged = self.stage(sender, upload).unwrap();
        let entry = self.commit_entry(sender, &upload.commit);
        self.server.merge(staged).unwrap();
        self.log.push(entry.clone());
        entry
    }

    /// A commit by the host that everybody named follows.
    pub fn host_commits(&mut self, plan: CommitPlan, others: &mut [&mut Person]) -> PreparedCommit {
        let prepared = self.host.prepare(self.chat_id, plan).unwrap();
        let sender = self.host.sender();
        let entry = self.accept(sender, &prepared.upload);
        self.host.process(&entry).unwrap();
        self.follow_door(&prepared);
        for other in others {
            other.process(&entry).unwrap();
        }
        prepared
    }

    /// The door is another one where the commit says so.
    pub fn follow_door(&mut self, prepared: &PreparedCommit) {
        if let Some(next) = &prepared.next_door {
            self.door = self.door.followed_by(next);
        }
    }

    pub fn take_welcome(&self, person: &mut Person, prepared: &PreparedCommit) -> Result<(), MemberError> {
        let welcome = prepared.upload.welcome.clone().unwrap();
        let tree = self.server.ratchet_tree();
        let joined = person.groups.join_welcome(
            &person.keys,
            &person.device,
            self.chat_id,
            &self.door,
            welcome.as_ref(),
            &tree,
        )?;
        person.keys.apply(joined.writes);
        Ok(())
    }

    /// Somebody new comes in by the host's commit.
    pub fn join(&mut self, others: &mut [&mut Person]) -> Person {
        let (mut person, key_package) = self.applicant();
        let plan = CommitPlan { adds: vec![Add { key_package, approval: None }], ..CommitPlan::default() };
        let prepared = self.host_commits(plan, others);
        assert_eq!(prepared.skipped_adds, vec![]);
        self.take_welcome(&mut person, &prepared).unwrap();
        person
    }

    /// GroupInfo as the server has it from the last commit, or a member's device can make it.
    pub fn external(
        &self,
        person: &mut Person,
        group_info: &Binary,
        ticket: Option<&Ticket>,
        approval: Option<Approval>,
    ) -> Result<ExternalJoin, MemberError> {
        person.groups.join_external(
            &person.keys,
            &person.device,
            self.chat_id,
            &self.door,
            ticket,
            approval,
            group_info.as_ref(),
            &self.server.ratchet_tree(),
            now(),
        )
    }

    /// A message from one to all the others, who read it.
    pub fn say(&mut self, text: &str, from: &mut Person, to: &mut [&mut Person]) {
        let payload = from.encrypt(self.chat_id, text);
        let entry = self.message_entry(from, payload);
        self.log.push(entry.clone());
        assert_eq!(from.process(&entry).unwrap(), Event::OwnMessage);
        for person in to {
            let Event::Message { account_id, device_id, plaintext } = person.process(&entry).unwrap() else {
                panic!("not a message");
            };
            assert_eq!((account_id, device_id), from.sender());
            assert_eq!(plaintext, text.as_bytes());
        }
    }
}
