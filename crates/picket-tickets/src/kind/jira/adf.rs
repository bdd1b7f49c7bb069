//! Documents of Atlassian (ADF): nodes, of which a text may not be empty.

use crate::notice::{Notice, clamp, plain};
use serde_json::{Value, json};

/// A document of these blocks.
pub(super) fn document(blocks: Vec<Value>) -> Value {
    json!({"type": "doc", "version": 1, "content": blocks})
}

/// A paragraph; one of an empty text has no content.
pub(super) fn paragraph(text: &str) -> Value {
    json!({"type": "paragraph", "content": inline(text, false)})
}

/// What a notice says: why, a list of what is known, and the way to it.
pub(super) fn description(notice: &Notice, chars_max: usize) -> Value {
    let items = notice.table().into_iter().map(|(name, value)| {
        let mut content = inline(&format!("{name}: "), true);
        content.extend(inline(&value, false));
        json!({"type": "listItem", "content": [{"type": "paragraph", "content": content}]})
    });
    let mut blocks = vec![
        paragraph(&clamp(&plain(&notice.reason), chars_max)),
        json!({"type": "bulletList", "content": items.collect::<Vec<_>>()}),
    ];
    if let Some(link) = &notice.link {
        let text = format!("Open the {}", notice.noun.to_lowercase());
        let marks = json!([{"type": "link", "attrs": {"href": link}}]);
        blocks.push(json!({"type": "paragraph", "content": [{"type": "text", "text": text, "marks": marks}]}));
    }
    document(blocks)
}

fn inline(text: &str, is_strong: bool) -> Vec<Value> {
    match (text.is_empty(), is_strong) {
        (true, _) => Vec::new(),
        (false, false) => vec![json!({"type": "text", "text": text})],
        (false, true) => vec![json!({"type": "text", "text": text, "marks": [{"type": "strong"}]})],
    }
}
