//! The composition root: configuration, build order, lifecycle.
