//! The filter grammar of events: parse with positions, match in memory.
