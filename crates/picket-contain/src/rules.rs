//! What the operator allows.

use ipnet::IpNet;
use picket_store::containments::{Effect, Never, TargetKind};
use std::time::Duration;

/// What the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Who is never contained: break-glass accounts, probes, the operator's own addresses.
    pub never: Never,
    /// Effects that need a second person.
    pub four_eyes: Vec<Effect>,
    /// How many rules may make in an hour, all together.
    pub max_per_hour: u64,
    /// The longest time.
    pub lasts_max: Duration,
    /// The time when none is said.
    pub lasts_usual: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            never: Never::default(),
            four_eyes: Vec::new(),
            max_per_hour: 20,
            lasts_max: Duration::from_secs(30 * 86_400),
            lasts_usual: Duration::from_secs(3_600),
        }
    }
}

impl Rules {
    /// Whether a target is on the list; of networks, whether they share an address.
    pub fn is_never(&self, kind: TargetKind, target: &str) -> bool {
        match kind {
            TargetKind::User => self.never.users.iter().any(|user| user == target),
            TargetKind::Key => self.never.keys.iter().any(|key| key == target),
            TargetKind::Address => target
                .parse::<IpNet>()
                .is_ok_and(|net| self.never.networks.iter().any(|never| never.contains(&net) || net.contains(never))),
            TargetKind::Application | TargetKind::Agent | TargetKind::Session => false,
        }
    }
}
