//! Tests of the whole crate, over real logs and over many synthetic events.

mod files;
mod listing;
mod numbers;
mod restart;
mod store;
