//! The only way out: HTTP client with limits, address rules and TLS.
