//! The log as C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.

use crate::failure::ReadError;
use crate::hashes::Hashes;
use crate::{EventLog, rows};
use rusqlite::OptionalExtension as _;

const WIDTH: u64 = 256;

/// A tile or an entry bundle, by its path below the log's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// `None` for entries.
    level: Option<u8>,
    number: u64,
    width: u64,
}

impl EventLog {
    /// The bytes of a tile or an entry bundle; `None` when the path is none of a tile, or beyond the newest checkpoint.
    pub fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(place) = parse(path) else { return Ok(None) };
        let bytes = self.0.db.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT max(size) FROM checkpoint WHERE log = ?1")?;
            let signed: u64 =
                statement.query_row([self.id()], |row| row.get::<_, Option<u64>>(0)).optional()?.flatten().unwrap_or(0);
            let shift = 8 * u32::from(place.level.unwrap_or(0));
            let available = signed.checked_shr(shift).unwrap_or(0);
            if place.number.saturating_mul(WIDTH).saturating_add(place.width) > available {
                return Ok(None);
            }
            match place.level {
                None => self.bundle(connection, place),
                Some(level) => {
                    let tile = Hashes::new(connection, self.id())?.tile(level, place.number)?;
                    let width = usize::try_from(place.width).unwrap_or(0);
                    Ok::<_, ReadError>(tile.get(..width).map(|hashes| hashes.iter().flat_map(|hash| hash.0).collect()))
                }
            }
        })?;
        Ok(bytes)
    }

    fn bundle(&self, connection: &rusqlite::Connection, place: Place) -> Result<Option<Vec<u8>>, ReadError> {
        let from = place.number * WIDTH;
        let entries = rows::entries(connection, self.id(), from, from + place.width)?;
        if u64::try_from(entries.len()).unwrap_or(0) < place.width {
            return Ok(None);
        }
        let mut bundle = Vec::new();
        for (_, bytes) in entries {
            bundle.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            bundle.extend_from_slice(&bytes);
        }
        Ok(Some(bundle))
    }
}

fn parse(path: &str) -> Option<Place> {
    let rest = path.strip_prefix("tile/")?;
    let (level, rest) = rest.split_once('/')?;
    let level = if level == "entries" {
        None
    } else {
        let number: u8 = level.parse().ok()?;
        (number < 8 && level == number.to_string()).then_some(Some(number))?
    };
    let (number, width) = match rest.split_once(".p/") {
        None => (rest, WIDTH),
        Some((number, width)) => {
            let wide: u64 = width.parse().ok()?;
            ((1..WIDTH).contains(&wide) && width == wide.to_string()).then_some((number, wide))?
        }
    };
    Some(Place { level, number: tile_number(number)?, width })
}

/// `x001/x234/067` is 1,234,067.
fn tile_number(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    let mut groups = text.split('/').peekable();
    let mut first = true;
    while let Some(group) = groups.next() {
        let digits = if groups.peek().is_some() { group.strip_prefix('x')? } else { group };
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let value: u64 = digits.parse().ok()?;
        if first && value == 0 && groups.peek().is_some() {
            return None;
        }
        first = false;
        number = number.checked_mul(1_000)?.checked_add(value)?;
    }
    (number < 1 << 48).then_some(number)
}

#[cfg(test)]
mod tests;
