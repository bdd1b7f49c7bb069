//! The policy: in a file (`policies: { file, managed }`), in the store, or in the configuration itself, as `policies` and
//! `policy` of a document.

use super::{PolicySource, path};
use picket_policy::document::{Key, Node, Problems};
use std::path::Path;

/// Keys of the section that are of a document.
const DOCUMENT: [&str; 2] = ["chain", "policy"];

/// Where the sections of a configuration say that the policy is; none when they do not.
pub(super) fn source(
    text: &str,
    sections: &[(Key, Node)],
    folder: &Path,
    problems: &mut Problems,
) -> Option<PolicySource> {
    let section = sections.iter().find(|(key, _)| key.name == "policies").map(|(_, node)| node);
    let own = sections.iter().any(|(key, _)| key.name == "policy");
    let is_here = own || section.is_some_and(|node| DOCUMENT.iter().any(|name| node.member(name).is_some()));
    if is_here { here(text, sections, problems) } else { elsewhere(section?, folder, problems) }
}

/// `{ approval: required }`: whether a change by the control API takes two people.
pub(super) fn approval(sections: &[(Key, Node)], source: &PolicySource, problems: &mut Problems) -> bool {
    let section = sections.iter().find(|(key, _)| key.name == "policies").map(|(_, node)| node);
    let Some(node) = section.and_then(|node| node.member("approval")) else { return false };
    let is_required = node.word(&[("required", true), ("none", false)], problems) == Some(true);
    if is_required && *source != PolicySource::Api {
        problems.at(node, "approval is for a policy that the API changes; who reviews the file decides here");
    }
    is_required
}

/// `{ file, managed }`.
fn elsewhere(section: &Node, folder: &Path, problems: &mut Problems) -> Option<PolicySource> {
    let (mut file, mut managed) = (None, None);
    for (key, node) in section.map(problems) {
        match key.name.as_str() {
            "file" => file = path(node, problems).map(|path| (node.clone(), folder.join(path))),
            "managed" => managed = node.word(&[("file", true), ("api", false)], problems),
            // Read by itself.
            "approval" => {}
            _ => key.unknown(&["file", "managed", "approval", "chain", "policy"], problems),
        }
    }
    let Some((node, path)) = file else {
        if managed == Some(true) {
            problems.at(section, "`managed: file` needs `file:`");
        }
        return None;
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => match picket_policy::compile(&text, &path.display().to_string()) {
            Ok(_) => return (managed != Some(false)).then_some(PolicySource::File(text)),
            Err(found) => {
                found.list.iter().for_each(|problem| problems.at(&node, format!("{}:{problem}", path.display())));
            }
        },
        Err(error) => problems.at(&node, format!("{}: cannot be read: {error}", path.display())),
    }
    None
}

/// The document that stands in the configuration. It is changed there, so the API does not change it.
fn here(text: &str, sections: &[(Key, Node)], problems: &mut Problems) -> Option<PolicySource> {
    let before = problems.list.len();
    let mut lines = vec![""; text.lines().count()];
    for (at, (key, node)) in sections.iter().enumerate() {
        if key.name != "policies" && key.name != "policy" {
            continue;
        }
        for (inner, _) in node.map(&mut Problems::default()).iter().filter(|_| key.name == "policies") {
            if ["file", "managed"].contains(&inner.name.as_str()) {
                problems.at_key(inner, "the policy stands in this file; leave this out, or move the policy to a file");
            }
        }
        // Lines are of one section only where each begins its own.
        let end = sections.get(at + 1).map_or(lines.len() + 1, |(next, _)| next.line);
        if key.column != 1 || end <= key.line {
            problems.at_key(key, "write the policy as lines of its own, from the first column on, or in a file");
            continue;
        }
        let section = key.line - 1..(end - 1).min(lines.len());
        let kept = text.lines().enumerate().filter(|(number, _)| section.contains(number));
        kept.for_each(|(number, line)| lines.iter_mut().skip(number).take(1).for_each(|place| *place = line));
    }
    if problems.list.len() > before {
        return None;
    }
    // With the other lines empty, what is wrong is where it stands.
    match picket_policy::compile(&lines.join("\n"), &problems.source) {
        Ok(_) => Some(PolicySource::File(format!("{}\n", lines.join("\n").trim()))),
        Err(found) => {
            problems.list.extend(found.list);
            None
        }
    }
}
