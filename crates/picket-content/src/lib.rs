//! Content detection, without I/O: text in; scores, types and spans out; and the guard of streams.
