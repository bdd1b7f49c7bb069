//! The kinds of personal data, for the reference page.

use super::names::KINDS;
use super::rule::{Need, Rule, Test};
use super::rules;

/// Kinds that have code of their own: what they are, how they are recognised, whether a checksum tells, and context.
const OTHERS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "COORDINATES",
        "Latitude and longitude",
        "two numbers with four decimals or more, in range",
        "no",
        "yes, or alone",
    ),
    (
        "CRYPTO_WALLET",
        "Addresses of wallets",
        "Bitcoin, Litecoin, Dogecoin, Tron: Base58Check and Bech32; Ethereum by shape",
        "yes; no for Ethereum",
        "no",
    ),
    ("DATE_OF_BIRTH", "Dates of birth", "dates in figures, or with the month's name", "no", "yes"),
    ("EMAIL", "E-mail addresses", "`name@domain.tld`; placeholders at domains for examples are left out", "no", "no"),
    ("IBAN", "International bank account numbers", "country, length, groups", "yes", "no"),
    ("IP_ADDRESS", "Addresses of hosts", "IPv4 and IPv6; no loopback, no versions of programs", "no", "no"),
    ("MAC_ADDRESS", "Addresses of interfaces", "six pairs or three groups of hexadecimal digits", "no", "no"),
    (
        "PERSONAL_URL",
        "Pages of people",
        "profiles on social networks, pages that are called one's own",
        "no",
        "yes, but for profiles",
    ),
    (
        "PHONE",
        "Telephone numbers",
        "numbering plans by calling code; forms of North America; others by words",
        "no",
        "no with `+`; else mostly",
    ),
    ("POSTAL_ADDRESS", "Streets with a number, and boxes", "words for streets in some twenty languages", "no", "no"),
];

/// Shapes that are shown of a kind.
const SHAPES_MAX: usize = 3;

/// The table of kinds in Markdown.
pub fn table() -> String {
    let mut table =
        String::from("| name | what | recognised by | checksum | context needed |\n|---|---|---|---|---|\n");
    for kind in KINDS {
        table.extend(["| ", &row(kind).join(" | "), " |\n"]);
    }
    table
}

/// What a kind is, how it is recognised, whether a checksum tells, and whether it needs context; for people.
pub fn about(kind: &str) -> Option<[String; 4]> {
    let [_, about, how, sum, context] = row(KINDS.iter().find(|known| **known == kind)?);
    Some([about, how, sum, context])
}

fn row(kind: &str) -> [String; 5] {
    match OTHERS.iter().find(|(known, ..)| *known == kind) {
        Some((kind, about, how, sum, context)) => [*kind, *about, *how, *sum, *context].map(str::to_owned),
        None => row_of_rules(kind),
    }
}

fn row_of_rules(kind: &str) -> [String; 5] {
    let rules: Vec<&Rule> = rules::all().filter(|rule| rule.kind == kind).collect();
    let about = rules.first().map_or("", |rule| rule.about);
    let about = about.split(',').next().unwrap_or_default();
    let shapes: Vec<String> = rules
        .iter()
        .flat_map(|rule| rule.shapes.split('|'))
        .take(SHAPES_MAX)
        .map(|shape| format!("`{}`", shape.to_uppercase().replace('_', " ")))
        .collect();
    let how = shapes.join(", ");
    let form = if rules.iter().any(|rule| matches!(rule.test, Test::Form(_))) { ", ranges" } else { "" };
    let sum = which(&rules, Rule::has_sum);
    let needs = |need| rules.iter().any(|rule| rule.need == need);
    let context = match (needs(Need::Nothing), needs(Need::WordsOrAlone), needs(Need::Words)) {
        (true, false, false) => "no",
        (true, ..) => "for some forms",
        (false, true, false) => "yes, or alone",
        (false, true, true) => "yes; some forms alone too",
        _ => "yes",
    };
    [kind, about, &format!("{how}{form}"), sum, context].map(str::to_owned)
}

fn which(rules: &[&Rule], holds: impl Fn(&Rule) -> bool) -> &'static str {
    match (rules.iter().any(|rule| holds(rule)), rules.iter().all(|rule| holds(rule))) {
        (_, true) => "yes",
        (true, _) => "for some forms",
        _ => "no",
    }
}
