//! The fields of the index, and how each field of events is kept in it.

use picket_query::{Field, FieldKind};
use tantivy::schema::{
    BytesOptions, Field as Id, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};

/// Version of the schema; an index of another one is built anew.
pub(crate) const VERSION: u32 = 4;

const RAW: &str = "raw";

/// How a field of events is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Terms as they stand, and a column of them.
    Text(Id),
    /// Folded terms, and a column of the words as they stand.
    Word(Id, Id),
    /// Dictionary ids as terms and in a column. Names that the entry lacks are hashed, in [`Fields::other_names`].
    Name(Id),
    /// Keyed hashes as terms.
    Hashed(Id),
    /// Identifiers as terms.
    Id(Id),
    /// A column of numbers.
    Number(Id),
    /// The event id: the log knows its position.
    Position,
}

/// The schema, with what stands where.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// Position in the log: ascending within a segment.
    pub(crate) position: Id,
    /// Names of the hashed fields that an event has.
    pub(crate) has: Id,
    /// Keyed hashes of names that have no dictionary id in their entry.
    pub(crate) other_names: Id,
    /// What a list shows.
    pub(crate) row: Id,
    slots: Vec<(Field, Slot)>,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let position = schema.add_u64_field("position", NumericOptions::default().set_fast());
        let has = schema.add_text_field("has", terms());
        let other_names = schema.add_bytes_field("other_names", hashes());
        let row = schema.add_bytes_field("row", BytesOptions::default().set_stored());
        let mut slots: Vec<(Field, Slot)> = Vec::new();
        for field in Field::ALL {
            let same =
                (*field == Field::UserId).then(|| slots.iter().find(|(known, _)| *known == Field::User)).flatten();
            let slot = match same {
                Some((_, Slot::Name(id))) => Slot::Text(*id),
                _ => slot(&mut schema, *field),
            };
            slots.push((*field, slot));
        }
        Self { schema: schema.build(), position, has, other_names, row, slots }
    }

    /// How a field is kept.
    pub(crate) fn slot(&self, field: Field) -> Slot {
        self.slots.iter().find(|(known, _)| *known == field).map_or(Slot::Position, |(_, slot)| *slot)
    }

    /// The column of a field that has one.
    pub(crate) fn column(&self, field: Field) -> Option<Id> {
        match self.slot(field) {
            Slot::Text(id) | Slot::Word(_, id) | Slot::Name(id) | Slot::Number(id) => Some(id),
            Slot::Hashed(_) | Slot::Id(_) | Slot::Position => None,
        }
    }
}

fn slot(schema: &mut SchemaBuilder, field: Field) -> Slot {
    let name = field.as_str();
    let number = NumericOptions::default().set_fast();
    match field.kind() {
        FieldKind::Closed | FieldKind::Text => Slot::Text(schema.add_text_field(name, terms().set_fast(RAW))),
        FieldKind::Name => Slot::Name(schema.add_text_field(name, terms().set_fast(RAW))),
        FieldKind::Word => {
            let folded = schema.add_text_field(name, terms());
            Slot::Word(
                folded,
                schema.add_text_field(&format!("{name}_as_it_stands"), TextOptions::default().set_fast(RAW)),
            )
        }
        FieldKind::Hashed | FieldKind::Address => Slot::Hashed(schema.add_bytes_field(name, hashes())),
        FieldKind::Id if field == Field::EventId => Slot::Position,
        FieldKind::Id => Slot::Id(schema.add_text_field(name, terms())),
        FieldKind::Integer => Slot::Number(schema.add_u64_field(name, number)),
        FieldKind::Decimal => Slot::Number(schema.add_f64_field(name, number)),
        FieldKind::Time => Slot::Number(schema.add_i64_field(name, number)),
    }
}

/// Whole values as terms: no positions, no frequencies, no norms.
fn terms() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(RAW)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    TextOptions::default().set_indexing_options(indexing)
}

fn hashes() -> BytesOptions {
    BytesOptions::default().set_indexed()
}
