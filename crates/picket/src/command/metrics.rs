//! What a security team watches.

use super::Context;
use crate::args::MetricsArgs;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::SecurityMetrics;

const COLUMNS: Columns<'_> = &["name", "value", "unit", "n", "threshold", "alert", "detail"];

pub(super) fn run(args: &MetricsArgs, context: &Context) -> Result<(), Failure> {
    let MetricsArgs { since, show } = args;
    let found: SecurityMetrics = context.client()?.get("/v1/metrics/security", &[("since", Some(since.as_str()))])?;
    let above = found.metrics.iter().filter(|metric| metric.alert).count();
    context.note(&format!("since {}: {above} of {} are above their threshold", found.since, found.metrics.len()));
    let rows = found.metrics.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    context.list(&rows, COLUMNS, show)
}
