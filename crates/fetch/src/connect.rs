//! Connecting to the very address that was checked.

use std::{net::SocketAddr, sync::Arc};

use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::Host;

use crate::{FetchError, target::Target};

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// TLS 1.2 and 1.3 with the public certification authorities that Mozilla trusts.
pub fn tls() -> TlsConnector {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A connection to `address`, which is one of the target's.
pub async fn connect(
    tls: &TlsConnector,
    target: &Target,
    address: SocketAddr,
) -> Result<TokioIo<Box<dyn Stream>>, FetchError> {
    let tcp = TcpStream::connect(address).await.map_err(|_| FetchError::Unreachable)?;
    if !target.is_https {
        return Ok(TokioIo::new(Box::new(tcp)));
    }
    let name = match &target.host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| FetchError::Unreachable)?,
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
    };
    let stream = tls.connect(name, tcp).await.map_err(|_| FetchError::Unreachable)?;
    Ok(TokioIo::new(Box::new(stream)))
}
