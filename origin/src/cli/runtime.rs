//! The runtime that a subcommand runs on.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

use super::Failure;

/// Runs a subcommand on so many threads, this one included, and waits for it. One thread gets the runtime without
/// locks between threads, which is the fastest a core.
pub fn block_on<T>(threads: usize, command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = build(threads).map_err(|error| {
        Failure::refused(format!("no runtime on {threads} threads: {error}"), "set server.threads to fewer")
    })?;
    runtime.block_on(command)
}

fn build(threads: usize) -> std::io::Result<Runtime> {
    if threads <= 1 {
        return Builder::new_current_thread().enable_all().build();
    }
    Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Handle, RuntimeFlavor};

    use super::*;

    #[test]
    fn one_thread_is_this_thread() {
        let flavour = |threads| block_on(threads, async { Ok(Handle::current().runtime_flavor()) }).unwrap();
        assert_eq!(flavour(1), RuntimeFlavor::CurrentThread);
        assert_eq!(flavour(2), RuntimeFlavor::MultiThread);
    }
}
