//! Exports: jobs that write events to files with their digests.
