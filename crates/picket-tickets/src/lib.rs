//! Tickets and chat: what is opened, changed, acknowledged and resolved elsewhere about findings and incidents.
//!
//! [`Kind`] knows how to speak to a place and what its answers mean; it knows no store, no log and no clock, and sends
//! through an [`Outlet`] that it is given. [`Clerk`] reads the log and decides by the [`Runbook`] what is done, [`Courier`]
//! carries it out; [`Lookout`] looks at what people do with open tickets there. **Invariants:** there is one ticket for each
//! thing in each place, however often it is asked for; what is to be done becomes durable with the clerk's cursor, and ends
//! done or dead, never lost; a ticket says nothing of a prompt; credentials, among them URLs, are never shown.

mod clerk;
mod courier;
mod desk;
mod exchange;
#[cfg(test)]
mod fixture;
mod kind;
mod lookout;
mod network;
mod notice;
mod runbook;

pub use clerk::Clerk;
pub use courier::{Courier, POOL};
pub use desk::{Desk, Tried, secrets_of};
pub use exchange::{Done, Failed, Look, Mail, NoAnswer, Outlet, Remote, Then, Unsent};
pub use kind::email::Security;
pub use kind::{Credentials, Kind, Problem, SecretField};
pub use lookout::{LOOKS, Lookout};
pub use network::Network;
pub use notice::{Act, Notice, UnknownAct};
pub use runbook::{OTHER, Runbook, usual};

#[cfg(test)]
mod tests;
