//! Files in parts: `Range` and `If-Range` of RFC 9110, for one range of bytes.

use crate::feed::{Feeds, Place};
use crate::problem::ApiProblem;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

/// Bytes that are read and sent at a time.
const PIECE: usize = 64 * 1024;
/// Files from this length on are long answers.
pub(crate) const LONG: u64 = 1024 * 1024;

/// Which bytes a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    Whole,
    Part(Range<u64>),
    /// Beyond the end.
    Unsatisfiable,
}

/// What the headers ask for of a file with this length and entity tag. What is not understood means the whole file, and
/// so does a part of another file than this.
pub(crate) fn wanted(headers: &HeaderMap, length: u64, tag: &str) -> Wanted {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|condition| condition != tag) {
        return Wanted::Whole;
    }
    let Some((first, last)) = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let (first, last) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) if last.trim().is_empty() => (first, length),
        (Err(_), Ok(suffix)) if first.trim().is_empty() => (length.saturating_sub(suffix), length),
        _ => return Wanted::Whole,
    };
    if first < last { Wanted::Part(first..last) } else { Wanted::Unsatisfiable }
}

/// The file, or the part that is wanted of it.
pub(crate) fn answer(
    headers: &HeaderMap,
    mut file: File,
    tag: &str,
    (feeds, place): (&Feeds, Option<Place>),
) -> Result<Response, ApiProblem> {
    let failed = |error: io::Error| ApiProblem::internal(&error);
    let length = file.metadata().map_err(failed)?.len();
    let wanted = wanted(headers, length, tag);
    let (status, range) = match &wanted {
        Wanted::Whole => (StatusCode::OK, 0..length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
        Wanted::Unsatisfiable => {
            let problem = ApiProblem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "range_not_satisfiable",
                format!("the file has {length} bytes"),
            );
            let mut response = problem.into_response();
            insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{length}"));
            return Ok(response);
        }
    };
    file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
    let mut response = Response::new(stream(feeds, place, file, range.end - range.start));
    *response.status_mut() = status;
    let answer = response.headers_mut();
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    insert(answer, header::ETAG, tag);
    if let Wanted::Part(range) = wanted {
        insert(answer, header::CONTENT_RANGE, &format!("bytes {}-{}/{length}", range.start, range.end - 1));
    }
    Ok(response)
}

fn insert(headers: &mut HeaderMap, name: http::HeaderName, value: &str) {
    headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
}

/// So many bytes of a file from where it stands.
fn stream(feeds: &Feeds, place: Option<Place>, file: File, length: u64) -> Body {
    let mut rest = file.take(length);
    feeds.body(place, move || {
        let mut buffer = vec![0; PIECE];
        match rest.read(&mut buffer) {
            // A file that became shorter meanwhile is cut, not whole.
            Ok(0) if rest.limit() > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
            Ok(0) => None,
            Ok(read) => {
                buffer.truncate(read);
                Some(Ok(buffer.into()))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_understood_and_everything_else_means_the_whole_file() {
        for (range, condition, expected) in [
            ("", "", Wanted::Whole),
            ("bytes=0-9", "", Wanted::Part(0..10)),
            ("bytes=10-", "", Wanted::Part(10..100)),
            ("bytes=-5", "", Wanted::Part(95..100)),
            ("bytes=-500", "", Wanted::Part(0..100)),
            ("bytes=90-500", "", Wanted::Part(90..100)),
            ("bytes=0-18446744073709551615", "", Wanted::Part(0..100)),
            ("bytes=100-", "", Wanted::Unsatisfiable),
            ("bytes=-0", "", Wanted::Unsatisfiable),
            ("bytes=9-3", "", Wanted::Whole),
            ("bytes=0-1,5-6", "", Wanted::Whole),
            ("bytes=x-", "", Wanted::Whole),
            ("rows=1-2", "", Wanted::Whole),
            ("bytes=10-", "\"tag\"", Wanted::Part(10..100)),
            ("bytes=10-", "\"other\"", Wanted::Whole),
            ("bytes=10-", "W/\"tag\"", Wanted::Whole),
        ] {
            let pairs = [(header::RANGE, range), (header::IF_RANGE, condition)];
            let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
            let headers = given.map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
            assert_eq!(wanted(&headers, 100, "\"tag\""), expected, "{range} {condition}");
        }
    }
}
