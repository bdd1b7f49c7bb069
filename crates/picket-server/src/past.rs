//! Where detection finds events of the past: in the index.

use picket_detect::{History, HistoryError, Wanted};
use picket_query::{Field, FieldKind, Query};
use picket_search::{Index, Request};

/// The index, as detection asks it.
#[derive(Debug)]
pub(crate) struct Past(pub(crate) Index);

impl History for Past {
    fn reaches(&self) -> u64 {
        self.0.cursor()
    }

    fn find(&self, wanted: &Wanted) -> Result<Option<Vec<u64>>, HistoryError> {
        let mut filter = Query::all();
        for (name, value) in &wanted.members {
            // What is no field of the index, or compared otherwise there than by rules, does not narrow the search.
            let Some(field) = Field::find(name).ok().filter(|field| is_compared_alike(*field)) else { continue };
            if let Ok(one) = Query::one_of(field, [value.as_str()]) {
                filter = filter.and(one);
            }
        }
        let (from, to) = (Some(wanted.from), Some(wanted.to));
        let limit = Some(wanted.limit + 1);
        let request = Request { filter, event_types: Vec::new(), from, to, limit, total: false, ..Request::default() };
        let positions = self.0.search(&request)?.positions;
        Ok((positions.len() <= wanted.limit).then_some(positions))
    }
}

/// Whether whatever a rule takes for the same value of a field the index does, too.
fn is_compared_alike(field: Field) -> bool {
    matches!(field.kind(), FieldKind::Text | FieldKind::Name | FieldKind::Hashed | FieldKind::Id | FieldKind::Address)
}
