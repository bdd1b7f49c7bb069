//! Secrets of the operator: the configuration says where they are.

use super::path;
use http::HeaderValue;
use picket_egress::{Limits, Upstream};
use picket_policy::document::{Node, Problems, Value};

/// `{ env: NAME }` or `{ file: PATH }`; never the secret itself.
pub(super) fn secret(node: &Node, problems: &mut Problems) -> Option<HeaderValue> {
    if matches!(node.value, Value::Text(_)) {
        problems.at(node, "a secret does not stand in the configuration; write { env: NAME } or { file: PATH }");
        return None;
    }
    let mut found = None;
    for (key, node) in node.map(problems) {
        let text = match key.name.as_str() {
            "env" => node
                .text(problems)
                .and_then(|name| std::env::var(name).map_err(|_error| problems.at(node, unset(name))).ok()),
            "file" => node.text(problems).and_then(|path| {
                std::fs::read_to_string(path)
                    .map_err(|error| problems.at(node, format!("this file cannot be read: {error}")))
                    .ok()
            }),
            _ => {
                key.unknown(&["env", "file"], problems);
                None
            }
        };
        if let Some(text) = text {
            found = HeaderValue::from_str(text.trim())
                .map_err(|_error| problems.at(node, "the secret holds characters that no header can carry"))
                .ok();
        }
    }
    if let Some(value) = found.as_mut() {
        value.set_sensitive(true);
    }
    found
}

/// Names a variable that is not set, if the name is one: what was pasted by mistake is not repeated.
pub(crate) fn unset(name: &str) -> String {
    let is_name =
        name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_uppercase() || b"_0123456789".contains(&byte));
    let shown = if is_name { format!("`{name}`") } else { "of that name".to_owned() };
    format!("the environment variable {shown} is not set; set it, or write {{ file: PATH }}")
}

/// The certificates of the authorities that vouch for a provider.
pub(super) fn authorities(node: &Node, problems: &mut Problems) -> Option<Vec<u8>> {
    let file = path(node, problems)?;
    let read = std::fs::read(&file).map_err(|error| format!("{}: cannot be read: {error}", file.display()));
    let usable = read.and_then(|pem| {
        let tried = Upstream::trusting("https://localhost", Limits::default(), &pem);
        tried.map(|_upstream| pem).map_err(|error| format!("{}: {error}", file.display()))
    });
    usable.map_err(|cause| problems.at(node, cause)).ok()
}
