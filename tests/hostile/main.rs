//! What an attacker sends, and what must not come of it. One file a class; each test asks again afterwards, as a client
//! in good faith, and finds the right answer there. `THREATS.md` names these tests.

mod bodies;
mod cookies;
mod fields;
mod floods;
mod hosts;
mod http2;
mod injection;
mod internal;
mod keys;
mod pages;
mod parameters;
mod paths;
mod poison;
mod private;
mod sessions;
mod smuggling;
mod timing;
mod tokens;
mod world;
