//! What every handler, use case and job is given.

use std::{ops::Deref, sync::Arc};

use doorpost_fetch::Fetcher;
use doorpost_store::Store;

pub use crate::ambient::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::{
    account::proof::ProofHasher,
    comment::live::Talk,
    commit::Groups,
    config::Config,
    email::Mailer,
    franking::FrankingKey,
    http::{
        observe::{Metrics, RequestIds},
        origin::Origin,
        rate_limit::Limiter,
    },
    media::{Decoder, Studio},
    moderation::suspended::Suspended,
    notification::Bells,
    passkey::ceremony::Passkeys,
    post::live::Cards,
    preview::Previews,
    push::{Gathering, PushSigner},
    realtime::Hub,
    request::Asking,
    storage::Storage,
    story::Views,
};

/// The server's state, shared by cheap clones.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// The parts of an [`App`].
pub struct AppParts {
    pub store: Store,
    /// Files' ciphertext, and photos.
    pub storage: Storage,
    /// Makes photos anew.
    pub decoder: Decoder,
    /// Makes videos anew.
    pub studio: Studio,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub config: Config,
    /// Open sockets, and what is sent to them.
    pub hub: Hub,
    /// Public groups held in memory.
    pub groups: Groups,
    /// Cards whose audience will hear of a change shortly.
    pub cards: Cards,
    /// Posts under which something was said, and whose readers will hear of it shortly.
    pub talk: Talk,
    /// Bounds the work for those who ask to come in.
    pub asking: Asking,
    /// Views of stories on their way to the disk.
    pub views: Views,
    pub limiter: Limiter,
    /// Who writes nothing for a time.
    pub suspended: Suspended,
    pub metrics: Metrics,
    pub request_ids: RequestIds,
    /// Where people reach the server.
    pub origin: Origin,
    /// Bounds the costly hashing of password proofs.
    pub proofs: ProofHasher,
    /// WebAuthn, and the ceremonies under way.
    pub passkeys: Passkeys,
    /// Makes requests to addresses that strangers name.
    pub fetcher: Arc<Fetcher>,
    /// Chats whose members will be pushed to shortly.
    pub gathering: Gathering,
    /// Signs pushes.
    pub push_signer: PushSigner,
    /// Bells that were rung a moment ago.
    pub bells: Bells,
    /// Hands mail to the operator's relay, where there is one.
    pub mailer: Option<Mailer>,
    /// Looks links up, where the operator wants that.
    pub previews: Option<Previews>,
    /// Marks messages on delivery.
    pub franking: FrankingKey,
    /// The server's lasting identity, made at its first start.
    pub realm_id: doorpost_model::RealmId,
}

impl App {
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}
