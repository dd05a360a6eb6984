//! A member whose client does not keep to the rules: the MLS library without the engine's checks, over plain HTTP.

use doorpost_client::{HttpRequest, Method, Platform, native::NativePlatform};
use doorpost_mls::{
    Entropy,
    door::InviteSecret,
    identity::{AccountSecrets, Device},
    ticket::make_ticket,
};
use doorpost_model::{
    AccountId, Binary, DeviceId, InviteId,
    account::{NewIdentity, RegisterDeviceRequest, RegisterRequest, SignedIn},
    admission::{
        CommitAad, FORMAT_VERSION, POLICY_EXTENSION_TYPE, PublicKey, TICKET_EXTENSION_TYPE, Ticket, Versioned as _,
    },
    chat::WelcomeView,
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
use serde::{Serialize, de::DeserializeOwned};

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

/// A member of a chat.
pub(crate) struct Rogue {
    pub(crate) device: Device,
    entropy: SystemEntropy,
    door: InviteDoor,
    provider: OpenMlsRustCrypto,
    group: MlsGroup,
}

impl Rogue {
    /// Signs up and comes in as an honest person would, let in by somebody who is online.
    pub(crate) async fn join(server: &TestServer, handle: &str, invite_id: InviteId) -> Self {
        let (platform, entropy) = (server.platform(), SystemEntropy(server.platform()));
        let register = RegisterRequest {
            handle: handle.to_owned(),
            name: handle.to_owned(),
            proof: Binary(keys_of(handle).proof.to_vec()),
            registration_code: None,
        };
        let signed_in: SignedIn = ask(&platform, "", Method::Post, "/api/auth/register", Some(&register)).await;
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
        let _: serde::de::IgnoredAny = ask(&platform, &token, Method::Post, "/api/devices", Some(&request)).await;
        let path = format!("/api/invites/{invite_id}/door");
        let door: InviteDoor = ask(&platform, &token, Method::Get, &path, None::<&()>).await;

        let provider = OpenMlsRustCrypto::default();
        let ticket = ticket_for(&door, account_id, device.identity_key(), &entropy);
        let join = JoinRequest { key_package: Binary(key_package(&provider, &device, &ticket)), answers: None };
        let path = format!("/api/invites/{invite_id}/join");
        let mut status: JoinStatus = ask(&platform, &token, Method::Post, &path, Some(&join)).await;
        eventually("somebody lets the rogue in", async || {
            let path = format!("/api/requests/{}", status.request_id);
            status = ask(&platform, &token, Method::Get, &path, None::<&()>).await;
            (status.state == RequestState::Joined).then_some(())
        })
        .await;
        let path = format!("/api/chats/{}/welcome", door.chat_id);
        let welcome: WelcomeView = ask(&platform, &token, Method::Get, &path, None::<&()>).await;
        let group = take_welcome(&provider, &welcome);
        Self { device, entropy, door, provider, group }
    }

    pub(crate) fn sender(&self) -> (AccountId, DeviceId) {
        (self.device.account_id(), self.device.device_id())
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
            .build(self.provider.rand(), self.provider.crypto(), &self.device, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap();
        Binary(bundle.into_messages().0.tls_serialize_detached().unwrap())
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
) -> T {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if !token.is_empty() {
        headers.push(("authorization", format!("Bearer {token}")));
    }
    let body = body.map(|body| serde_json::to_vec(body).unwrap()).unwrap_or_default();
    let response = platform.http(HttpRequest { method, path: path.to_owned(), headers, body }).await.unwrap();
    assert!((200..300).contains(&response.status), "{path}: {}", String::from_utf8_lossy(&response.body));
    serde_json::from_slice(&response.body).unwrap()
}
