//! Trains the linear model for prompt injection, and rates it on sources that it has not seen.
//!
//! `cargo xt train CORPORA SYNTHETIC [OUT [LEFT_OUT]]` (`-` for OUT writes no model): reads labelled `*.jsonl[.gz]` files;
//! each file is a source. For each fold, some sources are left out, the model is trained on the rest, and the left-out
//! texts are scored: their scores make the calibration and the figures. Then a model of all of it is written. Deterministic.

use picket_content::injection::model::{Best, LEVELS, Model, Rarity, TABLE, WINDOWS};
use picket_content::injection::{Stratum, folded_view, folded_views, model, rule_score};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;

type Outcome<T> = Result<T, Box<dyn Error>>;

const EPOCHS: usize = 8;
const RATE: f32 = 0.35;
const DECAY: f32 = 2e-6;
const PRIOR: f32 = 24.0;
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

/// Draws that are the same in every run.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let corpora = arguments.next().ok_or("name the folder of the corpora")?;
    let synthetic = arguments.next().ok_or("name the file of synthetic texts")?;
    let out = arguments.next().filter(|out| out != "-");
    let left_out = arguments.next();
    let mut draws = Draws(0x5eed_1e55_0bad_cafe);
    let rows = rows(Path::new(&corpora), Path::new(&synthetic), &mut draws)?;
    let mut counts: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry((row.source.as_str(), row.positive)).or_default() += 1);
    counts.iter().for_each(|((source, positive), count)| say(&format!("{source:34} {positive:5} {count}")));
    let sources: Vec<&str> = counts.keys().map(|(source, _)| *source).collect::<HashSet<_>>().into_iter().collect();
    let mut sources: Vec<&str> = sources.into_iter().filter(|source| !is_kept(source)).collect();
    sources.sort_unstable();
    let folds = 6;
    let mut scored: Vec<Scored<'_>> = Vec::new();
    for fold in 0..folds {
        let out: HashSet<&str> =
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
    let mut files = std::fs::read_dir(corpora)?.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().contains(".jsonl"));
    files.sort();
    let mut rows = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut carriers: Vec<String> = Vec::new();
    for file in files {
        let source = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let source = source.split('.').next().unwrap_or_default().to_owned();
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for row in read(&file)? {
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
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
    for row in read(synthetic)? {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let positive = text("label") == "injection";
        if positive && row.get("short") == Some(&Value::Bool(true)) {
            short.push(text("text").to_owned());
        }
        rows.push(row_of(&format!("synthetic_{}", text("lang")), text("text"), positive, 0.6, false));
    }
    made(&mut rows, &mut carriers, short, draws)?;
    Ok(rows)
}

/// Adds what was written for the model: attacks, harmless texts, and attacks inside what carries them.
fn made(rows: &mut Vec<Row>, carriers: &mut Vec<String>, mut short: Vec<String>, draws: &mut Draws) -> Outcome<()> {
    let texts = ["benign", "everyday", "attacks", "documents"].map(|name| format!("{TRAINING}/{name}.txt"));
    let texts: Vec<String> = texts.iter().map(std::fs::read_to_string).collect::<Result<_, _>>()?;
    let written = Written::read(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
    for _ in 0..ATTACKS {
        rows.push(row_of("written", &written.text("attacks", draws), true, 0.4, false));
        short.push(written.text("payloads", draws));
    }
    for _ in 0..ATTACKS / 3 {
        let text = written.draw("foreign", "", draws, 0);
        rows.push(row_of("written", &text, true, 0.6, false));
        short.push(text);
    }
    for _ in 0..HARMLESS {
        let text = written.text("texts", draws);
        rows.push(row_of("written", &text, false, 0.6, false));
        if draws.chance(30) {
            carriers.push(text);
        }
    }
    let mut errands = Vec::new();
    for _ in 0..DOCUMENTS {
        rows.push(row_of("document", &written.document(true, draws), true, 0.5, false));
        rows.push(row_of("document", &written.document(false, draws), false, 0.5, false));
        let errand = written.draw("errand", language(draws), draws, 0);
        if draws.chance(40) {
            let everyday = written.draw("forgets", language(draws), draws, 0);
            rows.push(row_of("written", &everyday, false, 0.6, false));
        }
        if draws.chance(30) {
            rows.push(row_of("document", &errand, false, 0.5, false));
            short.push(written.draw("inside", language(draws), draws, 0));
        }
        errands.push(errand);
    }
    // Attacks inside documents, mails and results of tools; and the same carriers with what they may ask, or nothing.
    for _ in 0..6_000 {
        let (Some(carrier), Some(attack)) =
            (carriers.get(draws.below(carriers.len())), short.get(draws.below(short.len())))
        else {
            break;
        };
        rows.push(row_of("placed", &placed(carrier, attack, draws), true, 0.6, false));
        let Some(other) = carriers.get(draws.below(carriers.len())) else { break };
        let harmless = match errands.get(draws.below(errands.len() * 2)) {
            Some(errand) => placed(other, errand, draws),
            None => carried(other, draws),
        };
        rows.push(row_of("placed", &harmless, false, 0.6, false));
    }
    Ok(())
}

/// Templates of texts, and the lists that they draw from.
struct Written<'a> {
    lists: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Written<'a> {
    fn read(texts: &[&'a str]) -> Outcome<Self> {
        let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut name = "";
        for line in
            texts.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with("# ") && !line.trim().is_empty())
        {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(list) => name = list,
                None => lists.entry(name).or_default().extend(line.split(" | ").map(str::trim)),
            }
        }
        lists.insert("nothing", vec![""]);
        if let Some(none) =
            ["texts", "attacks", "payloads", "doc", "inside", "errand"].iter().find(|name| !lists.contains_key(**name))
        {
            return Err(format!("there is no list `{none}`").into());
        }
        Ok(Self { lists })
    }

    /// One text of a list, or two in a row; an attack beside something harmless.
    fn text(&self, list: &str, draws: &mut Draws) -> String {
        let first = self.draw(list, "", draws, 0).replace("\\n", "\n");
        match draws.below(10) {
            0..=1 => format!("{first} {}", self.draw("texts", "", draws, 0)),
            2 => format!("{} {first}", self.draw("texts", "", draws, 0)),
            _ => first,
        }
    }

    /// A document with an order inside, or with what such a document may ask.
    fn document(&self, order: bool, draws: &mut Draws) -> String {
        let language = language(draws);
        let document = self.draw("doc", language, draws, 0);
        let chance = draws.below(10);
        let mut of = |list| self.draw(list, language, draws, 0);
        let inside = match (order, chance) {
            (true, ..2) => format!("{} {}", of("errand"), of("inside")),
            (true, _) => of("inside"),
            (false, ..2) => String::new(),
            (false, ..4) => of("para"),
            (false, ..6) => format!("{} {}", of("errand"), of("errand")),
            (false, _) => of("errand"),
        };
        document.replace("{slot}", &inside).replace("\\n", "\n")
    }

    /// One text of a list; of its namesake in a language, if there is one.
    fn draw(&self, list: &str, language: &str, draws: &mut Draws, depth: usize) -> String {
        let own = self.lists.get(format!("{list}_{language}").as_str());
        let Some(list) = own.or_else(|| self.lists.get(list)).filter(|_| depth < 9) else { return list.to_owned() };
        let template = list.get(draws.below(list.len())).copied().unwrap_or_default();
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            match after.split_once('}').filter(|(name, _)| self.lists.contains_key(name)) {
                Some((name, tail)) => {
                    text.push_str(&self.draw(name, language, draws, depth + 1));
                    rest = tail;
                }
                None => {
                    text.push('{');
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        text
    }
}

/// The language of the next document: English in seven of ten.
fn language(draws: &mut Draws) -> &'static str {
    let other = LANGUAGES.get(draws.below(LANGUAGES.len())).copied().unwrap_or_default();
    if draws.chance(70) { "" } else { other }
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
    let mut learner = Learner { table: vec![(0.0, 1e-4); TABLE], bias: 0.0, bias_square: 1e-2, slots: Vec::new() };
    let positives: f32 = rows.iter().filter(|row| row.positive).map(|row| row.weight).sum();
    let negatives: f32 = rows.iter().filter(|row| !row.positive).map(|row| row.weight).sum();
    let balance = (negatives / positives).sqrt();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut present = learner.model();
    for epoch in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, draws.below(at + 1));
        }
        for row in order.iter().filter_map(|at| rows.get(*at)) {
            let weight = if row.positive { row.weight * balance } else { row.weight };
            learner.learn(window(row, epoch, &present, draws), row.positive, weight);
        }
        present = learner.model();
    }
    present
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
        let target = f32::from(u8::from(positive));
        let error = (1.0 / (1.0 + (-sum * norm - self.bias).exp()) - target) * weight;
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
        quantised(&self.table, self.bias)
    }
}

fn quantised(table: &[(f32, f32)], bias: f32) -> Model {
    let mut sizes: Vec<f32> = table.iter().map(|(weight, _)| weight.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let largest = sizes.get(sizes.len() * 9_995 / 10_000).copied().unwrap_or(1.0).max(1e-6);
    let scale = largest / 127.0;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let quantise = |(weight, _): &(f32, f32)| (weight / scale).round().clamp(-127.0, 127.0) as i8;
    Model::new(table.iter().map(quantise).collect(), scale, bias, [Rarity::default(); Stratum::COUNT])
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

fn read(file: &Path) -> Outcome<Vec<Value>> {
    let opened = File::open(file)?;
    let packed = file.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::read::MultiGzDecoder::new(opened)) } else { Box::new(opened) };
    BufReader::new(reader).lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
