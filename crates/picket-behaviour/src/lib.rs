//! What is usual, and how unusual something is: small statistics that are kept for everybody. Without I/O or clock.
//!
//! Each module is one idea: a robust moving mean ([`Moving`]), the same by hour ([`Seasonal`]), tails of distributions
//! ([`tail`]), how many different values there were ([`Distinct`]), which are new ([`Seen`]), changes that creep
//! ([`Cusum`], [`slope`]), shifts of a distribution ([`drift`]), texts that are nearly equal ([`near`]), series that leave
//! their course ([`Series`]), and all of it about one user in less than 480 bytes ([`Profile`]). **Invariants:** everything has a
//! size that does not grow beyond what it says; the same values in the same order give the same state.

pub mod bytes;
mod change;
mod distinct;
pub mod drift;
mod moving;
pub mod near;
mod number;
mod profile;
mod season;
mod seen;
mod series;
pub mod slope;
pub mod tail;

pub use change::Cusum;
pub use distinct::Distinct;
pub use moving::{Course, Moving};
pub use profile::{
    Evidence, Few, Hour, Judgement, Known, Look, METRICS, Metric, OF_HOURS, Observation, Peers, Profile, Week, chance,
    compared, shown,
};
pub use season::{Season, Seasonal};
pub use seen::{Seen, Sight};
pub use series::{Point, Series};
