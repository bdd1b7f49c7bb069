//! What a streamed answer said, for the checks that want sentences: judged when a channel ends, or when there is much.
//!
//! The text is out by then. The verdict is recorded, and can end the stream before the answer is over.

use picket_llm::ChannelId;
use std::collections::HashMap;

/// So much is judged at once.
const JUDGED_BYTES: usize = 16 * 1_024;
/// What one judgement sees of the text before it, so that no sentence is cut for both.
const OVERLAP_BYTES: usize = 1_024;
/// Channels that are kept apart; a stream that opens more is judged with what it has.
const CHANNELS_MAX: usize = 64;

/// The texts of a stream that are not judged yet. Bounded.
#[derive(Debug, Default)]
pub(crate) struct Late {
    channels: HashMap<ChannelId, Said>,
}

#[derive(Debug, Default)]
struct Said {
    text: String,
    /// Bytes at the beginning that were judged already.
    judged: usize,
}

impl Late {
    /// Takes what a channel said; the text to judge, once there is enough of it.
    pub(crate) fn take(&mut self, channel: ChannelId, text: &str) -> Option<String> {
        let full = self.channels.len() >= CHANNELS_MAX && !self.channels.contains_key(&channel);
        let said = self.channels.entry(if full { ChannelId::MAX } else { channel }).or_default();
        said.text.push_str(text);
        (said.text.len() >= JUDGED_BYTES).then(|| said.next())
    }

    /// What is left of a channel that ended.
    pub(crate) fn end(&mut self, channel: ChannelId) -> Option<String> {
        let said = self.channels.remove(&channel)?;
        (said.text.len() > said.judged).then_some(said.text)
    }

    /// What is left of all channels.
    pub(crate) fn rest(&mut self) -> Vec<(ChannelId, String)> {
        let mut left: Vec<_> = self.channels.drain().filter(|(_, said)| said.text.len() > said.judged).collect();
        left.sort_by_key(|(channel, _)| *channel);
        left.into_iter().map(|(channel, said)| (channel, said.text)).collect()
    }
}

impl Said {
    fn next(&mut self) -> String {
        let from = self.text.ceil_char_boundary(self.text.len().saturating_sub(OVERLAP_BYTES));
        let overlap = self.text.get(from..).unwrap_or_default().to_owned();
        self.judged = overlap.len();
        std::mem::replace(&mut self.text, overlap)
    }
}

#[cfg(test)]
mod tests;
