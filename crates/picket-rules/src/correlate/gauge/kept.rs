//! Values of a window: different ones, sums, ranks and chains.

use super::{Distinct, Item, Ordered, RANKED_MAX, Ranked, SCANNED_MAX, SUMS_MAX, Sum, bits, number, steps};
use std::collections::HashMap;

impl Distinct {
    pub(super) fn len(&self) -> usize {
        self.last.as_ref().map_or(self.order.len(), HashMap::len)
    }

    pub(super) fn first(&self) -> Option<i64> {
        self.order.front().map(|(at, ..)| *at)
    }

    /// Takes the front away; whether it counted.
    fn pop(&mut self) -> bool {
        let Some((at, value, event)) = self.order.pop_front() else { return false };
        let Some(last) = &mut self.last else { return true };
        if last.get(&value) == Some(&(at, event)) {
            last.remove(&value);
            return true;
        }
        false
    }

    pub(super) fn forget(&mut self, from: i64) {
        while self.first().is_some_and(|at| at < from) {
            self.pop();
        }
    }

    pub(super) fn add(&mut self, item: &Item, most: usize) {
        match &mut self.last {
            None => {
                if let Some(place) = self.order.iter().position(|(_, value, _)| *value == item.value) {
                    self.order.remove(place);
                }
            }
            Some(last) => drop(last.insert(item.value, (item.at, item.event))),
        }
        self.order.push_back((item.at, item.value, item.event));
        if self.last.is_none() && self.order.len() > SCANNED_MAX {
            self.last = Some(self.order.iter().map(|(at, value, event)| (*value, (*at, *event))).collect());
        }
        while self.len() > most && !self.order.is_empty() {
            self.pop();
        }
        // What was seen again stands further back too.
        if self.order.len() > self.len() * 2 + SCANNED_MAX
            && let Some(last) = &self.last
        {
            self.order.retain(|(at, value, event)| last.get(value) == Some(&(*at, *event)));
        }
        // The front has to be one that counts, since it is read as the oldest.
        while let (Some(last), Some((at, value, event))) = (&self.last, self.order.front()) {
            if last.get(value) == Some(&(*at, *event)) {
                break;
            }
            self.order.pop_front();
        }
    }
}

impl Sum {
    fn pop(&mut self) {
        if let Some((_, sum, count, _)) = self.entries.pop_front() {
            self.total -= sum;
            self.count -= count;
        }
    }

    pub(super) fn forget(&mut self, from: i64) {
        while self.entries.front().is_some_and(|(at, ..)| *at < from) {
            self.pop();
        }
    }

    pub(super) fn add(&mut self, item: &Item) -> bool {
        let value = steps(bits(item.value));
        self.total += value;
        self.count += 1;
        match self.entries.back_mut().filter(|(at, ..)| *at == item.at) {
            Some((_, sum, count, event)) => {
                *sum += value;
                *count += 1;
                *event = item.event;
            }
            None => self.entries.push_back((item.at, value, 1, item.event)),
        }
        let is_full = self.entries.len() > SUMS_MAX;
        if is_full {
            self.pop();
        }
        is_full
    }
}

impl Ranked {
    fn pop(&mut self) {
        if let Some((_, value, _)) = self.entries.pop_front() {
            let place = self.sorted.partition_point(|other| other.total_cmp(&value).is_lt());
            if place < self.sorted.len() {
                self.sorted.remove(place);
            }
        }
    }

    pub(super) fn forget(&mut self, from: i64) {
        while self.entries.front().is_some_and(|(at, ..)| *at < from) {
            self.pop();
        }
    }

    pub(super) fn add(&mut self, item: &Item) -> bool {
        let value = bits(item.value);
        let place = self.sorted.partition_point(|other| other.total_cmp(&value).is_lt());
        self.sorted.insert(place, value);
        self.entries.push_back((item.at, value, item.event));
        let is_full = self.entries.len() > RANKED_MAX;
        if is_full {
            self.pop();
        }
        is_full
    }

    /// The value at a rank from 0 to 100, between two values in proportion.
    pub(crate) fn at(&self, rank: f64) -> f64 {
        let place = rank / 100.0 * number(self.sorted.len().saturating_sub(1));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list of bounded length"
        )]
        let below = place.floor() as usize;
        let one = self.sorted.get(below).copied().unwrap_or_default();
        let other = self.sorted.get(below + 1).copied().unwrap_or(one);
        one + (other - one) * place.fract()
    }
}

impl Ordered {
    pub(super) fn add(&mut self, item: &Item) {
        if item.at != self.now {
            (self.now, self.at_once) = (item.at, 0);
        }
        self.at_once |= 1_u64.checked_shl(u32::try_from(item.part).unwrap_or(u32::MAX)).unwrap_or(0);
        if let Some(last) = self.last.get_mut(item.part) {
            *last = (item.at, item.event);
        }
        // What happened at one moment may have happened in any order.
        let mut before = item.at;
        for (part, begin) in self.begins.iter_mut().enumerate() {
            if self.at_once >> part & 1 == 1 {
                *begin = (*begin).max(before);
            }
            before = *begin;
        }
    }
}
