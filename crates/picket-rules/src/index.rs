//! Which leaves are true of a field's values, without asking each of them.

use crate::event::Values;
use crate::fields::{FastMap, Slot};
use crate::leaf::{self, Check, Leaf};
use crate::model::Order;
use crate::pattern::How;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use ipnet::IpNet;
use std::net::IpAddr;

/// Bytes of literals up to which the fastest automaton is built: it takes some hundred times as much memory.
const DFA_BYTES_MAX: usize = 128 * 1024;

/// The leaves of one field by which rules are found.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlotIndex {
    folded: Option<Literals>,
    cased: Option<Literals>,
    /// Sorted.
    numbers: Vec<(f64, usize)>,
    /// Bounds that larger numbers pass, sorted, and bounds that smaller ones do.
    above: Vec<(f64, bool, usize)>,
    below: Vec<(f64, bool, usize)>,
    networks: Networks,
    /// Leaves that are asked one by one.
    others: Vec<usize>,
    /// Whether something there is enough.
    exists: Vec<usize>,
}

/// Literals of a field: whole values by a table, others by an automaton.
#[derive(Debug, Clone, Default)]
struct Literals {
    whole: FastMap<Box<str>, usize>,
    longest_whole: usize,
    automaton: Option<AhoCorasick>,
    /// For each pattern of the automaton, the leaves that it is of.
    leaves: Vec<Vec<(How, usize)>>,
}

/// Networks by the length of their prefixes.
#[derive(Debug, Clone, Default)]
struct Networks {
    /// Family and length.
    lengths: Vec<(bool, u8)>,
    leaves: FastMap<(bool, u8, u128), usize>,
}

impl Networks {
    fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    fn add(&mut self, network: IpNet, leaf: usize) {
        let (is_v6, bits) = bits(network.network());
        let length = network.prefix_len();
        if !self.lengths.contains(&(is_v6, length)) {
            self.lengths.push((is_v6, length));
        }
        self.leaves.insert((is_v6, length, bits), leaf);
    }

    fn find(&self, address: IpAddr, hit: &mut impl FnMut(usize)) {
        let (is_v6, bits) = bits(address);
        for (_, length) in self.lengths.iter().filter(|(other, _)| *other == is_v6) {
            let mask = u128::MAX.checked_shl(128 - u32::from(*length)).unwrap_or(0);
            if let Some(leaf) = self.leaves.get(&(is_v6, *length, bits & mask)) {
                hit(*leaf);
            }
        }
    }
}

/// The family of an address, and its bits from the highest on.
fn bits(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, u128::from(address.to_bits()) << 96),
        IpAddr::V6(address) => (true, address.to_bits()),
    }
}

impl SlotIndex {
    /// Of the given leaves, which are all of one field.
    pub(crate) fn build(wanted: &[usize], leaves: &[Leaf]) -> Result<Self, String> {
        let mut index = Self::default();
        let (mut folded, mut cased) = (Vec::new(), Vec::new());
        for id in wanted {
            let Some(leaf) = leaves.get(*id) else { continue };
            match &leaf.check {
                Check::Literal { how, text, cased: false, .. } => folded.push((*how, text.as_str(), *id)),
                Check::Literal { how, text, cased: true, .. } => cased.push((*how, text.as_str(), *id)),
                Check::Number(number) => index.numbers.push((*number, *id)),
                Check::Compare(Order::Gt, bound) => index.above.push((*bound, false, *id)),
                Check::Compare(Order::Gte, bound) => index.above.push((*bound, true, *id)),
                Check::Compare(Order::Lt, bound) => index.below.push((*bound, false, *id)),
                Check::Compare(Order::Lte, bound) => index.below.push((*bound, true, *id)),
                Check::Network(network) => index.networks.add(*network, *id),
                Check::Exists => index.exists.push(*id),
                Check::Compare(..)
                | Check::Pattern { .. }
                | Check::Regex(_)
                | Check::Bool(_)
                | Check::Field { .. }
                | Check::Time(..) => {
                    index.others.push(*id);
                }
                // Where nothing stands, nothing is found.
                Check::Null => {}
            }
        }
        index.folded = Literals::build(&folded)?;
        index.cased = Literals::build(&cased)?;
        index.numbers.sort_by(|one, other| one.0.total_cmp(&other.0));
        index.above.sort_by(|one, other| one.0.total_cmp(&other.0));
        index.below.sort_by(|one, other| other.0.total_cmp(&one.0));
        Ok(index)
    }

    /// Tells the leaves that are true of what stands in a field.
    pub(crate) fn find(
        &self,
        slot: Slot,
        event: &str,
        values: &mut Values,
        leaves: &[Leaf],
        hit: &mut impl FnMut(usize),
    ) {
        if values.is_there(slot) {
            self.exists.iter().for_each(|leaf| hit(*leaf));
        }
        if self.folded.is_some() {
            values.fold(event, slot);
        }
        let with_numbers = !(self.numbers.is_empty() && self.above.is_empty() && self.below.is_empty());
        for atom in values.atoms(slot) {
            if let Some(literals) = &self.folded {
                literals.find(values.folded(atom), hit);
            }
            if let Some(literals) = &self.cased {
                literals.find(values.text(event, atom), hit);
            }
            if with_numbers && let Some(number) = leaf::number(values, event, atom) {
                self.find_number(number, hit);
            }
            if !self.networks.is_empty()
                && let Some(address) = leaf::address(values.text(event, atom))
            {
                self.networks.find(address, hit);
            }
        }
        for id in &self.others {
            if leaves.get(*id).is_some_and(|leaf| leaf.holds(event, values)) {
                hit(*id);
            }
        }
    }

    fn find_number(&self, number: f64, hit: &mut impl FnMut(usize)) {
        let from = self.numbers.partition_point(|(other, _)| *other < number - f64::EPSILON);
        let equal = self.numbers.iter().skip(from).take_while(|(other, _)| *other <= number + f64::EPSILON);
        equal.filter(|(other, _)| (number - other).abs() < f64::EPSILON).for_each(|(_, leaf)| hit(*leaf));
        let above = self.above.iter().take_while(|(bound, _, _)| *bound <= number);
        above.filter(|(bound, or_equal, _)| *or_equal || *bound < number).for_each(|(_, _, leaf)| hit(*leaf));
        let below = self.below.iter().take_while(|(bound, _, _)| *bound >= number);
        below.filter(|(bound, or_equal, _)| *or_equal || *bound > number).for_each(|(_, _, leaf)| hit(*leaf));
    }
}

impl Literals {
    fn build(literals: &[(How, &str, usize)]) -> Result<Option<Self>, String> {
        if literals.is_empty() {
            return Ok(None);
        }
        let mut built = Self::default();
        let mut patterns: Vec<&str> = Vec::new();
        let mut places: FastMap<&str, usize> = FastMap::default();
        for (how, text, leaf) in literals {
            if *how == How::Equals {
                built.longest_whole = built.longest_whole.max(text.len());
                built.whole.insert(Box::from(*text), *leaf);
                continue;
            }
            let next = patterns.len();
            let place = *places.entry(text).or_insert(next);
            if place == next {
                patterns.push(text);
                built.leaves.push(Vec::new());
            }
            if let Some(leaves) = built.leaves.get_mut(place) {
                leaves.push((*how, *leaf));
            }
        }
        if !patterns.is_empty() {
            let bytes: usize = patterns.iter().map(|text| text.len()).sum();
            let kind = if bytes <= DFA_BYTES_MAX { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
            let mut builder = AhoCorasickBuilder::new();
            let automaton = builder.match_kind(MatchKind::Standard).kind(Some(kind)).build(&patterns);
            built.automaton =
                Some(automaton.map_err(|error| format!("the literals of the rules are too many: {error}"))?);
        }
        Ok(Some(built))
    }

    fn find(&self, text: &str, hit: &mut impl FnMut(usize)) {
        if text.len() <= self.longest_whole
            && let Some(leaf) = self.whole.get(text)
        {
            hit(*leaf);
        }
        let Some(automaton) = &self.automaton else { return };
        for found in automaton.find_overlapping_iter(text) {
            let Some(leaves) = self.leaves.get(found.pattern().as_usize()) else { continue };
            for (how, leaf) in leaves {
                let fits = match how {
                    How::Contains => true,
                    How::Starts => found.start() == 0,
                    How::Ends => found.end() == text.len(),
                    How::Equals => false,
                };
                if fits {
                    hit(*leaf);
                }
            }
        }
    }
}
