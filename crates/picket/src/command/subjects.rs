//! Persons whose data it is.

use super::Context;
use crate::args::SubjectsCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::EraseSubject;
use serde_json::Value;

const COLUMNS: Columns<'_> = &["subject", "bodies", "exports", "has_account"];

pub(super) fn run(command: SubjectsCommand, context: &Context) -> Result<(), Failure> {
    let SubjectsCommand::Erase { user, reason, confirm, show } = command;
    let path = format!("/v1/subjects/{}/erase", segment(&user));
    let erased: Value = context.client()?.post(&path, &EraseSubject { reason, confirm })?;
    context.object(&erased, COLUMNS, &show)
}
