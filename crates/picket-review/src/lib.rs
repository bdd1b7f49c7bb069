//! The review queue: escalations from creation to resolution.
