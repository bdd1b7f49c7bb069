//! `destinations: { allow: […], timeout: 10s, ca: PATH, folder: PATH, … }`: what holds for all destinations of events.

use super::{authorities, bounds, list, network, path};
use ipnet::IpNet;
use picket_dispatch::{Network, Timing};
use picket_policy::document::{Node, Problems};
use picket_receivers::{TIMEOUT_MAX, TIMEOUT_MIN};
use picket_render::Maker;
use picket_stdx::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const KEYS: &[&str] = &[
    "allow",
    "timeout",
    "ca",
    "folder",
    "vendor",
    "product",
    "header_prefix",
    "probe",
    "retry_from",
    "retry_to",
    "bodies",
];
/// Longest name in headers of lines and of HTTP.
const NAME_BYTES_MAX: usize = 31;

/// What holds for all destinations. None of it comes from the control API: whoever makes destinations does not say where
/// they may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destinations {
    /// Networks in which they may be although they are private.
    pub allow: Vec<IpNet>,
    /// For a request as a whole.
    pub timeout: Duration,
    /// Authorities that vouch for receivers besides the public ones, as PEM.
    pub ca: Option<Vec<u8>>,
    /// Where those of the kind `file` write; nowhere without it.
    pub folder: Option<PathBuf>,
    /// Who sends.
    pub maker: Maker,
    /// What stands in the names of headers.
    pub header_prefix: String,
    /// How long those that fail are left alone.
    pub timing: Timing,
    /// Whether prompts and answers may be sent to those that ask for them.
    pub bodies: bool,
}

impl Default for Destinations {
    fn default() -> Self {
        let Network { timeout, maker, header_prefix, .. } = Network::default();
        let (allow, timing) = (Vec::new(), Timing::default());
        Self { allow, timeout, ca: None, folder: None, maker, header_prefix, timing, bodies: false }
    }
}

impl Destinations {
    /// The same, as receivers take it.
    pub(crate) fn network(&self, clock: &Clock) -> Network {
        Network {
            allowed: Arc::from(self.allow.as_slice()),
            timeout: self.timeout,
            maker: self.maker.clone(),
            header_prefix: self.header_prefix.clone(),
            roots: self.ca.as_deref().map(Arc::from),
            folder: self.folder.clone(),
            clock: clock.clone(),
        }
    }
}

/// The section.
pub(super) fn settings(node: &Node, problems: &mut Problems) -> Destinations {
    let mut settings = Destinations::default();
    let waits = &mut settings.timing.waits;
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "allow" => {
                settings.allow = list(node, problems).iter().filter_map(|node| network(node, problems)).collect()
            }
            "timeout" => {
                settings.timeout = bounds::time(node, TIMEOUT_MIN..=TIMEOUT_MAX, settings.timeout, problems);
            }
            "bodies" => settings.bodies = node.bool(problems).unwrap_or(false),
            "ca" => settings.ca = authorities(node, problems),
            "folder" => settings.folder = path(node, problems),
            "vendor" => settings.maker.vendor = name(node, problems).unwrap_or(settings.maker.vendor),
            "product" => settings.maker.product = name(node, problems).unwrap_or(settings.maker.product),
            "header_prefix" => settings.header_prefix = word(node, problems).unwrap_or(settings.header_prefix),
            "probe" => {
                settings.timing.probe = bounds::time(node, bounds::PROBED, settings.timing.probe, problems);
            }
            "retry_from" => waits.least = bounds::time(node, bounds::RETRIED, waits.least, problems),
            "retry_to" => waits.most = bounds::time(node, bounds::RETRIED, waits.most, problems),
            _ => key.unknown(KEYS, problems),
        }
    }
    if waits.most < waits.least {
        problems.at(node, "`retry_to` is shorter than `retry_from`");
    }
    settings
}

/// Relative paths begin at the configuration's folder.
pub(super) fn settle(settings: &mut Destinations, folder: &Path) {
    settings.folder = settings.folder.take().map(|path| folder.join(path));
}

fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let name = node.text(problems)?;
    let is_name = !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control);
    if !is_name {
        problems.at(node, format!("a name of 1 to {NAME_BYTES_MAX} bytes, without control characters"));
    }
    is_name.then(|| name.to_owned())
}

fn word(node: &Node, problems: &mut Problems) -> Option<String> {
    let word = node.text(problems)?;
    let is_word = (1..=NAME_BYTES_MAX).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_word {
        problems.at(node, format!("1 to {NAME_BYTES_MAX} letters, digits and `-`: it stands in names of headers"));
    }
    is_word.then(|| word.to_owned())
}
