//! Clean text is held back for one event at most.

use super::*;

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

/// How many pieces are held at most, whatever comes behind them, and bytes after each piece.
fn held(patterns: &Arc<Patterns>, pieces: &[&str]) -> (usize, Vec<usize>) {
    let mut guard = Guard::new(Arc::clone(patterns));
    let (mut pending, mut most, mut bytes) = (0_usize, 0, Vec::new());
    let mut lengths = std::collections::VecDeque::new();
    for piece in pieces {
        lengths.push_back(piece.len());
        pending += piece.len();
        let released = guard.push(0, piece).release.len();
        pending -= released;
        // What left ends the oldest pieces first.
        let mut left = released;
        while let Some(first) = lengths.front_mut() {
            let taken = left.min(*first);
            *first -= taken;
            left -= taken;
            if *first > 0 {
                break;
            }
            lengths.pop_front();
        }
        // Of the pieces that are held, the last one came just now: it waits for one event where it leaves with the next.
        most = most.max(lengths.len());
        bytes.push(pending);
    }
    (most, bytes)
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

#[test]
fn clean_text_waits_for_one_event_at_most() {
    let pii = |kinds: &[&'static str]| vec![(Mode::Redact, kinds.to_vec())];
    let usual = Arc::new(Patterns {
        pii: pii(&["EMAIL", "US_SSN", "CREDIT_CARD", "IBAN", "PHONE"]),
        secret: Some(Mode::Block),
        custom: Vec::new(),
    });
    let (mut pieces, mut delayed, mut over, mut sizes) = (0, 0, Vec::new(), Vec::new());
    for text in ANSWERS {
        let tokens = tokens(text);
        assert_eq!(run(&usual, &tokens).0, *text);
        let (most, bytes) = held(&usual, &tokens);
        pieces += bytes.len();
        delayed += bytes.iter().filter(|bytes| **bytes > 0).count();
        if most > 2 {
            over.push((most, *text));
        }
        sizes.extend(bytes);
    }
    sizes.sort_unstable();
    let (half, most) = (sizes[sizes.len() / 2], sizes[sizes.len() * 99 / 100]);
    println!("{pieces} pieces, {delayed} with something held; bytes held p50 {half}, p99 {most}; {over:?}");
}
