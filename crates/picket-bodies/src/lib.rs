//! Bodies behind salted commitments: sealed, stored, opened, erased.
