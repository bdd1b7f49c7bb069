//! `integrations: { allow: […], ca: PATH, timeout: 10s, console: URL }`: how tickets and webhooks get out.

use super::{authorities, bounds, list, network};
use picket_egress::Outside;
use picket_policy::document::{Node, Problems};
use std::time::Duration;

const KEYS: &[&str] = &["allow", "ca", "timeout", "console"];

/// What holds for all ticket systems, chat and webhooks. None of it comes from the control API: whoever names them does
/// not say where they may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrations {
    /// Networks that may be reached although they are private, and authorities that vouch for servers.
    pub outside: Outside,
    /// The time of one exchange with a ticket system; webhooks have their own.
    pub timeout: Duration,
    /// Where findings and incidents are shown to people; tickets lead there.
    pub console: Option<String>,
}

impl Default for Integrations {
    fn default() -> Self {
        Self { outside: Outside::default(), timeout: Duration::from_secs(10), console: None }
    }
}

/// The section.
pub(super) fn settings(node: &Node, problems: &mut Problems) -> Integrations {
    let mut settings = Integrations::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "allow" => {
                settings.outside.allowed =
                    list(node, problems).iter().filter_map(|node| network(node, problems)).collect();
            }
            "ca" => settings.outside.ca = authorities(node, problems),
            "timeout" => settings.timeout = bounds::time(node, bounds::EXCHANGE, settings.timeout, problems),
            "console" => settings.console = console(node, problems),
            _ => key.unknown(KEYS, problems),
        }
    }
    settings
}

fn console(node: &Node, problems: &mut Problems) -> Option<String> {
    let url = node.text(problems)?;
    let fits = picket_egress::origin(url).is_some()
        && url.len() <= 512
        && !url.contains(['?', '#', '\\', '"', '<', '>'])
        && url.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        problems.at(node, "expected a URL such as https://picket.example.com, without query");
    }
    fits.then(|| url.to_owned())
}
