//! The command `picket`.
fn main() {}
