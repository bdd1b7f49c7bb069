//! Consumers of the log and the supervisor of background tasks.
