//! What all receivers of a process share.

use ipnet::IpNet;
use picket_render::Maker;
use picket_stdx::Clock;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Shortest time that a request may have.
pub const TIMEOUT_MIN: Duration = Duration::from_secs(1);
/// Longest time that a request may have.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(30);

/// What all receivers of a process share. Nothing of it comes from a workspace.
#[derive(Debug, Clone)]
pub struct Network {
    /// Networks that destinations may be in although they are private: the operator's file alone names them.
    pub allowed: Arc<[IpNet]>,
    /// For a request as a whole: connecting, sending, and the answer to its end. Kept within [`TIMEOUT_MIN`] and
    /// [`TIMEOUT_MAX`].
    pub timeout: Duration,
    /// Who sends.
    pub maker: Maker,
    /// What stands in the names of headers: `Picket` makes `X-Picket-Event`.
    pub header_prefix: String,
    /// Authorities that vouch for servers besides the public ones, as PEM.
    pub roots: Option<Arc<[u8]>>,
    /// Where destinations of the kind `file` may write; none: nowhere.
    pub folder: Option<PathBuf>,
    /// Time.
    pub clock: Clock,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            allowed: Arc::from([]),
            timeout: Duration::from_secs(10),
            maker: Maker::default(),
            header_prefix: "Picket".to_owned(),
            roots: None,
            folder: None,
            clock: Clock::system(),
        }
    }
}

impl Network {
    /// The time that a request has.
    pub(crate) fn within(&self) -> Duration {
        self.timeout.clamp(TIMEOUT_MIN, TIMEOUT_MAX)
    }
}
