//! What some alone may read: kept by the edge once, served from there to whom the rule names, and to nobody else.

mod batches;
mod changes;
mod expansions;
mod house;
mod lists;
mod records;
mod rules;
