//! Log probabilities repeat an answer token by token. What is cut out of a text must not stay in them.

use crate::tape::{Kind, NodeId, Tape};

/// Log probabilities, and the texts that they repeat.
#[derive(Debug, Clone)]
pub(crate) struct Repeat {
    /// The value of the member `logprobs`.
    pub(crate) node: NodeId,
    /// The strings beside it.
    pub(crate) of: Vec<NodeId>,
    /// Whether its tokens, put together, are exactly those strings.
    pub(crate) is_exact: bool,
}

/// What stands in place of log probabilities that may not stay.
pub(crate) fn emptied(tape: &Tape, node: NodeId) -> &'static str {
    if tape.kind(node) == Some(Kind::Array) { "[]" } else { "null" }
}

/// The repetition in an object that has both a text and log probabilities.
pub(crate) fn find(tape: &Tape, bytes: &[u8], object: NodeId) -> Option<Repeat> {
    let node = tape.get(bytes, object, "logprobs")?;
    if !matches!(tape.kind(node), Some(Kind::Object | Kind::Array)) {
        return None;
    }
    let below = ["message", "delta"].map(|name| tape.get(bytes, object, name).unwrap_or(object));
    let mut of = Vec::new();
    let mut texts = String::new();
    for (holder, name) in [
        (object, "text"),
        (object, "delta"),
        (below[0], "content"),
        (below[0], "refusal"),
        (below[1], "content"),
        (below[1], "refusal"),
    ] {
        let Some(found) = tape.get(bytes, holder, name).filter(|found| !of.contains(found)) else { continue };
        if let Some(text) = tape.text(bytes, found) {
            texts.push_str(&text);
            of.push(found);
        }
    }
    let is_empty = tape.node(node).is_some_and(|found| found.after == node + 1);
    if is_empty {
        return None;
    }
    let mut tokens = String::new();
    let is_exact = collect(tape, bytes, node, &mut tokens) && tokens == texts;
    (!is_exact || !tokens.is_empty()).then_some(Repeat { node, of, is_exact })
}

/// Appends the tokens; `false` when bytes say something else than their tokens.
fn collect(tape: &Tape, bytes: &[u8], node: NodeId, tokens: &mut String) -> bool {
    if tape.kind(node) == Some(Kind::Array) {
        return tape.elements(node).all(|element| token(tape, bytes, element, tokens));
    }
    let lists = ["content", "refusal", "tokens"].into_iter().filter_map(|name| tape.get(bytes, node, name));
    lists.flat_map(|list| tape.elements(list)).all(|element| token(tape, bytes, element, tokens))
}

fn token(tape: &Tape, bytes: &[u8], element: NodeId, tokens: &mut String) -> bool {
    let Some(text) = tape.text(bytes, element).or_else(|| tape.text(bytes, tape.get(bytes, element, "token")?)) else {
        return false;
    };
    tokens.push_str(&text);
    let alternatives = tape.get(bytes, element, "top_logprobs").into_iter().flat_map(|list| tape.elements(list));
    says_the_same(tape, bytes, element, &text)
        && alternatives.into_iter().all(|other| {
            let text = tape.get(bytes, other, "token").and_then(|token| tape.text(bytes, token));
            says_the_same(tape, bytes, other, &text.unwrap_or_default())
        })
}

/// Whether a token's member `bytes`, where there is one, spells the token.
fn says_the_same(tape: &Tape, bytes: &[u8], element: NodeId, text: &str) -> bool {
    let Some(list) = tape.get(bytes, element, "bytes").filter(|list| tape.kind(*list) == Some(Kind::Array)) else {
        return true;
    };
    tape.elements(list).map(|byte| tape.number(bytes, byte)).eq(text.bytes().map(|byte| Some(u64::from(byte))))
}
