//! What an attacker sends, and what must not come of it. One file a class; each test asks again afterwards, as a client
//! in good faith, and finds the right answer there. `THREATS.md` names these tests.

mod cookies;
mod fields;
mod hosts;
mod parameters;
mod paths;
mod private;
mod smuggling;
mod world;
