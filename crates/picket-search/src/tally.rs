//! Percentiles of many whole numbers in little memory.

/// Numbers below this have a bucket each; above, each power of two has half as many.
const FINE: u64 = 256;
const FINE_BITS: u32 = 8;

/// Counts of whole numbers in buckets that are at most 0.8 % wide.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    counts: Vec<u64>,
    total: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, number: u64) {
        let bucket = bucket(number);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.total += 1;
    }

    /// The number that so many in a hundred do not exceed; none without numbers.
    pub(crate) fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        at.map(greatest)
    }
}

fn bucket(number: u64) -> usize {
    if number < FINE {
        return usize::try_from(number).unwrap_or(0);
    }
    let shift = number.ilog2() - (FINE_BITS - 1);
    let within = (number >> shift) - FINE / 2;
    usize::try_from(FINE + u64::from(shift - 1) * (FINE / 2) + within).unwrap_or(usize::MAX)
}

/// The greatest number of a bucket.
fn greatest(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or(0);
    if bucket < FINE {
        return bucket;
    }
    let (power, within) = ((bucket - FINE) / (FINE / 2), (bucket - FINE) % (FINE / 2));
    let end = u128::from(within + FINE / 2 + 1) << (power + 1);
    u64::try_from(end - 1).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
