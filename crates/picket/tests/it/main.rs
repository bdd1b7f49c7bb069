//! The whole product, driven from outside: gateway, API, command line, official clients.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod access;
mod adversarial;
mod approvals;
mod bearers;
mod carriers;
mod channels;
mod clients;
mod clocks;
mod commands;
mod containment;
mod conventions;
mod deliveries;
mod demo;
mod detection;
mod erasure;
mod exceptions;
mod exports;
mod faults;
mod gateway;
mod guides;
mod harness;
mod hostile;
mod identity;
mod infrastructure;
mod integrations;
mod keycloak;
mod kills;
mod lanes;
mod packs;
mod people;
mod policies;
mod proofs;
mod proposals;
mod queue;
mod reloads;
mod remotes;
mod renderings;
mod rules;
mod schedules;
mod schemas;
mod scim;
mod served;
mod signals;
mod simulate;
mod sso;
mod stalls;
mod storage;
mod tails;
mod terminal;
mod tls;
mod triggers;
mod upstreams;
