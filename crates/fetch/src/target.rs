//! Which URLs are fetched at all.

use url::{Host, Url};

/// Longest URL.
pub const URL_BYTES_MAX: usize = 2_048;

/// A URL that is not fetched, whatever it resolves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this address is not fetched")]
pub struct TargetRefused;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub url: Url,
    pub host: Host<String>,
    pub port: u16,
    pub is_https: bool,
}

impl Target {
    /// A URL as somebody wrote it: http or https, the scheme's own port, a host that is a public name or an address, no user
    /// or password.
    ///
    /// # Errors
    /// [`TargetRefused`]
    pub fn parse(text: &str) -> Result<Self, TargetRefused> {
        if text.len() > URL_BYTES_MAX {
            return Err(TargetRefused);
        }
        Self::of(Url::parse(text).map_err(|_| TargetRefused)?)
    }

    /// Path and query, as a request names them.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }

    /// Where a redirect leads from here.
    ///
    /// # Errors
    /// [`TargetRefused`]; also from https to http.
    pub fn redirected(&self, location: &str) -> Result<Self, TargetRefused> {
        if location.len() > URL_BYTES_MAX {
            return Err(TargetRefused);
        }
        let next = Self::of(self.url.join(location).map_err(|_| TargetRefused)?)?;
        if self.is_https && !next.is_https { Err(TargetRefused) } else { Ok(next) }
    }

    fn of(mut url: Url) -> Result<Self, TargetRefused> {
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(TargetRefused),
        };
        // The parser drops a port that is the scheme's own.
        if url.port().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(TargetRefused);
        }
        url.set_fragment(None);
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(TargetRefused);
        }
        let host = url.host().ok_or(TargetRefused)?.to_owned();
        if let Host::Domain(name) = &host
            && !is_public_name(name)
        {
            return Err(TargetRefused);
        }
        Ok(Self { url, host, port: if is_https { 443 } else { 80 }, is_https })
    }
}

/// Names that are never the public internet's: without a dot, and those reserved for local use (RFC 6761, RFC 6762,
/// RFC 7686, RFC 8375, ICANN's `internal`).
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some((_, top)) = name.rsplit_once('.') else { return false };
    let local = [
        "localhost",
        "local",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "onion",
        "test",
        "invalid",
        "example",
        "arpa",
    ];
    !local.contains(&top)
}
