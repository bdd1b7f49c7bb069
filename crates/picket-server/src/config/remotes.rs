//! What the operator says of the services that checks ask.

use super::{authorities, list, network};
use picket_gateway::Reach;
use picket_policy::document::{Node, Problems};

/// Reads `remotes: { networks: [10.0.0.0/8], ca: PATH }`.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Reach {
    let mut reach = Reach::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "networks" => {
                reach.gate = Some(list(node, problems).iter().filter_map(|node| network(node, problems)).collect());
            }
            "ca" => reach.ca = authorities(node, problems),
            _ => key.unknown(&["networks", "ca"], problems),
        }
    }
    reach
}
