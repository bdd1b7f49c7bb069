//! MinIO.

use crate::{EVENTS, Failure, Place, claim, delivered, events, open, send};
use picket_receivers::Outcome;
use std::path::Path;

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

    let wrong = open(&kind(bucket), &[("access_key_id", id), ("secret_access_key", "wrong-key")])?;
    let answers = send(&wrong, &some).await?;
    claim("a wrong key is a fault of credentials", answers.iter().all(|answer| answer.outcome == Outcome::Auth))?;
    let answers = send(&open(&kind("no-such-bucket"), &secrets)?, &some).await?;
    claim(
        "a bucket that is none is a fault of the options",
        answers.iter().all(|answer| answer.outcome == Outcome::Config),
    )
}

/// The beginning of the name that the object of all these has.
fn expected(events: &[picket_event::Event]) -> Result<String, Failure> {
    let at = events.first().ok_or("no events")?.timestamp.to_string();
    let hour = at.get(..13).unwrap_or_default().replace(['-', 'T'], "/");
    Ok(format!("picket/env=test/ws_123/{hour}/{:020}-{:020}-", 0, events.len() - 1))
}

/// Names of all objects under a folder, without digest and extension, sorted.
fn objects(folder: &Path) -> Result<Vec<String>, Failure> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = waiting.pop() {
        for entry in std::fs::read_dir(inner)? {
            let path = entry?.path();
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            match name.rfind('-').and_then(|at| name.get(..=at)).filter(|_begin| name.ends_with(".ndjson.zst")) {
                Some(begin) => found.push(begin.to_owned()),
                None if path.is_dir() => waiting.push(path),
                None => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
