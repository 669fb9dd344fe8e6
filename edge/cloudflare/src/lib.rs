//! The Stepwell edge as a Cloudflare Worker.
//!
//! `stepwell-edge-portable` goes a request's road; here is its host: the Cache API as a store of bytes, `fetch` to the
//! origin, `waitUntil`, and the Worker's variables and secrets. `worker.mjs` beside it starts the Wasm.
//!
//! | variable | what it is |
//! |---|---|
//! | `STEPWELL_ORIGIN` | where the origin is: `https://origin.example.com` |
//! | `STEPWELL_EDGE_NAME` | this edge's name, as the origin knows it; left out in front of an origin that is none of Stepwell's |
//! | `STEPWELL_EDGE_KEY` | a secret: the key that it shares with the origin, from `stepwell keys edge NAME` |

#![cfg(target_arch = "wasm32")]

mod body;
mod cache;
mod configuration;
mod failing;
mod header;
mod host;
mod origin;
mod request;
mod response;

use std::cell::OnceCell;
use std::rc::Rc;

use stepwell_edge_core::respond;
use stepwell_edge_portable::{AnswerBody, Instance};
use stepwell_shared::problem::{Code, Problem};
use worker::{Context, Env, Request, Response, Result, console_error, event};

use configuration::Configuration;
use host::Worker;

/// What all requests of an isolate share: nothing that belongs to one of them, which Workers forbid.
struct Isolate {
    instance: Rc<Instance>,
    origin: Rc<str>,
}

thread_local! {
    static ISOLATE: OnceCell<Rc<Isolate>> = const { OnceCell::new() };
}

/// The isolate, made by its first request: outside of one there is no randomness.
fn isolate(env: &Env) -> Result<Rc<Isolate>> {
    ISOLATE.with(|isolate| {
        if let Some(made) = isolate.get() {
            return Ok(made.clone());
        }
        let Configuration { origin, stands_before } = Configuration::of(env)?;
        let seed = getrandom::u64().map_err(|error| worker::Error::RustError(error.to_string()))?;
        let made = Rc::new(Isolate { instance: Instance::new(stands_before, seed), origin });
        Ok(isolate.get_or_init(|| made).clone())
    })
}

#[event(start)]
fn start() {
    failing::tell_of_panics();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    match answer(&request, &env, context).await {
        Ok(response) => Ok(response),
        Err(error) => {
            // What the platform or the configuration throws is for whoever runs the edge; a client is told that it failed.
            console_error!("{error}");
            response::write(respond::problem(&Problem::from(Code::Internal)).map(AnswerBody::Whole))
        }
    }
}

async fn answer(request: &Request, env: &Env, context: Context) -> Result<Response> {
    let isolate = isolate(env)?;
    let request = request::read(request.inner())?;
    let host = Worker::new(isolate.origin.clone(), request.client, context);
    let answer = isolate.instance.answer(&host, request.request).await;
    response::write(answer)
}
