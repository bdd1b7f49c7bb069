//! Texts about which a detector is wrong, for those who want to make it better.

use crate::question::{Kinds, Question};
use crate::rows::Row;
use crate::verdicts::{Verdict, Verdicts};
use serde_json::json;

/// Characters of a text that are shown.
const SHOWN: usize = 200;

/// A line of JSON for each wrong verdict: what was missed first, lowest score first; then what was made up, highest first.
///
/// Texts that are looked through for personal data or secrets are not shown, only what was found in them.
pub(crate) fn lines(rows: &[Row], verdicts: &Verdicts) -> String {
    let question = Question::of(&verdicts.check);
    let mut wrong: Vec<(bool, f64, String)> = Vec::new();
    for (number, (row, verdict)) in rows.iter().zip(&verdicts.list).enumerate() {
        let Some((wanted, verdict)) = question.answer(row).zip(verdict.as_ref()) else { continue };
        if verdict.flagged != wanted {
            let order = if wanted { verdict.score } else { -verdict.score };
            wrong.push((!wanted, order, line(number, row, verdict, verdicts, wanted)));
        }
    }
    wrong.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    wrong.into_iter().map(|(_, _, line)| line + "\n").collect()
}

fn line(number: usize, row: &Row, verdict: &Verdict, verdicts: &Verdicts, wanted: bool) -> String {
    let head = match Question::of(&verdicts.check).entities {
        Kinds::Ignored => row.text.chars().take(SHOWN).collect(),
        Kinds::Compared | Kinds::Any => String::new(),
    };
    let mut kinds: Vec<&str> = verdict.entities.iter().map(|entity| entity.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    json!({
        "by": verdicts.by, "check": verdicts.check, "error": if wanted { "missed" } else { "made up" }, "row": number,
        "source": row.source, "label": row.label, "lang": row.lang, "score": verdict.score, "kinds": kinds, "head": head,
    })
    .to_string()
}

#[cfg(test)]
mod tests;
