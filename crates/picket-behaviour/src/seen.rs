//! Which values are new.

/// Values with when they were seen last, in order of the values. Those that were not seen for long are new again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Sorted by value.
    pub values: Vec<(u64, i64)>,
    /// When the first value came.
    pub since: Option<i64>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It was not seen before, or not for so long that it is forgotten.
    New {
        /// Another had to be forgotten for it, before its time.
        forgot: bool,
    },
    /// It was seen then.
    Known(i64),
}

impl Seen {
    /// Takes in a value that is seen at a time, not before any other. It is new if it was not seen in the `expire` before.
    /// At most `most` values are remembered: the one that was seen longest ago goes.
    pub fn see(&mut self, value: u64, at: i64, expire: i64, most: usize) -> Sight {
        self.since.get_or_insert(at);
        let place = self.values.partition_point(|(other, _)| *other < value);
        if let Some((_, last)) = self.values.get_mut(place).filter(|(other, _)| *other == value) {
            let before = std::mem::replace(last, at);
            return if before < at.saturating_sub(expire) {
                Sight::New { forgot: false }
            } else {
                Sight::Known(before)
            };
        }
        self.values.insert(place, (value, at));
        let mut forgot = false;
        if self.values.len() > most.max(1) {
            let alive = at.saturating_sub(expire);
            let before = self.values.len();
            self.values.retain(|(_, last)| *last >= alive);
            if self.values.len() == before
                && let Some(oldest) =
                    self.values.iter().enumerate().min_by_key(|(_, (_, last))| *last).map(|(at, _)| at)
            {
                self.values.remove(oldest);
                forgot = true;
            }
        }
        Sight::New { forgot }
    }

    /// Whether values were watched for so long that a new one means something.
    pub fn has_learned(&self, at: i64, learn: i64) -> bool {
        self.since.is_some_and(|since| at.saturating_sub(since) >= learn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_is_new_if_looking_back_does_not_find_it(
            mut sights in prop::collection::vec((0_u64..12, 0_i64..500), 1..80), expire in 1_i64..200,
        ) {
            sights.sort_by_key(|(_, at)| *at);
            let mut seen = Seen::default();
            for (number, (value, at)) in sights.iter().copied().enumerate() {
                let earlier = sights[..number].iter().rev().find(|(other, _)| *other == value).map(|(_, at)| *at);
                let expected = earlier.filter(|earlier| *earlier >= at - expire);
                let found = match seen.see(value, at, expire, 100) {
                    Sight::New { forgot } => { prop_assert!(!forgot); None }
                    Sight::Known(last) => Some(last),
                };
                prop_assert_eq!(found, expected);
                prop_assert!(seen.values.is_sorted());
            }
        }

        #[test]
        fn it_never_remembers_more_than_it_may(values in prop::collection::vec(any::<u64>(), 1..100), most in 1_usize..20) {
            let mut seen = Seen::default();
            for (at, value) in (0_i64..).zip(values) {
                seen.see(value, at, 1_000_000, most);
                prop_assert!(seen.values.len() <= most);
            }
        }
    }

    #[test]
    fn nothing_is_learned_before_its_time() {
        let mut seen = Seen::default();
        assert!(!seen.has_learned(0, 0));
        seen.see(1, 100, 10, 10);
        assert!(!seen.has_learned(149, 50) && seen.has_learned(150, 50));
    }
}
