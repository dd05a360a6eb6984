//! Starting and stopping a server.

use std::{io, net::SocketAddr, sync::Arc};

use doorpost_fetch::Fetcher;
use doorpost_model::RealmId;
use doorpost_store::{Store, StoreError};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    account::proof::ProofHasher,
    app::{App, AppParts, Clock, Entropy, SystemClock, SystemEntropy},
    config::Config,
    data_lock::{DataLock, DataLockError},
    email::Mailer,
    franking::FrankingKey,
    http::{
        listener::{self, DRAIN_TIMEOUT},
        observe::{Metrics, RequestIds},
        origin::Origin,
        rate_limit::Limiter,
        router::router,
    },
    jobs,
    media::{Decoder, Studio},
    passkey::ceremony::{Passkeys, PasskeysError},
    preview::Previews,
    push::PushSigner,
    storage::{Storage, StorageError},
};

/// Why a server did not start; its text is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Data(#[from] DataLockError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("cannot listen on {addr}: {cause}")]
    Listen { addr: SocketAddr, cause: io::Error },
    #[error(transparent)]
    Passkeys(#[from] PasskeysError),
    #[error("{0}")]
    Mail(String),
}

/// A server that runs. Dropped, it stops accepting and lets what is under way finish in the background.
pub struct Running {
    /// Where it listens; the port is the real one.
    pub addr: SocketAddr,
    app: App,
    stop: watch::Sender<bool>,
    connections: JoinHandle<()>,
    jobs: JoinSet<()>,
    lock: DataLock,
}

impl Running {
    /// The address people reach it at, without a trailing slash.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.app.origin.as_str()
    }

    /// The server's state, for tests and operator's commands in the same process.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Stops accepting, closes sockets with a close frame, lets requests under way finish, then lets
    /// go of the data folder.
    pub async fn shutdown(self) {
        let Self { app, stop, connections, jobs, lock, .. } = self;
        stop.send_replace(true);
        close_sockets(&app).await;
        if let Err(error) = connections.await {
            tracing::error!(%error, "serving connections ended badly");
        }
        // A request that was under way may have become a socket meanwhile.
        close_sockets(&app).await;
        drop(jobs);
        drop(app);
        drop(lock);
    }
}

async fn close_sockets(app: &App) {
    if timeout(DRAIN_TIMEOUT, app.hub.close_all()).await.is_err() {
        tracing::warn!("sockets that did not close were cut off");
    }
}

/// Starts a server with the system's clock and randomness.
///
/// # Errors
/// [`StartError`]: the data folder, the database or the address cannot be used.
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_with(config, Arc::new(SystemClock::default()), Arc::new(SystemEntropy)).await
}

/// Starts a server on a clock and randomness of the caller's.
///
/// # Errors
/// As [`start`].
pub async fn start_with(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, StartError> {
    let lock = DataLock::take(&config.data)?;
    let cannot_listen = |cause| StartError::Listen { addr: config.listen, cause };
    let tcp = TcpListener::bind(config.listen).await.map_err(cannot_listen)?;
    let addr = tcp.local_addr().map_err(cannot_listen)?;
    let app = open(config, clock, entropy, addr, Fetcher::default()).await?;

    let (stop, stopped) = watch::channel(false);
    let connections = tokio::spawn(listener::serve(tcp, router(app.clone()), stopped));
    let jobs = jobs::spawn(&app);
    Ok(Running { addr, app, stop, connections, jobs, lock })
}

/// Opens the database and puts the server's state together, without listening and without jobs. What strangers name is
/// fetched by `fetcher`.
///
/// # Errors
/// [`StartError`] when the database cannot be used.
pub async fn open(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    listening_on: SocketAddr,
    fetcher: Fetcher,
) -> Result<App, StartError> {
    let store = Store::open(&config.database).await?;
    let realm_id = realm_id(&store, &*entropy, &*clock).await?;
    let franking = FrankingKey::open(&store, &*entropy, &*clock).await?;
    let origin = Origin::new(config.public_url.as_ref(), listening_on);
    let https = Some(origin.as_str()).filter(|origin| origin.starts_with("https://"));
    let contact = config.push_contact.clone().or_else(|| https.map(str::to_owned));
    let push_signer = PushSigner::open(&store, &*entropy, &*clock, contact).await?;
    let mailer = config.relay.as_ref().map(|relay| Mailer::new(relay, origin.host())).transpose();
    let fetcher = Arc::new(fetcher);
    Ok(App::new(AppParts {
        store,
        storage: Storage::open(&config.storage, &config.data).await?,
        decoder: Decoder::new(config.picture_worker.clone()),
        studio: Studio::new(config.picture_worker.clone(), config.video_programs.clone(), &config.data),
        hub: Default::default(),
        groups: Default::default(),
        cards: Default::default(),
        talk: Default::default(),
        asking: Default::default(),
        views: Default::default(),
        suspended: Default::default(),
        limiter: Limiter::new(config.rate_limits, Arc::clone(&clock)),
        metrics: Metrics::install(),
        request_ids: RequestIds::new(&*entropy),
        proofs: ProofHasher::new(&*entropy),
        passkeys: Passkeys::new(&origin)?,
        previews: config.link_previews.then(|| Previews::new(Arc::clone(&fetcher))),
        fetcher,
        gathering: Default::default(),
        push_signer,
        mailer: mailer.map_err(StartError::Mail)?,
        bells: Default::default(),
        origin,
        franking,
        realm_id,
        clock,
        entropy,
        config,
    }))
}

/// The server's lasting identity; the first start makes it.
async fn realm_id(store: &Store, entropy: &dyn Entropy, clock: &dyn Clock) -> Result<RealmId, StoreError> {
    let candidate = RealmId(entropy.uuid_v4());
    let now = clock.now();
    store.write(move |tx| Box::pin(doorpost_store::realm::ensure(tx, candidate, now))).await
}
