//! The command under its other name, `kt`.
fn main() {}
