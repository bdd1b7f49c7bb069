//! Changing, pausing and resuming.

use super::{DispatchError, Done, checked_name, credentials, json, row_settings};
use crate::manage::View;
use crate::save::{PAUSED, RESUMED, SYSTEM};
use crate::settings::Settings;
use crate::{Change, Dispatch, Shared};
use picket_db::{Tx, WriteError};
use picket_event::EventType;
use picket_receivers::{Kind, Receiver};
use picket_store::destinations::{self, Destination, State};
use picket_store::sealed::{self, Secrets};
use std::sync::Arc;

pub(crate) const UPDATED: EventType = EventType::of("destination.updated");
const ROTATED: EventType = EventType::of("destination.rotated");
/// Longest reason.
const REASON_CHARS_MAX: usize = 1_000;

impl Dispatch {
    /// Changes what a destination is told, its name, or its credentials. What it had delivered stays so.
    pub fn update(&self, id: &str, change: Change, by: &str) -> Done<View> {
        self.changed(id, change, (by, UPDATED))
    }

    /// Enters new credentials in place of the present ones.
    pub fn rotate(&self, id: &str, (secrets, reads_bodies): (Secrets, bool), by: &str) -> Done<View> {
        self.changed(id, Change { secrets: Some(secrets), reads_bodies, ..Change::default() }, (by, ROTATED))
    }

    fn changed(&self, id: &str, change: Change, (by, event_type): (&str, EventType)) -> Done<View> {
        let (shared, id, by) = (Arc::clone(self.shared()), id.to_owned(), by.to_owned());
        let id = self.act("dispatch.update", move |tx| {
            let row = shared.row(tx, &id)?;
            if change.version.is_some_and(|version| version != row.version) {
                return Err(DispatchError::Stale(row.version));
            }
            let settings = match &change.settings {
                Some(settings) => settings.clone(),
                None => row_settings(&row)?,
            };
            // What stays as it is was checked by the version that took it: another name or key is no reason to refuse it.
            if change.settings.is_some() {
                settings.check()?;
                shared.check_file(tx, &settings, &row.id)?;
            }
            // Who changes where it goes changes where they go.
            shared.check_bodies(&settings, change.reads_bodies)?;
            let had_bodies = row_settings(&row).is_ok_and(|settings| settings.wanted.bodies);
            let now = shared.log.clock().now();
            // Who changes what the program paused does not take the pause over: probes go on, with the new credentials.
            let is_own = row.state == State::Paused && row.changed_by == SYSTEM;
            let (changed_by, changed_at) =
                if is_own { (row.changed_by.clone(), row.changed_at) } else { (by.clone(), now) };
            let to = Destination {
                name: change.name.as_deref().map_or_else(|| Ok(row.name.clone()), checked_name)?,
                kind: settings.to.name().to_owned(),
                host: settings.to.host(),
                settings: json(&settings)?,
                changed_by,
                changed_at,
                version: row.version + 1,
                ..row.clone()
            };
            shared.check_secrets(tx, (&row, &to), &settings, change.secrets.as_ref())?;
            if !destinations::update(tx, &shared.workspace, &to)? {
                return Err(DispatchError::Taken(to.name));
            }
            if let Some(secrets) = &change.secrets {
                shared.seal(tx, &to, secrets, (&by, now))?;
            }
            shared.tell(tx, (event_type, &to.id), &by, Some(what_changed(&row, &to, change.secrets.is_some())))?;
            shared.tell_bodies(tx, &to, (had_bodies, settings.wanted.bodies), &by)?;
            Ok(to.id)
        })?;
        self.poke(&id);
        self.get(&id)
    }

    /// Sends nothing more until somebody resumes it. Events wait in the log.
    pub fn pause(&self, id: &str, reason: Option<String>, by: &str) -> Done<View> {
        self.set_state(id, (State::Paused, reason.map(|reason| reason.chars().take(REASON_CHARS_MAX).collect())), by)
    }

    /// Goes on where it was.
    pub fn resume(&self, id: &str, by: &str) -> Done<View> {
        self.set_state(id, (State::Active, None), by)
    }

    fn set_state(&self, id: &str, (to, reason): (State, Option<String>), by: &str) -> Done<View> {
        let (shared, id, by) = (Arc::clone(self.shared()), id.to_owned(), by.to_owned());
        let id = self.act("dispatch.set_state", move |tx| {
            let row = shared.row(tx, &id)?;
            let now = shared.log.clock().now();
            if !destinations::set_state(tx, &shared.workspace, &row.id, (to, reason.as_deref()), (&by, now))? {
                return Err(DispatchError::Stands(to));
            }
            let event_type = if to == State::Paused { PAUSED } else { RESUMED };
            shared.tell(tx, (event_type, &row.id), &by, reason)?;
            Ok(row.id)
        })?;
        self.poke(&id);
        self.get(&id)
    }

    /// Seals all credentials anew with a new key; how many fields there were.
    pub fn renew_key(&self, keyring: &picket_keys::Keyring, by: &str) -> Done<usize> {
        let shared = Arc::clone(self.shared());
        let renewed = shared.vault.renew(keyring);
        renewed.map_err(|error| WriteError::Failed(picket_stdx::error_chain(&error).into()))?;
        let by = by.to_owned();
        self.act("dispatch.renew_key", move |tx| {
            let count = shared.vault.reseal(tx, &shared.workspace)?;
            let reason = format!("{count} sealed credentials have a new key");
            shared.tell(tx, (EventType::of("key.rotated"), "all"), &by, Some(reason))?;
            Ok(count)
        })
    }
}

impl Shared {
    /// Two destinations that write into one file would cut and put aside what the other delivered.
    pub(super) fn check_file(&self, tx: &Tx<'_>, settings: &Settings, id: &str) -> Result<(), DispatchError> {
        let Kind::File(file) = &settings.to else { return Ok(()) };
        let all = destinations::list(tx.connection(), &self.workspace)?;
        let is_same = |row: &&Destination| {
            row.id != id
                && row_settings(row).is_ok_and(|other| matches!(other.to, Kind::File(other) if other.name == file.name))
        };
        all.iter().find(is_same).map_or(Ok(()), |row| Err(DispatchError::SharedFile(row.name.clone())))
    }

    /// Credentials stay with the host that they were entered for; what is told must work with them.
    fn check_secrets(
        &self,
        tx: &mut Tx<'_>,
        (before, after): (&Destination, &Destination),
        settings: &Settings,
        given: Option<&Secrets>,
    ) -> Result<(), DispatchError> {
        if let Some(secrets) = given {
            Receiver::open(&settings.to, &credentials(secrets)?, &self.network)?;
            return Ok(());
        }
        if before.host == after.host && before.kind == after.kind {
            return Ok(());
        }
        let has_any = !sealed::held(tx.connection(), &self.workspace, &before.id)?.is_empty();
        if has_any {
            return Err(DispatchError::OtherHost);
        }
        Receiver::open(&settings.to, &credentials(&Secrets::default())?, &self.network)?;
        Ok(())
    }
}

/// What is otherwise, without what it is now: settings may hold names of people.
fn what_changed(before: &Destination, after: &Destination, has_secrets: bool) -> String {
    let changes = [
        ("name", before.name != after.name),
        ("kind", before.kind != after.kind),
        ("host", before.host != after.host),
        ("settings", before.settings != after.settings),
        ("credentials", has_secrets),
    ];
    let names: Vec<&str> = changes.into_iter().filter(|(_, is_other)| *is_other).map(|(name, _)| name).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
