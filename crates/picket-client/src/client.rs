//! The HTTP client of the control API: JSON in and out, streams, downloads, and problems turned into failures.

mod transport;

use crate::failure::{Failure, Kind};
use crate::output::OutputFile;
use crate::profile::Profile;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use picket_api_types::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use transport::{Answer, Transport};

/// A query parameter that is left out when it has no value.
pub type Query<'a> = (&'static str, Option<&'a str>);

/// How long an answer may take to begin.
const BEGINS_WITHIN: Duration = Duration::from_secs(120);
/// How long a silent stream is believed to be alive: the server sends a heartbeat every 15 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// Between two tries to take a broken stream up again.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// The largest JSON answer that is held in memory.
const ANSWER_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Speaks to one server with one token.
#[derive(Debug)]
pub struct Client {
    profile: Profile,
    transport: Transport,
}

impl Client {
    /// A client of the server that a profile names; `verbose` shows each request on standard error.
    pub fn new(profile: Profile, verbose: bool) -> Result<Self, Failure> {
        let transport = Transport::new(&profile.url, profile.ca.as_deref(), BEGINS_WITHIN, verbose)?;
        Ok(Self { profile, transport })
    }

    /// The same client for what a server works on before its answer begins.
    pub fn patient(&self, begins_within: Duration) -> Result<Self, Failure> {
        let (profile, verbose) = (self.profile.clone(), self.transport.is_verbose());
        let transport = Transport::new(&profile.url, profile.ca.as_deref(), begins_within, verbose)?;
        Ok(Self { profile, transport })
    }

    /// The token that is shown to the server, or a failure that says how to get one.
    pub fn token(&self) -> Result<&str, Failure> {
        self.profile.token()
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.profile.url
    }

    /// The file of the authorities that are believed, in place of the public ones.
    pub fn ca(&self) -> Option<&Path> {
        self.profile.ca.as_deref()
    }

    /// Whether a server lives there; no token is needed to know.
    pub fn alive(&self) -> Result<(), Failure> {
        let answer = self.transport.send(Method::GET, "/healthz", "", Bytes::new(), &[])?;
        let body = answer.whole(ANSWER_BYTES_MAX)?;
        ok(answer.status, &body, None)
    }

    /// GET, with the answer as JSON.
    pub fn get<T: DeserializeOwned>(&self, path: &str, query: &[Query<'_>]) -> Result<T, Failure> {
        self.get_counted(path, query).map(|(value, _total)| value)
    }

    /// GET, with the answer as JSON, and how many there are in all where the server says so.
    pub fn get_counted<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[Query<'_>],
    ) -> Result<(T, Option<u64>), Failure> {
        let answer = self.send(Method::GET, &with_query(path, query), Bytes::new(), &[])?;
        let total = header(&answer.headers, "picket-total");
        let body = answer.whole(ANSWER_BYTES_MAX)?;
        ok(answer.status, &body, filter_of(query))?;
        Ok((serde_json::from_slice(&body)?, total))
    }

    /// GET, with the answer as text.
    pub fn text(&self, path: &str) -> Result<String, Failure> {
        let answer = self.send(Method::GET, path, Bytes::new(), &[])?;
        let body = answer.whole(ANSWER_BYTES_MAX)?;
        ok(answer.status, &body, None)?;
        String::from_utf8(body.into()).map_err(|_error| Failure::general("the server's answer is not text"))
    }

    /// POST with a JSON body.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        self.with_body(Method::POST, path, body)
    }

    /// POST with a JSON body, by who has no token yet.
    pub fn post_open<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let answer = self.transport.send(Method::POST, path, "", serde_json::to_vec(body)?.into(), &[])?;
        read(&answer)
    }

    /// PATCH with a JSON body.
    pub fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        self.with_body(Method::PATCH, path, body)
    }

    /// PUT without a body.
    pub fn put<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        read(&self.send(Method::PUT, path, Bytes::new(), &[])?)
    }

    /// POST without a body, whose answer says nothing.
    pub fn end(&self, path: &str) -> Result<(), Failure> {
        read::<serde_json::Value>(&self.send(Method::POST, path, Bytes::new(), &[])?).map(drop)
    }

    /// DELETE, whose answer says nothing.
    pub fn end_at(&self, path: &str) -> Result<(), Failure> {
        read::<serde_json::Value>(&self.send(Method::DELETE, path, Bytes::new(), &[])?).map(drop)
    }

    /// DELETE.
    pub fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let answer = self.send(Method::DELETE, path, Bytes::new(), &[])?;
        let body = answer.whole(ANSWER_BYTES_MAX)?;
        ok(answer.status, &body, None)?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// GET into a sink, piece by piece. How many rows there are, where the server says so.
    pub fn download(
        &self,
        path: &str,
        query: &[Query<'_>],
        mut sink: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<Option<u64>, Failure> {
        let answer = self.send(Method::GET, &with_query(path, query), Bytes::new(), &[])?;
        if !answer.status.is_success() {
            let body = answer.whole(ANSWER_BYTES_MAX)?;
            return ok(answer.status, &body, filter_of(query)).map(|()| None);
        }
        let total = header(&answer.headers, "picket-total");
        while let Some(piece) = answer.piece(None)? {
            sink(&piece)?;
        }
        Ok(total)
    }

    /// GET of an answer that is a line for each thing, one after another as they come.
    pub fn lines(
        &self,
        path: &str,
        query: &[Query<'_>],
        each: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let answer = self.send(Method::GET, &with_query(path, query), Bytes::new(), &[])?;
        if !answer.status.is_success() {
            let body = answer.whole(ANSWER_BYTES_MAX)?;
            return ok(answer.status, &body, filter_of(query));
        }
        let mut held: Vec<u8> = Vec::new();
        while let Some(piece) = answer.piece(None)? {
            held.extend_from_slice(&piece);
            let whole = held.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let rest = held.split_off(whole);
            held.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).try_for_each(&mut *each)?;
            held = rest;
        }
        held.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).try_for_each(each)
    }

    /// GET of a file, from where `file` ends if it is still the one with this digest, else from its beginning.
    pub fn fetch(
        &self,
        path: &str,
        sha256: &str,
        file: &mut OutputFile,
        progress: &dyn Fn(u64),
    ) -> Result<(), Failure> {
        let (range, tag) = (format!("bytes={}-", file.bytes()), format!("\"{sha256}\""));
        let part = [("range", range.as_str()), ("if-range", tag.as_str())];
        let mut answer = self.send(Method::GET, path, Bytes::new(), if file.bytes() > 0 { &part } else { &[] })?;
        if answer.status == StatusCode::RANGE_NOT_SATISFIABLE {
            // Nothing is missing, or what is there is longer than the file: its digest will tell.
            if file.sha256() == sha256 {
                return Ok(());
            }
            answer = self.send(Method::GET, path, Bytes::new(), &[])?;
        }
        if !answer.status.is_success() {
            let body = answer.whole(ANSWER_BYTES_MAX)?;
            return ok(answer.status, &body, None);
        }
        if answer.status != StatusCode::PARTIAL_CONTENT {
            file.restart()?;
        }
        while let Some(piece) = answer.piece(None)? {
            file.write(&piece)?;
            progress(file.bytes());
        }
        Ok(())
    }

    /// Follows a stream of server-sent events until `show` says that it has enough, `limit` is over or somebody
    /// interrupts (then `true`). A broken connection is taken up again where it ended.
    pub fn follow(
        &self,
        path: &str,
        query: &[Query<'_>],
        limit: Option<Duration>,
        note: &dyn Fn(&str),
        show: &mut dyn FnMut(&str) -> Result<bool, Failure>,
    ) -> Result<bool, Failure> {
        let deadline = self.transport.deadline(limit);
        let mut last_id: Option<String> = None;
        let mut first = true;
        loop {
            let resume: Vec<(&str, &str)> = last_id.iter().map(|id| ("last-event-id", id.as_str())).collect();
            let answer = match self.send(Method::GET, &with_query(path, query), Bytes::new(), &resume) {
                Ok(answer) => answer,
                Err(failure) if first || failure.is_interrupted() => return Err(failure),
                Err(failure) => {
                    if self.transport.pause(Duration::from_secs(1), deadline)? {
                        return Ok(false);
                    }
                    note(&format!("{failure}; trying again"));
                    continue;
                }
            };
            if !answer.status.is_success() {
                let body = answer.whole(ANSWER_BYTES_MAX)?;
                return ok(answer.status, &body, filter_of(query)).map(|()| false);
            }
            first = false;
            match follow_one(&answer, deadline, &mut last_id, show)? {
                End::Enough => return Ok(false),
                End::Interrupted => return Ok(true),
                End::Broken => {
                    note("the connection broke; taking it up again");
                    if self.transport.pause(RETRY_PAUSE, deadline)? {
                        return Ok(false);
                    }
                }
            }
        }
    }

    fn with_body<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        read(&self.send(method, path, serde_json::to_vec(body)?.into(), &[])?)
    }

    fn send(&self, method: Method, path: &str, body: Bytes, headers: &[(&str, &str)]) -> Result<Answer<'_>, Failure> {
        self.transport.send(method, path, self.token()?, body, headers)
    }
}

/// What an answer holds; one without a body holds nothing.
fn read<T: DeserializeOwned>(answer: &Answer<'_>) -> Result<T, Failure> {
    let body = answer.whole(ANSWER_BYTES_MAX)?;
    ok(answer.status, &body, None)?;
    Ok(serde_json::from_slice(if body.is_empty() { b"null" } else { &body })?)
}

enum End {
    Enough,
    Interrupted,
    Broken,
}

fn follow_one(
    answer: &Answer<'_>,
    deadline: Option<transport::Deadline>,
    last_id: &mut Option<String>,
    show: &mut dyn FnMut(&str) -> Result<bool, Failure>,
) -> Result<End, Failure> {
    let mut buffer = Vec::new();
    loop {
        let piece = match answer.next_piece(deadline, SILENCE_MAX)? {
            transport::Next::Piece(piece) => piece,
            transport::Next::Deadline => return Ok(End::Enough),
            transport::Next::Interrupted => return Ok(End::Interrupted),
            transport::Next::Ended => return Ok(End::Broken),
        };
        buffer.extend_from_slice(&piece);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let frame: Vec<u8> = buffer.drain(..end + 2).collect();
            let frame = String::from_utf8_lossy(&frame).into_owned();
            let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            if let Some(id) = field("id:") {
                *last_id = Some(id.to_owned());
            }
            if let Some(data) = field("data:").filter(|data| data.starts_with('{'))
                && !show(data)?
            {
                return Ok(End::Enough);
            }
        }
    }
}

/// A path segment that no id can break out of.
pub fn segment(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            safe.push(char::from(byte));
        } else {
            write!(safe, "%{byte:02X}").unwrap_or_default();
        }
    }
    safe
}

fn with_query(path: &str, query: &[Query<'_>]) -> String {
    let mut target = path.to_owned();
    let given = query.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    for (at, (name, value)) in given.enumerate() {
        target.push(if at == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.push_str(&segment(value));
    }
    target
}

fn filter_of<'a>(query: &[Query<'a>]) -> Option<&'a str> {
    query.iter().find(|(name, _)| *name == "filter").and_then(|(_, value)| *value)
}

fn header(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn ok(status: StatusCode, body: &[u8], filter: Option<&str>) -> Result<(), Failure> {
    if status.is_success() {
        return Ok(());
    }
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Err(Failure::of_problem(&problem, filter)),
        Err(_) => Err(Failure::new(
            Kind::General,
            format!("the server answered {status}, and not in the form of Picket's API"),
        )),
    }
}

#[cfg(test)]
mod tests;
