//! Writes made-up events as Parquet, and the same as lines of JSON, for a reader that is not ours:
//! `cargo xt oracle columns`.

use picket_columns::Writer;
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter, Write};
use std::path::Path;

type Failure = Box<dyn std::error::Error>;

/// Numbers of SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 8] = ["ana", "", "漢字", "\"quoted\"", "\n", "\u{1f600}", "a\\b", "0"];
        let count = self.below(4);
        (0..count).filter_map(|_| PARTS.get(usize::try_from(self.below(8)).ok()?)).copied().collect()
    }
}

/// Sets a member, and those above it.
fn set(object: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => drop(object.insert((*name).to_owned(), value)),
        [name, rest @ ..] => {
            let inner = object.entry((*name).to_owned()).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                set(inner, rest, value);
            }
        }
    }
}

fn event(numbers: &mut Numbers) -> Map<String, Value> {
    use picket_columns::Kind as K;
    let mut event = Map::new();
    for column in picket_columns::COLUMNS.iter().chain(picket_columns::CONTENTS) {
        if !column.is_required && numbers.below(3) == 0 {
            continue;
        }
        let value = match column.kind {
            K::Text => json!(numbers.text()),
            K::Time => {
                let at = 1_780_000_000_000 + i64::try_from(numbers.below(1_000_000_000)).unwrap_or(0);
                json!(picket_stdx::Timestamp::from_millis(at))
            }
            K::Int => json!(numbers.below(1 << 53)),
            K::Double => json!(f64::from(u32::try_from(numbers.below(1 << 31)).unwrap_or(0)) / 1_024.0),
            K::Flag => json!(numbers.below(2) == 0),
            K::Texts => (0..numbers.below(4)).map(|_| json!(numbers.text())).collect(),
            K::Json => json!({ numbers.text(): [numbers.below(9), null] }),
        };
        set(&mut event, column.member, value);
    }
    event
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, count, seed] = args.as_slice() else { return Err("say a folder, how many events, and a seed".into()) };
    let (mut numbers, folder) = (Numbers(seed.parse()?), Path::new(folder));
    let file = |name: &str| Ok::<_, io::Error>(BufWriter::new(std::fs::File::create(folder.join(name))?));
    let (mut columns, mut lines) = (file("events.parquet")?, file("events.ndjson")?);
    let mut writer = Writer::new(true)?;
    columns.write_all(Writer::HEAD)?;
    for _ in 0..count.parse::<u64>()? {
        let event = Value::Object(event(&mut numbers));
        let text = event.to_string();
        writeln!(lines, "{text}")?;
        writer.push(&event, text.len())?;
        if writer.is_full() {
            columns.write_all(&writer.group()?)?;
        }
    }
    columns.write_all(&writer.group()?)?;
    columns.write_all(&writer.end()?)?;
    // What each column is of, and what it holds.
    let named: Vec<Value> = picket_columns::COLUMNS
        .iter()
        .chain(picket_columns::CONTENTS)
        .map(|column| json!({"name": column.name, "member": column.member, "kind": column.kind.name(), "required": column.is_required}))
        .collect();
    std::fs::write(folder.join("columns.json"), json!(named).to_string())?;
    columns.flush()?;
    Ok(lines.flush()?)
}
