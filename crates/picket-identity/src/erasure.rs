//! People whose erasure has begun: remembered until it has ended, so that what a stop interrupts goes on.

use crate::Identity;
use picket_db::Tx;
use rusqlite::params;

/// Somebody who is being erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// What stands for him in entries of the log.
    pub subject: String,
    /// What he was called in events.
    pub name: String,
    /// Who has him erased.
    pub actor: String,
}

impl Identity {
    /// Begins: what stood for him as a caller means nothing any more.
    pub fn begin_erasure(&self, tx: &mut Tx<'_>, erasure: &Erasure) -> Result<(), rusqlite::Error> {
        self.forget_callers(tx, &erasure.name)?;
        tx.connection().execute(
            "INSERT INTO erasure (workspace, subject, name, actor, begun_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (workspace, subject) DO NOTHING",
            params![self.workspace().as_str(), erasure.subject, erasure.name, erasure.actor, self.now().as_micros()],
        )?;
        Ok(())
    }

    /// Those that have begun and not ended, oldest first.
    pub fn erasures(&self) -> Result<Vec<Erasure>, picket_db::ReadError<rusqlite::Error>> {
        self.0.db.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT subject, name, actor FROM erasure WHERE workspace = ?1 ORDER BY begun_at")?;
            let rows = statement.query_map(params![self.workspace().as_str()], |row| {
                Ok(Erasure { subject: row.get(0)?, name: row.get(1)?, actor: row.get(2)? })
            })?;
            rows.collect()
        })
    }

    /// Ends: the name is forgotten here too.
    pub fn end_erasure(&self, tx: &mut Tx<'_>, subject: &str) -> Result<(), rusqlite::Error> {
        let sql = "DELETE FROM erasure WHERE workspace = ?1 AND subject = ?2";
        tx.connection().execute(sql, params![self.workspace().as_str(), subject]).map(drop)
    }
}
