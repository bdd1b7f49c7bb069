//! Events in, row groups out, and what stands behind them.

use crate::ColumnsError;
use crate::chunk::Chunk;
use crate::schema::{CONTENTS, columns, schema};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataOptions, ParquetMetaDataReader,
    ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, SchemaDescriptor, TypePtr};
use serde_json::Value;
use std::sync::Arc;

/// Events of a row group.
const ROWS: usize = 16_384;
/// Bytes of events, as JSON, of a row group; one event may go beyond.
const BYTES: usize = 16 * 1024 * 1024;
/// What a file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";
/// Bytes behind the metadata at the end: their length, and [`MAGIC`].
const END_BYTES: usize = 8;
/// Fair compression at a speed that no disk outruns.
const LEVEL: i32 = 3;

/// Turns events into a file of Parquet, a row group at a time. It keeps nothing of what it gave out but where that is.
#[derive(Debug)]
pub struct Writer {
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    /// What waits for the next row group.
    chunks: Vec<Chunk>,
    rows: usize,
    bytes: usize,
    /// What was given out.
    groups: Vec<RowGroupMetaData>,
    length: u64,
}

impl Writer {
    /// A new file, with prompts and answers where they were asked for. It begins with [`Writer::HEAD`].
    pub fn new(has_contents: bool) -> Result<Self, ColumnsError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by(concat!("picket version ", env!("CARGO_PKG_VERSION")).to_owned());
        for column in CONTENTS {
            // Each is different, and the least of them tells nothing.
            let path = ColumnPath::from(column.name);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        }
        Ok(Self {
            schema: schema(has_contents)?,
            properties: Arc::new(properties.build()),
            chunks: columns(has_contents).map(Chunk::new).collect(),
            rows: 0,
            bytes: 0,
            groups: Vec::new(),
            length: to_u64(MAGIC.len()),
        })
    }

    /// What a file begins with.
    pub const HEAD: &'static [u8] = MAGIC;

    /// Goes on with a file of which the first `length` bytes are there. `end` is an earlier [`Writer::end`], of those
    /// bytes or of more; none if it does not fit them.
    pub fn resume(has_contents: bool, end: &[u8], length: u64) -> Option<Self> {
        let mut writer = Self::new(has_contents).ok()?;
        let metadata = decoded(end).ok()?;
        if metadata.file_metadata().schema() != writer.schema.as_ref() {
            return None;
        }
        for group in metadata.row_groups() {
            let end = writer.length.checked_add(u64::try_from(group.compressed_size()).ok()?)?;
            if end > length {
                break;
            }
            writer.length = end;
            writer.groups.push(group.clone());
        }
        (writer.length == length).then_some(writer)
    }

    /// Adds an event as the API shows it. `bytes` is its length as JSON.
    pub fn push(&mut self, event: &Value, bytes: usize) -> Result<(), ColumnsError> {
        self.chunks.iter_mut().try_for_each(|chunk| chunk.push(event))?;
        self.rows += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// Whether what waits is enough for a row group.
    pub fn is_full(&self) -> bool {
        self.rows >= ROWS || self.bytes >= BYTES
    }

    /// Events that were given out.
    pub fn rows(&self) -> u64 {
        self.groups.iter().filter_map(|group| u64::try_from(group.num_rows()).ok()).sum()
    }

    /// Gives out what waits: the bytes of a row group; none if nothing waits.
    pub fn group(&mut self) -> Result<Vec<u8>, ColumnsError> {
        if self.rows == 0 {
            return Ok(Vec::new());
        }
        let mut file = SerializedFileWriter::new(Vec::new(), self.schema.clone(), self.properties.clone())?;
        let mut group = file.next_row_group()?;
        for chunk in &mut self.chunks {
            let column = group.next_column()?.ok_or(ParquetError::EOF("columns".to_owned()))?;
            chunk.write(column)?;
        }
        group.close()?;
        // As it is read again, and not as it was written: what goes on says the same of it.
        let file = file.into_inner()?;
        let written =
            decoded(&file)?.row_groups().first().cloned().ok_or(ParquetError::EOF("row groups".to_owned()))?;
        let end = MAGIC.len() + usize::try_from(written.compressed_size()).map_err(ParquetError::from)?;
        // The file of its own begins where this one ends.
        let bytes = file.get(MAGIC.len()..end).unwrap_or_default().to_vec();
        let group = moved(written, self.length - to_u64(MAGIC.len()), self.groups.len())?;
        self.length += to_u64(bytes.len());
        self.groups.push(group);
        (self.rows, self.bytes) = (0, 0);
        Ok(bytes)
    }

    /// What stands behind the row groups that were given out. A file is whole with it, and more may still be written in
    /// its place.
    pub fn end(&self) -> Result<Vec<u8>, ColumnsError> {
        let schema = Arc::new(SchemaDescriptor::new(self.schema.clone()));
        let rows = i64::try_from(self.rows()).unwrap_or(i64::MAX);
        let version = self.properties.writer_version().as_num();
        let maker = Some(self.properties.created_by().to_owned());
        let file = FileMetaData::new(version, rows, maker, None, schema, None);
        let metadata = ParquetMetaDataBuilder::new(file).set_row_groups(self.groups.clone()).build();
        let mut end = Vec::new();
        ParquetMetaDataWriter::new(&mut end, &metadata).finish()?;
        Ok(end)
    }
}

/// What stands at the end of a file.
fn decoded(file: &[u8]) -> Result<ParquetMetaData, ParquetError> {
    let damaged = || ParquetError::General("the end is none".to_owned());
    let (rest, end) = file.split_at_checked(file.len().saturating_sub(END_BYTES)).ok_or_else(damaged)?;
    let length = end.first_chunk::<4>().copied().map(u32::from_le_bytes).ok_or_else(damaged)?;
    let begin = rest.len().checked_sub(usize::try_from(length)?).ok_or_else(damaged)?;
    // All that it says of pages, so that what is written again is the same.
    let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
    ParquetMetaDataReader::decode_metadata_with_options(rest.get(begin..).unwrap_or_default(), Some(&options))
}

/// A row group so many bytes further on, as the one of this number.
fn moved(group: RowGroupMetaData, by: u64, number: usize) -> Result<RowGroupMetaData, ParquetError> {
    let by = i64::try_from(by)?;
    let mut columns = Vec::with_capacity(group.num_columns());
    for column in group.columns() {
        let (data, dictionary) = (column.data_page_offset(), column.dictionary_page_offset());
        let column = column.clone().into_builder();
        let column = column.set_data_page_offset(data + by).set_dictionary_page_offset(dictionary.map(|at| at + by));
        columns.push(column.build()?);
    }
    let begin = group.file_offset().unwrap_or_default() + by;
    let group = group.into_builder().set_column_metadata(columns).set_file_offset(begin);
    group.set_ordinal(i32::try_from(number)?).build()
}

fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
