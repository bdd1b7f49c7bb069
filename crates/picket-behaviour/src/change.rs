//! Changes that creep: each step is small, and all go the same way.

/// A sum of what lies above what is usual (one-sided CUSUM).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cusum {
    /// In standard deviations.
    pub sum: f64,
}

impl Cusum {
    /// Takes a value in, in standard deviations from what is usual; `slack` of it is nothing. The sum so far.
    pub fn add(&mut self, deviations: f64, slack: f64) -> f64 {
        self.sum = (self.sum + deviations - slack).max(0.0);
        self.sum
    }
}

#[cfg(test)]
mod tests;
