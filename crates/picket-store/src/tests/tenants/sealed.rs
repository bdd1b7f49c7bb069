//! Sealed credentials of two workspaces. Owners have the same ids, so that only the workspace tells them apart.

use super::{At, Case, LATER, NOW, shown};
use crate::escalations::QueueError;
use crate::sealed::{self, Entered, SealedError, Secrets};
use zeroize::Zeroizing;

const OWNER: &str = "dst_1";
/// Only the other has one of this name.
const OTHER: &str = "dst_theirs";
const HOST: &str = "https://siem.example.com";

fn secrets(mark: &str, count: u64) -> Secrets {
    let mut all = Secrets::default();
    for number in 1..=count {
        all.set(&format!("field_{number}"), Zeroizing::new(mark.as_bytes().to_vec()));
    }
    all
}

fn entered(by: &str) -> Entered {
    Entered { by: by.to_owned(), at: NOW, keep_until: None }
}

pub(super) fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    at.vault.put(at.tx, at.whose, (OWNER, HOST), &secrets(mark, count), &entered(mark))?;
    at.vault.put(at.tx, at.whose, (&format!("dst_{mark}"), HOST), &secrets(mark, count), &entered("ann"))?;
    Ok(())
}

fn failed(error: SealedError) -> QueueError {
    match error {
        SealedError::Database(error) => error.into(),
        other => rusqlite::Error::ToSqlConversionFailure(Box::new(other)).into(),
    }
}

pub(super) const CASES: &[Case] = &[
    ("sealed::put", |at| shown(at.vault.put(at.tx, at.whose, (OWNER, HOST), &secrets("new", 2), &entered("bob")))),
    ("sealed::open", |at| {
        let opened = at.vault.open(at.connection(), at.whose, (OWNER, HOST), LATER).map_err(failed)?;
        let own = opened.iter().flat_map(|(_, secrets)| secrets.iter());
        Ok(format!("{:?}", own.map(|(field, secret)| (field.to_owned(), secret.to_vec())).collect::<Vec<_>>()))
    }),
    ("sealed::reseal", |at| {
        // The vault got a new key when everything was in.
        shown(at.vault.reseal(at.tx, at.whose).map_err(failed))
    }),
    ("sealed::held", |at| shown(sealed::held(at.connection(), at.whose, OTHER).map(|held| held.len()))),
    ("sealed::is_held_for", |at| shown(sealed::is_held_for(at.connection(), at.whose, (OTHER, HOST)))),
    ("sealed::forget", |at| shown(sealed::forget(at.tx, at.whose, OWNER))),
];
