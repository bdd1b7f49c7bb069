//! What a score means: how rare it is among harmless texts.

/// Of so many harmless texts, one reaches a level.
pub const LEVELS: [f32; 5] = [2.0, 10.0, 50.0, 200.0, 1_000.0];

/// Scores that one of 2, 10, 50, 200 and 1,000 harmless texts reaches.
pub type Levels = [f32; LEVELS.len()];

/// The order of magnitude of how rare a score is among harmless texts: 2 is one in a hundred. Beyond the last level it goes
/// on as steeply, for a while.
pub fn magnitude(levels: &Levels, score: f32) -> f32 {
    let mut below = (0.0, f32::NEG_INFINITY);
    let mut slope = 0.0;
    for (level, rarity) in levels.iter().zip(LEVELS) {
        let order = rarity.log10();
        if score < *level {
            if below.1 == f32::NEG_INFINITY {
                return 0.0;
            }
            return below.0 + (order - below.0) * (score - below.1) / (level - below.1).max(1e-6);
        }
        if below.1 > f32::NEG_INFINITY {
            slope = (order - below.0) / (level - below.1).max(0.05);
        }
        below = (order, *level);
    }
    below.0 + (slope * (score - below.1)).min(2.0)
}
