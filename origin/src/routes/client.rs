//! Where a request comes from on the network, as far as this process knows.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use stepwell_shared::network;

/// A request extension: the address of the client, as the edge in this process saw it, or as one that signs its requests
/// says. It is set in the process alone; nothing in a request from outside can cause it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its network: an IPv4 address, or the /64 of an IPv6 one, which is what one customer gets. `None` where the edge
    /// does not say.
    pub address: Option<IpAddr>,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ClientAddress>().map(|address| network::of_client(address.0));
        Ok(Self { address })
    }
}
