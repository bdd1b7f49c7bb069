//! The fields of the index.

use picket_query::{Field as Name, FieldKind};
use tantivy::schema::{FAST, Field, INDEXED, STRING, Schema};

/// Version of the schema; another one is rebuilt.
pub(crate) const VERSION: u32 = 1;

/// Where each value goes.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) position: Field,
    pub(crate) timestamp: Field,
    pub(crate) recorded_at: Field,
    named: Vec<(Name, Field)>,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let position = schema.add_u64_field("position", FAST | INDEXED);
        let timestamp = schema.add_i64_field("timestamp", FAST | INDEXED);
        let recorded_at = schema.add_i64_field("recorded_at", FAST | INDEXED);
        let named = Name::ALL
            .iter()
            .map(|name| {
                let field = match name.kind() {
                    FieldKind::Number => schema.add_f64_field(name.as_str(), FAST | INDEXED),
                    _ => schema.add_text_field(name.as_str(), STRING | FAST),
                };
                (*name, field)
            })
            .collect();
        Self { schema: schema.build(), position, timestamp, recorded_at, named }
    }

    /// The field of a name.
    pub(crate) fn of(&self, name: Name) -> Field {
        self.named.iter().find(|(known, _)| *known == name).map_or(self.position, |(_, field)| *field)
    }
}
