"""Reads a file of Parquet with pyarrow and holds it against the same events as lines of JSON: every column with its type,
every value of every row."""

import datetime
import json
import pathlib
import sys

import pyarrow
import pyarrow.parquet

TYPES = {
    "STRING": pyarrow.string(),
    "TIMESTAMP(MILLIS, UTC)": pyarrow.timestamp("ms", tz="UTC"),
    "INT64": pyarrow.int64(),
    "DOUBLE": pyarrow.float64(),
    "BOOLEAN": pyarrow.bool_(),
    "JSON": pyarrow.string(),
}

folder = pathlib.Path(sys.argv[1])
columns = json.loads((folder / "columns.json").read_text())
file = pyarrow.parquet.ParquetFile(folder / "events.parquet")

schema = file.schema_arrow
assert schema.names == [column["name"] for column in columns], schema.names
for column in columns:
    field = schema.field(column["name"])
    if column["kind"] == "LIST of STRING":
        assert pyarrow.types.is_list(field.type) and field.type.value_type == pyarrow.string(), field
    elif column["kind"] == "JSON":
        # Readers that know the logical type have one of their own for it.
        assert field.type in (pyarrow.string(), pyarrow.json_(), pyarrow.binary()), field
    else:
        assert field.type == TYPES[column["kind"]], field
    assert field.nullable != column["required"], field

metadata = file.metadata
assert all(metadata.row_group(at).column(0).compression == "ZSTD" for at in range(metadata.num_row_groups))
assert metadata.row_group(0).column(0).statistics.has_min_max


def wanted(event, column):
    value = event
    for name in column["member"]:
        value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            return None
    if column["kind"] == "TIMESTAMP(MILLIS, UTC)":
        return datetime.datetime.fromisoformat(value)
    return value


def found(value, column):
    if column["kind"] == "JSON" and value is not None:
        return json.loads(value)
    return value


rows = 0
with open(folder / "events.ndjson", encoding="utf-8", newline="\n") as lines:
    for batch in file.iter_batches(batch_size=1024):
        for row in batch.to_pylist():
            event = json.loads(next(lines))
            for column in columns:
                have, want = found(row[column["name"]], column), wanted(event, column)
                assert have == want, (rows, column["name"], have, want)
            rows += 1
    assert not lines.readline(), "the file lacks events"
assert rows == metadata.num_rows
print(f"pyarrow {pyarrow.__version__}: {rows} rows of {len(columns)} columns in {metadata.num_row_groups} row groups are as they were written")
