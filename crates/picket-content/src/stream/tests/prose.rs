//! Clean text is held back for one event at most.

use super::*;
use std::collections::VecDeque;

/// Answers as models write them, without anything to find: sentences, lists, tables, code, figures, names, in several
/// languages.
const ANSWERS: &[&str] = &[
    "Sure! Here is a short summary of the report you sent. In the second quarter the team closed 41 of 52 tickets, which \
     is 17% more than in spring; the median time went from 3.5 days to 2. Most of what is still open waits for a supplier.",
    "1. Open the settings and choose *Network*.\n2. Write the address of the proxy, such as `proxy.internal`.\n3. Press Save, \
     and restart the program.\n\nIf it still fails, look into the log: it names the host, the port and the cause.",
    "```rust\nlet total: u64 = items.iter().map(|item| item.price * item.count).sum();\nprintln!(\"{total}\");\n```\n\nThe \
     closure borrows `items`, so the vector can be used afterwards.",
    "| month | units | share |\n|---|---|---|\n| May | 1,204 | 31% |\n| June | 1,377 | 35% |\n| July | 1,310 | 34% |\n\nJune was best.",
    "Vielen Dank für die Nachfrage. Die Bibliothek öffnet montags um 9 Uhr und schließt um 18 Uhr; am Wochenende ist sie zu. \
     Bücher können drei Wochen behalten werden, danach kostet jeder Tag etwas.",
    "Voici l'essentiel : la réunion est déplacée à jeudi, dans la grande salle. Chacun prépare deux pages, pas plus, et les \
     chiffres de l'année dernière. Merci d'avance à toute l'équipe !",
    "当然可以。先把水烧开，再放入面条，煮大约八分钟。酱汁需要番茄、大蒜和一点盐。最后撒上奶酪，就可以吃了。",
    "Конечно. Сначала установите программу, затем откройте файл настроек и измените адрес сервера. После этого перезапустите службу.",
    "Ada Lovelace wrote the first published algorithm for a machine, and Charles Babbage designed the machine. Neither saw it \
     run. Grace Hopper, about a century later, wrote the first compiler; Kathleen Booth designed the first assembly language.",
];

/// How many later events each piece waits for until all of it has left, and the bytes that are held after each.
fn delays(patterns: &Arc<Patterns>, pieces: &[&str]) -> (Vec<usize>, Vec<usize>) {
    let mut guard = Guard::new(Arc::clone(patterns));
    let (mut waiting, mut delays, mut held) = (VecDeque::new(), Vec::new(), Vec::new());
    for (now, piece) in pieces.iter().enumerate() {
        waiting.push_back((now, piece.len()));
        let mut left = guard.push(0, piece).release.len();
        while let Some((came, rest)) = waiting.front_mut() {
            if left < *rest {
                *rest -= left;
                break;
            }
            left -= *rest;
            delays.push(now - *came);
            waiting.pop_front();
        }
        held.push(guard.held(0));
    }
    // The end of the channel comes with an event of its own.
    delays.extend(waiting.iter().map(|(came, _)| pieces.len() - came));
    (delays, held)
}

/// Words with the space before them, as tokens of a model mostly are; a sign stands by itself.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let begins = character.is_whitespace()
            || character.is_alphanumeric() != before.is_alphanumeric() && !before.is_whitespace();
        if begins && at > start {
            tokens.push(&text[start..at]);
            start = at;
        }
        before = character;
    }
    tokens.push(&text[start..]);
    tokens
}

fn usual() -> Arc<Patterns> {
    let kinds = vec!["EMAIL", "US_SSN", "CREDIT_CARD", "IBAN", "PHONE"];
    Arc::new(Patterns { pii: vec![(Mode::Redact, kinds)], secret: Some(Mode::Block), custom: Vec::new() })
}

/// The share of a list that is at most so much.
fn share(values: &[usize], most: usize) -> f64 {
    let count = values.iter().filter(|value| **value <= most).count();
    f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(values.len()).unwrap())
}

/// One of a hundred is larger than the second.
fn middle_and_most(mut values: Vec<usize>) -> (usize, usize) {
    values.sort_unstable();
    (values[values.len() / 2], values[values.len() * 99 / 100])
}

#[test]
fn clean_text_waits_for_one_event_at_most_where_events_bring_words() {
    let everything = patterns(Mode::Redact, Mode::Redact);
    for (name, patterns, least) in [("usual kinds", usual(), 1.0), ("every kind", everything, 0.85)] {
        let (mut delayed, mut sizes) = (Vec::new(), Vec::new());
        for text in ANSWERS {
            let words: Vec<&str> = text.split_inclusive(' ').collect();
            assert_eq!(run(&patterns, &words).0, *text);
            let (delays, held) = delays(&patterns, &words);
            delayed.extend(delays);
            sizes.extend(held);
        }
        let (half, most) = middle_and_most(sizes);
        println!(
            "words, {name}: {} events, {:.1} % at once, {:.1} % with the next one, at most {} later; bytes held p50 {half}, p99 {most}",
            delayed.len(),
            share(&delayed, 0) * 100.0,
            (share(&delayed, 1) - share(&delayed, 0)) * 100.0,
            delayed.iter().max().unwrap()
        );
        assert!(share(&delayed, 1) >= least, "{name}: {}", share(&delayed, 1));
    }
}

#[test]
fn pieces_of_words_wait_for_the_end_of_their_word() {
    let patterns = usual();
    let (mut delayed, mut sizes) = (Vec::new(), Vec::new());
    for text in ANSWERS {
        let tokens = tokens(text);
        assert_eq!(run(&patterns, &tokens).0, *text);
        let (delays, held) = delays(&patterns, &tokens);
        delayed.extend(delays);
        sizes.extend(held);
    }
    let (half, most) = middle_and_most(sizes);
    println!(
        "tokens: {} events, {:.1} % at once, {:.1} % with the next one, at most {} later; bytes held p50 {half}, p99 {most}",
        delayed.len(),
        share(&delayed, 0) * 100.0,
        (share(&delayed, 1) - share(&delayed, 0)) * 100.0,
        delayed.iter().max().unwrap()
    );
    assert!(share(&delayed, 1) >= 0.8 && most <= 48, "{most}");
}
