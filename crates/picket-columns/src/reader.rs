//! Looking for somebody in a file.

use crate::ColumnsError;
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};

/// Values that are read at a time.
const PIECE: usize = 1_024;

/// Whether a text of a file holds these bytes somewhere.
pub fn holds<R: ChunkReader + 'static>(file: R, wanted: &[u8]) -> Result<bool, ColumnsError> {
    let file = SerializedFileReader::new(file)?;
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group)?;
        for column in 0..group.num_columns() {
            if let ColumnReader::ByteArrayColumnReader(mut texts) = group.get_column_reader(column)?
                && any(wanted, |values, levels, repeats| {
                    texts.read_records(PIECE, Some(levels), Some(repeats), values).map(|(records, ..)| records)
                })?
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether any value of a column holds the bytes.
fn any(
    wanted: &[u8],
    mut read: impl FnMut(&mut Vec<ByteArray>, &mut Vec<i16>, &mut Vec<i16>) -> parquet::errors::Result<usize>,
) -> Result<bool, ColumnsError> {
    loop {
        let (mut values, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
        if read(&mut values, &mut levels, &mut repeats)? == 0 {
            return Ok(false);
        }
        let is_there = |value: &ByteArray| value.data().windows(wanted.len().max(1)).any(|window| window == wanted);
        if values.iter().any(is_there) {
            return Ok(true);
        }
    }
}
