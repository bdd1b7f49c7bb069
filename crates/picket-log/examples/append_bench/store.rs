//! A store of its own for each measurement; its files go with it.

use crate::Failure;
use picket_bodies::Bodies;
use picket_db::{Db, Options as DbOptions};
use picket_event::Workspace;
use picket_keys::{Keyring, RootKey};
use picket_log::{EventLog, Logs, Options};
use picket_stdx::{Clock, random};
use std::path::{Path, PathBuf};

pub(crate) struct Store {
    pub(crate) log: EventLog,
    folder: PathBuf,
}

impl Store {
    pub(crate) fn create(within: &Path) -> Result<Self, Failure> {
        let folder = within.join(random::number().to_string());
        std::fs::create_dir_all(&folder)?;
        let tables = &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS];
        let db = Db::open(DbOptions::new(folder.join("picket.db")), tables)?;
        let keyring = Keyring::open(&db, RootKey::new(random::bytes()))?;
        let bodies = Bodies::new(&db, &keyring);
        let options = Options { host: "bench.example".to_owned(), state: folder.join("state"), clock: Clock::system() };
        let workspace = Workspace::parse("ws_bench")?;
        Logs::create(&db, &keyring, &options, &workspace)?;
        let log = Logs::open(&db, &keyring, &bodies, &options)?.workspace(&workspace)?.clone();
        Ok(Self { log, folder })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.log.db().close();
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
