//! The data plane: key, limits, dialect, checks, provider, stream guard, log.
