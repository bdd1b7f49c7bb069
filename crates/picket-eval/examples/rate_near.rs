//! How well prompts made from one template are told from prompts that merely stand in one place.
//!
//! `cargo xt eval near FOLDER`: takes each text as a template, puts other words into it, and counts how often the result is
//! within so many bits of the text (`picket_behaviour::near`), by length of the text; then the same for different texts of
//! one file. Each text has a key of its own, as each store has. Deterministic.

use picket_behaviour::near;
use picket_eval::Outcome;
use picket_eval::corpus::{self, say, text};
use picket_eval::draws::Draws;
use std::collections::HashSet;
use std::path::Path;

/// Bits that are allowed to differ.
const DISTANCES: [u32; 8] = [3, 6, 8, 10, 12, 14, 16, 18];
/// Words of a text, by which the figures are told: up to so many.
const LENGTHS: [usize; 4] = [10, 20, 50, usize::MAX];
/// Texts of each file.
const TEXTS: usize = 2_000;
/// Longer texts are rare as templates.
const WORDS_MAX: usize = 400;
/// Prompts that a template gives within a minute, and how many near ones the rule wants.
const SENT: usize = 150;
const WANTED: usize = 101;
/// Templates that are tried whole, of each length.
const TEMPLATES: usize = 300;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the corpora")?;
    let mut draws = Draws::new(0x5eed_4e41_0bad_cafe);
    let mut files = Vec::new();
    for file in corpus::files(Path::new(&folder))? {
        let rows = corpus::values(&file)?;
        let mut texts: Vec<String> = rows.iter().map(|row| text(row, "text").to_owned()).collect();
        texts.retain(|text| (6..=WORDS_MAX).contains(&text.split_whitespace().count()));
        texts.sort_unstable();
        texts.dedup();
        draws.shuffle(&mut texts);
        texts.truncate(TEXTS);
        files.push(texts);
    }
    let mut vocabulary: Vec<&str> = files.iter().flatten().flat_map(|text| text.split_whitespace()).collect();
    vocabulary.retain(|word| word.len() > 3 && word.chars().all(char::is_alphabetic));
    vocabulary.sort_unstable();
    vocabulary.dedup();
    say(&format!("{} texts of {} files", files.iter().map(Vec::len).sum::<usize>(), files.len()));
    for (from, to) in std::iter::once(0).chain(LENGTHS).zip(LENGTHS) {
        let name = if to == usize::MAX { format!("over {from} words") } else { format!("{} to {to} words", from + 1) };
        say(&format!(
            "\n{name}: share within so many bits, per cent\n{:32}{}",
            "",
            cells(DISTANCES.map(|one| format!("{one}")))
        ));
        let of_length = |text: &&String| (from + 1..=to).contains(&text.split_whitespace().count());
        let texts: Vec<&String> = files.iter().flatten().filter(of_length).collect();
        for words in 1..=3 {
            let pairs = texts.iter().filter_map(|text| {
                let key = key(&mut draws);
                let other = filled(text, &slots(text, words, &mut draws), &vocabulary, &mut draws);
                Some(near::distance(near::keyed(key, text)?, near::keyed(key, &other)?))
            });
            say(&format!("{:32}{}", format!("{words} words are others"), shares(&pairs.collect::<Vec<_>>())));
        }
        for words in 1..=3 {
            let mut found = [0; DISTANCES.len()];
            let tried = texts.len().min(TEMPLATES);
            for template in texts.iter().take(TEMPLATES) {
                let most = most_near(template, words, &vocabulary, &mut draws);
                found.iter_mut().zip(most).for_each(|(found, most)| *found += usize::from(most >= WANTED));
            }
            say(&format!(
                "{:32}{}",
                format!("{SENT} prompts, {words} slots: told"),
                cells(found.map(|found| percent(found, tried)))
            ));
        }
        let others = files.iter().flat_map(|texts| {
            let texts: Vec<&String> = texts.iter().filter(of_length).collect();
            let key = key(&mut draws);
            let hashes: Vec<u64> = texts.iter().filter_map(|text| near::keyed(key, text)).collect();
            hashes
                .iter()
                .zip(hashes.iter().skip(1))
                .map(|(one, other)| near::distance(*one, *other))
                .collect::<Vec<_>>()
        });
        say(&format!("{:32}{}", "different texts of one file", shares(&others.collect::<Vec<_>>())));
    }
    Ok(())
}

fn key(draws: &mut Draws) -> u64 {
    u64::try_from(draws.below(usize::MAX)).unwrap_or_default()
}

/// Places of words in a text.
fn slots(text: &str, words: usize, draws: &mut Draws) -> HashSet<usize> {
    draws.choose(words, text.split_whitespace().count()).into_iter().collect()
}

/// The text with other words at those places.
fn filled(text: &str, slots: &HashSet<usize>, vocabulary: &[&str], draws: &mut Draws) -> String {
    let words = text.split_whitespace().enumerate();
    let words: Vec<&str> = words
        .map(|(at, word)| if slots.contains(&at) { draws.one(vocabulary).copied().unwrap_or(word) } else { word })
        .collect();
    words.join(" ")
}

/// For each distance, how many of the prompts of a template are near the one that most are near to.
fn most_near(template: &str, words: usize, vocabulary: &[&str], draws: &mut Draws) -> [usize; DISTANCES.len()] {
    let (key, slots) = (key(draws), slots(template, words, draws));
    let hashes: Vec<u64> =
        (0..SENT).filter_map(|_| near::keyed(key, &filled(template, &slots, vocabulary, draws))).collect();
    DISTANCES.map(|bits| {
        let near = |one: &u64| hashes.iter().filter(|other| near::distance(*one, **other) <= bits).count();
        hashes.iter().map(near).max().unwrap_or_default()
    })
}

fn shares(distances: &[u32]) -> String {
    cells(DISTANCES.map(|bits| percent(distances.iter().filter(|one| **one <= bits).count(), distances.len())))
}

fn percent(part: usize, whole: usize) -> String {
    let thousandths = (part * 100_000).checked_div(whole).unwrap_or_default();
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

fn cells(cells: [String; DISTANCES.len()]) -> String {
    cells.map(|cell| format!("{cell:>9}")).concat()
}
