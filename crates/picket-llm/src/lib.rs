//! Wire dialects of model providers, without I/O: walk every text, splice edits, decode and encode streams.
