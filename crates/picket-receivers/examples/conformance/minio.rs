//! MinIO.

use crate::{EVENTS, Failure, Place, claim, delivered, events, open, send};
use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use picket_event::Event;
use picket_receivers::Outcome;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let (endpoint, region, bucket) = (place.get("ENDPOINT")?, place.get("REGION")?, place.get("BUCKET")?);
    let kind = |bucket: &str| {
        format!(
            r#"{{"kind":"s3","endpoint":"{endpoint}","region":"{region}","bucket":"{bucket}","prefix":"picket/env=test"}}"#
        )
    };
    let (id, key) = (place.get("KEY_ID")?, place.get("KEY")?);
    let secrets = [("access_key_id", id), ("secret_access_key", key)];
    let receiver = open(&kind(bucket), &secrets)?;
    let some = events(EVENTS);
    // MinIO keeps each object as a folder of this name.
    let folder = Path::new(place.get("DATA")?).join(bucket);
    delivered(&receiver, &some).await?;
    let stored = objects(&folder)?;
    claim("the objects of a request are stored under their names", stored == vec![expected(&some)?])?;
    delivered(&receiver, &some).await?;
    claim("what is sent twice is stored once", objects(&folder)? == stored)?;
    delivered(&receiver, some.get(..10).unwrap_or_default()).await?;
    claim("other events have an object of their own", objects(&folder)?.len() == 2)?;
    columns(&kind(bucket), place, &some, &folder).await?;

    let wrong = open(&kind(bucket), &[("access_key_id", id), ("secret_access_key", "wrong-key")])?;
    let answers = send(&wrong, &some).await?;
    claim("a wrong key is a fault of credentials", answers.iter().all(|answer| answer.outcome == Outcome::Auth))?;
    let answers = send(&open(&kind("no-such-bucket"), &secrets)?, &some).await?;
    claim(
        "a bucket that is none is a fault of the options",
        answers.iter().all(|answer| answer.outcome == Outcome::Config),
    )
}

/// Objects of Parquet beside them, read back from the service.
async fn columns(kind: &str, place: &Place, some: &[Event], folder: &Path) -> Result<(), Failure> {
    let kind = kind.replace("picket/env=test", "lake").replacen('{', "{\"objects\":\"parquet\",", 1);
    let (id, key) = (place.get("KEY_ID")?, place.get("KEY")?);
    let receiver = open(&kind, &[("access_key_id", id), ("secret_access_key", key)])?;
    for _ in 0..2 {
        delivered(&receiver, some).await?;
    }
    let stored = names(&folder.join("lake"), ".parquet")?;
    claim("columns are stored once, however often they are sent", stored.len() == 1)?;
    let mut ids = Vec::new();
    for name in stored {
        let url = format!("{}/{}/lake/{name}", place.get("ENDPOINT")?, place.get("BUCKET")?);
        let file = SerializedFileReader::new(fetched(&url, place)?)?;
        for row in file.get_row_iter(None)? {
            ids.extend(row?.get_column_iter().find(|(name, _)| *name == "event_id").map(|(_, id)| id.to_string()));
        }
    }
    let sent: Vec<String> = some.iter().map(|event| format!("\"{}\"", event.event_id)).collect();
    claim("columns hold every event, in its order", ids == sent)
}

/// An object; curl signs the request itself.
fn fetched(url: &str, place: &Place) -> Result<Bytes, Failure> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--config", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut curl = curl.spawn()?;
    let (id, key, region) = (place.get("KEY_ID")?, place.get("KEY")?, place.get("REGION")?);
    let asked = format!("url = \"{url}\"\naws-sigv4 = \"aws:amz:{region}:s3\"\nuser = \"{id}:{key}\"\n");
    curl.stdin.take().ok_or("no way to curl")?.write_all(asked.as_bytes())?;
    let answer = curl.wait_with_output()?;
    if answer.status.success() { Ok(answer.stdout.into()) } else { Err("the object cannot be fetched".into()) }
}

/// The beginning of the name that the object of all these has.
fn expected(events: &[Event]) -> Result<String, Failure> {
    let at = events.first().ok_or("no events")?.timestamp.to_string();
    let hour = at.get(..13).unwrap_or_default().replace(['-', 'T'], "/");
    Ok(format!("picket/env=test/ws_123/{hour}/{:020}-{:020}-", 0, events.len() - 1))
}

/// Names of all objects of lines under a folder, without digest and extension, sorted.
fn objects(folder: &Path) -> Result<Vec<String>, Failure> {
    let whole = names(folder, ".ndjson.zst")?;
    Ok(whole.iter().filter_map(|name| name.rfind('-').and_then(|at| name.get(..=at)).map(str::to_owned)).collect())
}

/// Names of all objects under a folder that end so, sorted.
fn names(folder: &Path, ending: &str) -> Result<Vec<String>, Failure> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = waiting.pop() {
        for entry in std::fs::read_dir(inner)? {
            let path = entry?.path();
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            if name.ends_with(ending) {
                found.push(name);
            } else if path.is_dir() {
                waiting.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
