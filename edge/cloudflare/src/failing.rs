//! A panic ends the whole instance, with every request that it has under way, and in Wasm nobody would hear of it: a task
//! that is polled from JavaScript's own loop has no caller. So the start of the Worker is told, which answers in our
//! place and starts anew.

use std::panic::{PanicHookInfo, set_hook};

use worker::js_sys::{Function, Reflect, global};
use worker::wasm_bindgen::{JsCast as _, JsValue};

/// What `worker.mjs` puts into the global scope.
const LISTENER: &str = "stepwellFailed";

pub(crate) fn tell_of_panics() {
    set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let listener = Reflect::get(&global(), &JsValue::from(LISTENER)).ok();
    if let Some(listener) = listener.and_then(|found| found.dyn_into::<Function>().ok()) {
        // There is nobody left to tell that this failed as well.
        let _ = listener.call1(&JsValue::NULL, &JsValue::from(panic.to_string()));
    }
}
