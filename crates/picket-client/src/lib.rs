//! What the commands of the command line share: the client of the control API, how lists and objects are shown, why a
//! command failed, and where the server is.
//!
//! **Invariant:** data goes to standard output; progress, notes and errors go to standard error.

pub mod client;
pub mod failure;
pub mod output;
pub mod profile;
pub mod time;
