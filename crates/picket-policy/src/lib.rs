//! Policy documents and the chain of checks: request or answer in, verdict out.
