//! For tests and the demo: a provider that speaks every dialect, a whole server in process.
