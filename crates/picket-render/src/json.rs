//! JSON written straight into a buffer: members in the order in which they are put, nothing for what is absent.

use crate::subject::Body;
use picket_event::ids::Kind;
use picket_event::score::rounded;
use picket_event::{Attribute, Id};
use picket_stdx::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write as _;

/// What can be the value of a member.
pub(crate) trait Json {
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);

    /// Whether the member is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

impl Json for str {
    fn write(&self, out: &mut Vec<u8>) {
        serialized(out, self);
    }
}

impl Json for String {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_str().write(out);
    }
}

impl Json for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
    }
}

impl Json for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
    }
}

impl Json for f64 {
    fn write(&self, out: &mut Vec<u8>) {
        serialized(out, self);
    }

    /// JSON has no infinity and no NaN.
    fn is_absent(&self) -> bool {
        !self.is_finite()
    }
}

impl Json for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Json for Timestamp {
    fn write(&self, out: &mut Vec<u8>) {
        write!(out, "\"{self}\"").unwrap_or_default();
    }
}

impl<K: Kind> Json for Id<K> {
    fn write(&self, out: &mut Vec<u8>) {
        write!(out, "\"{self}\"").unwrap_or_default();
    }
}

impl<T: Json + ?Sized> Json for &T {
    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.as_ref().is_none_or(Json::is_absent)
    }
}

impl<T: Json> Json for [T] {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, value) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            value.write(out);
        }
        out.push(b']');
    }
}

impl<T: Json, const N: usize> Json for [T; N] {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_slice().write(out);
    }
}

/// A list that is left out when it is empty.
pub(crate) struct NonEmpty<'a, T>(pub(crate) &'a [T]);

impl<T: Json> Json for NonEmpty<'_, T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// Measures by name.
impl Json for BTreeMap<String, f64> {
    fn write(&self, out: &mut Vec<u8>) {
        object(out, |object| self.iter().for_each(|(name, value)| object.put(name, *value)));
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// What a sender says, by name.
impl Json for BTreeMap<String, Attribute> {
    fn write(&self, out: &mut Vec<u8>) {
        object(out, |object| self.iter().for_each(|(name, value)| object.put(name, value)));
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Json for &Attribute {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Attribute::Flag(flag) => flag.write(out),
            Attribute::Number(number) => number.write(out),
            Attribute::Text(text) => text.as_str().write(out),
        }
    }
}

/// A score, with the digits that count.
pub(crate) struct Score(pub(crate) Option<f64>);

impl Json for Score {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.map(rounded).write(out);
    }

    fn is_absent(&self) -> bool {
        self.0.is_absent()
    }
}

/// What was said, by role.
pub(crate) struct Said<'a>(pub(crate) &'a [Body]);

impl Json for Said<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        // What was erased is null, and not absent: it was there.
        let one = |object: &mut Object<'_>, body: &Body| object.write(&body.role, |out| serialized(out, &body.content));
        object(out, |object| self.0.iter().for_each(|body| one(object, body)));
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// JSON that was written before.
pub(crate) struct Raw<'a>(pub(crate) &'a [u8]);

impl Json for Raw<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0);
    }
}

/// Appends what serde knows how to write. A buffer takes everything, and none of our types fails.
pub(crate) fn serialized<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(&mut *out, value).unwrap_or_default();
}

/// An object that is being written.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

/// Writes an object.
pub(crate) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out, is_empty: true });
    out.push(b'}');
}

impl Object<'_> {
    /// Puts a member, unless its value is absent.
    pub(crate) fn put(&mut self, key: &str, value: impl Json) {
        if !value.is_absent() {
            self.key(key);
            value.write(self.out);
        }
    }

    /// Puts an object, unless nothing is put into it.
    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        let (before, was_empty) = (self.out.len(), self.is_empty);
        self.key(key);
        self.out.push(b'{');
        let mut inner = Object { out: self.out, is_empty: true };
        fill(&mut inner);
        if inner.is_empty {
            self.out.truncate(before);
            self.is_empty = was_empty;
        } else {
            self.out.push(b'}');
        }
    }

    /// Puts a list of one object, unless nothing is put into it.
    pub(crate) fn list_of_one(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.write(key, |out| {
            out.push(b'[');
            object(out, fill);
            out.push(b']');
        });
    }

    /// Puts what somebody else writes.
    pub(crate) fn write(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.key(key);
        write(self.out);
    }

    /// Puts members that were written before, without the braces around them.
    pub(crate) fn members(&mut self, written: &[u8]) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out.extend_from_slice(written);
    }

    fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        serialized(self.out, key);
        self.out.push(b':');
    }
}
