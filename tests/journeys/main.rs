//! What people, programs and operators do with Stepwell, from outside, against the release binary.

mod accounts;
mod any_origin;
mod backup;
mod batch;
mod commands;
mod cross_site;
mod drain;
mod edge_cache;
mod fresh_reads;
mod idempotency;
mod lists;
mod lost_updates;
mod metrics;
mod overload;
mod privacy;
mod problems;
mod purging;
mod rate_limits;
mod records;
mod restart;
mod route_classes;
mod sessions;
mod tls;
mod traces;
mod wrong_configuration;
