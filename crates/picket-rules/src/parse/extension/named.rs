//! The fields that the block `x-picket` speaks of, and where it does: what no event has is told there.

use crate::extension::Reason;
use crate::issue::{Place, Report};
use picket_yaml::{Node, Value};

/// Every field that the block names, with its place.
pub(in crate::parse) fn fields(block: &Node, report: &Report<'_>) -> Vec<(String, Place)> {
    let mut named = Named { found: Vec::new(), report };
    let risk = block.member("risk");
    for owner in [Some(block), risk].into_iter().flatten() {
        named.texts(owner.member("entity").and_then(|entity| entity.member("field")));
    }
    for response in block.member("response").into_iter().flat_map(Node::items) {
        named.texts(response.member("target").and_then(|target| target.member("field")));
    }
    named.texts(block.member("suppress").and_then(|suppress| suppress.member("by")));
    for behaviour in ["baseline", "first-seen", "trend", "absent", "near-duplicate"] {
        let Some(behaviour) = block.member(behaviour) else { continue };
        ["field", "by", "group-by", "simhash"].into_iter().for_each(|key| named.texts(behaviour.member(key)));
        named.metric(behaviour.member("metric"));
    }
    named.reason(block.member("reason"));
    named.found
}

struct Named<'a, 'r> {
    found: Vec<(String, Place)>,
    report: &'a Report<'r>,
}

impl Named<'_, '_> {
    fn texts(&mut self, node: Option<&Node>) {
        for node in node.into_iter().flat_map(Node::items) {
            if let Value::Text(text) = &node.value {
                self.found.push((text.clone(), self.report.place(node)));
            }
        }
    }

    /// `sum of FIELD`; a share is of a rule.
    fn metric(&mut self, node: Option<&Node>) {
        let Some(node) = node else { return };
        let Value::Text(text) = &node.value else { return };
        if let Some((_, field)) = text.split_once(" of ").filter(|(what, _)| *what != "share") {
            self.found.push((field.trim().to_owned(), self.report.place(node)));
        }
    }

    fn reason(&mut self, node: Option<&Node>) {
        let Some(node) = node else { return };
        let Value::Text(text) = &node.value else { return };
        let Ok(reason) = Reason::parse(text) else { return };
        let fields = reason.names().filter(|name| !Reason::OWN.contains(name));
        self.found.extend(fields.map(|name| (name.to_owned(), self.report.place(node))));
    }
}
