//! Trains the linear model for unsafe content, and rates it on sources that it has not seen.
//!
//! `cargo run --release -p picket-content --example train_safety CORPORA [OUT]`: reads labelled `*.jsonl` files; each is a
//! source. One after the other is left out, the model is trained on the rest, and the texts left out are scored. Half of
//! the harmless prompts are never trained on. Then a model of all of it is written. Deterministic.

use picket_content::injection::model::{self, Model, Rarity, TABLE, WINDOWS};
use picket_content::injection::{Stratum, folded_view};
use picket_content::safety::{combined, word_scores};
use serde_json::Value;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

type Outcome<T> = Result<T, Box<dyn Error>>;

const EPOCHS: usize = 6;
const RATE: f32 = 0.3;
const DECAY: f32 = 4e-6;
const PRIOR: f32 = 24.0;

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

/// Draws that are the same in every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder of the corpora")?;
    let out = arguments.next();
    let mut draws = Draws(0x5eed_1e55_0bad_cafe);
    let mut rows = Vec::new();
    for source in SOURCES.iter().chain(HARMLESS) {
        rows.extend(read(&Path::new(&folder).join(format!("{source}.jsonl")), source)?);
    }
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
    for (number, line) in BufReader::new(File::open(file)?).lines().enumerate() {
        let row: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
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
        let words = 1.0 - word_scores(&plain).iter().map(|score| 1.0 - score).product::<f32>();
        let kept = !positive && source.starts_with("ben_") && number % 2 == 0;
        rows.push(Row { source, view: folded_view(&plain), positive, words, weight, kept });
    }
    Ok(rows)
}

fn train(rows: &[&Row], draws: &mut Draws) -> Model {
    let mut learner = Learner { table: vec![(0.0, 1e-4); TABLE], bias: 0.0, bias_square: 1e-2, slots: Vec::new() };
    let sum = |positive: bool| rows.iter().filter(|row| row.positive == positive).map(|row| row.weight).sum::<f32>();
    let balance = (sum(false) / sum(true)).sqrt();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, draws.below(at + 1));
        }
        for row in order.iter().filter_map(|at| rows.get(*at)) {
            let weight = if row.positive { row.weight * balance } else { row.weight };
            learner.learn(window(&row.view, draws), row.positive, weight);
        }
    }
    learner.model()
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

/// Weights while they are learned: each with the sum of the squares of its gradients.
struct Learner {
    table: Vec<(f32, f32)>,
    bias: f32,
    bias_square: f32,
    slots: Vec<usize>,
}

impl Learner {
    fn learn(&mut self, view: &str, positive: bool, weight: f32) {
        self.slots.clear();
        model::features(view, |slot| self.slots.push(slot));
        #[expect(clippy::cast_precision_loss, reason = "features of a window are few")]
        let norm = 1.0 / (self.slots.len() as f32 + PRIOR).sqrt();
        let sum: f32 = self.slots.iter().filter_map(|slot| self.table.get(*slot)).map(|(weight, _)| weight).sum();
        let error = (1.0 / (1.0 + (-sum * norm - self.bias).exp()) - f32::from(u8::from(positive))) * weight;
        for slot in &self.slots {
            if let Some((weight, squares)) = self.table.get_mut(*slot) {
                let gradient = error * norm + DECAY * *weight;
                *squares += gradient * gradient;
                *weight -= RATE * gradient / squares.sqrt();
            }
        }
        self.bias_square += error * error;
        self.bias -= 0.1 * error / self.bias_square.sqrt();
    }

    fn model(&self) -> Model {
        let mut sizes: Vec<f32> = self.table.iter().map(|(weight, _)| weight.abs()).collect();
        sizes.sort_by(f32::total_cmp);
        let largest = sizes.get(sizes.len() * 9_995 / 10_000).copied().unwrap_or(1.0).max(1e-6);
        let scale = largest / 127.0;
        #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
        let quantise = |(weight, _): &(f32, f32)| (weight / scale).round().clamp(-127.0, 127.0) as i8;
        let weights = self.table.iter().map(quantise).collect();
        Model::new(weights, scale, self.bias, [Rarity::default(); Stratum::COUNT])
    }
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

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
