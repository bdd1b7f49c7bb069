//! Files of exports and a person who is erased: those that hold him go.

use crate::export::{ExportError, Exporter, file_of};
use picket_db::{Lane, Ticket};
use picket_event::{Event, EventType};
use picket_log::AppendError;
use picket_stdx::escape::csv_cell;
use picket_store::exports::{self, Export};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Bytes that are looked through at a time.
const PIECE: usize = 256 * 1024;

impl Exporter {
    /// Ends the finished exports that hold an event of a user, by his name and dictionary id, and those that are being
    /// written, and removes their files. How many ended, each with an event.
    pub fn forget(&self, name: &str, id: &str) -> Result<usize, ExportError> {
        let jobs = self.db.read(|connection| exports::with_files(connection, &self.workspace));
        let jobs = jobs.map_err(|error| ExportError::Store(error.to_string()))?;
        // What cannot be read to its end may hold him.
        let concerned = jobs.into_iter().filter(|job| job.state != "done" || self.holds(job, name, id).unwrap_or(true));
        let ids: Vec<String> = concerned.map(|job| job.id).collect();
        let (log, workspace, now) = (self.log.clone(), self.workspace.clone(), self.log.clock().now());
        let ticket: Ticket<usize, AppendError> = self.db.write(Lane::Admin, "evidence.forget", move |tx| {
            let mut ended = 0;
            for id in &ids {
                let Some(was_done) = exports::withdraw(tx, &workspace, id, now)? else { continue };
                let what = if was_done { "export.expired" } else { "export.cancelled" };
                let mut event = Event::new(EventType::of(what), workspace.as_str(), now);
                event.target = Some(format!("export:{id}"));
                event.reason = Some("somebody in it was erased".to_owned());
                log.append_in(tx, log.prepare(event, &[]))?;
                ended += 1;
            }
            Ok(ended)
        });
        let ended = ticket.wait().map_err(|error| ExportError::Store(picket_stdx::error_chain(&error)))?;
        self.sweep()?;
        Ok(ended)
    }

    fn holds(&self, job: &Export, name: &str, id: &str) -> Result<bool, ExportError> {
        let request: crate::ExportRequest =
            serde_json::from_str(&job.request).map_err(|error| ExportError::Request(error.to_string()))?;
        let path = file_of(&self.folder, &job.id, &request.format);
        match request.format.as_str() {
            "csv" => has_row(&path, name),
            "parquet" => Ok(picket_columns::holds(File::open(&path)?, id.as_bytes())?),
            _ => Ok(has_bytes(&path, id.as_bytes())?),
        }
    }
}

/// Whether a table has a row of a user.
fn has_row(path: &Path, name: &str) -> Result<bool, ExportError> {
    let broken = |error: csv::Error| ExportError::File(error.into());
    let mut rows = csv::Reader::from_path(path).map_err(broken)?;
    let column = rows.headers().map_err(broken)?.iter().position(|column| column == "user");
    let column = column.ok_or_else(|| ExportError::Request("the file has no column `user`".to_owned()))?;
    let written = csv_cell(name);
    for row in rows.records() {
        if row.map_err(broken)?.get(column) == Some(&*written) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a file has these bytes somewhere; the id of a user is nothing else's.
fn has_bytes(path: &Path, wanted: &[u8]) -> std::io::Result<bool> {
    let mut file = BufReader::new(File::open(path)?);
    let mut seen: Vec<u8> = Vec::new();
    loop {
        let before = seen.len();
        file.by_ref().take(PIECE as u64).read_to_end(&mut seen)?;
        if seen.len() == before {
            return Ok(false);
        }
        if seen.windows(wanted.len().max(1)).any(|window| window == wanted) {
            return Ok(true);
        }
        // The next piece may end what begins here.
        seen.drain(..seen.len().saturating_sub(wanted.len()));
    }
}
