//! The network address a request comes from, for rate limits alone; it is never stored or logged.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, request::Parts},
};

use super::listener::PeerAddress;

/// Extractor of the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(Ipv4Addr::UNSPECIFIED.into())))
    }
}

/// The peer of the connection or, behind a proxy that is trusted, what the proxy says.
pub fn of(request: &Request, trust_forwarded: bool) -> IpAddr {
    let peer = request.extensions().get::<PeerAddress>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    if trust_forwarded { forwarded(request.headers()).unwrap_or(peer) } else { peer }
}

/// The last entry is the one the nearest proxy wrote; those before it are the client's own claims.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_entry() {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(PeerAddress(([192, 0, 2, 1], 5).into()));
        request.headers_mut().append("x-forwarded-for", "203.0.113.9".parse().expect("value"));
        request.headers_mut().append("x-forwarded-for", "203.0.113.1, 198.51.100.7".parse().expect("value"));
        assert_eq!(of(&request, false), IpAddr::from([192, 0, 2, 1]));
        assert_eq!(of(&request, true), IpAddr::from([198, 51, 100, 7]));
    }
}
