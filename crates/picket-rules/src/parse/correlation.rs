//! Correlation rules.

use super::condition;
use super::detection::{complain, known};
use crate::issue::{Report, shown};
use crate::model::{About, Alias, Condition, Correlation, Kind, Order, Them};
use picket_yaml::{Node, Value, suggestion};

/// The longest time span: what state has to be kept for.
const SPAN_MS_MAX: i64 = 400 * 86_400_000;
/// The largest count that a correlation waits for: what a group has to remember.
const COUNT_MAX: f64 = 100_000.0;
/// Rules of one correlation.
const RULES_MAX: usize = 64;
/// Fields that make a group.
const FIELDS_MAX: usize = 16;

const TYPES: &[&str] = &[
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
];
const KEYS: &[&str] = &["type", "rules", "aliases", "group-by", "timespan", "condition", "generate"];
const CONDITION_KEYS: &[&str] = &["field", "percentile", "lt", "lte", "gt", "gte", "eq", "neq"];

/// Reads a correlation rule.
pub(super) fn read(about: About, document: &Node, node: &Node, report: &mut Report<'_>) -> Option<Correlation> {
    let members = report.with(|problems| node.map(problems).to_vec());
    for (key, _) in &members {
        match key.name.as_str() {
            "timeframe" => report.at_key(key, "it is called `timespan` here"),
            name if KEYS.contains(&name) => {}
            _ => report.with(|problems| key.unknown(KEYS, problems)),
        }
    }
    let generate = [node.member("generate"), document.member("generate")].into_iter().flatten();
    let generate = generate.filter_map(|node| report.with(|problems| node.bool(problems))).any(|generate| generate);
    let rules = rules(node, report);
    let aliases = node.member("aliases").map(|node| aliases(node, &rules, report)).unwrap_or_default();
    let group_by = node.member("group-by").map(|node| fields(node, report)).unwrap_or_default();
    let span_ms = span(node, report);
    let word = match node.member("type") {
        Some(word) => report.with(|problems| word.text(problems).map(|text| (text.to_owned(), word.clone()))),
        None => {
            report.at(node, format!("`type` is missing; say one of {}", TYPES.join(", ")));
            None
        }
    };
    let (word, place) = word?;
    if !TYPES.contains(&word.as_str()) {
        let hint = suggestion(&word, TYPES);
        report
            .at(&place, format!("`{}` is no type of correlation; there are {}{hint}", shown(&word), TYPES.join(", ")));
        return None;
    }
    let feeds = about.extension.behaviour.is_some();
    let (kind, bounds) = kind(&word, node, &rules, feeds, report)?;
    let is_temporal = matches!(kind, Kind::Temporal(_) | Kind::TemporalOrdered);
    if is_temporal && rules.len() < 2 {
        report.at(node, format!("`{word}` needs at least two rules; name them in `rules`"));
    }
    let places = node.member("rules").map(Node::items).unwrap_or_default();
    let places = places.iter().map(|item| report.place(item)).collect();
    Some(Correlation {
        about,
        kind,
        rules,
        places,
        aliases,
        group_by,
        span_ms: span_ms?,
        bounds,
        generate,
        feeds: None,
    })
}

fn rules(node: &Node, report: &mut Report<'_>) -> Vec<String> {
    let Some(list) = node.member("rules") else {
        report.at(node, "`rules` is missing; name rules by their id or name");
        return Vec::new();
    };
    let rules = report.with(|problems| list.texts(problems));
    if rules.is_empty() {
        report.at(list, "no rule is named; name rules by their id or name");
    }
    if rules.len() > RULES_MAX {
        report.at(list, format!("more than {RULES_MAX} rules; chain several correlations"));
    }
    for (at, rule) in rules.iter().enumerate() {
        if rules.iter().take(at).any(|other| other == rule) {
            let item = list.items().get(at).unwrap_or(list);
            report.at(item, format!("`{}` is named twice; keep one", shown(rule)));
        }
    }
    rules
}

fn fields(node: &Node, report: &mut Report<'_>) -> Vec<String> {
    let fields = report.with(|problems| node.texts(problems));
    if fields.len() > FIELDS_MAX {
        report.at(node, format!("more than {FIELDS_MAX} fields; group by fewer"));
    }
    fields
}

fn aliases(node: &Node, rules: &[String], report: &mut Report<'_>) -> Vec<Alias> {
    let members = report.with(|problems| node.map(problems).to_vec());
    let mut aliases = Vec::new();
    for (name, fields) in members {
        let mut alias = Alias { name: name.name, fields: Vec::new() };
        for (rule, field) in report.with(|problems| fields.map(problems).to_vec()) {
            if !rules.contains(&rule.name) {
                let message =
                    format!("`{}` is not among `rules`; name it there, or take it out here", shown(&rule.name));
                report.at_key(&rule, message);
            }
            let field = report.with(|problems| field.text(problems).map(str::to_owned));
            alias.fields.extend(field.map(|field| (rule.name, field)));
        }
        aliases.push(alias);
    }
    aliases
}

fn span(node: &Node, report: &mut Report<'_>) -> Option<i64> {
    let Some(span) = node.member("timespan") else {
        report.at(node, "`timespan` is missing; say how long, such as 5m");
        return None;
    };
    let text = report.with(|problems| span.text(problems).map(str::to_owned))?;
    let Some(ms) = span_ms(&text) else {
        report.at(span, "expected a time span such as 30s, 5m, 1h, 7d, 2w or 1M");
        return None;
    };
    if ms <= 0 {
        report.at(span, "a window of no length holds one moment; say at least 1s");
        return None;
    }
    if ms > SPAN_MS_MAX {
        report.at(span, format!("longer than {} days; state would be kept for all of it", SPAN_MS_MAX / 86_400_000));
        return None;
    }
    Some(ms)
}

/// A number and a unit, as Sigma has them: `M` is a month of a twelfth of a year.
fn span_ms(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let unit_ms = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 604_800_000,
        'M' => 2_629_746_000,
        'y' => 31_556_952_000,
        _ => return None,
    };
    number.checked_mul(unit_ms)
}

fn kind(
    word: &str,
    node: &Node,
    rules: &[String],
    feeds: bool,
    report: &mut Report<'_>,
) -> Option<(Kind, Vec<(Order, f64)>)> {
    let condition = node.member("condition");
    if word == "temporal_ordered" || word == "temporal" {
        return temporal(word, condition, rules, report).map(|kind| (kind, Vec::new()));
    }
    let Some(condition) = condition else {
        report.at(node, "`condition` is missing; say for example `condition: { gte: 10 }`");
        return None;
    };
    if matches!(condition.value, Value::Text(_)) {
        report.at(condition, "words join the rules of `temporal` only; say for example `{ gte: 10 }` here");
        return None;
    }
    let members = report.with(|problems| condition.map(problems).to_vec());
    let mut bounds = Vec::new();
    for (key, value) in &members {
        if let Some((_, order)) = Order::WORDS.iter().find(|(word, _)| *word == key.name) {
            bounds.extend(bound(value, report).map(|bound| (*order, bound)));
        } else if !CONDITION_KEYS.contains(&key.name.as_str()) {
            report.with(|problems| key.unknown(CONDITION_KEYS, problems));
        }
    }
    let field = condition.member("field").map(|node| fields(node, report)).unwrap_or_default();
    if word.starts_with("value_") == field.is_empty() {
        let message = if field.is_empty() {
            "`field` is missing; say whose values"
        } else {
            "`event_count` looks at no field; take it out"
        };
        report.at(condition, message);
        return None;
    }
    if bounds.is_empty() {
        report.at(condition, "there is no bound; say for example `gte: 10`");
        return None;
    }
    let is_count = matches!(word, "event_count" | "value_count");
    possible(&bounds, is_count, feeds, condition, report);
    if word == "value_percentile" && condition.member("percentile").is_none() {
        report.at(condition, "`percentile` is missing; say which, such as 95");
        return None;
    }
    let percentile = condition.member("percentile").map(|node| (report.with(|problems| node.number(problems)), node));
    let single = field.first().filter(|_| field.len() == 1).cloned();
    let kind = match (word, single, percentile) {
        ("event_count", _, None) => Kind::EventCount,
        ("value_count", _, None) => Kind::ValueCount(field),
        ("value_sum", Some(field), None) => Kind::ValueSum(field),
        ("value_avg", Some(field), None) => Kind::ValueAvg(field),
        ("value_median", Some(field), None) => Kind::ValuePercentile(field, 50.0),
        ("value_percentile", Some(field), Some((Some(percentile), node))) => {
            if percentile > 100.0 {
                report.at(node, "a percentile is at most 100");
            }
            Kind::ValuePercentile(field, percentile)
        }
        (_, _, None) => {
            report.at(condition, format!("`{word}` looks at one field; name one"));
            return None;
        }
        (_, _, Some((_, node))) => {
            report.at(node, format!("`{word}` has no percentile; take it out, or say `type: value_percentile`"));
            return None;
        }
    };
    Some((kind, bounds))
}

fn bound(node: &Node, report: &mut Report<'_>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^52, which is looked at later")]
    let number = match node.value {
        Value::Integer(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    };
    let number = number.filter(|number| number.abs() <= 1e15);
    if number.is_none() {
        report.at(node, "expected a number of at most 1e15");
    }
    number
}

/// Refuses bounds that never hold, always hold, or make a group remember too much.
fn possible(bounds: &[(Order, f64)], is_count: bool, feeds: bool, node: &Node, report: &mut Report<'_>) {
    let low = |order: Order| matches!(order, Order::Gt | Order::Gte | Order::Eq);
    let high = |order: Order| matches!(order, Order::Lt | Order::Lte | Order::Eq);
    for (order, bound) in bounds {
        if is_count && (bound.fract() != 0.0 || *bound < 0.0) {
            report.at(node, "a count is a whole number of at least 0");
            return;
        }
        if is_count && *bound > COUNT_MAX {
            report.at(node, format!("a group would have to remember more than {COUNT_MAX} events; use a shorter time span and a smaller number"));
        }
        let never = is_count
            && ((*order == Order::Lt && *bound <= 1.0)
                || (*order == Order::Lte && *bound < 1.0)
                || (*order == Order::Eq && *bound < 1.0));
        if never {
            report.at(node, "this never holds: where it is looked at, there is one at least");
        }
        if is_count
            && ((*order == Order::Gte && *bound <= 1.0) || (*order == Order::Gt && *bound < 1.0))
            && bounds.len() == 1
            // What only feeds a behaviour may well hold for every event.
            && !feeds
        {
            let place = report.place(node);
            report.warn(place, "this holds for every event; use the rule alone");
        }
        for (other, limit) in bounds.iter().filter(|(other, limit)| low(*order) && high(*other) && *limit <= *bound) {
            let touches = *limit >= *bound && *order != Order::Gt && *other != Order::Lt;
            if !touches {
                report.at(
                    node,
                    format!("`{} {bound}` and `{} {limit}` never hold together", order.as_str(), other.as_str()),
                );
            }
        }
    }
}

fn temporal(word: &str, condition: Option<&Node>, rules: &[String], report: &mut Report<'_>) -> Option<Kind> {
    let expression = match condition.map(|node| (&node.value, node)) {
        None => None,
        Some((Value::Text(text), node)) => {
            let names: Vec<&str> = rules.iter().map(String::as_str).collect();
            match condition::parse(text).and_then(|condition| known(&condition, text, &names).map(|()| condition)) {
                Ok(condition) => Some(condition),
                Err(wrong) => {
                    complain(node, text, &wrong, report);
                    return None;
                }
            }
        }
        // All of them is what is meant without a condition too.
        Some((_, node)) => {
            let all = (node.member("gte"), rules.len());
            let is_all = matches!((all.0.map(|node| &node.value), all.1), (Some(Value::Integer(count)), rules) if usize::try_from(*count) == Ok(rules));
            if !is_all {
                report.at(node, format!("`{word}` waits for all its rules; take the condition out, or join the rules with `and`, `or`, `not`"));
                return None;
            }
            None
        }
    };
    if word == "temporal" {
        return Some(Kind::Temporal(expression));
    }
    let is_all = |condition: &Condition| *condition == Condition::Of(None, Them::All);
    if let (Some(expression), Some(node)) = (expression, condition)
        && !is_all(&expression)
    {
        report.at(
            node,
            "`temporal_ordered` waits for all its rules in their order; take the condition out, or use `temporal`",
        );
        return None;
    }
    Some(Kind::TemporalOrdered)
}
