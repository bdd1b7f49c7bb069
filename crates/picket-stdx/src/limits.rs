//! Limits that hold at every border of the program. Sources: the security chapter of the documentation.

/// The largest request body that a listener accepts, in bytes.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// The largest sum of header names and values that a listener accepts, in bytes.
pub const HEADER_BYTES_MAX: usize = 32 * 1024;
/// The deepest nesting of JSON that is parsed.
pub const JSON_DEPTH_MAX: usize = 64;
/// The largest ratio of decompressed to compressed bytes.
pub const DECOMPRESSION_RATIO_MAX: usize = 20;
/// The largest canonical log entry, in bytes.
pub const ENTRY_BYTES_MAX: usize = 16_384;
/// The largest body that is kept behind a log entry, in bytes; what is longer is cut and marked `truncated`.
pub const STORED_BODY_BYTES_MAX: usize = 1024 * 1024;
/// The longest name of a user, team, application, model or tool, in bytes; longer ones are cut.
pub const NAME_BYTES_MAX: usize = 256;
