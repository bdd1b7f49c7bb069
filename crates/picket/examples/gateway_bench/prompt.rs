//! Request bodies: each one differs, so that no message is recognised as seen before.

const WORDS: &str = "\
    please summarise the quarterly report for our customers and list every risk that it names, with a \
    short reason. In 2024 we sold 17% more units than before; write code like `let total = \
    items.iter().sum();` when you show examples.";

/// Requests of one shape.
#[derive(Debug, Clone)]
pub(crate) struct Prompts {
    head: String,
    tail: String,
    number: u64,
}

impl Prompts {
    /// Prompts of `bytes` for a model; `lane` tells apart who sends them.
    pub(crate) fn new(model: &str, streams: bool, bytes: usize, lane: u64) -> Self {
        let mut text = String::with_capacity(bytes + 32);
        while text.len() < bytes {
            text.push(' ');
            text.push_str(WORDS);
        }
        text.truncate(bytes);
        Self {
            head: format!(r#"{{"model":"{model}","stream":{streams},"messages":[{{"role":"user","content":"Part "#),
            tail: format!(r#"{text}"}}]}}"#),
            number: lane << 40,
        }
    }

    /// The next body, with its number in letters.
    pub(crate) fn next(&mut self, into: &mut Vec<u8>) {
        self.number += 1;
        into.extend_from_slice(self.head.as_bytes());
        let mut rest = self.number;
        for _ in 0..12 {
            into.push(b'a' + u8::try_from(rest % 26).unwrap_or(0));
            rest /= 26;
        }
        into.extend_from_slice(self.tail.as_bytes());
    }

    /// Bytes of each body.
    pub(crate) fn len(&self) -> usize {
        self.head.len() + 12 + self.tail.len()
    }
}
