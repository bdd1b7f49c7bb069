//! The index of events and its consumer.
