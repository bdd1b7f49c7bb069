//! From a logged event to a document.

use crate::hashing::{Addresses, hash};
use crate::row::Row;
use crate::schema::{Fields, Slot};
use picket_event::{Entry, Event};
use picket_keys::Keyring;
use picket_log::LoggedEvent;
use picket_query::{Field, FieldKind, Value};
use std::net::IpAddr;
use tantivy::TantivyDocument;

/// Makes documents.
pub(crate) struct Documents {
    fields: Fields,
    keyring: Keyring,
    addresses: Addresses,
}

impl Documents {
    pub(crate) fn new(fields: &Fields, keyring: &Keyring) -> Self {
        Self { fields: fields.clone(), keyring: keyring.clone(), addresses: Addresses::new() }
    }

    /// The document of an event; `None` for an entry that is no event of its own.
    pub(crate) fn of(&mut self, logged: &LoggedEvent) -> Option<TantivyDocument> {
        let event = logged.event.as_deref()?;
        let mut document = TantivyDocument::new();
        document.add_u64(self.fields.position, logged.position);
        document.add_bytes(self.fields.row, &Row::bytes_of(logged.position, event, &logged.entry));
        for field in Field::ALL {
            self.add(&mut document, *field, event, &logged.entry);
        }
        Some(document)
    }

    fn add(&mut self, document: &mut TantivyDocument, field: Field, event: &Event, entry: &Entry) {
        let slot = self.fields.slot(field);
        if let Slot::Name(id) = slot {
            return self.add_names(document, field, id, (event, entry));
        }
        if field == Field::UserId {
            // It is the term of the user already.
            return;
        }
        let values = field.values(event);
        if matches!(slot, Slot::Hashed(_) | Slot::Id(_)) && !values.is_empty() {
            document.add_text(self.fields.has, field.as_str());
        }
        for value in &values {
            match (slot, value) {
                (Slot::Text(id) | Slot::Id(id), Value::Text(text)) => document.add_text(id, text),
                (Slot::Word(folded, spelled), Value::Text(text)) => {
                    document.add_text(folded, field.spelled(text));
                    document.add_text(spelled, text);
                }
                (Slot::Hashed(id), Value::Text(text)) if field.kind() == FieldKind::Address => {
                    if let Ok(address) = text.parse::<IpAddr>() {
                        let hashes = self.addresses.hashes(&self.keyring, field, address.to_canonical());
                        hashes.iter().for_each(|hash| document.add_bytes(id, hash));
                    }
                }
                (Slot::Hashed(id), Value::Text(text)) => {
                    document.add_bytes(id, &hash(&self.keyring, field, text.as_bytes()));
                }
                (Slot::Number(id), Value::Integer(number)) => document.add_u64(id, *number),
                (Slot::Number(id), Value::Decimal(number)) => document.add_f64(id, *number),
                (Slot::Number(id), Value::Time(at)) => document.add_i64(id, at.as_micros()),
                _ => {}
            }
        }
    }

    /// Names are known by the ids that the entry has. Tools beyond those that an entry holds are hashed.
    fn add_names(
        &self,
        document: &mut TantivyDocument,
        field: Field,
        id: tantivy::schema::Field,
        (event, entry): (&Event, &Entry),
    ) {
        let ids = match field {
            Field::User => entry.user.as_slice(),
            Field::Team => entry.team.as_slice(),
            Field::Application => entry.application.as_slice(),
            Field::Model => entry.model.as_slice(),
            _ => entry.tools.as_slice(),
        };
        ids.iter().for_each(|name| document.add_text(id, name));
        for value in field.values(event).iter().skip(ids.len()) {
            if let Value::Text(text) = value {
                document.add_text(self.fields.has, field.as_str());
                document.add_bytes(self.fields.other_names, &hash(&self.keyring, field, text.as_bytes()));
            }
        }
    }
}
