//! What rules need of an event: values of the fields that they speak of, borrowed from its text.
//!
//! Everything is kept as numbers of places in buffers that are used again, so that an event costs no allocation once they
//! have grown. A key that stands twice counts with all its values: whichever of them a reader takes, a rule sees it.

use crate::fields::{ANY_TEXT, Fields, ROOT, Slot};
use crate::pattern::fold_into;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The longest event that is read.
pub const EVENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Values of fields of one event.
const ATOMS_MAX: usize = 100_000;

/// Why an event could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError {
    /// Line in the event, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What, and what to do.
    pub message: String,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EventError {}

/// A stretch of a buffer.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
}

/// Where the text of a value stands.
#[derive(Debug, Clone, Copy)]
enum Held {
    /// In the event.
    Event(Span),
    /// Among what had to be written anew: escaped texts and numbers.
    Side(Span),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What {
    Text,
    Number(f64),
    Bool(bool),
}

/// One value of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Atom {
    pub(crate) what: What,
    held: Held,
    folded: Option<Span>,
    next: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default)]
struct SlotState {
    first: Option<usize>,
    last: Option<usize>,
    /// Something but null stands there.
    is_there: bool,
    is_touched: bool,
}

/// The values of one event, and the buffers for the next.
#[derive(Debug, Default)]
pub(crate) struct Values {
    atoms: Vec<Atom>,
    slots: Vec<SlotState>,
    touched: Vec<Slot>,
    side: String,
    folded: String,
}

impl Values {
    pub(crate) fn new(fields: &Fields) -> Self {
        Self { slots: vec![SlotState::default(); fields.len()], ..Self::default() }
    }

    /// Reads an event; `any_text` keeps all its texts.
    pub(crate) fn read(&mut self, event: &str, fields: &Fields, any_text: bool) -> Result<(), EventError> {
        self.clear(fields.len());
        if event.len() > EVENT_BYTES_MAX {
            let message = format!("the event is longer than {} MiB", EVENT_BYTES_MAX / 1024 / 1024);
            return Err(EventError { line: 1, column: 1, message });
        }
        let mut deserializer = serde_json::Deserializer::from_str(event);
        let mut reader = Reader { fields, values: self, begin: event.as_ptr().addr(), any_text };
        let read = Root(&mut reader).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        read.map_err(|error| {
            self.clear(fields.len());
            // The text of the library's errors may quote the event; its place does not.
            let message = match error.classify() {
                serde_json::error::Category::Eof => "the event ends in the middle; is it cut off?".to_owned(),
                serde_json::error::Category::Data => {
                    error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
                }
                _ => format!("the event is no JSON object from column {} on", error.column().max(1)),
            };
            EventError { line: error.line().max(1), column: error.column().max(1), message }
        })
    }

    fn clear(&mut self, slots: usize) {
        for slot in self.touched.drain(..) {
            if let Some(state) = self.slots.get_mut(slot) {
                *state = SlotState::default();
            }
        }
        self.slots.resize(slots, SlotState::default());
        self.atoms.clear();
        self.side.clear();
        self.folded.clear();
    }

    /// Slots that something stands in.
    pub(crate) fn touched(&self) -> &[Slot] {
        &self.touched
    }

    /// Whether something but null stands in a slot.
    pub(crate) fn is_there(&self, slot: Slot) -> bool {
        self.slots.get(slot).is_some_and(|state| state.is_there)
    }

    /// The values in a slot.
    pub(crate) fn atoms(&self, slot: Slot) -> impl Iterator<Item = &Atom> {
        let mut next = self.slots.get(slot).and_then(|state| state.first);
        std::iter::from_fn(move || {
            let atom = self.atoms.get(next?)?;
            next = atom.next;
            Some(atom)
        })
    }

    /// A value as it is written.
    pub(crate) fn text<'a>(&'a self, event: &'a str, atom: &Atom) -> &'a str {
        let text = match atom.held {
            Held::Event(span) => event.get(span.start..span.end),
            Held::Side(span) => self.side.get(span.start..span.end),
        };
        text.unwrap_or_default()
    }

    /// A value without regard to case, once [`Values::fold`] was called for its slot.
    pub(crate) fn folded(&self, atom: &Atom) -> &str {
        atom.folded.and_then(|span| self.folded.get(span.start..span.end)).unwrap_or_default()
    }

    /// Folds the values of a slot, unless that was done.
    pub(crate) fn fold(&mut self, event: &str, slot: Slot) {
        let mut next = self.slots.get(slot).and_then(|state| state.first);
        while let Some(atom) = next.and_then(|at| self.atoms.get_mut(at)) {
            next = atom.next;
            if atom.folded.is_none() {
                let text = match atom.held {
                    Held::Event(span) => event.get(span.start..span.end),
                    Held::Side(span) => self.side.get(span.start..span.end),
                };
                let start = self.folded.len();
                fold_into(text.unwrap_or_default(), &mut self.folded);
                atom.folded = Some(Span { start, end: self.folded.len() });
            }
        }
    }

    fn touch(&mut self, slot: Slot, is_there: bool) {
        if let Some(state) = self.slots.get_mut(slot) {
            if !state.is_touched {
                state.is_touched = true;
                self.touched.push(slot);
            }
            state.is_there |= is_there;
        }
    }

    fn push(&mut self, slot: Slot, what: What, held: Held) -> bool {
        if self.atoms.len() >= ATOMS_MAX {
            return false;
        }
        self.touch(slot, true);
        let at = self.atoms.len();
        self.atoms.push(Atom { what, held, folded: None, next: None });
        if let Some(state) = self.slots.get_mut(slot) {
            let last = state.last.replace(at);
            state.first.get_or_insert(at);
            if let Some(before) = last.and_then(|last| self.atoms.get_mut(last)) {
                before.next = Some(at);
            }
        }
        true
    }

    fn aside(&mut self, text: impl fmt::Display) -> Held {
        use fmt::Write as _;
        let start = self.side.len();
        write!(self.side, "{text}").unwrap_or_default();
        Held::Side(Span { start, end: self.side.len() })
    }
}

struct Reader<'a> {
    fields: &'a Fields,
    values: &'a mut Values,
    /// Where the event begins in memory: borrowed texts are kept by their distance from there.
    begin: usize,
    any_text: bool,
}

impl Reader<'_> {
    fn put<E: serde::de::Error>(&mut self, node: Option<usize>, what: What, held: Held) -> Result<(), E> {
        let slot = node.and_then(|node| self.fields.at(node).0);
        let mut fits = slot.is_none_or(|slot| self.values.push(slot, what, held));
        if self.any_text && what == What::Text {
            fits &= self.values.push(ANY_TEXT, what, held);
        }
        if fits {
            Ok(())
        } else {
            Err(E::custom(format!("the event has more than {ATOMS_MAX} values that rules look at")))
        }
    }
}

/// The event itself: an object.
struct Root<'r, 'a>(&'r mut Reader<'a>);

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event: a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        members(self.0, Some(ROOT), map)
    }
}

fn members<'de, A: MapAccess<'de>>(reader: &mut Reader<'_>, node: Option<usize>, mut map: A) -> Result<(), A::Error> {
    while let Some(child) = map.next_key_seed(Member { fields: reader.fields, node })? {
        if child.is_some() || reader.any_text {
            map.next_value_seed(Place { reader, node: child })?;
        } else {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

/// The name of a member: where it leads.
struct Member<'a> {
    fields: &'a Fields,
    node: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Member<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.node.and_then(|node| self.fields.child(node, name)))
    }
}

/// A value, and the fields that lead there.
struct Place<'r, 'a> {
    reader: &'r mut Reader<'a>,
    node: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Place<'_, '_> {
    fn is_there(&mut self, is_there: bool) {
        if let Some(slot) = self.node.and_then(|node| self.reader.fields.at(node).0) {
            self.reader.values.touch(slot, is_there);
        }
    }

    fn number<E: serde::de::Error>(self, number: f64, held: Held) -> Result<(), E> {
        self.reader.put(self.node, What::Number(number), held)
    }
}

impl<'de> Visitor<'de> for Place<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<(), E> {
        let start =
            text.as_ptr().addr().checked_sub(self.reader.begin).ok_or_else(|| E::custom("a text out of place"))?;
        self.reader.put(self.node, What::Text, Held::Event(Span { start, end: start + text.len() }))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let held = self.reader.values.aside(text);
        self.reader.put(self.node, What::Text, held)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        let held = self.reader.values.aside(itoa::Buffer::new().format(number));
        #[expect(clippy::cast_precision_loss, reason = "numbers are compared as floating point, as Sigma's are")]
        self.number(number as f64, held)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        let held = self.reader.values.aside(itoa::Buffer::new().format(number));
        #[expect(clippy::cast_precision_loss, reason = "numbers are compared as floating point, as Sigma's are")]
        self.number(number as f64, held)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        let held = self.reader.values.aside(number);
        self.number(number, held)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        let held = self.reader.values.aside(value);
        self.reader.put(self.node, What::Bool(value), held)
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.is_there(false);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.is_there(true);
        while list.next_element_seed(Place { reader: self.reader, node: self.node })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.is_there(true);
        let leads_on = self.node.is_some_and(|node| self.reader.fields.at(node).1);
        if leads_on || self.reader.any_text {
            return members(self.reader, self.node, map);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests;
