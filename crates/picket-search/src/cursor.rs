//! Where a list was left: a place between two positions, the order, and the digest of the filter.

use crate::failure::SearchError;
use crate::request::{Order, Request};
use picket_keys::Keyring;
use picket_stdx::encode::{hex, unhex};
use std::fmt;
use std::str::FromStr;

const VERSION: u8 = 1;
const DIGEST_BYTES: usize = 8;

/// A place in a list, as an opaque text. It is good for the filter, the event types and the order that it was made
/// with; times (`since`, `from`, `to`) may move on, since relative ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    order: Order,
    /// The place is before this position, and after all smaller ones.
    pub(crate) place: u64,
    digest: [u8; DIGEST_BYTES],
}

/// A text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor; take the text of `picket-next-cursor`, or begin without one")]
pub struct ParseCursorError;

/// Makes the cursors of one request.
pub(crate) struct Cursors {
    order: Order,
    digest: [u8; DIGEST_BYTES],
}

impl Cursors {
    pub(crate) fn of(request: &Request, keyring: &Keyring) -> Self {
        let text = format!("{}\n{}", request.filter, request.event_types.join(","));
        let whole = keyring.keyed_hash("cursor", text.as_bytes());
        Self { order: request.order, digest: std::array::from_fn(|at| whole.get(at).copied().unwrap_or(0)) }
    }

    /// A cursor before `place`.
    pub(crate) fn at(&self, place: u64) -> Cursor {
        Cursor { order: self.order, place, digest: self.digest }
    }

    /// Refuses a cursor of another list.
    pub(crate) fn check(&self, cursor: &Cursor) -> Result<u64, SearchError> {
        let same = cursor.order == self.order && cursor.digest == self.digest;
        if same { Ok(cursor.place) } else { Err(SearchError::Cursor) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![VERSION, u8::from(self.order == Order::Descending)];
        bytes.extend_from_slice(&self.place.to_be_bytes());
        bytes.extend_from_slice(&self.digest);
        f.write_str(&hex(&bytes))
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = unhex(text).ok_or(ParseCursorError)?;
        let (head, rest) = bytes.split_first_chunk::<2>().ok_or(ParseCursorError)?;
        let (place, digest) = rest.split_first_chunk::<8>().ok_or(ParseCursorError)?;
        let order = match head {
            [VERSION, 0] => Order::Ascending,
            [VERSION, 1] => Order::Descending,
            _ => return Err(ParseCursorError),
        };
        let digest = digest.try_into().map_err(|_error| ParseCursorError)?;
        Ok(Self { order, place: u64::from_be_bytes(*place), digest })
    }
}
