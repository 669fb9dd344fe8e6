//! `stepwell edge`: a cache in front of an origin that knows nothing of Stepwell.

mod caching;
mod configuration;
mod outage;
mod purging;
mod streaming;
