//! What the machine does: processor, memory, network, disks, this process, and GPUs where there are any.
//!
//! [`Host::look`] reads it now as a [`Look`], with totals since the machine began; [`Series`] of two looks are the rates
//! and shares in between, under names that rules use. **Invariants:** a look never fails, what cannot be read is absent;
//! labels are bounded ([`DEVICES_MAX`]); a counter that goes back (a device that was replaced, a machine that slept) is no
//! rate at all rather than a wrong one.

mod gpu;
mod look;
mod series;

pub use gpu::Gpu;
pub use look::{Disk, Host, Interface, Look, Process};
pub use series::Series;

/// Interfaces, disks and GPUs that are told apart, each.
pub const DEVICES_MAX: usize = 64;

#[cfg(test)]
mod tests;
