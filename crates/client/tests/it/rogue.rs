//! A member whose client does not keep to the rules: the MLS library without the engine's checks, over plain HTTP.

use doorpost_client::{HttpRequest, Method, Platform, native::NativePlatform};
use doorpost_mls::{
    Entropy,
    delivery::frame_opaque,
    door::{DoorSecret, InviteSecret},
    identity::{AccountSecrets, Device},
    member::{Groups, make_key_package},
    storage::WriteSet,
    ticket::make_ticket,
};
use doorpost_model::{
    AccountId, ApiError, Binary, DeviceId, InviteId,
    account::{NewIdentity, RegisterDeviceRequest, RegisterRequest, SignedIn},
    admission::{
        CommitAad, FORMAT_VERSION, POLICY_EXTENSION_TYPE, PublicKey, TICKET_EXTENSION_TYPE, Ticket, Versioned as _,
    },
    chat::{self as model, CommitAccepted, CommitUpload, GroupInfoView, MessageAccepted, SendMessage, WelcomeView},
    franking::franking_tag,
    invite::{InviteDoor, JoinRequest, JoinStatus, RequestState},
    limits::TICKET_TTL_MS,
};
use doorpost_testkit::{TestServer, eventually, keys_of};
use openmls::{
    group::{JoinBuilder, ProcessedWelcome},
    prelude::{
        tls_codec::{Deserialize as _, Serialize as _},
        *,
    },
};
use openmls_rust_crypto::OpenMlsRustCrypto;
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::lying_crypto::LyingCrypto;

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
/// What every leaf has to say it can do.
const SUITES: [Ciphersuite; 2] = [SUITE, Ciphersuite::MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519];
const TYPES: [ExtensionType; 2] =
    [ExtensionType::Unknown(POLICY_EXTENSION_TYPE), ExtensionType::Unknown(TICKET_EXTENSION_TYPE)];

pub(crate) struct SystemEntropy(pub(crate) NativePlatform);

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill_random(bytes);
    }
}

/// A device with an identity of its own in the name of `account_id`.
pub(crate) fn new_device(entropy: &SystemEntropy, account_id: AccountId) -> Device {
    certify(entropy, &AccountSecrets::generate(entropy), account_id)
}

fn certify(entropy: &SystemEntropy, secrets: &AccountSecrets, account_id: AccountId) -> Device {
    let mut id = [0; 16];
    entropy.fill(&mut id);
    secrets.certify_device(account_id, DeviceId::from_bytes(id), entropy)
}

/// Somebody with an account who speaks to the server by hand.
pub(crate) struct Outsider {
    pub(crate) device: Device,
    platform: NativePlatform,
    token: String,
}

/// What the server answered, or the code of its error.
pub(crate) type Answer<T> = Result<T, String>;

impl Outsider {
    pub(crate) async fn sign_up(server: &TestServer, handle: &str) -> Self {
        let (platform, entropy) = (server.platform(), SystemEntropy(server.platform()));
        let register = RegisterRequest {
            handle: handle.to_owned(),
            name: handle.to_owned(),
            proof: Binary(keys_of(handle).proof.to_vec()),
            registration_code: None,
        };
        let signed_in: SignedIn =
            ask(&platform, "", Method::Post, "/api/auth/register", Some(&register)).await.expect("sign-up");
        let (account_id, token) = (signed_in.me.account_id, signed_in.token.unwrap());
        let secrets = AccountSecrets::generate(&entropy);
        let device = certify(&entropy, &secrets, account_id);
        let request = RegisterDeviceRequest {
            device_id: device.device_id(),
            name: "Rogue".to_owned(),
            credential: Binary(device.credential().to_bytes()),
            signature_key: Binary(device.signature_key().to_vec()),
            identity: Some(NewIdentity {
                identity_key: Binary(secrets.identity_key().to_vec()),
                sealing_key: Binary(secrets.sealing_key().to_vec()),
                sealing_signature: secrets.signed_sealing_key(account_id).signature,
                vault_entry: None,
            }),
            reset_identity: false,
        };
        let outsider = Self { device, platform, token };
        let _: IgnoredAny = outsider.post("/api/devices", &request).await.expect("a device");
        outsider
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        ask(&self.platform, &self.token, Method::Get, path, None::<&()>).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        ask(&self.platform, &self.token, Method::Post, path, Some(body)).await
    }

    pub(crate) async fn door(&self, invite_id: InviteId) -> InviteDoor {
        self.get(&format!("/api/invites/{invite_id}/door")).await.expect("the door")
    }

    pub(crate) async fn ask_to_join(&self, door: &InviteDoor, key_package: Vec<u8>) -> Answer<JoinStatus> {
        let join = JoinRequest { key_package: Binary(key_package), answers: None };
        self.post(&format!("/api/invites/{}/join", door.invite_id), &join).await
    }

    /// Comes in by an external commit (nobody else is there to let them in), with a door key of their own making.
    pub(crate) async fn come_in_with_a_wrong_key(&self, invite_id: InviteId) -> Answer<CommitAccepted> {
        let entropy = SystemEntropy(self.platform.clone());
        let door = self.door(invite_id).await;
        let ticket = ticket_for(&door, self.device.account_id(), self.device.identity_key(), &entropy);
        let now = entropy.0.now();
        let made = make_key_package(&self.device, Some(&ticket), model::Ciphersuite::X25519, now).unwrap();
        let status = self.ask_to_join(&door, made.key_package).await?;
        let info: GroupInfoView = self.get(&format!("/api/chats/{}/group-info", door.chat_id)).await?;
        let external = Groups::new()
            .join_external(
                &WriteSet::default(),
                &self.device,
                door.chat_id,
                &DoorSecret::generate(&entropy),
                Some(&ticket),
                None,
                &info.group_info.0,
                &info.ratchet_tree.0,
                now,
            )
            .unwrap();
        let path = format!("/api/chats/{}/commits?request_id={}", door.chat_id, status.request_id);
        self.post(&path, &external.upload).await
    }
}

/// A member of a chat.
pub(crate) struct Rogue {
    pub(crate) outsider: Outsider,
    entropy: SystemEntropy,
    door: InviteDoor,
    provider: OpenMlsRustCrypto,
    group: MlsGroup,
    /// The group info of its last commit.
    pub(crate) published: Option<Binary>,
}

/// How a commit lies that is good as far as the server sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// A good commit, for a server that lies.
    Nothing,
    /// The path secrets open for nobody.
    PathSecrets,
    /// The group info's external key is of no secret that the group has.
    ExternalKey,
}

impl Rogue {
    /// Signs up and comes in as an honest person would, let in by somebody who is online.
    pub(crate) async fn join(server: &TestServer, handle: &str, invite_id: InviteId) -> Self {
        let entropy = SystemEntropy(server.platform());
        let outsider = Outsider::sign_up(server, handle).await;
        let door = outsider.door(invite_id).await;
        let provider = OpenMlsRustCrypto::default();
        let ticket = ticket_for(&door, outsider.device.account_id(), outsider.device.identity_key(), &entropy);
        let mut status = outsider.ask_to_join(&door, key_package(&provider, &outsider.device, &ticket)).await.unwrap();
        eventually("somebody lets the rogue in", async || {
            status = outsider.get(&format!("/api/requests/{}", status.request_id)).await.unwrap();
            (status.state == RequestState::Joined).then_some(())
        })
        .await;
        let welcome: WelcomeView = outsider.get(&format!("/api/chats/{}/welcome", door.chat_id)).await.unwrap();
        let group = take_welcome(&provider, &welcome);
        Self { outsider, entropy, door, provider, group, published: None }
    }

    pub(crate) fn sender(&self) -> (AccountId, DeviceId) {
        (self.outsider.device.account_id(), self.outsider.device.device_id())
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.group.epoch().as_u64()
    }

    /// A ticket that this member, who knows the invite's secret, can make for anybody.
    pub(crate) fn ticket_for(&self, account_id: AccountId, identity_key: &PublicKey) -> Ticket {
        ticket_for(&self.door, account_id, identity_key, &self.entropy)
    }

    /// A commit, good by MLS, that adds whomever `key_package` is of.
    pub(crate) fn commit_adding(&mut self, key_package: &[u8]) -> Binary {
        let MlsMessageBodyIn::KeyPackage(received) =
            MlsMessageIn::tls_deserialize_exact(key_package).unwrap().extract()
        else {
            panic!("not a key package");
        };
        let key_package = received.validate(self.provider.crypto(), ProtocolVersion::Mls10).unwrap();
        let aad = CommitAad {
            version: FORMAT_VERSION,
            approvals: Vec::new(),
            leave_notes: Vec::new(),
            revocations: Vec::new(),
        };
        self.group.set_aad(aad.to_bytes());
        let bundle = self
            .group
            .commit_builder()
            .propose_adds([key_package])
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.outsider.device, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        Binary(bundle.into_messages().0.tls_serialize_detached().unwrap())
    }

    /// A commit that adds whomever `key_packages` are of, and lies. The rogue goes on in the epoch that it begins.
    pub(crate) fn lying_commit(&mut self, lie: Lie, key_packages: &[&[u8]]) -> CommitUpload {
        let read = |bytes: &&[u8]| {
            let MlsMessageBodyIn::KeyPackage(received) = MlsMessageIn::tls_deserialize_exact(bytes).unwrap().extract()
            else {
                panic!("not a key package");
            };
            received.validate(self.provider.crypto(), ProtocolVersion::Mls10).unwrap()
        };
        let adds: Vec<KeyPackage> = key_packages.iter().map(read).collect();
        let aad = CommitAad {
            version: FORMAT_VERSION,
            approvals: Vec::new(),
            leave_notes: Vec::new(),
            revocations: Vec::new(),
        };
        self.group.set_aad(aad.to_bytes());
        let epoch = self.epoch();
        let crypto = LyingCrypto::new(lie);
        let bundle = self
            .group
            .commit_builder()
            .force_self_update(lie != Lie::ExternalKey)
            .propose_adds(adds)
            .load_psks(self.provider.storage())
            .unwrap()
            .create_group_info(true)
            .use_ratchet_tree_extension(false)
            .build(self.provider.rand(), &crypto, &self.outsider.device, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        assert_eq!(crypto.has_lied(), lie != Lie::Nothing);
        self.group.merge_pending_commit(&self.provider).unwrap();
        let (commit, welcome, group_info) = bundle.into_messages();
        let bytes = |message: &MlsMessageOut| Binary(message.tls_serialize_detached().unwrap());
        let group_info = bytes(&group_info.unwrap());
        self.published = Some(group_info.clone());
        let welcome = welcome.as_ref().map(bytes);
        CommitUpload { epoch, commit: bytes(&commit), group_info, welcome, lease_id: None, doors: Vec::new() }
    }

    pub(crate) async fn upload(&self, commit: &CommitUpload) -> Answer<CommitAccepted> {
        self.outsider.post(&format!("/api/chats/{}/commits", self.door.chat_id), commit).await
    }

    /// Sends what looks like a message of the present epoch, and is none.
    pub(crate) async fn send_noise(&mut self, client_seq: u64) -> Answer<MessageAccepted> {
        let payload = Binary(frame_opaque(self.door.chat_id, self.epoch(), &[7; 300]));
        self.outsider
            .post(&format!("/api/chats/{}/messages", self.door.chat_id), &SendMessage { client_seq, payload })
            .await
    }

    /// Sends something that decrypts in the rogue's epoch.
    pub(crate) async fn send(&mut self, client_seq: u64) -> Answer<MessageAccepted> {
        let text = b"anything";
        let tag = franking_tag(self.door.chat_id, self.outsider.device.account_id(), text);
        self.group.set_aad(tag.to_vec());
        let message = self.group.create_message(&self.provider, &self.outsider.device, text).unwrap();
        let send = SendMessage { client_seq, payload: Binary(message.tls_serialize_detached().unwrap()) };
        self.outsider.post(&format!("/api/chats/{}/messages", self.door.chat_id), &send).await
    }
}

fn ticket_for(door: &InviteDoor, account_id: AccountId, identity_key: &PublicKey, entropy: &SystemEntropy) -> Ticket {
    let secret = InviteSecret::from_slice(&door.secret.as_ref().unwrap().0).unwrap();
    let until = entropy.0.now().plus(TICKET_TTL_MS);
    make_ticket(&secret, door.chat_id, door.invite_id, account_id, identity_key, until, entropy)
}

/// A key package whose private keys stay with `provider`.
fn key_package(provider: &OpenMlsRustCrypto, device: &Device, ticket: &Ticket) -> Vec<u8> {
    let credential = CredentialWithKey {
        credential: BasicCredential::new(device.credential().to_bytes()).into(),
        signature_key: device.signature_key().to_vec().into(),
    };
    let ticket = Extension::Unknown(TICKET_EXTENSION_TYPE, UnknownExtension(ticket.to_bytes()));
    let bundle = KeyPackage::builder()
        .leaf_node_capabilities(Capabilities::new(
            None,
            Some(&SUITES),
            Some(&[TYPES[0], TYPES[1], ExtensionType::LastResort]),
            None,
            Some(&[CredentialType::Basic]),
        ))
        .leaf_node_extensions(Extensions::from_vec(vec![ticket]).unwrap())
        .key_package_lifetime(Lifetime::new(3_600))
        .build(SUITE, provider, device, credential)
        .unwrap();
    MlsMessageOut::from(bundle.into_key_package()).tls_serialize_detached().unwrap()
}

fn take_welcome(provider: &OpenMlsRustCrypto, view: &WelcomeView) -> MlsGroup {
    let config = MlsGroupJoinConfig::builder().wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY).build();
    let MlsMessageBodyIn::Welcome(welcome) =
        MlsMessageIn::tls_deserialize_exact(view.welcome.as_ref()).unwrap().extract()
    else {
        panic!("not a welcome");
    };
    let processed = ProcessedWelcome::new_from_welcome(provider, &config, welcome).unwrap();
    let tree = RatchetTreeIn::tls_deserialize_exact(view.ratchet_tree.as_ref()).unwrap();
    let staged = JoinBuilder::new(provider, processed).with_ratchet_tree(tree).build().unwrap();
    staged.into_group(provider).unwrap()
}

async fn ask<T: DeserializeOwned>(
    platform: &NativePlatform,
    token: &str,
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Answer<T> {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if !token.is_empty() {
        headers.push(("authorization", format!("Bearer {token}")));
    }
    let body = body.map(|body| serde_json::to_vec(body).unwrap()).unwrap_or_default();
    let response = platform.http(HttpRequest { method, path: path.to_owned(), headers, body }).await.unwrap();
    if !(200..300).contains(&response.status) {
        let error: ApiError = serde_json::from_slice(&response.body).unwrap();
        return Err(error.code().as_str().to_owned());
    }
    Ok(serde_json::from_slice(&response.body).unwrap())
}
