//! The values of one column that wait for their row group.

use crate::ColumnsError;
use crate::schema::{Column, Kind};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedColumnWriter;
use picket_stdx::Timestamp;
use serde_json::Value;

/// Levels of a list: it is absent, it is empty, it has an element.
const EMPTY: i16 = 1;
const ELEMENT: i16 = 2;

/// The values of a column, with what Parquet calls levels: which of them are there.
#[derive(Debug)]
pub(crate) struct Chunk {
    column: &'static Column,
    levels: Vec<i16>,
    /// Of lists: 0 where a row begins.
    repeats: Vec<i16>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Texts(Vec<ByteArray>),
    Ints(Vec<i64>),
    Doubles(Vec<f64>),
    Flags(Vec<bool>),
}

impl Chunk {
    pub(crate) fn new(column: &'static Column) -> Self {
        let values = match column.kind {
            Kind::Text | Kind::Texts | Kind::Json => Values::Texts(Vec::new()),
            Kind::Time | Kind::Int => Values::Ints(Vec::new()),
            Kind::Double => Values::Doubles(Vec::new()),
            Kind::Flag => Values::Flags(Vec::new()),
        };
        Self { column, levels: Vec::new(), repeats: Vec::new(), values }
    }

    /// Adds what an event has of it.
    pub(crate) fn push(&mut self, event: &Value) -> Result<(), ColumnsError> {
        let value = self.column.member.iter().try_fold(event, |value, name| value.get(name));
        let value = value.filter(|value| !value.is_null());
        let misfit = || ColumnsError::Misfit(self.column.name);
        match (value, self.column.kind) {
            (None, _) if self.column.is_required => return Err(misfit()),
            (None, kind) => {
                if kind == Kind::Texts {
                    self.repeats.push(0);
                }
                self.levels.push(0);
                return Ok(());
            }
            (Some(list), Kind::Texts) => return self.push_list(list.as_array().ok_or_else(misfit)?),
            (Some(value), kind) => match &mut self.values {
                Values::Texts(texts) => texts.push(text(value, kind)),
                Values::Ints(ints) => ints.push(whole(value, kind).ok_or_else(misfit)?),
                Values::Doubles(doubles) => doubles.push(value.as_f64().ok_or_else(misfit)?),
                Values::Flags(flags) => flags.push(value.as_bool().ok_or_else(misfit)?),
            },
        }
        if !self.column.is_required {
            self.levels.push(1);
        }
        Ok(())
    }

    fn push_list(&mut self, list: &[Value]) -> Result<(), ColumnsError> {
        if list.is_empty() {
            self.levels.push(EMPTY);
            self.repeats.push(0);
        }
        let Values::Texts(texts) = &mut self.values else { return Err(ColumnsError::Misfit(self.column.name)) };
        for (at, element) in list.iter().enumerate() {
            texts.push(text(element, Kind::Text));
            self.levels.push(ELEMENT);
            self.repeats.push(i16::from(at > 0));
        }
        Ok(())
    }

    /// Writes the values, and is empty then.
    pub(crate) fn write(
        &mut self,
        mut writer: SerializedColumnWriter<'_>,
    ) -> Result<(), parquet::errors::ParquetError> {
        let levels = (!self.column.is_required).then_some(self.levels.as_slice());
        let repeats = (self.column.kind == Kind::Texts).then_some(self.repeats.as_slice());
        match &self.values {
            Values::Texts(values) => writer.typed::<ByteArrayType>().write_batch(values, levels, repeats)?,
            Values::Ints(values) => writer.typed::<Int64Type>().write_batch(values, levels, repeats)?,
            Values::Doubles(values) => writer.typed::<DoubleType>().write_batch(values, levels, repeats)?,
            Values::Flags(values) => writer.typed::<BoolType>().write_batch(values, levels, repeats)?,
        };
        writer.close()?;
        *self = Self::new(self.column);
        Ok(())
    }
}

/// A text as it stands, everything else as JSON.
fn text(value: &Value, kind: Kind) -> ByteArray {
    match value {
        Value::String(text) if kind != Kind::Json => text.as_str().into(),
        other => other.to_string().into_bytes().into(),
    }
}

fn whole(value: &Value, kind: Kind) -> Option<i64> {
    match kind {
        Kind::Time => value.as_str()?.parse().ok().map(Timestamp::as_millis),
        _ => value.as_i64(),
    }
}
