//! Names in searches: each is a field, a word of the language, or made in the search itself.

use std::collections::BTreeSet;

/// A language of searches.
pub(super) struct Language {
    /// Words of it, functions among them.
    pub(super) words: &'static str,
    /// What stands around a name that has other characters in it.
    pub(super) quote: char,
    /// What makes a name: the word before it, such as `as`, or the sign behind it.
    pub(super) word_before: Option<&'static str>,
}

pub(super) const SPL: Language = Language {
    words: "search dedup stats count eval dc sum values earliest latest min max where by as if and or not in isnotnull isnull coalesce null table bin span rename join type inner lookup output relative_time now strftime tonumber case mvindex sort head convert ctime round fields timechart avg eventtype index sourcetype true false append",
    quote: '\'',
    word_before: Some("as"),
};

pub(super) const KQL: Language = Language {
    words: "let where summarize arg_max countif count sum min max make_set make_set_if minif extend project join kind inner on by and or not in isnotempty isnotnull ago now bin todouble tolower tostring coalesce between startswith count_distinct count_distinctif ingestion_time hourofday dayofweek true false null",
    quote: '\0',
    word_before: None,
};

/// Names of others: tables and columns that searches look into beside our events.
pub(super) const OTHERS: &[&str] = &[
    "known_by",
    "reported_by",
    "AADRiskyUsers",
    "RiskState",
    "SigninLogs",
    "ResultType",
    "UserPrincipalName",
    "ThreatIntelIndicators",
    "IsActive",
    "ObservableKey",
    "ObservableValue",
    "Confidence",
];

enum Token {
    Name(String),
    Sign(char),
}

fn tokens(text: &str, quote: char) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // Values, and macros.
            '"' | '`' => {
                while let Some(next) = characters.next().filter(|next| *next != character) {
                    if next == '\\' {
                        characters.next();
                    }
                }
                tokens.push(Token::Sign('"'));
            }
            quoted if quoted == quote => {
                let name: String = characters.by_ref().take_while(|next| *next != quote).collect();
                tokens.push(Token::Name(name));
            }
            first if first.is_ascii_alphabetic() || first == '_' => {
                let mut name = first.to_string();
                while let Some(next) = characters.next_if(|next| next.is_ascii_alphanumeric() || "_.".contains(*next)) {
                    name.push(next);
                }
                tokens.push(Token::Name(name));
            }
            digit if digit.is_ascii_digit() => {
                // With its unit: 1h, 0.8.
                while characters.next_if(|next| next.is_ascii_alphanumeric() || *next == '.').is_some() {}
            }
            ' ' | '\n' => {}
            sign => tokens.push(Token::Sign(sign)),
        }
    }
    tokens
}

/// Names in a text that are neither known nor made in it.
pub(super) fn unknown(text: &str, language: &Language, known: &BTreeSet<String>) -> Vec<String> {
    let words: BTreeSet<&str> = language.words.split(' ').collect();
    let tokens = tokens(text, language.quote);
    let mut made = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(name) = token else { continue };
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let is_named =
            language.word_before.is_some_and(|word| matches!(before, Some(Token::Name(name)) if name == word));
        let is_set = matches!(tokens.get(at + 1), Some(Token::Sign('=')))
            && !matches!(tokens.get(at + 2), Some(Token::Sign('=' | '"' | '*')));
        if is_named || is_set {
            made.insert(name.clone());
        }
    }
    let mut unknown = BTreeSet::new();
    for token in &tokens {
        let Token::Name(name) = token else { continue };
        // What is below a column of any shape is named by whoever sent it.
        let first = name.split('.').next().unwrap_or_default();
        let is_known = words.contains(name.to_lowercase().as_str()) || known.contains(name) || known.contains(first);
        if !is_known && !made.contains(name) {
            unknown.insert(name.clone());
        }
    }
    unknown.into_iter().collect()
}

#[test]
fn names_that_nobody_knows_are_found_in_both_languages() {
    let known: BTreeSet<String> = ["user", "category", "User", "Attributes"].map(str::to_owned).into();
    let spl = "`picket_events` category=\"x\" usr=* | stats count as events by user, src | where events>3 AND evnts>3";
    assert_eq!(unknown(spl, &SPL, &known), ["evnts", "src", "usr"]);
    let kql =
        "T | where Usr == \"a\" and tostring(Attributes.status) == \"b\" | summarize N = count() by User | where M > 2";
    assert_eq!(unknown(kql, &KQL, &known), ["M", "T", "Usr"]);
}
