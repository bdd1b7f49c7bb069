//! Tables of each component, brought up to date step by step.

use crate::OpenError;
use rusqlite::{Connection, OptionalExtension as _, params};

/// The version of the program, which all crates share.
pub(crate) const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// One step of one component. Steps are numbered from 1 and never edited once released.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Component, such as `log`.
    pub component: &'static str,
    /// Number of the step.
    pub version: u32,
    /// Statements.
    pub sql: &'static str,
}

pub(crate) fn run(connection: &Connection, migrations: &[&[Migration]]) -> Result<(), OpenError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration (
            component TEXT NOT NULL, version INTEGER NOT NULL, digest INTEGER NOT NULL, program TEXT NOT NULL,
            PRIMARY KEY (component, version)
         ) STRICT",
    )?;
    for steps in migrations {
        refuse_newer(connection, steps)?;
        for step in *steps {
            apply(connection, step)?;
        }
    }
    Ok(())
}

fn refuse_newer(connection: &Connection, steps: &[Migration]) -> Result<(), OpenError> {
    let Some(last) = steps.last() else { return Ok(()) };
    let newest: Option<(u32, String)> = connection
        .query_row(
            "SELECT version, program FROM migration WHERE component = ?1 ORDER BY version DESC LIMIT 1",
            params![last.component],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match newest {
        Some((found, made_by)) if found > last.version => {
            Err(OpenError::Newer { component: last.component.to_owned(), found, known: last.version, made_by })
        }
        _ => Ok(()),
    }
}

fn apply(connection: &Connection, step: &Migration) -> Result<(), OpenError> {
    let applied: Option<(i64, String)> = connection
        .query_row(
            "SELECT digest, program FROM migration WHERE component = ?1 AND version = ?2",
            params![step.component, step.version],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match applied {
        Some((found, _)) if found == digest(step.sql) => Ok(()),
        Some((_, made_by)) => {
            Err(OpenError::Diverged { component: step.component.to_owned(), version: step.version, made_by })
        }
        None => {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute_batch(step.sql)?;
            transaction.execute(
                "INSERT INTO migration (component, version, digest, program) VALUES (?1, ?2, ?3, ?4)",
                params![step.component, step.version, digest(step.sql), PROGRAM],
            )?;
            Ok(transaction.commit()?)
        }
    }
}

/// FNV-1a over the words of the statements: white space may change, meaning may not.
fn digest(sql: &str) -> i64 {
    let bytes = sql.split_whitespace().flat_map(|word| word.bytes().chain([b' ']));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    i64::from_le_bytes(hash.to_le_bytes())
}
