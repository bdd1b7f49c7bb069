//! The fields that rules speak of, and the way to them through an event.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A field that some rule speaks of.
pub(crate) type Slot = usize;

/// Every text of the event, for values without a field.
pub(crate) const ANY_TEXT: Slot = 0;

/// Where events begin.
pub(crate) const ROOT: usize = 0;

/// A cheap hash. What is looked up comes from outside, what is in the table from rules alone: nobody outside can make
/// entries collide.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Fast(u64);

impl Hasher for Fast {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.add(chunk.try_into().map_or(0, u64::from_le_bytes));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.add(u64::from_le_bytes(last));
        }
    }
}

impl Fast {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// A table whose keys come from rules.
pub(crate) type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<Fast>>;

/// Fields by name. `a.b` is the member `b` of the member `a`, and the member `a.b` as well; what stands in a list counts
/// as if it stood in its place.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    nodes: Vec<FieldNode>,
    names: Vec<String>,
    by_name: HashMap<String, Slot>,
}

#[derive(Debug, Clone, Default)]
struct FieldNode {
    slot: Option<Slot>,
    children: FastMap<Box<str>, usize>,
}

impl Default for Fields {
    fn default() -> Self {
        Self { nodes: vec![FieldNode::default()], names: vec![String::new()], by_name: HashMap::new() }
    }
}

impl Fields {
    /// The slot of a field, which is looked for from now on.
    pub(crate) fn add(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.by_name.get(name) {
            return *slot;
        }
        let slot = self.names.len();
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), slot);
        self.lead(std::iter::once(name), slot);
        if name.contains('.') {
            self.lead(name.split('.'), slot);
        }
        slot
    }

    fn lead<'a>(&mut self, path: impl Iterator<Item = &'a str>, slot: Slot) {
        let mut at = ROOT;
        for name in path {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = *node.children.entry(Box::from(name)).or_insert(next);
            if at == next {
                self.nodes.push(FieldNode::default());
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.slot = Some(slot);
        }
    }

    /// How many slots there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The member of a place in an event, if some field leads through it.
    pub(crate) fn child(&self, node: usize, name: &str) -> Option<usize> {
        self.nodes.get(node)?.children.get(name).copied()
    }

    /// The slot of a place in an event, and whether fields lead further.
    pub(crate) fn at(&self, node: usize) -> (Option<Slot>, bool) {
        self.nodes.get(node).map_or((None, false), |node| (node.slot, !node.children.is_empty()))
    }
}
