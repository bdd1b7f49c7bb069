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
mod tests;
