//! TLS to the database server, asked for by `sslmode` and `sslrootcert` in the URL, which mean what they
//! mean to libpq.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::driver::error::StoreError;

/// The value of `sslrootcert` that stands for the system's roots.
const SYSTEM_ROOTS: &str = "system";

/// How to connect, as a URL says it.
pub(super) struct Tls {
    /// Whether TLS is tried and whether it must be.
    pub(super) mode: SslMode,
    pub(super) connect: MakeRustlsConnect,
}

/// What is checked of the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Nothing,
    /// That a known root has signed it.
    Chain,
    /// And that it is for the host that was asked for.
    ChainAndName,
}

/// The options of a URL that are about TLS.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    mode: SslMode,
    check: Check,
    /// A file of PEM certificates; the system's roots without it.
    root_file: Option<String>,
}

impl Tls {
    /// Takes the options about TLS out of a URL; gives the rest of it too.
    ///
    /// # Errors
    /// [`StoreError::CannotConnect`] for a mode that there is not, or roots that cannot be read.
    pub(super) fn from_url(url: &str) -> Result<(Self, String), StoreError> {
        let (options, rest) = Options::take(url)?;
        let config = options.client_config()?;
        Ok((Self { mode: options.mode, connect: MakeRustlsConnect::new(config) }, rest))
    }
}

impl Options {
    fn take(url: &str) -> Result<(Self, String), StoreError> {
        // A password may hold a question mark.
        let host_at = url.find('@').unwrap_or(0);
        let Some(query_at) = url[host_at..].find('?') else { return Ok((Self::new(None, None)?, url.to_owned())) };
        let (base, query) = url.split_at(host_at + query_at);
        let (mut mode, mut roots, mut others) = (None, None, Vec::new());
        for option in query[1..].split('&') {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = Some(decoded(value)),
                Some(("sslrootcert", value)) => roots = Some(decoded(value)),
                _ => others.push(option),
            }
        }
        let rest = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
        Ok((Self::new(mode.as_deref(), roots)?, rest))
    }

    fn new(mode: Option<&str>, roots: Option<String>) -> Result<Self, StoreError> {
        let system = roots.as_deref() == Some(SYSTEM_ROOTS);
        let root_file = roots.filter(|_| !system);
        let (mode, check) = match mode {
            None if system => (SslMode::Require, Check::ChainAndName),
            None | Some("prefer") => (SslMode::Prefer, Check::Nothing),
            Some("disable") => (SslMode::Disable, Check::Nothing),
            // With a root that was given, libpq checks against it.
            Some("require") if root_file.is_some() => (SslMode::Require, Check::Chain),
            Some("require") => (SslMode::Require, Check::Nothing),
            Some("verify-ca") => (SslMode::Require, Check::Chain),
            Some("verify-full") => (SslMode::Require, Check::ChainAndName),
            Some(_) => {
                return Err(cannot("sslmode is not disable, prefer, require, verify-ca or verify-full".to_owned()));
            }
        };
        // Anybody can get a certificate that the system's roots have signed.
        if system && check != Check::ChainAndName {
            return Err(cannot("sslrootcert=system goes with sslmode=verify-full alone".to_owned()));
        }
        Ok(Self { mode, check, root_file })
    }

    fn client_config(&self) -> Result<ClientConfig, StoreError> {
        let provider = Arc::new(ring::default_provider());
        let wrong = |error: &dyn std::fmt::Display| cannot(error.to_string());
        let chain = match self.check {
            Check::Nothing => None,
            Check::Chain | Check::ChainAndName => {
                let (given, roots) = self.roots()?;
                let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
                Some(Chain { given, verifier: verifier.build().map_err(|error| wrong(&error))? })
            }
        };
        let verifier = Verifier { chain, with_name: self.check == Check::ChainAndName, provider: provider.clone() };
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }

    /// The certificates in the operator's file, and all that are trusted to sign others.
    fn roots(&self) -> Result<(Vec<CertificateDer<'static>>, RootCertStore), StoreError> {
        let mut roots = RootCertStore::empty();
        let Some(path) = &self.root_file else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(cannot("the system has no root certificates; name a file in sslrootcert".to_owned()));
            }
            return Ok((Vec::new(), roots));
        };
        let unusable = |reason: &dyn std::fmt::Display| cannot(format!("sslrootcert {path} cannot be used: {reason}"));
        let given: Vec<CertificateDer<'static>> =
            CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| unusable(&error))?;
        for certificate in &given {
            roots.add(certificate.clone()).map_err(|error| unusable(&error))?;
        }
        if given.is_empty() { Err(unusable(&"there is no certificate in it")) } else { Ok((given, roots)) }
    }
}

fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

const fn cannot(reason: String) -> StoreError {
    StoreError::CannotConnect { reason }
}

/// Checks a server's certificate as far as the operator has chosen.
#[derive(Debug)]
struct Verifier {
    /// Absent: any certificate will do.
    chain: Option<Chain>,
    with_name: bool,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
struct Chain {
    /// Trusted as they are, too: a server's own certificate, signed by itself, is often its own root.
    given: Vec<CertificateDer<'static>>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(Chain { given, verifier }) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        let result = if given.contains(end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)
        } else {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).map(drop)
        };
        match result {
            // The name is looked at last, once the chain is right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.with_name => {}
            result => result?,
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str) -> (SslMode, Check, Option<String>) {
        let (options, _) = Options::take(url).expect("options");
        (options.mode, options.check, options.root_file)
    }

    #[test]
    fn modes_are_libpqs() {
        for (query, mode, check) in [
            ("", SslMode::Prefer, Check::Nothing),
            ("?sslmode=disable", SslMode::Disable, Check::Nothing),
            ("?sslmode=prefer", SslMode::Prefer, Check::Nothing),
            ("?sslmode=require", SslMode::Require, Check::Nothing),
            ("?sslmode=verify-ca", SslMode::Require, Check::Chain),
            ("?sslmode=verify-full", SslMode::Require, Check::ChainAndName),
            ("?sslrootcert=system", SslMode::Require, Check::ChainAndName),
        ] {
            assert_eq!(options(&format!("postgres://a:b@c/d{query}")), (mode, check, None), "{query}");
        }
        let with_root = options("postgres://a:b@c/d?sslmode=require&sslrootcert=%2Fetc%2Froot.pem");
        assert_eq!(with_root, (SslMode::Require, Check::Chain, Some("/etc/root.pem".to_owned())));
        for bad in ["sslmode=yes", "sslmode=require&sslrootcert=system", "sslmode=allow"] {
            Options::take(&format!("postgres://c/d?{bad}")).expect_err(bad);
        }
    }

    #[test]
    fn the_rest_of_the_url_stays_as_it_was() {
        for (url, rest) in [
            ("postgres://a:b@c/d", "postgres://a:b@c/d"),
            ("postgres://a:b@c/d?sslmode=require", "postgres://a:b@c/d"),
            ("postgres://a:b?sslmode=x@c/d?x=1&sslmode=require&y=2", "postgres://a:b?sslmode=x@c/d?x=1&y=2"),
            ("postgres:///d?host=/run", "postgres:///d?host=/run"),
        ] {
            assert_eq!(Options::take(url).expect("options").1, rest);
        }
    }
}
