//! TLS to PostgreSQL: a gate before the test's server that ends TLS, so that every mode meets a certificate.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use doorpost_store::{Store, StoreConfig, StoreError, session, testing::TestDatabase};
use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::harness::{account_id, read, tx};

/// What a client sends that wants TLS: its length, and the code of the protocol.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A root that signs for a test, in a file.
struct Root {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Root {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root");
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("root.pem"), issuer.pem()).expect("written");
        Self { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// A server's side, with a certificate for one name.
    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Self::acceptor_with(&certificate, &key)
    }

    /// A server's side with the root itself for a certificate, as `openssl req -x509` makes them.
    fn own_acceptor(&self) -> TlsAcceptor {
        Self::acceptor_with(self.issuer.as_ref(), self.issuer.key())
    }

    fn acceptor_with(certificate: &Certificate, key: &KeyPair) -> TlsAcceptor {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("certificate and key");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A database behind a gate on a port of its own.
struct Gate {
    database: TestDatabase,
    /// The database's URL by way of the gate.
    url: String,
}

impl Gate {
    /// Offers TLS where it has an acceptor; without one it says that it has none.
    async fn open(acceptor: Option<TlsAcceptor>) -> Self {
        let database = TestDatabase::postgres().await;
        let StoreConfig::Postgres { url } = database.config() else { panic!("not PostgreSQL") };
        let rest = url.split_once("://").expect("a URL").1;
        let (user, rest) = rest.split_once('@').expect("a user");
        let (behind, name) = rest.split_once('/').expect("a database");
        let behind: SocketAddr = behind.parse().expect("the test's server has an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let url = format!("postgres://{user}@localhost:{port}/{name}?hostaddr=127.0.0.1");
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, behind, acceptor.clone()));
            }
        });
        Self { database, url }
    }

    async fn connect(&self, options: &str) -> Result<Store, StoreError> {
        Store::open(&StoreConfig::Postgres { url: format!("{}{options}", self.url) }).await
    }
}

/// Carries one connection. One that goes on in plain text where TLS is offered is let through to nothing.
async fn pass(mut client: TcpStream, behind: SocketAddr, acceptor: Option<TlsAcceptor>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(behind).await?;
    let mut first = [0; 8];
    client.read_exact(&mut first).await?;
    match (first == SSL_REQUEST, acceptor) {
        (true, Some(acceptor)) => {
            client.write_all(b"S").await?;
            copy_bidirectional(&mut acceptor.accept(client).await?, &mut server).await?;
        }
        (true, None) => {
            client.write_all(b"N").await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
        (false, None) => {
            server.write_all(&first).await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
        (false, Some(_)) => {}
    }
    Ok(())
}

async fn assert_works(gate: &Gate, options: &str) {
    let store = gate.connect(options).await.unwrap_or_else(|error| panic!("{options}: {error}"));
    let sessions = read(&store, tx!(tx => session::of_account(tx, account_id(1)).await)).await;
    assert_eq!(sessions, [], "{options}");
}

async fn assert_refused(gate: &Gate, options: &str) {
    let error = gate.connect(options).await.expect_err(options);
    assert!(matches!(&error, StoreError::CannotConnect { .. }), "{options}: {error:?}");
    assert_eq!(error.to_string().lines().count(), 1, "one line for the operator: {error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_checked_as_far_as_the_mode_says() {
    let root = Root::new();
    let trusted = format!("&sslrootcert={}", root.file().display());
    let foreign = Root::new();
    let untrusted = format!("&sslrootcert={}", foreign.file().display());

    let right = Gate::open(Some(root.acceptor("localhost"))).await;
    for options in ["", "&sslmode=prefer", "&sslmode=require"] {
        assert_works(&right, options).await;
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_works(&right, &format!("&sslmode={mode}{trusted}")).await;
        assert_refused(&right, &format!("&sslmode={mode}{untrusted}")).await;
    }
    // The system does not know the test's root.
    for options in ["&sslmode=verify-full", "&sslrootcert=system", "&sslmode=verify-full&sslrootcert=/nowhere"] {
        assert_refused(&right, options).await;
    }
    // Plain text, where the gate has TLS alone.
    assert_refused(&right, "&sslmode=disable").await;
    right.database.remove().await;

    let misnamed = Gate::open(Some(root.acceptor("elsewhere.example"))).await;
    for mode in ["require", "verify-ca"] {
        assert_works(&misnamed, &format!("&sslmode={mode}{trusted}")).await;
    }
    assert_refused(&misnamed, &format!("&sslmode=verify-full{trusted}")).await;
    misnamed.database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_signs_itself_is_its_own_root() {
    let root = Root::new();
    let gate = Gate::open(Some(root.own_acceptor())).await;
    for mode in ["verify-ca", "verify-full"] {
        assert_works(&gate, &format!("&sslmode={mode}&sslrootcert={}", root.file().display())).await;
        assert_refused(&gate, &format!("&sslmode={mode}&sslrootcert={}", Root::new().file().display())).await;
    }
    let error = gate.connect("&sslmode=verify-full").await.expect_err("unknown to the system").to_string();
    assert!(error.contains("certificate"), "the operator learns why: {error}");
    gate.database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_good_enough_unless_it_is_required() {
    let gate = Gate::open(None).await;
    for options in ["", "&sslmode=prefer", "&sslmode=disable"] {
        assert_works(&gate, options).await;
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        let root = Root::new();
        assert_refused(&gate, &format!("&sslmode={mode}&sslrootcert={}", root.file().display())).await;
    }
    gate.database.remove().await;
}
