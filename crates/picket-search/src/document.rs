//! From a logged event to a document.

use crate::schema::Fields;
use picket_keys::Keyring;
use picket_log::LoggedEvent;
use picket_query::{Field, FieldKind};
use picket_stdx::Timestamp;
use picket_stdx::encode::hex;
use std::net::IpAddr;
use tantivy::TantivyDocument;

/// The document of an event; `None` for entries that are no event of their own.
pub(crate) fn of(logged: &LoggedEvent, fields: &Fields, keyring: &Keyring) -> Option<TantivyDocument> {
    let event = logged.event.as_ref()?;
    let entry = &logged.entry;
    let mut document = TantivyDocument::new();
    document.add_u64(fields.position, logged.position);
    document.add_i64(fields.timestamp, event.timestamp.as_millis());
    document.add_i64(fields.recorded_at, event.recorded_at.map_or(0, Timestamp::as_millis));
    for name in Field::ALL {
        let field = fields.of(*name);
        match name.kind() {
            FieldKind::Number => name.number(event).into_iter().for_each(|number| document.add_f64(field, number)),
            FieldKind::Name => {
                // The entry knows names by the ids of the dictionary only.
                let ids: Vec<&String> = match name {
                    Field::User => entry.user.iter().collect(),
                    Field::Team => entry.team.iter().collect(),
                    Field::Application => entry.application.iter().collect(),
                    Field::Model => entry.model.iter().collect(),
                    _ => entry.tools.iter().collect(),
                };
                ids.into_iter().for_each(|id| document.add_text(field, id));
            }
            FieldKind::Hashed => {
                name.texts(event).iter().for_each(|text| document.add_text(field, hash(keyring, *name, text)));
            }
            FieldKind::Address => {
                let addresses = name.texts(event);
                let parsed = addresses.iter().filter_map(|text| text.parse::<IpAddr>().ok());
                parsed.for_each(|address| {
                    prefixes(address).iter().for_each(|prefix| document.add_text(field, hash(keyring, *name, prefix)));
                });
            }
            FieldKind::Word | FieldKind::Ordered => {
                name.texts(event).iter().for_each(|text| document.add_text(field, spelled(*name, text)));
            }
        }
    }
    Some(document)
}

/// The keyed hash of a value.
pub(crate) fn hash(keyring: &Keyring, field: Field, value: &str) -> String {
    let hash = keyring.keyed_hash(field.as_str(), value.as_bytes());
    hex(hash.get(..12).unwrap_or_default())
}

/// A word in the spelling that queries have.
pub(crate) fn spelled(field: Field, text: &str) -> String {
    let as_is = matches!(field, Field::EventId | Field::Escalation | Field::Key | Field::Endpoint | Field::Gateway);
    if as_is { text.to_owned() } else { picket_event::vocabulary::fold(text) }
}

/// Every network that an address is in, as text: so that networks can be found by their hash.
fn prefixes(address: IpAddr) -> Vec<String> {
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let step = if address.is_ipv4() { 1 } else { 4 };
    let lengths = (8..=longest).filter(|length| length % step == 0);
    lengths.filter_map(|length| ipnet::IpNet::new(address, length).ok()).map(|net| net.trunc().to_string()).collect()
}
