//! The group engine by itself, without server and network: what a ciphersuite costs in time and bytes.

use doorpost_mls::{
    delivery::ChatGroup,
    door::{DoorSecret, InviteSecret},
    identity::{AccountSecrets, Device},
    member::{Add, CommitPlan, Groups, make_key_package},
    ticket::make_ticket,
};
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    admission::{ChatPolicy, HostKey, InvitePolicy, Ticket},
    chat::{Ciphersuite, CommitUpload, EntryKind, LogEntry, NewChat},
    invite::Admission,
    limits,
};

use crate::{
    Failure,
    clock::{now, since, wall},
    keys::Keys,
    random::Random,
    report::{Latencies, Row},
};

/// Messages encrypted for one figure.
const MESSAGES: usize = 200;

/// Somebody with one device.
struct Somebody {
    device: Device,
    identity_key: [u8; 32],
    keys: Keys,
    groups: Groups,
}

/// One chat of a ciphersuite, with an invite.
struct Chat {
    ciphersuite: Ciphersuite,
    chat_id: ChatId,
    door: DoorSecret,
    invite_id: InviteId,
    invite: InviteSecret,
    random: Random,
    seq: u64,
}

impl Somebody {
    fn new(random: &Random) -> Self {
        let secrets = AccountSecrets::generate(random);
        let device =
            secrets.certify_device(AccountId::from_bytes(random.bytes()), DeviceId::from_bytes(random.bytes()), random);
        Self { device, identity_key: secrets.identity_key(), keys: Keys::default(), groups: Groups::new() }
    }
}

impl Chat {
    fn ticket(&self, person: &Somebody, at: TimeMs) -> Ticket {
        make_ticket(
            &self.invite,
            self.chat_id,
            self.invite_id,
            person.device.account_id(),
            &person.identity_key,
            at.plus(limits::TICKET_TTL_MS),
            &self.random,
        )
    }

    fn newcomer(&self, at: TimeMs) -> Result<(Somebody, Ticket, Vec<u8>), Failure> {
        let person = Somebody::new(&self.random);
        let ticket = self.ticket(&person, at);
        let made = make_key_package(&person.device, Some(&ticket), self.ciphersuite, at).map_err(failure)?;
        person.keys.commit(made.writes);
        Ok((person, ticket, made.key_package))
    }

    fn entry(&mut self, sender: &Device, epoch: u64, payload: Binary, at: TimeMs) -> LogEntry {
        self.seq += 1;
        LogEntry {
            chat_id: self.chat_id,
            seq: self.seq,
            kind: EntryKind::Commit,
            epoch,
            sender_account: sender.account_id(),
            sender_device: sender.device_id(),
            client_seq: self.seq,
            at,
            payload,
            mark: None,
        }
    }
}

/// A chat of `members`, filled in batches; then one joins by welcome and one by external commit.
///
/// # Errors
/// [`Failure`] when the engine refuses something.
pub fn measure(ciphersuite: Ciphersuite, members: usize) -> Result<Row, Failure> {
    let random = Random::new(members as u64);
    let at = wall();
    let mut host = Somebody::new(&random);
    let mut chat = Chat {
        ciphersuite,
        chat_id: ChatId::from_bytes(random.bytes()),
        door: DoorSecret::generate(&random),
        invite_id: InviteId::from_bytes(random.bytes()),
        invite: InviteSecret::generate(&random),
        random,
        seq: 0,
    };
    let policy = policy_of(&chat, &host);
    let created =
        host.groups.create(&host.keys, &host.device, &policy, &chat.door, ciphersuite, at).map_err(failure)?;
    host.keys.commit(created.writes);
    let new = NewChat {
        chat_id: chat.chat_id,
        title: "Engine".to_owned(),
        group_info: Binary(created.group_info),
        ratchet_tree: Binary(created.ratchet_tree),
    };
    let mut server = ChatGroup::create(&new, sender(&host.device)).map_err(failure)?;

    let (mut batch, mut checked) = (Latencies::default(), Latencies::default());
    let (mut made, mut key_package_bytes) = (Latencies::default(), 0);
    let mut last = None;
    let mut left = members - 1;
    while left > 0 {
        let mut adds = Vec::new();
        for _ in 0..left.min(limits::BATCH_ADDS_MAX) {
            let started = now();
            let (person, _, key_package) = chat.newcomer(at)?;
            made.push(since(started));
            key_package_bytes = key_package.len();
            last = Some(person);
            adds.push(Add { key_package, approval: None });
        }
        left -= adds.len();
        let started = now();
        let plan = CommitPlan { adds, ..CommitPlan::default() };
        let prepared = host.groups.prepare_commit(&host.keys, &host.device, chat.chat_id, plan, at).map_err(failure)?;
        batch.push(since(started));
        host.keys.commit(prepared.writes);
        let started = now();
        let staged = server.stage(&prepared.upload, sender(&host.device), at).map_err(failure)?;
        server.merge(staged).map_err(failure)?;
        checked.push(since(started));
        let entry = chat.entry(&host.device, prepared.upload.epoch, prepared.upload.commit.clone(), at);
        let processed = host.groups.process(&host.keys, &host.device, &entry).map_err(failure)?;
        host.keys.commit(processed.writes);
        if left == 0 {
            // The last of the last batch comes in by the welcome.
            let tree = server.ratchet_tree();
            let welcome_bytes = prepared.upload.welcome.as_ref().map_or(0, |welcome| welcome.0.len());
            return rest(members, &mut chat, &mut host, last, &prepared.upload, &tree).map(|row| {
                row.with("key package", key_package_bytes as f64, "B")
                    .with("making one, p50", made.percentile_ms(50), "ms")
                    .with("commit of the last batch", prepared.upload.commit.0.len() as f64 / 1e3, "kB")
                    .with("welcome of the last batch", welcome_bytes as f64 / 1e3, "kB")
                    .with("making a batch's commit, p50", batch.percentile_ms(50), "ms")
                    .with("server: checking it, p50", checked.percentile_ms(50), "ms")
            });
        }
    }
    Err(Failure("a chat of one has no newcomers".into()))
}

fn policy_of(chat: &Chat, host: &Somebody) -> ChatPolicy {
    let invite = InvitePolicy {
        invite_id: chat.invite_id,
        join_key: chat.invite.join_key(),
        former_join_keys: Vec::new(),
        published: false,
        admission: Admission::Open,
        seats: None,
        expires_at: None,
        closed: false,
        since_seq: 0,
    };
    ChatPolicy::new(chat.chat_id, HostKey::maker(host.device.account_id(), host.identity_key), vec![invite])
}

/// The last newcomer by welcome, another by external commit, and messages.
fn rest(
    members: usize,
    chat: &mut Chat,
    host: &mut Somebody,
    last: Option<Somebody>,
    upload: &CommitUpload,
    tree: &[u8],
) -> Result<Row, Failure> {
    let at = wall();
    let welcome = upload.welcome.as_ref().ok_or_else(|| Failure("no welcome".into()))?;
    let mut last = last.ok_or_else(|| Failure("nobody came".into()))?;
    let started = now();
    let joined = last
        .groups
        .join_welcome(&last.keys, &last.device, chat.chat_id, &chat.door, welcome.as_ref(), tree)
        .map_err(failure)?;
    let by_welcome = since(started);
    last.keys.commit(joined.writes);

    let mut external = Somebody::new(&chat.random);
    let ticket = chat.ticket(&external, at);
    let started = now();
    let join = external
        .groups
        .join_external(
            &external.keys,
            &external.device,
            chat.chat_id,
            &chat.door,
            Some(&ticket),
            None,
            upload.group_info.as_ref(),
            tree,
            at,
        )
        .map_err(failure)?;
    let by_external_commit = since(started);
    let entry = chat.entry(&external.device, join.upload.epoch, join.upload.commit.clone(), at);
    let started = now();
    let processed = host.groups.process(&host.keys, &host.device, &entry).map_err(failure)?;
    let followed = since(started);
    host.keys.commit(processed.writes);

    let mut encrypted = Latencies::default();
    let mut message_bytes = 0;
    for _ in 0..MESSAGES {
        let started = now();
        let message = host
            .groups
            .encrypt(&host.keys, &host.device, chat.chat_id, &chat.random.bytes::<200>())
            .map_err(failure)?;
        host.keys.commit(message.writes);
        encrypted.push(since(started));
        message_bytes = message.payload.len();
    }
    let name = match chat.ciphersuite {
        Ciphersuite::X25519 => "x25519",
        Ciphersuite::XWing => "x_wing",
    };
    Ok(Row::new(format!("Engine: {name}, a chat of {members}"), "none", "none: keys in memory")
        .with("tree", tree.len() as f64 / 1e3, "kB")
        .with("coming in by welcome", by_welcome.as_secs_f64() * 1e3, "ms")
        .with("coming in by external commit", by_external_commit.as_secs_f64() * 1e3, "ms")
        .with("external commit", join.upload.commit.0.len() as f64 / 1e3, "kB")
        .with("following it, one member", followed.as_secs_f64() * 1e3, "ms")
        .with("message of 200 bytes", message_bytes as f64, "B")
        .with("encrypting it, p50", encrypted.percentile_ms(50), "ms"))
}

fn sender(device: &Device) -> (AccountId, DeviceId) {
    (device.account_id(), device.device_id())
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
