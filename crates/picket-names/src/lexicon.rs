//! Words that are known to be parts of names, or to be ordinary: a set of hashes with a few bits each.

/// What is known of a word.
pub mod bit {
    /// A given name.
    pub const GIVEN: u8 = 1;
    /// A family name.
    pub const FAMILY: u8 = 2;
    /// A place of one word.
    pub const PLACE: u8 = 4;
    /// The first word of a place of several.
    pub const PLACE_FIRST: u8 = 8;
    /// Another word of such a place.
    pub const PLACE_MORE: u8 = 16;
    /// A word that the model knows as itself.
    pub const KNOWN: u8 = 32;
    /// An ordinary word, which is mostly written small.
    pub const ORDINARY: u8 = 64;
    /// A word that streets are called by.
    pub const STREET: u8 = 128;
    /// All that make a word a name.
    pub const NAMES: u8 = GIVEN | FAMILY | PLACE | PLACE_FIRST | PLACE_MORE;
}

/// Slots that are looked at for one word.
const PROBES_MAX: usize = 32;

/// An open table: the upper 24 bits of a hash, and the bits of its word. Zero is empty.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    slots: Vec<u32>,
}

impl Lexicon {
    /// A table of words and their bits. Words that find no slot are left out; with a table at most three quarters full
    /// there are none.
    pub fn new(words: impl IntoIterator<Item = (u32, u8)>, slots: usize) -> Self {
        let mut table = vec![0_u32; slots.max(1).next_power_of_two()];
        for (hash, bits) in words {
            let key = key(hash);
            for probe in 0..PROBES_MAX {
                let at = place(hash, probe, table.len());
                let Some(slot) = table.get_mut(at) else { break };
                if *slot == 0 || *slot >> 8 == key {
                    *slot = key << 8 | *slot & 0xff | u32::from(bits);
                    break;
                }
            }
        }
        Self { slots: table }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<4>();
        let is_whole = rest.is_empty() && words.len().is_power_of_two();
        is_whole.then(|| Self { slots: words.iter().map(|word| u32::from_le_bytes(*word)).collect() })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.slots.iter().flat_map(|slot| slot.to_le_bytes()).collect()
    }

    /// What is known of a word by its [hash](crate::hash_of); nothing of most.
    pub fn bits(&self, hash: u32) -> u8 {
        let key = key(hash);
        for probe in 0..PROBES_MAX {
            match self.slots.get(place(hash, probe, self.slots.len())) {
                None | Some(0) => return 0,
                Some(slot) if slot >> 8 == key => return slot.to_le_bytes().first().copied().unwrap_or(0),
                Some(_) => {}
            }
        }
        0
    }
}

/// Never zero, so that a slot with a word is not empty.
const fn key(hash: u32) -> u32 {
    (hash >> 8) | 1
}

fn place(hash: u32, probe: usize, slots: usize) -> usize {
    let first = usize::try_from(hash.wrapping_mul(0x9e37_79b1)).unwrap_or(0) >> 7;
    (first + probe) & slots.wrapping_sub(1)
}

#[cfg(test)]
mod tests;
