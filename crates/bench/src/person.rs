//! Somebody else's machine: an account with a device that speaks the API directly, with the real MLS
//! engine, and does on the clock only what the server has a part in.

use doorpost_client::{HttpRequest, Method, Platform, native::NativePlatform};
use doorpost_mls::{
    Entropy,
    door::{DoorSecret, InviteSecret},
    identity::{AccountSecrets, Device},
    member::{Groups, MadeKeyPackage, make_key_package},
    ticket::make_ticket,
};
use doorpost_model::{
    Binary, ChatId, DeviceId, InviteId, TimeMs,
    account::{NewIdentity, RegisterDeviceRequest, RegisterRequest, SignedIn},
    admission::{Ticket, Versioned},
    chat::{Ciphersuite, GroupInfoView, LogPage, WelcomeView},
    invite::{InviteDoor, JoinRequest, JoinStatus, JoinStep, RequestState},
    limits,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{Failure, keys::Keys, random::Random};

/// An account, its device, and how far it has come into a chat.
pub struct Person {
    platform: NativePlatform,
    pub token: String,
    pub device: Device,
    keys: Keys,
    groups: Groups,
}

/// A ticket and a key package, made before the clock starts: that is the joiner's own machine's work.
pub struct Prepared {
    pub ticket: Ticket,
    pub door: DoorSecret,
    key_package: Vec<u8>,
}

/// An invite's secret, and what lies under it.
pub struct OpenDoor {
    pub chat_id: ChatId,
    pub invite_id: InviteId,
    secret: InviteSecret,
    door: DoorSecret,
    ciphersuite: Ciphersuite,
}

impl OpenDoor {
    /// A ticket for a device's account, and a key package that carries it.
    ///
    /// # Errors
    /// [`Failure`] when the engine refuses.
    pub fn present(&self, device: &Device, at: TimeMs, random: &Random) -> Result<(Ticket, MadeKeyPackage), Failure> {
        let ticket = make_ticket(
            &self.secret,
            self.chat_id,
            self.invite_id,
            device.account_id(),
            device.identity_key(),
            at.plus(limits::TICKET_TTL_MS),
            random,
        );
        let made = make_key_package(device, Some(&ticket), self.ciphersuite, at).map_err(failure)?;
        Ok((ticket, made))
    }
}

/// What the server gave: to be processed after the clock.
pub enum Admission {
    Welcome(WelcomeView),
    /// Came in by an external commit, which was processed already.
    External {
        seq: u64,
        epoch: u64,
    },
}

impl Admission {
    /// The epoch it led into.
    pub const fn epoch(&self) -> u64 {
        match self {
            Self::Welcome(welcome) => welcome.epoch,
            Self::External { epoch, .. } => *epoch,
        }
    }
}

impl Person {
    /// Registers an account and its device. The proof of the password is random: nobody signs in again.
    ///
    /// # Errors
    /// [`Failure`] when the server refuses.
    pub async fn register(url: &str, handle: &str, random: &Random) -> Result<Self, Failure> {
        let platform = NativePlatform::new(url).map_err(|error| Failure(error.to_string()))?;
        let mut proof = vec![0; limits::PASSWORD_PROOF_BYTES];
        random.fill(&mut proof);
        let request = RegisterRequest {
            handle: handle.to_owned(),
            name: handle.to_owned(),
            proof: Binary(proof),
            registration_code: None,
        };
        let signed_in: SignedIn = call(&platform, None, Method::Post, "/api/auth/register", Some(&request)).await?;
        let token = signed_in.token.ok_or_else(|| Failure("no token".into()))?;
        let secrets = AccountSecrets::generate(random);
        let device_id = DeviceId(Uuid::from_bytes(random.bytes()));
        let device = secrets.certify_device(signed_in.me.account_id, device_id, random);
        let request = RegisterDeviceRequest {
            device_id,
            name: "load generator".into(),
            credential: Binary(device.credential().to_bytes()),
            signature_key: Binary(device.signature_key().to_vec()),
            identity: Some(NewIdentity {
                identity_key: Binary(secrets.identity_key().to_vec()),
                sealing_key: Binary(secrets.sealing_key().to_vec()),
                sealing_signature: secrets.signed_sealing_key(signed_in.me.account_id).signature,
                vault_entry: None,
            }),
            reset_identity: false,
        };
        let _: serde_json::Value = call(&platform, Some(&token), Method::Post, "/api/devices", Some(&request)).await?;
        Ok(Self { platform, token, device, keys: Keys::default(), groups: Groups::new() })
    }

    /// What an invite's door gives to somebody in its audience.
    ///
    /// # Errors
    /// [`Failure`] when the door does not open.
    pub async fn open_door(&self, invite_id: InviteId) -> Result<OpenDoor, Failure> {
        let door: InviteDoor = self.get(&format!("/api/invites/{invite_id}/door")).await?;
        let secret = door
            .secret
            .as_ref()
            .and_then(|secret| InviteSecret::from_slice(secret.as_ref()))
            .ok_or_else(|| Failure("the door has no secret".into()))?;
        let (door_secret, ciphersuite) =
            secret.open_door(door.chat_id, invite_id, door.sealed_door.as_ref()).map_err(failure)?;
        Ok(OpenDoor { chat_id: door.chat_id, invite_id, secret, door: door_secret, ciphersuite })
    }

    /// Makes ticket and key package for an invite.
    ///
    /// # Errors
    /// [`Failure`] when the door does not open.
    pub async fn prepare(&self, invite_id: InviteId, random: &Random) -> Result<Prepared, Failure> {
        let open = self.open_door(invite_id).await?;
        let (ticket, made) = open.present(&self.device, self.platform.now(), random)?;
        self.keys.commit(made.writes);
        Ok(Prepared { ticket, door: open.door, key_package: made.key_package })
    }

    /// Asks to come in.
    ///
    /// # Errors
    /// [`Failure`] with the server's refusal.
    pub async fn ask(&self, invite_id: InviteId, prepared: &Prepared) -> Result<JoinStatus, Failure> {
        let request = JoinRequest { key_package: Binary(prepared.key_package.clone()), answers: None };
        self.post(&format!("/api/invites/{invite_id}/join"), &request).await
    }

    /// Does the next step of a request; none while somebody else acts.
    ///
    /// # Errors
    /// [`Failure`] when the request ended without a seat.
    pub async fn step(&mut self, status: &JoinStatus, prepared: &Prepared) -> Result<Option<Admission>, Failure> {
        match (status.step, status.state) {
            (JoinStep::Wait { .. }, _) => Ok(None),
            (JoinStep::TakeWelcome, _) | (JoinStep::Done, RequestState::Joined) => {
                self.get(&format!("/api/chats/{}/welcome", status.chat_id)).await.map(Admission::Welcome).map(Some)
            }
            (JoinStep::CommitExternally { .. }, _) => self.join_externally(status, prepared).await.map(Some),
            (JoinStep::Done, state) => Err(Failure(format!("the request ended as {state:?}"))),
        }
    }

    /// How a request stands.
    ///
    /// # Errors
    /// [`Failure`] as the server says.
    pub async fn status(&self, status: &JoinStatus) -> Result<JoinStatus, Failure> {
        self.get(&format!("/api/requests/{}", status.request_id)).await
    }

    async fn join_externally(&mut self, status: &JoinStatus, prepared: &Prepared) -> Result<Admission, Failure> {
        let info: GroupInfoView = self.get(&format!("/api/chats/{}/group-info", status.chat_id)).await?;
        let joined = self
            .groups
            .join_external(
                &self.keys,
                &self.device,
                status.chat_id,
                &prepared.door,
                Some(&prepared.ticket),
                status.approval.clone(),
                info.group_info.as_ref(),
                info.ratchet_tree.as_ref(),
                self.platform.now(),
            )
            .map_err(failure)?;
        let path = format!("/api/chats/{}/commits?request_id={}", status.chat_id, status.request_id);
        let accepted: doorpost_model::chat::CommitAccepted = self.post(&path, &joined.upload).await?;
        self.keys.commit(joined.writes);
        Ok(Admission::External { seq: accepted.seq, epoch: accepted.epoch })
    }

    /// After the clock: comes in for good and follows the log. The epoch it ends in.
    ///
    /// # Errors
    /// [`Failure`] when anything of it cannot be verified.
    pub async fn catch_up(&mut self, chat_id: ChatId, door: &DoorSecret, admission: Admission) -> Result<u64, Failure> {
        let mut after = match admission {
            Admission::External { seq, .. } => seq,
            Admission::Welcome(welcome) => {
                let joined = self
                    .groups
                    .join_welcome(
                        &self.keys,
                        &self.device,
                        chat_id,
                        door,
                        welcome.welcome.as_ref(),
                        welcome.ratchet_tree.as_ref(),
                    )
                    .map_err(failure)?;
                self.keys.commit(joined.writes);
                welcome.seq
            }
        };
        loop {
            let page: LogPage = self.get(&format!("/api/chats/{chat_id}/log?after={after}&limit=100")).await?;
            for entry in &page.entries {
                let processed = self.groups.process(&self.keys, &self.device, entry).map_err(failure)?;
                self.keys.commit(processed.writes);
                after = entry.seq;
            }
            if after >= page.last_seq {
                break;
            }
        }
        self.groups.view(&self.keys, &self.device, chat_id).map(|view| view.epoch).map_err(failure)
    }

    /// Forgets the chat's group in memory, so that a thousand people fit.
    pub fn rest(&mut self) {
        self.groups.forget_all();
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, Failure> {
        call::<(), A>(&self.platform, Some(&self.token), Method::Get, path, None).await
    }

    async fn post<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, Failure> {
        call(&self.platform, Some(&self.token), Method::Post, path, Some(body)).await
    }
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}

/// One call of the API.
///
/// # Errors
/// [`Failure`] with what came instead of an answer.
pub async fn call<B: Serialize, A: DeserializeOwned>(
    platform: &NativePlatform,
    token: Option<&str>,
    method: Method,
    path: &str,
    body: Option<&B>,
) -> Result<A, Failure> {
    let (kind, body) = match body {
        Some(body) => (Some("application/json"), serde_json::to_vec(body).map_err(failure)?),
        None => (None, Vec::new()),
    };
    let answer = send(platform, token, method, path, kind, body).await?;
    serde_json::from_slice(if answer.is_empty() { b"null" } else { &answer }).map_err(failure)
}

/// Sends bytes of a content type; gives those of the answer.
///
/// # Errors
/// [`Failure`] when the server refuses, or is not reached.
pub async fn send(
    platform: &NativePlatform,
    token: Option<&str>,
    method: Method,
    path: &str,
    content_type: Option<&str>,
    body: Vec<u8>,
) -> Result<Vec<u8>, Failure> {
    let mut headers = Vec::new();
    if let Some(token) = token {
        headers.push(("authorization", format!("Bearer {token}")));
    }
    if let Some(content_type) = content_type {
        headers.push(("content-type", content_type.to_owned()));
    }
    let request = HttpRequest { method, path: path.to_owned(), headers, body };
    let response = platform.http(request).await.map_err(failure)?;
    if !(200..300).contains(&response.status) {
        return Err(Failure(format!("{path}: {} {}", response.status, String::from_utf8_lossy(&response.body))));
    }
    Ok(response.body)
}
