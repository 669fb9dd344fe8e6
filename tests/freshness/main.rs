//! Nobody is served anything older than promised, and nothing is asked of the origin twice that one answer serves.

mod coalescing;
mod lists;
mod purging_everything;
mod read_your_writes;
mod revocation;
