//! The file of a job as it grows: text, or columns.

use crate::export::{ExportError, ExportRequest};
use crate::format::{Format, Writer};
use picket_columns::{ColumnsError, Writer as Columns};
use picket_stdx::fs;
use picket_store::exports::Export;
use serde_json::Value;
use serde_json::value::RawValue;
use std::path::Path;

/// Turns events into the bytes of a file.
#[derive(Debug)]
pub(crate) enum Output {
    /// JSON, NDJSON, CSV.
    Text(Writer),
    /// Parquet.
    Columns(Box<Columns>),
}

/// Bytes that are due, and the last position of what is in them and in those before.
pub(crate) type Due = (Vec<u8>, Option<u64>);

impl Output {
    /// A file from its beginning.
    pub(crate) fn new(request: &ExportRequest) -> Result<Self, ExportError> {
        if request.format == "parquet" {
            return Ok(Self::Columns(Box::new(Columns::new(request.include_bodies)?)));
        }
        Ok(Self::Text(Writer::new(format(request), Vec::new(), request.include_bodies)))
    }

    /// A file after what a job has safely in it; none if that cannot be gone on with. `end` is where
    /// [`Output::remember`] wrote.
    pub(crate) fn resume(request: &ExportRequest, job: &Export, end: &Path) -> Option<Self> {
        if request.format == "parquet" {
            let written = Columns::resume(request.include_bodies, &std::fs::read(end).ok()?, job.bytes)?;
            return (written.rows() == job.rows).then(|| Self::Columns(Box::new(written)));
        }
        Some(Self::Text(Writer::new(format(request), Vec::new(), request.include_bodies).after(job.rows)))
    }

    /// What a file begins with.
    pub(crate) fn head(&self) -> Vec<u8> {
        match self {
            Self::Text(writer) => writer.head(),
            Self::Columns(_) => Columns::HEAD.to_vec(),
        }
    }

    /// Adds events, which stand at these positions; what is due of the file then.
    pub(crate) fn add(&mut self, positions: &[u64], events: &[Box<RawValue>]) -> Result<Due, ColumnsError> {
        let columns = match self {
            Self::Text(writer) => return Ok((writer.events(events), positions.last().copied())),
            Self::Columns(columns) => columns,
        };
        let (mut bytes, mut last) = (Vec::new(), None);
        for event in events {
            let text = event.get();
            let event: Value = serde_json::from_str(text)?;
            columns.push(&event, text.len())?;
            if columns.is_full() {
                bytes.append(&mut columns.group()?);
                last = event.pointer("/log/completed").and_then(Value::as_u64);
            }
        }
        Ok((bytes, last))
    }

    /// What stands behind the last event.
    pub(crate) fn tail(&mut self) -> Result<Vec<u8>, ColumnsError> {
        match self {
            Self::Text(writer) => Ok(writer.tail()),
            Self::Columns(columns) => {
                let mut bytes = columns.group()?;
                bytes.append(&mut columns.end()?);
                Ok(bytes)
            }
        }
    }

    /// Events in the bytes that were due.
    pub(crate) fn rows(&self) -> u64 {
        match self {
            Self::Text(writer) => writer.rows(),
            Self::Columns(columns) => columns.rows(),
        }
    }

    /// Makes durable what else is needed to go on after a crash. It may know of more than the job does: what it knows of
    /// less is of no use.
    pub(crate) fn remember(&self, end: &Path) -> Result<(), ExportError> {
        match self {
            Self::Text(_) => Ok(()),
            Self::Columns(columns) => Ok(fs::write_durably(end, &columns.end()?)?),
        }
    }
}

fn format(request: &ExportRequest) -> Format {
    match request.format.as_str() {
        "csv" => Format::Csv,
        "ndjson" => Format::Ndjson,
        _ => Format::Json,
    }
}
