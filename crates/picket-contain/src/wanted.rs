//! What is asked for, and whether it makes sense.

use crate::Rules;
use ipnet::IpNet;
use picket_stdx::duration;
use picket_store::containments::{Effect, TargetKind, network};
use std::time::Duration;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 1_000;
/// Bytes of a target, a model or a feature.
const NAME_BYTES_MAX: usize = 256;
/// The shortest time.
const LASTS_MIN: Duration = Duration::from_secs(1);
/// The widest networks: a block of everybody is an outage, not a containment.
const PREFIX_MIN: (u8, u8) = (8, 16);
/// Bounds of a throttle.
const REQUESTS: std::ops::RangeInclusive<u32> = 1..=1_000_000;
const PER: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);

/// A containment that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What is done.
    pub effect: Effect,
    /// What the target is.
    pub kind: TargetKind,
    /// Whom it concerns.
    pub target: String,
    /// Only for these models, with `*`.
    pub model: Option<String>,
    /// Only for this feature.
    pub feature: Option<String>,
    /// Only requests of this user, key or address.
    pub sender: Option<(TargetKind, String)>,
    /// How many requests in how long, of a throttle.
    pub rate: Option<(u32, Duration)>,
    /// How long; the usual time when none is said.
    pub lasts: Option<Duration>,
    /// Whether it only counts.
    pub is_dry: bool,
    /// Whether a second person has to agree, whatever the operator says of the effect.
    pub needs_second: bool,
    /// Why.
    pub reason: String,
    /// The rule or finding that wants it; none for a person.
    pub cause: Option<String>,
}

/// One that makes sense.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) effect: Effect,
    pub(crate) kind: TargetKind,
    pub(crate) target: String,
    pub(crate) model: Option<String>,
    pub(crate) feature: Option<String>,
    pub(crate) sender: Option<(TargetKind, String)>,
    pub(crate) rate: Option<(u32, Duration)>,
    pub(crate) lasts: Duration,
    pub(crate) is_dry: bool,
    pub(crate) needs_second: bool,
    pub(crate) reason: String,
    pub(crate) cause: Option<String>,
}

/// What makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A text is empty, too long, or holds characters that cannot be seen.
    #[error("`{0}` is empty, longer than {1}, or has characters that cannot be seen")]
    Text(&'static str, usize),
    /// It is neither an address nor a network.
    #[error("an address is like 203.0.113.9, a network like 203.0.113.0/24")]
    Address,
    /// The network holds too many.
    #[error("a network has a prefix of at least 8 (IPv6: 16) bits; nobody is contained by everybody")]
    TooWide,
    /// The time is out of bounds.
    #[error("a containment lasts from 1s to {}", duration::display(*.0))]
    Lasts(Duration),
    /// A throttle without a rate, a rate without a throttle, or one out of bounds.
    #[error("a throttle, and nothing else, has a rate: 1 to 1000000 requests in 1s to 1d")]
    Rate,
}

impl Wanted {
    pub(crate) fn checked(self, rules: &Rules) -> Result<Checked, Misfit> {
        let Self { effect, kind, target, model, feature, sender, rate, lasts, is_dry, needs_second, reason, cause } =
            self;
        text("reason", &reason, REASON_CHARS_MAX)?;
        text("target", &target, NAME_BYTES_MAX)?;
        for (name, value) in [("model", &model), ("feature", &feature), ("cause", &cause)] {
            value.as_ref().map_or(Ok(()), |value| text(name, value, NAME_BYTES_MAX))?;
        }
        let target = if kind == TargetKind::Address { addresses(&target)? } else { target };
        let lasts = lasts.unwrap_or(rules.lasts_usual.min(rules.lasts_max));
        if !(LASTS_MIN..=rules.lasts_max).contains(&lasts) {
            return Err(Misfit::Lasts(rules.lasts_max));
        }
        let is_rate = |(requests, per): (u32, Duration)| REQUESTS.contains(&requests) && PER.contains(&per);
        if rate.is_some() != (effect == Effect::Throttle) || !rate.is_none_or(is_rate) {
            return Err(Misfit::Rate);
        }
        Ok(Checked { effect, kind, target, model, feature, sender, rate, lasts, is_dry, needs_second, reason, cause })
    }
}

fn text(name: &'static str, text: &str, most: usize) -> Result<(), Misfit> {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let fits = !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(is_unseen);
    if fits { Ok(()) } else { Err(Misfit::Text(name, most)) }
}

/// Addresses as a network, in its shortest form.
fn addresses(target: &str) -> Result<String, Misfit> {
    let net = network(target).ok_or(Misfit::Address)?.trunc();
    let least = if matches!(net, IpNet::V4(_)) { PREFIX_MIN.0 } else { PREFIX_MIN.1 };
    if net.prefix_len() < least { Err(Misfit::TooWide) } else { Ok(net.to_string()) }
}
