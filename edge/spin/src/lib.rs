//! The Stepwell edge as a Spin component, on WASI HTTP 0.3.
//!
//! `stepwell-edge-portable` goes a request's road; here is its host: a store of entries, requests to the origin, the clock
//! and the random numbers of WASI.
//!
//! | feature | entries | configuration | runs in |
//! |---|---|---|---|
//! | none | in each instance's memory | the environment | any host of WASI HTTP 0.3, such as `wasmtime serve` |
//! | `spin` | in each instance's memory | Spin's variables | Spin |
//! | `key-value` | in Spin's key-value store | Spin's variables | Spin |
//!
//! | in the environment | Spin's variable | what it is |
//! |---|---|---|
//! | `STEPWELL_ORIGIN` | `stepwell_origin` | where the origin is: `https://origin.example.com` |
//! | `STEPWELL_EDGE_NAME` | `stepwell_edge_name` | this edge's name, as the origin knows it; empty in front of an origin that is none of Stepwell's |
//! | `STEPWELL_EDGE_KEY` | `stepwell_edge_key` | a secret: the key that it shares with the origin, from `stepwell keys edge NAME` |
//!
//! A panic would end the instance with every request that it has under way, and nobody could answer in its place: nothing
//! here may panic.

#![cfg(target_os = "wasi")]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]

mod body;
mod configuration;
mod header;
mod host;
mod origin;
mod request;
mod response;
mod store;

use std::cell::OnceCell;
use std::rc::Rc;

use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::service;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};
use spin_sdk::wasip3::random::random::get_random_u64;
use stepwell_edge_core::respond;
use stepwell_edge_portable::{AnswerBody, Instance};
use stepwell_shared::problem::{Code, Problem};

use configuration::{Configuration, Wrong};
use host::Component;
use origin::OriginUrl;
use store::Store;

/// What all requests of an instance share.
struct Shared {
    instance: Rc<Instance>,
    origin: OriginUrl,
    store: Store,
}

thread_local! {
    static SHARED: OnceCell<Rc<Shared>> = const { OnceCell::new() };
}

/// What is shared, made by the instance's first request. Where several come at once, what one of them made is taken by all.
async fn shared() -> Result<Rc<Shared>, Wrong> {
    if let Some(made) = SHARED.with(|shared| shared.get().cloned()) {
        return Ok(made);
    }
    let Configuration { origin, stands_before } = Configuration::read().await?;
    let instance = Instance::new(stands_before, get_random_u64());
    let made = Rc::new(Shared { instance, origin, store: Store::open().await });
    Ok(SHARED.with(|shared| shared.get_or_init(|| made).clone()))
}

struct Handler;

service::export!(Handler);

impl Guest for Handler {
    /// # Errors
    /// What is not HTTP, or would not be: the host has its own words for that.
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let shared = match shared().await {
            Ok(shared) => shared,
            Err(wrong) => {
                // For whoever runs the edge; a client is told that it failed.
                eprintln!("{wrong}");
                return response::write(
                    respond::problem(&Problem::from(Code::Internal)).map(AnswerBody::Whole),
                );
            }
        };
        let request = request::read(request, &shared.origin)?;
        let host = Component::new(shared.clone(), request.client);
        let answer = shared.instance.answer(&host, request.request).await;
        response::write(answer)
    }
}
