//! Trains the linear model for unsafe content, and rates it on sources that it has not seen.
//!
//! `cargo run --release -p picket-eval --example train_safety CORPORA [OUT]`: reads labelled `*.jsonl` files; each is a
//! source, and texts of our own are in every training. One after the other is left out, the model is trained on the rest, and the texts left out are scored. Half of
//! the harmless prompts are never trained on. Then a model of all of it is written. Deterministic.

use picket_content::injection::folded_view;
use picket_content::linear::{Model, WINDOWS};
use picket_content::safety::{combined, word_scores};
use picket_eval::Outcome;
use picket_eval::corpus::{self, say, text};
use picket_eval::draws::Draws;
use picket_eval::learn::{Learner, Pace};
use picket_eval::templates::Templates;
use std::path::Path;

const EPOCHS: usize = 6;
/// The model is the mean of the epochs from this one on.
const SETTLED: usize = 3;
const PACE: Pace = Pace { rate: 0.3, decay: 4e-6, caution: 3e-3 };
/// Where our own texts lie.
const TRAINING: &str = "crates/picket-eval/training";
/// The source of our own texts, which is never rated.
const WRITTEN: &str = "written";
/// Texts that are drawn from the unsafe ones, and as many from their harmless twins.
const TEXTS: usize = 6_000;

/// Sources with unsafe texts; each is left out once.
const SOURCES: &[&str] = &["tox_davidson", "tox_korean_curse", "tox_toxigen_demos", "harm_requests"];
/// What is harmless.
const HARMLESS: &[&str] =
    &["ben_awesome_prompts", "ben_cyber_frr", "ben_promptbook_multilingual", "ben_selfinstruct", "ben_longdocs_peps"];
/// Requests whose words are as harmless as any: what is wrong with them is no matter of wording.
const NO_WORDS: &[&str] = &["copyright", "human_chatbox", "misinformation_harms", "information_hazard"];

struct Row {
    source: &'static str,
    view: String,
    positive: bool,
    words: f32,
    weight: f32,
    /// Never trained on.
    kept: bool,
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder of the corpora")?;
    let out = arguments.next();
    let mut draws = Draws::new(0x5eed_1e55_0bad_cafe);
    let mut rows = Vec::new();
    for source in SOURCES.iter().chain(HARMLESS) {
        rows.extend(read(&Path::new(&folder).join(format!("{source}.jsonl")), source)?);
    }
    rows.extend(written(&mut draws)?);
    for left_out in SOURCES {
        let inside: Vec<&Row> = rows.iter().filter(|row| row.source != *left_out && !row.kept).collect();
        let model = train(&inside, &mut draws);
        report(left_out, &rows, &model);
    }
    if let Some(out) = out {
        let all: Vec<&Row> = rows.iter().filter(|row| !row.kept).collect();
        let model = train(&all, &mut draws);
        harmless(&rows, &model);
        std::fs::write(out, model.to_bytes())?;
    }
    Ok(())
}

fn read(file: &Path, source: &'static str) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for (number, row) in corpus::values(file)?.iter().enumerate() {
        let text = |name: &str| text(row, name);
        if text("label") == "injection" || NO_WORDS.contains(&text("category")) {
            continue;
        }
        let positive = matches!(text("label"), "toxic" | "harmful");
        // Marks of a network are no words of anybody; people of one dialect shall not be learned as such.
        let plain = text("text").replace("@user", "").replace("http://url", "").replace("RT ", " ");
        let weight = match source {
            "tox_davidson" => 0.4,
            "tox_toxigen_demos" => 2.0,
            _ => 1.0,
        };
        let kept = !positive && source.starts_with("ben_") && number % 2 == 0;
        rows.push(Row { kept, ..row_of(source, &plain, positive, weight) });
    }
    Ok(rows)
}

fn row_of(source: &'static str, text: &str, positive: bool, weight: f32) -> Row {
    let words = 1.0 - word_scores(text).iter().map(|score| 1.0 - score).product::<f32>();
    Row { source, view: folded_view(text), positive, words, weight, kept: false }
}

/// Texts of our own, in every training.
fn written(draws: &mut Draws) -> Outcome<Vec<Row>> {
    let names = ["benign.txt", "everyday.txt", "chatter.txt", "documents.txt", "safety.txt"];
    let written = Templates::read(Path::new(TRAINING), &names)?;
    written.expect(&["unsafe", "safe"])?;
    let mut rows = Vec::new();
    for _ in 0..TEXTS {
        rows.push(row_of(WRITTEN, &written.draw("unsafe", draws), true, 0.6));
        rows.push(row_of(WRITTEN, &written.draw("safe", draws), false, 0.6));
    }
    Ok(rows)
}

fn train(rows: &[&Row], draws: &mut Draws) -> Model {
    let mut learner = Learner::new(PACE);
    let sum = |positive: bool| rows.iter().filter(|row| row.positive == positive).map(|row| row.weight).sum::<f32>();
    let balance = (sum(false) / sum(true)).sqrt();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    for epoch in 0..EPOCHS {
        draws.shuffle(&mut order);
        for row in order.iter().filter_map(|at| rows.get(*at)) {
            let weight = if row.positive { row.weight * balance } else { row.weight };
            learner.learn(window(&row.view, draws), row.positive, weight);
        }
        if epoch >= SETTLED {
            learner.keep();
        }
    }
    learner.mean()
}

/// What is learned of a text this time.
fn window<'a>(view: &'a str, draws: &mut Draws) -> &'a str {
    let size = if draws.below(2) == 0 { WINDOWS[0] } else { WINDOWS[1] };
    if view.len() <= size {
        return view;
    }
    let from = view.floor_char_boundary(draws.below(view.len() - size));
    view.get(from..view.floor_char_boundary(from + size)).unwrap_or_default()
}

/// What is made of a text.
type Measure<'a> = &'a dyn Fn(&Row) -> f32;

/// Figures of a source that the model has not seen: against its own harmless texts, or against prompts if it has none.
fn report(source: &str, rows: &[Row], model: &Model) {
    let own = rows.iter().any(|row| row.source == source && !row.positive);
    let scores = |positive: bool, score: Measure<'_>| -> Vec<f32> {
        let is_rated = |row: &&Row| {
            row.positive == positive
                && if positive || own { row.source == source } else { row.kept && row.view.len() < 2_000 }
        };
        rows.iter().filter(is_rated).map(score).collect()
    };
    let learned = |row: &Row| model.best(&row.view).score;
    let measures: [(&str, Measure<'_>); 3] =
        [("words", &|row| row.words), ("model", &learned), ("both", &|row| combined(row.words, learned(row)))];
    for (name, measure) in measures {
        let (positives, negatives) = (scores(true, measure), scores(false, measure));
        let share = |scores: &[f32]| {
            #[expect(clippy::cast_precision_loss, reason = "a share for people")]
            let share =
                scores.iter().filter(|score| **score >= 0.5).count() as f64 * 100.0 / scores.len().max(1) as f64;
            share
        };
        let (found, alarms) = (share(&positives), share(&negatives));
        let area = auc(&positives, &negatives);
        say(&format!(
            "{source:20} left out, {name:5}: AUC {area:.4}; at 0.5 {found:5.1} % found, {alarms:5.1} % false"
        ));
    }
}

/// False alarms of the final model on harmless prompts that it has not seen.
fn harmless(rows: &[Row], model: &Model) {
    for source in HARMLESS {
        let kept: Vec<f32> = rows
            .iter()
            .filter(|row| row.kept && row.source == *source)
            .map(|row| combined(row.words, model.best(&row.view).score))
            .collect();
        let flagged = kept.iter().filter(|score| **score >= 0.5).count();
        say(&format!("{source:34} {flagged} of {} flagged", kept.len()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn auc(positives: &[f32], negatives: &[f32]) -> f64 {
    let mut sorted = negatives.to_vec();
    sorted.sort_by(f32::total_cmp);
    let below = |score: f32| {
        let less = sorted.partition_point(|other| *other < score);
        (less + sorted.partition_point(|other| *other <= score)) as f64 / 2.0
    };
    positives.iter().map(|score| below(*score)).sum::<f64>()
        / positives.len().max(1) as f64
        / sorted.len().max(1) as f64
}
