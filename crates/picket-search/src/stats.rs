//! Counts over time and by field.

use crate::failure::SearchError;
use crate::index::{Index, Request};
use picket_query::{Field, FieldKind};
use picket_stdx::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;

/// What to count.
#[derive(Debug, Clone, Default)]
pub struct StatsRequest {
    /// Which events.
    pub request: Request,
    /// By a field.
    pub by: Option<Field>,
    /// By intervals of this length.
    pub interval: Option<Duration>,
}

/// Counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Events that match.
    pub total: u64,
    /// By time, ascending.
    pub over_time: Vec<(Timestamp, u64)>,
    /// By value, most frequent first.
    pub groups: Vec<(String, u64)>,
    /// Prompt tokens, answer tokens, cost.
    pub sums: [f64; 3],
    /// Median and 95th percentile of latency, milliseconds.
    pub latency: [Option<f64>; 2],
}

/// Values that are counted apart.
const GROUPS_MAX: usize = 1_000;

impl Index {
    /// Counts events.
    pub fn stats(&self, wanted: &StatsRequest) -> Result<Answer, SearchError> {
        if let Some(field) =
            wanted.by.filter(|field| matches!(field.kind(), FieldKind::Number | FieldKind::Hashed | FieldKind::Address))
        {
            return Err(SearchError::Field(field.as_str()));
        }
        let query = self.query(&wanted.request)?;
        let mut request = json!({
            "total": {"value_count": {"field": "position"}},
            "tokens_in": {"sum": {"field": "tokens_in"}}, "tokens_out": {"sum": {"field": "tokens_out"}}, "cost": {"sum": {"field": "cost"}},
            "latency": {"percentiles": {"field": "latency_ms", "percents": [50.0, 95.0]}},
        });
        if let Some(members) = request.as_object_mut() {
            if let Some(field) = wanted.by {
                members.insert("groups".to_owned(), json!({"terms": {"field": field.as_str(), "size": GROUPS_MAX}}));
            }
            if let Some(interval) = wanted.interval {
                let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1_000);
                members.insert(
                    "times".to_owned(),
                    json!({"histogram": {"field": "timestamp", "interval": millis, "min_doc_count": 1}}),
                );
            }
        }
        let aggregations: Aggregations = serde_json::from_value(request)
            .map_err(|error| tantivy::TantivyError::InvalidArgument(error.to_string()))?;
        let collector =
            AggregationCollector::from_aggs(aggregations, tantivy::aggregation::AggContextParams::default());
        let results = self.reader().searcher().search(&query, &collector)?;
        let results = serde_json::to_value(results).unwrap_or_default();
        self.answer(&results, wanted.by)
    }

    fn answer(&self, results: &Value, by: Option<Field>) -> Result<Answer, SearchError> {
        let number = |path: &str| results.pointer(path).and_then(Value::as_f64);
        let mut answer = Answer {
            total: number("/total/value").map_or(0, whole),
            sums: ["/tokens_in/value", "/tokens_out/value", "/cost/value"].map(|path| number(path).unwrap_or(0.0)),
            latency: ["/latency/values/50.0", "/latency/values/95.0"]
                .map(|path| number(path).filter(|value| value.is_finite())),
            ..Answer::default()
        };
        let buckets = |name: &str| {
            results.pointer(&format!("/{name}/buckets")).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        for bucket in buckets("groups") {
            let key = bucket.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
            let count = bucket.get("doc_count").and_then(Value::as_u64).unwrap_or(0);
            let is_name = by.is_some_and(|field| field.kind() == FieldKind::Name);
            let value = if is_name { self.log().name(&key)?.unwrap_or(key) } else { key };
            answer.groups.push((value, count));
        }
        for bucket in buckets("times") {
            let at = bucket.get("key").and_then(Value::as_f64).unwrap_or(0.0);
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date are far below 2^52")]
            answer.over_time.push((
                Timestamp::from_millis(at as i64),
                bucket.get("doc_count").and_then(Value::as_u64).unwrap_or(0),
            ));
        }
        Ok(answer)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count is small and not negative")]
fn whole(number: f64) -> u64 {
    number as u64
}
