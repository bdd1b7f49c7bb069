//! Trains the linear model for prompt injection, and rates it on sources that it has not seen.
//!
//! `cargo xt train CORPORA SYNTHETIC [OUT [LEFT_OUT]]` (`-` for OUT writes no model): reads labelled `*.jsonl[.gz]` files;
//! each file is a source. For each fold, some sources are left out, the model is trained on the rest, and the left-out
//! texts are scored: their scores make the calibration and the figures. Then a model of all of it is written. Deterministic.

use picket_content::injection::{Stratum, folded_view, folded_views, rule_score};
use picket_content::linear::{Best, LEVELS, Model, Rarity, WINDOWS};
use picket_eval::Outcome;
use picket_eval::corpus::{self, say, text};
use picket_eval::draws::Draws;
use picket_eval::learn::{Learner, Pace};
use picket_eval::templates::Templates;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

const EPOCHS: usize = 8;
/// The model is the mean of the epochs from this one on.
const SETTLED: usize = 4;
const PACE: Pace = Pace { rate: 0.35, decay: 2e-6, caution: 3e-3 };
/// Where our own texts lie.
const TRAINING: &str = "crates/picket-eval/training";
/// Texts that are drawn from the written attacks.
const ATTACKS: usize = 12_000;
/// Texts that are drawn from the written harmless ones.
const HARMLESS: usize = 16_000;
/// Documents with an order inside, and as many without.
const DOCUMENTS: usize = 10_000;
/// Languages beside English in which documents are written.
const LANGUAGES: &[&str] = &["de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "zh", "ja", "ko", "ar", "hi"];

/// A text as it stands or decoded.
struct View {
    text: String,
    rules: f32,
    stratum: Stratum,
}

/// A text with its answer.
struct Row {
    source: String,
    /// The folded text.
    text: String,
    /// As it stands unless it is code, then decoded.
    views: Vec<View>,
    positive: bool,
    weight: f32,
    /// Whether figures and calibration count it.
    rated: bool,
}

/// A text, and what a model that has not seen its source says of each view.
struct Scored<'a> {
    row: &'a Row,
    bests: Vec<Best>,
}

impl Scored<'_> {
    /// The first view alone: what calibration counts.
    fn plain(&self) -> Option<(&View, Best)> {
        self.row.views.first().zip(self.bests.first().copied())
    }

    /// The most suspicious view.
    fn most(&self, measure: &Measure<'_>) -> f32 {
        self.row.views.iter().zip(&self.bests).map(|(view, best)| measure(view, *best)).fold(0.0, f32::max)
    }
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let corpora = arguments.next().ok_or("name the folder of the corpora")?;
    let synthetic = arguments.next().ok_or("name the file of synthetic texts")?;
    let out = arguments.next().filter(|out| out != "-");
    let left_out = arguments.next();
    let mut draws = Draws::new(0x5eed_1e55_0bad_cafe);
    let rows = rows(Path::new(&corpora), Path::new(&synthetic), &mut draws)?;
    let mut counts: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry((row.source.as_str(), row.positive)).or_default() += 1);
    counts.iter().for_each(|((source, positive), count)| say(&format!("{source:34} {positive:5} {count}")));
    let mut sources: Vec<&str> = counts.keys().map(|(source, _)| *source).filter(|source| !is_kept(source)).collect();
    sources.dedup();
    let folds = 6;
    let mut scored: Vec<Scored<'_>> = Vec::new();
    for fold in 0..folds {
        let out: BTreeSet<&str> =
            sources.iter().enumerate().filter(|(at, _)| at % folds == fold).map(|(_, s)| *s).collect();
        let inside: Vec<&Row> = rows.iter().filter(|row| !out.contains(row.source.as_str())).collect();
        let model = train(&inside, &mut draws);
        for row in rows.iter().filter(|row| row.rated && out.contains(row.source.as_str())) {
            let bests = row.views.iter().map(|view| model.best(&view.text)).collect();
            scored.push(Scored { row, bests });
        }
        say(&format!("fold {fold}: left out {out:?}"));
    }
    let rarity = calibrate(&scored);
    report(&scored, &rarity);
    if let Some(file) = left_out {
        std::fs::write(file, left_out_lines(&scored, &rarity))?;
    }
    if let Some(out) = out {
        let all: Vec<&Row> = rows.iter().collect();
        let mut model = train(&all, &mut draws);
        model.rarity = rarity;
        std::fs::write(out, model.to_bytes())?;
    }
    Ok(())
}

/// Sources that are in every fold's training: made for it, and rated by others.
fn is_kept(source: &str) -> bool {
    source.starts_with("synthetic") || matches!(source, "document" | "placed" | "written")
}

fn rows(corpora: &Path, synthetic: &Path, draws: &mut Draws) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut carriers: Vec<String> = Vec::new();
    for file in corpus::files(corpora)? {
        let source = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let source = source.split('.').next().unwrap_or_default().to_owned();
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for row in corpus::values(&file)? {
            let text = |name: &str| text(&row, name);
            let positive = text("label") == "injection";
            if matches!(text("label"), "exfil") {
                continue;
            }
            let key: String = skeleton(text("text"));
            if !seen.insert(key.clone()) {
                continue;
            }
            // Copies of one seed that differ by noise, and categories that are mostly noise, count a few times.
            let head: String = key.chars().take(24).collect();
            let copy = copies.entry(head).or_default();
            *copy += 1;
            let category = text("category");
            let noisy = source == "inj_neuralchemy" && matches!(category, "adversarial" | "encoding");
            if *copy > 12 || (noisy && draws.chance(75)) {
                continue;
            }
            let weight = match (source.as_str(), positive) {
                ("tox_davidson" | "tox_korean_curse", _) => 0.3,
                ("inj_giskard_multilang", true) => 3.0,
                _ => 1.0,
            };
            if !positive && source.starts_with("ben_") && !text("text").to_lowercase().contains("ignore") {
                let long = text("text");
                let from = long.floor_char_boundary(draws.below(long.len().saturating_sub(900)));
                let to = long.floor_char_boundary((from + 80 + draws.below(1_600)).min(long.len()));
                carriers.push(long.get(from..to).unwrap_or_default().to_owned());
            }
            rows.push(row_of(&source, text("text"), positive, weight, true));
        }
    }
    let mut short: Vec<String> = Vec::new();
    for row in corpus::values(synthetic)? {
        let text = |name: &str| text(&row, name);
        let positive = text("label") == "injection";
        if positive && row.get("short") == Some(&true.into()) {
            short.push(text("text").to_owned());
        }
        rows.push(row_of(&format!("synthetic_{}", text("lang")), text("text"), positive, 0.6, false));
    }
    made(&mut rows, &mut carriers, short, draws)?;
    Ok(rows)
}

/// Adds what was written for the model: attacks, harmless texts, documents, and attacks inside what carries them.
fn made(rows: &mut Vec<Row>, carriers: &mut Vec<String>, mut short: Vec<String>, draws: &mut Draws) -> Outcome<()> {
    let names = ["benign.txt", "everyday.txt", "attacks.txt", "documents.txt"];
    let written = Templates::read(Path::new(TRAINING), &names)?;
    written.expect(&["texts", "forgets", "attacks", "payloads", "foreign"])?;
    written.expect(&["doc", "inside", "errand", "para"])?;
    for _ in 0..ATTACKS {
        rows.push(row_of("written", &beside(&written, "attacks", draws), true, 0.4, false));
        short.push(beside(&written, "payloads", draws));
    }
    for _ in 0..ATTACKS / 3 {
        let text = written.draw("foreign", draws);
        rows.push(row_of("written", &text, true, 0.6, false));
        short.push(text);
    }
    for _ in 0..HARMLESS {
        let list = if draws.chance(5) { "forgets" } else { "texts" };
        let text = beside(&written, list, draws);
        rows.push(row_of("written", &text, false, 0.6, false));
        if draws.chance(30) {
            carriers.push(text);
        }
    }
    let mut errands = Vec::new();
    for _ in 0..DOCUMENTS {
        rows.push(row_of("document", &document(&written, true, draws), true, 0.5, false));
        rows.push(row_of("document", &document(&written, false, draws), false, 0.5, false));
        let mut say = |list| written.draw_in(list, language(draws), draws);
        let (everyday, errand, order) = (say("forgets"), say("errand"), say("inside"));
        if draws.chance(40) {
            rows.push(row_of("written", &everyday, false, 0.6, false));
        }
        if draws.chance(30) {
            rows.push(row_of("document", &errand, false, 0.5, false));
            short.push(order);
        }
        errands.push(errand);
    }
    // Attacks inside documents, mails and results of tools; and the same carriers with what they may ask, or nothing.
    for _ in 0..6_000 {
        let (Some(carrier), Some(attack)) = (draws.one(carriers), draws.one(&short)) else { break };
        rows.push(row_of("placed", &placed(carrier, attack, draws), true, 0.6, false));
        let Some(other) = draws.one(carriers) else { break };
        let harmless = match draws.one(&errands).filter(|_| draws.chance(50)) {
            Some(errand) => placed(other, errand, draws),
            None => carried(other, draws),
        };
        rows.push(row_of("placed", &harmless, false, 0.6, false));
    }
    Ok(())
}

/// One text of a list, or one beside something harmless.
fn beside(written: &Templates, list: &str, draws: &mut Draws) -> String {
    let text = written.draw(list, draws);
    match draws.below(10) {
        0..=1 => format!("{text} {}", written.draw("texts", draws)),
        2 => format!("{} {text}", written.draw("texts", draws)),
        _ => text,
    }
}

/// A document with an order inside, or with what such a document may ask, or with neither.
fn document(written: &Templates, order: bool, draws: &mut Draws) -> String {
    let language = language(draws);
    let chance = draws.below(10);
    let mut draw = |list| written.draw_in(list, language, draws);
    let document = draw("doc");
    let inside = match (order, chance) {
        (true, ..2) => format!("{} {}", draw("errand"), draw("inside")),
        (true, _) => draw("inside"),
        (false, ..2) => String::new(),
        (false, ..4) => draw("para"),
        (false, ..6) => format!("{} {}", draw("errand"), draw("errand")),
        (false, _) => draw("errand"),
    };
    document.replace("{slot}", &inside)
}

/// The language of the next document: English in seven of ten.
fn language(draws: &mut Draws) -> &'static str {
    if draws.chance(70) { "" } else { draws.one(LANGUAGES).copied().unwrap_or_default() }
}

fn row_of(source: &str, text: &str, positive: bool, weight: f32, rated: bool) -> Row {
    let view = |text: String| View { rules: rule_score(&text), stratum: Stratum::of(&text), text };
    let views = folded_views(text).into_iter().map(view).collect();
    Row { source: source.to_owned(), text: folded_view(text), views, positive, weight, rated }
}

/// Letters only, without the digits that stand for them.
fn skeleton(text: &str) -> String {
    let letter = |c: char| match c {
        '4' | '@' => 'a',
        '3' => 'e',
        '1' | '!' | '|' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    folded_view(text).chars().map(letter).filter(|c| c.is_alphabetic()).take(200).collect()
}

fn placed(carrier: &str, attack: &str, draws: &mut Draws) -> String {
    let at = carrier.floor_char_boundary(draws.below(carrier.len() + 1));
    let (before, after) = carrier.split_at(at);
    let attack = match draws.below(6) {
        0 => format!("<!-- {attack} -->"),
        1 => format!("\n\nIMPORTANT: {attack}\n"),
        2 => format!("\n{attack}\n"),
        3 => format!(" ({attack}) "),
        4 => format!("[SYSTEM] {attack}"),
        _ => attack.to_owned(),
    };
    carried(&format!("{before} {attack} {after}"), draws)
}

fn carried(text: &str, draws: &mut Draws) -> String {
    match draws.below(7) {
        0 => format!("From: Anna\nTo: Tom\nSubject: Re: invoice\n\n{text}\n\nBest regards,\nAnna"),
        1 => serde_json::json!({"result": text, "status": "ok"}).to_string(),
        2 => format!("<html><body><h1>News</h1><p>{text}</p></body></html>"),
        3 => format!("Summarize the following text:\n\n{text}"),
        4 => format!("Review (4/5): {text}"),
        5 => format!("# Notes\n\n{text}\n"),
        _ => text.to_owned(),
    }
}

/// Learns weights by stochastic gradient descent; from the second epoch on, of a long text the window that is now worst.
fn train(rows: &[&Row], draws: &mut Draws) -> Model {
    let mut learner = Learner::new(PACE);
    let positives: f32 = rows.iter().filter(|row| row.positive).map(|row| row.weight).sum();
    let negatives: f32 = rows.iter().filter(|row| !row.positive).map(|row| row.weight).sum();
    let balance = (negatives / positives).sqrt();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut present = learner.present();
    for epoch in 0..EPOCHS {
        draws.shuffle(&mut order);
        for row in order.iter().filter_map(|at| rows.get(*at)) {
            let weight = if row.positive { row.weight * balance } else { row.weight };
            learner.learn(window(row, epoch, &present, draws), row.positive, weight);
        }
        present = learner.present();
        if epoch >= SETTLED {
            learner.keep();
        }
    }
    learner.mean()
}

/// What is learned of a text this time.
fn window<'a>(row: &'a Row, epoch: usize, present: &Model, draws: &mut Draws) -> &'a str {
    let decoded = row.views.len() > 1 && draws.chance(50);
    let at = if decoded { 1 + draws.below(row.views.len() - 1) } else { 0 };
    let view = row.views.get(at).map(|view| view.text.as_str()).unwrap_or_default();
    if view.len() <= WINDOWS[0] {
        return view;
    }
    let (from, to) = if epoch == 0 || (!row.positive && draws.chance(30)) {
        let size = if draws.chance(50) { WINDOWS[0] } else { WINDOWS[1] };
        let from = view.floor_char_boundary(draws.below(view.len().saturating_sub(size)));
        (from, view.floor_char_boundary(from + size))
    } else {
        let best = present.best(view);
        (best.start, best.end)
    };
    view.get(from..to).unwrap_or_default()
}

/// What scores harmless texts of sources that the model has not seen reach.
fn calibrate(scored: &[Scored<'_>]) -> [Rarity; Stratum::COUNT] {
    let mut rarity = [Rarity::default(); Stratum::COUNT];
    for (stratum, rarity) in rarity.iter_mut().enumerate() {
        let harmless: Vec<(Best, f32, f32)> = scored
            .iter()
            .filter(|scored| !scored.row.positive)
            .filter_map(|scored| Some((scored.plain()?, share(&scored.row.source))))
            .filter(|((view, _), _)| view.stratum.index() == stratum)
            .map(|((view, best), share)| (best, view.rules, share))
            .collect();
        let of = |value: fn(&(Best, f32, f32)) -> f32| levels(harmless.iter().map(|row| (value(row), row.2)).collect());
        rarity.model = of(|(best, ..)| best.score);
        rarity.rules = of(|(_, rules, _)| *rules);
        rarity.whole = of(|(best, ..)| best.whole);
        rarity.contrast = of(|(best, ..)| best.contrast());
        let both = harmless.iter().map(|(best, rules, share)| (rarity.sum(*best, *rules), *share)).collect();
        rarity.both = levels(both);
        say(&format!("stratum {stratum}: {} harmless, {rarity:?}", harmless.len()));
    }
    rarity
}

/// How much a harmless text of a source counts for what is rare: people put other things before models than tweets.
fn share(source: &str) -> f32 {
    match source {
        "tox_davidson" | "tox_korean_curse" => 0.1,
        "pii_presidio_research" | "sec_credsweeper" | "sec_gitleaks" => 0.3,
        _ => 1.0,
    }
}

/// The scores that one in each of [`LEVELS`] harmless texts reaches, by their shares; they ascend.
fn levels(mut values: Vec<(f32, f32)>) -> [f32; LEVELS.len()] {
    values.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut levels = LEVELS.map(|level| reached(&values, level));
    ascending(&mut levels);
    levels
}

/// The score that one of so many harmless texts reaches; the highest come first.
fn reached(values: &[(f32, f32)], one_of: f32) -> f32 {
    let all: f32 = values.iter().map(|(_, share)| share).sum();
    let mut above = 0.0;
    let found = values.iter().find(|(_, share)| {
        above += share;
        above > all / one_of
    });
    found.map_or(1.0, |(value, _)| *value)
}

/// A level that most harmless texts reach says nothing; levels ascend.
fn ascending(levels: &mut [f32; LEVELS.len()]) {
    let mut below = f32::NEG_INFINITY;
    for level in levels {
        *level = level.max(below + 0.02);
        below = *level;
    }
}

/// How suspicious a text is, given what the model says.
type Measure<'a> = Box<dyn Fn(&View, Best) -> f32 + 'a>;

/// The evidence of each text by a model that had not seen its source, for `cargo xt eval --left-out`.
fn left_out_lines(scored: &[Scored<'_>], rarity: &[Rarity; Stratum::COUNT]) -> String {
    let judge = Model::new(Box::default(), 1.0, 0.0, *rarity);
    let measure: Measure<'_> = Box::new(|view, best| judge.evidence(view.stratum, best, view.rules));
    let line = |scored: &Scored<'_>| {
        let line = serde_json::json!({"view": scored.row.text, "score": scored.most(&measure)});
        format!("{line}\n")
    };
    scored.iter().map(line).collect()
}

/// Rates by source at false-positive rates over all unseen harmless texts that are prompts.
fn report(scored: &[Scored<'_>], rarity: &[Rarity; Stratum::COUNT]) {
    let judge = Model::new(Box::default(), 1.0, 0.0, *rarity);
    let measures: [(&str, Measure<'_>); 3] = [
        ("rules", Box::new(|view, _| view.rules)),
        ("model", Box::new(|view, best| judge.evidence(view.stratum, best, 0.0))),
        ("both", Box::new(|view, best| judge.evidence(view.stratum, best, view.rules))),
    ];
    for (name, measure) in &measures {
        let mut harmless: Vec<(f32, f32)> = Vec::new();
        let mut by_source: BTreeMap<(&str, bool), Vec<f32>> = BTreeMap::new();
        for scored in scored {
            let (row, value) = (scored.row, scored.most(measure));
            by_source.entry((row.source.as_str(), row.positive)).or_default().push(value);
            if !row.positive {
                harmless.push((value, share(&row.source)));
            }
        }
        let count = harmless.len();
        harmless.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (one, tenth) = (reached(&harmless, 100.0), reached(&harmless, 1_000.0));
        say(&format!("== {name}: threshold {one:.3} at 1 %, {tenth:.3} at 0.1 % of {count} harmless"));
        for ((source, positive), values) in by_source {
            let above = |threshold: f32| {
                #[expect(clippy::cast_precision_loss, reason = "a share for people")]
                let share =
                    values.iter().filter(|value| **value > threshold).count() as f32 * 100.0 / values.len() as f32;
                share
            };
            say(&format!("{source:34} {positive:5} {:6} {:6.1} % {:6.1} %", values.len(), above(one), above(tenth)));
        }
    }
}
