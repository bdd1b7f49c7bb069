//! Learns the model of names, and says how good it is on what it has not seen.
//!
//! ```text
//! cargo xt train-names FOLDER
//! train_names FOLDER LISTS.json MODEL.bin DETAILS [--quick | --ship]
//! ```
//! FOLDER holds the corpora, LISTS.json what `eval/names/lists.py` wrote; what was missed and made up goes to files in
//! DETAILS. With `--quick` only the first experiment runs, with `--ship` none.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::case_sensitive_file_extension_comparisons,
    unreachable_pub,
    reason = "a program that learns and prints, no part of the product"
)]

mod corpora;
mod data;
mod draw;
mod generate;
mod learn;
mod lists;
mod rate;
mod sample;
mod stock;
mod templates;

use corpora::{Named, Row};
use data::{Counts, Stretch};
use draw::Draw;
use generate::Generator;
use lists::{All, Part};
use picket_names::{Bundle, Kind, Segment, Segments, Tagger, bit, hash_of};
use sample::Sample;
use std::collections::HashMap;
use std::path::Path;
use templates::Template;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Texts of each language, without `--quick`.
const SIZES: &[(&str, usize)] = &[
    ("en", 50_000),
    ("de", 5_500),
    ("fr", 5_000),
    ("es", 5_000),
    ("it", 4_000),
    ("pt", 4_000),
    ("nl", 4_000),
    ("pl", 3_500),
    ("tr", 3_000),
    ("ru", 2_500),
    ("zh", 3_000),
    ("ja", 2_500),
    ("ko", 2_500),
    ("ar", 2_500),
];
/// How often the sentences of presidio-research are learned from.
const NAMED_TIMES: usize = 2;
/// How often they are with other names in them.
const OTHER_TIMES: usize = 2;
/// English texts without names.
const NONE_TEXTS: usize = 14_000;
/// Texts without names of each other language.
const NONE_TEXTS_OTHER: usize = 500;
/// Names of which the lexicon says nothing while they are learned, of a hundred.
const HIDDEN: usize = 25;

/// What is learned from.
struct Plan<'a> {
    part: Part,
    with_named: bool,
    /// Files of harmless texts that are not seen.
    left_out: &'a [&'a str],
}

/// What fills slots that are no names.
struct Filling {
    phrases: HashMap<String, Vec<String>>,
    words: Vec<String>,
    plain: Vec<String>,
}

struct Material {
    all: All,
    named: Vec<Named>,
    rows: Vec<Row>,
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, lists, model, details, rest @ ..] = args.as_slice() else {
        return Err("usage: train_names FOLDER LISTS.json MODEL.bin DETAILS [--quick | --ship]".into());
    };
    let folder = Path::new(folder);
    let folder = if folder.join("train").is_dir() { folder.join("train") } else { folder.to_owned() };
    let material =
        Material { all: All::read(lists)?, named: corpora::named(&folder)?, rows: corpora::others(&folder)? };
    if !rest.iter().any(|word| word == "--ship") {
        rate_all(&material, details, rest.iter().any(|word| word == "--quick"))?;
    }
    if rest.iter().any(|word| word == "--quick") { Ok(()) } else { ship_model(&material, model) }
}

/// The experiments: models that have not seen what they are rated on.
fn rate_all(material: &Material, details: &str, is_quick: bool) -> Outcome<()> {
    let first = ["ben_awesome", "ben_cyber", "tox_davidson"];
    let plan = Plan { part: Part::All, with_named: false, left_out: &first };
    let tagger = train(material, &plan);
    report_named(&tagger, material, "presidio-research, left out");
    false_alarms(&tagger, material, &first, details)?;
    tell(&tagger, &mut material.named.iter().map(|named| &named.sample), &format!("{details}/presidio-research.txt"))?;
    if is_quick {
        println!("speed: {:.0} us/KiB", speed(&tagger, material));
        return Ok(());
    }
    let second = ["ben_selfinstruct"];
    let tagger = train(material, &Plan { part: Part::Learned, with_named: true, left_out: &second });
    report_kept(&tagger, material);
    false_alarms(&tagger, material, &second, details)?;
    let fourth = ["ben_promptbook", "tox_toxigen"];
    let tagger = train(material, &Plan { part: Part::All, with_named: true, left_out: &fourth });
    false_alarms(&tagger, material, &fourth, details)?;
    let third = ["ben_longdocs", "inj_", "tox_korean", "sec_", "pii_presidio_t", "exfil", "harm"];
    let tagger = train(material, &Plan { part: Part::All, with_named: true, left_out: &third });
    false_alarms(&tagger, material, &third, details)?;
    Ok(())
}

fn ship_model(material: &Material, model: &str) -> Outcome<()> {
    println!("\nThe model that ships, which has seen everything");
    let bundle = train_bundle(material, &Plan { part: Part::All, with_named: true, left_out: &[] });
    let bytes = bundle.write();
    println!("{model}: {} bytes", bytes.len());
    std::fs::write(model, &bytes)?;
    let tagger = Tagger::load(&bytes)?;
    report_named(&tagger, material, "presidio-research, seen: no measure");
    println!("speed: {:.0} us/KiB", speed(&tagger, material));
    Ok(())
}

fn speed(tagger: &Tagger, material: &Material) -> f64 {
    let texts: Vec<&str> = material.rows.iter().filter(|row| row.is_benign).map(|row| row.text.as_str()).collect();
    rate::speed(tagger, &texts)
}

fn train(material: &Material, plan: &Plan<'_>) -> Tagger {
    Tagger::of(train_bundle(material, plan))
}

fn train_bundle(material: &Material, plan: &Plan<'_>) -> Bundle {
    let begin = std::time::Instant::now();
    let mut draw = Draw::new(7);
    let mut all = material.all.part(plan.part);
    let (templates, none) = (templates::templates(plan.part), templates::without_names(plan.part));
    let rows: Vec<&Row> = material
        .rows
        .iter()
        .filter(|row| row.is_benign && !plan.left_out.iter().any(|file| row.file.starts_with(file)))
        .collect();
    let mut counts = Counts::default();
    templates.iter().flat_map(|(_, list)| list).chain(&none).for_each(|template| counts.add_template(template));
    rows.iter().for_each(|row| counts.add(&row.text, 1));
    all.plain.values().chain(all.terms.values()).flatten().for_each(|text| counts.add(text, 1));
    if plan.with_named {
        material.named.iter().for_each(|named| counts.add_sample(&named.sample));
    }
    let lexicon = data::lexicon(&all, &counts);
    // The Estonian crown and the Tongan language have names of countries in them.
    let is_of_names =
        |text: &String| data::words(text).any(|(word, _)| lexicon.bits(hash_of(word.as_bytes())) & bit::PLACE != 0);
    all.terms.values_mut().chain(all.plain.values_mut()).for_each(|list| list.retain(|text| !is_of_names(text)));
    let mut plain = Vec::new();
    for row in &rows {
        data::sentences(&row.text, &lexicon, &mut |sentence| plain.push(sentence.to_owned()));
    }
    println!("{} sentences without names", plain.len());
    let filling = Filling { phrases: templates::phrases(plan.part), words: counts.ordinary(), plain };
    let Filling { phrases, words, plain } = filling;
    let mut generator = Generator { all: &all, draw: draw.clone(), phrases, words, plain };
    let samples = generated(&mut generator, &templates, &none);
    let mut stretches: Vec<Stretch> = Vec::new();
    // One in twenty sets the calibration.
    let mut kept: Vec<Sample> = Vec::new();
    let mut learn = |sample: &Sample, draw: &mut Draw, stretches: &mut Vec<Stretch>| {
        if draw.percent(5) {
            kept.push(sample.clone());
        } else {
            data::stretches(sample, &lexicon, HIDDEN, draw, &mut |stretch| stretches.push(stretch));
        }
    };
    samples.iter().for_each(|sample| learn(sample, &mut draw, &mut stretches));
    if plan.with_named {
        for named in &material.named {
            for time in 0..NAMED_TIMES {
                if time == 0 || named.has_addresses || named.sample.names.iter().all(|(_, kind)| *kind != Kind::Address)
                {
                    data::stretches(&named.sample, &lexicon, HIDDEN, &mut draw, &mut |stretch| stretches.push(stretch));
                }
            }
        }
    }
    let named = stretches.len();
    let alone = without(&rows, &lexicon, &mut draw, &mut stretches, &mut kept);
    println!(
        "{} stretches with names, {} without, {} left alone, {} tokens, {:.0} s",
        named,
        stretches.len() - named,
        alone.len(),
        stretches.iter().map(|stretch| stretch.tags.len()).sum::<usize>(),
        begin.elapsed().as_secs_f64()
    );
    if plan.with_named {
        with_other_names(&material.named, &mut generator, (&lexicon, &mut draw), &mut stretches);
    }
    let mut bundle = learn::learn(&stretches, lexicon, &mut draw);
    calibrate(&mut bundle, &kept);
    println!("learned in {:.0} s", begin.elapsed().as_secs_f64());
    bundle
}

/// The same sentences with other names teach what is around names rather than these.
fn with_other_names(
    named: &[Named],
    generator: &mut Generator<'_>,
    (lexicon, draw): (&picket_names::Lexicon, &mut Draw),
    stretches: &mut Vec<Stretch>,
) {
    for named in named.iter().filter(|named| !named.sample.names.is_empty()) {
        for _ in 0..OTHER_TIMES {
            let other = generator.with_other_names(&named.sample);
            data::stretches(&other, lexicon, HIDDEN, draw, &mut |stretch| stretches.push(stretch));
        }
    }
}

/// Texts of every language.
fn generated(generator: &mut Generator<'_>, templates: &[(&str, Vec<Template>)], none: &[Template]) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (language, list) in templates {
        let size = SIZES.iter().find(|(name, _)| name == language).map_or(0, |(_, size)| *size);
        samples.extend((0..size).map(|_| generator.sample(language, list, none)));
    }
    samples.extend((0..NONE_TEXTS).map(|_| generator.sample("en", none, none)));
    let all = generator.all;
    for language in all.terms.keys() {
        samples.extend((0..NONE_TEXTS_OTHER).map(|_| generator.without(language)));
    }
    samples
}

/// Harmless texts; the stretches that seem to hold names.
fn without(
    rows: &[&Row],
    lexicon: &picket_names::Lexicon,
    draw: &mut Draw,
    stretches: &mut Vec<Stretch>,
    kept: &mut Vec<Sample>,
) -> Vec<String> {
    let mut alone = Vec::new();
    for row in rows {
        let mut sample = Sample { text: row.text.clone(), names: Vec::new() };
        sample.text.truncate(sample.text.floor_char_boundary(1_000.min(sample.text.len())));
        let (mut segments, mut segment) = (Segments::of(&sample.text), Segment::default());
        let mut whole = true;
        while let Some(range) = segments.next_into(&mut segment) {
            if data::seems_to_hold_a_name(&sample.text, &segment.tokens, lexicon) {
                alone.push(sample.text[range].to_owned());
                whole = false;
                continue;
            }
            let part = Sample { text: sample.text[range].to_owned(), names: Vec::new() };
            data::stretches(&part, lexicon, 0, draw, &mut |stretch| stretches.push(stretch));
        }
        if whole && draw.percent(5) {
            kept.push(sample);
        }
    }
    alone
}

fn calibrate(bundle: &mut Bundle, kept: &[Sample]) {
    let tagger = Tagger::of(bundle.clone());
    let mut found: Vec<Vec<(f32, bool)>> = vec![Vec::new(); Kind::ALL.len()];
    for sample in kept {
        for span in rate::find(&tagger, &sample.text) {
            let is_right = sample
                .names
                .iter()
                .any(|(place, kind)| *kind == span.kind && rate::is_same(place, &(span.start..span.end)));
            found[span.kind as usize].push((span.score, is_right));
        }
    }
    for (kind, list) in found.iter().enumerate() {
        bundle.calibration[kind] = learn::calibrate(list);
    }
    println!("calibration: {:?}", bundle.calibration);
}

fn report_named(tagger: &Tagger, material: &Material, title: &str) {
    let whole = material.named.iter().filter(|named| named.has_addresses).map(|named| &named.sample);
    rate::print(&format!("{title}: synth_dataset_v2"), &rate::tally(tagger, whole));
    let parts = material.named.iter().filter(|named| !named.has_addresses).map(|named| &named.sample);
    rate::print(&format!("{title}: generated_large (addresses in fragments)"), &rate::tally(tagger, parts));
}

/// Names and templates that were kept from the model.
fn report_kept(tagger: &Tagger, material: &Material) {
    let all = material.all.part(Part::Kept);
    let (templates, none) = (templates::templates(Part::Kept), templates::without_names(Part::Kept));
    let mut draw = Draw::new(11);
    // Words and sentences between the names are of texts that the model has not seen either.
    let mut counts = Counts::default();
    material
        .rows
        .iter()
        .filter(|row| row.file.starts_with("ben_selfinstruct"))
        .for_each(|row| counts.add(&row.text, 1));
    let lexicon = data::lexicon(&all, &counts);
    let mut plain = Vec::new();
    for row in material.rows.iter().filter(|row| row.file.starts_with("ben_selfinstruct")) {
        data::sentences(&row.text, &lexicon, &mut |sentence| plain.push(sentence.to_owned()));
    }
    let phrases = templates::phrases(Part::Kept);
    let mut generator = Generator { all: &all, draw: draw.clone(), phrases, words: counts.ordinary(), plain };
    let mut sums = [rate::Tally::default(); Kind::ALL.len()];
    for (language, list) in &templates {
        let samples: Vec<Sample> = (0..600).map(|_| generator.sample(language, list, &none)).collect();
        let tallies = rate::tally(tagger, samples.iter());
        rate::print(&format!("names and templates left out: {language}, {} templates", list.len()), &tallies);
        for (sum, tally) in sums.iter_mut().zip(tallies) {
            sum.named += tally.named;
            sum.found += tally.found;
            sum.touched += tally.touched;
            sum.exact += tally.exact;
            sum.made_up += tally.made_up;
        }
    }
    rate::print("names and templates left out: all languages", &sums);
    draw.next();
}

/// What is found in harmless texts that were left out; all of it goes to a file.
fn false_alarms(tagger: &Tagger, material: &Material, files: &[&str], details: &str) -> Outcome<()> {
    println!(
        "\n| Harmless texts, left out | texts | flagged of 1,000 | places of 1,000: PERSON | LOCATION | ORGANIZATION | POSTAL_ADDRESS |\n|---|---|---|---|---|---|---|"
    );
    let mut names: Vec<&str> = material.rows.iter().filter(|row| row.is_benign).map(|row| row.file.as_str()).collect();
    names.dedup();
    let mut told = Vec::new();
    for file in names.into_iter().filter(|name| files.iter().any(|file| name.starts_with(file))) {
        let rows: Vec<&Row> = material.rows.iter().filter(|row| row.is_benign && row.file == file).collect();
        let (mut flagged, mut counts) = (0, [0; Kind::ALL.len()]);
        for row in &rows {
            let spans: Vec<_> =
                rate::find(tagger, &row.text).into_iter().filter(|span| span.score >= rate::THRESHOLD).collect();
            flagged += usize::from(!spans.is_empty());
            for span in &spans {
                counts[span.kind as usize] += 1;
                let from = row.text.floor_char_boundary(span.start.saturating_sub(40));
                let to = row.text.ceil_char_boundary((span.end + 40).min(row.text.len()));
                let (before, after) = (&row.text[from..span.start], &row.text[span.end..to]);
                told.push(
                    format!(
                        "{file}\t{}\t{:.2}\t{}⟦{}⟧{}",
                        span.kind.as_str(),
                        span.score,
                        before,
                        &row.text[span.start..span.end],
                        after
                    )
                    .replace('\n', "⏎"),
                );
            }
        }
        let of_thousand = |count: usize| count as f64 * 1000.0 / rows.len() as f64;
        let [person, location, organization, address] = counts.map(of_thousand);
        println!(
            "| {file} | {} | {:.0} | {person:.0} | {location:.0} | {organization:.0} | {address:.0} |",
            rows.len(),
            of_thousand(flagged)
        );
    }
    let sample = format!("{details}/{}.txt", files.first().copied().unwrap_or("none"));
    let mut draw = Draw::new(3);
    draw.shuffle(&mut told);
    std::fs::write(sample, told.join("\n"))?;
    Ok(())
}

/// Writes what was missed and made up, for whoever looks for the reasons.
fn tell(tagger: &Tagger, samples: &mut dyn Iterator<Item = &Sample>, file: &str) -> Outcome<()> {
    let mut told = Vec::new();
    for sample in samples {
        let spans: Vec<_> =
            rate::find(tagger, &sample.text).into_iter().filter(|span| span.score >= rate::THRESHOLD).collect();
        for (place, kind) in &sample.names {
            if !spans.iter().any(|span| span.kind == *kind && rate::is_same(place, &(span.start..span.end))) {
                told.push(format!("MISS {} [{}] in {}", kind.as_str(), &sample.text[place.clone()], sample.text));
            }
        }
        for span in &spans {
            if !sample
                .names
                .iter()
                .any(|(place, kind)| span.kind == *kind && rate::is_same(place, &(span.start..span.end)))
            {
                told.push(format!(
                    "MADE {} {:.2} [{}] in {}",
                    span.kind.as_str(),
                    span.score,
                    &sample.text[span.start..span.end],
                    sample.text
                ));
            }
        }
    }
    let told: Vec<String> = told.into_iter().map(|line| line.replace('\n', "⏎")).collect();
    Ok(std::fs::write(file, told.join("\n"))?)
}
