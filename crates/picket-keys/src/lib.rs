//! The root key and the keyring that it wraps.
