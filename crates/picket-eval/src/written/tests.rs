use super::*;
use std::collections::BTreeSet;

/// Stems of words by which crude filters know attacks; each harmless text holds one.
const STEMS: &[&str] = &[
    "ignor",
    "instruc",
    "anweisung",
    "prompt",
    "jailbreak",
    "dan",
    "overrid",
    "bypass",
    "disregard",
    "forget",
    "previous",
    "system",
    "pretend",
    "reveal",
    "secret",
    "rule",
    "act as",
    "roleplay",
    "role play",
    "developer mode",
    "password",
    "vergiss",
    "regel",
    "umgeh",
    "consignes",
    "oubli",
    "règle",
    "contourn",
    "olvid",
    "regla",
    "desacti",
    "esquec",
    "regra",
    "dimentic",
    "regol",
    "aggir",
    "vergeet",
    "negeer",
    "omzeil",
    "zapomn",
    "pomin",
    "pomiń",
    "zasad",
    "obej",
    "unut",
    "kural",
    "talimat",
    "görmezden",
    "yok say",
    "игнор",
    "инструкц",
    "забуд",
    "правил",
    "обой",
    "обход",
    "ігнор",
    "інструкц",
    "忽略",
    "指令",
    "提示",
    "规则",
    "绕过",
    "忘",
    "無視",
    "指示",
    "ルール",
    "回避",
    "プロンプト",
    "무시",
    "지시",
    "규칙",
    "우회",
    "프롬프트",
    "잊",
    "تجاهل",
    "تعليمات",
    "قواعد",
    "تجاوز",
    "अनदेखा",
    "निर्देश",
    "नियम",
    "भूल",
    "sobrescrev",
    "anul",
    "negeren",
    "instrukc",
    "simul",
    "unrestricted",
    "unfiltered",
    "sudo",
    "guideline",
    "filter",
    "hidden",
    "token",
    "you are now",
    "from now on",
    "repeat",
    "print",
    "output",
    "restrict",
    "систем",
    "inject",
    "exploit",
    "hack",
    "leak",
    "admin",
    "root",
    "above",
    "instruç",
    "sistem",
    "istruzion",
    "забыл",
    "système",
];

#[test]
fn the_harmless_set_is_large_diverse_and_full_of_trigger_words() {
    let triggers = sentences(TRIGGERS).unwrap();
    assert!(triggers.len() >= 150, "{}", triggers.len());
    let languages: BTreeSet<&str> = triggers.iter().map(|(language, _)| *language).collect();
    assert!(languages.len() >= 12, "{languages:?}");
    let texts: BTreeSet<&str> = triggers.iter().map(|(_, text)| *text).collect();
    assert_eq!(texts.len(), triggers.len(), "a text stands twice");
    for text in texts {
        let lower = text.to_lowercase();
        assert!(STEMS.iter().any(|stem| lower.contains(stem)), "no word of attacks: {text}");
    }
}

#[test]
fn a_line_without_language_is_told_by_its_number() {
    assert_eq!(sentences("# a comment\n\nen\tone\ntwo\n"), Err(4));
    assert_eq!(sentences("# a comment\n\nen\tone\n"), Ok(vec![("en", "one")]));
}

#[test]
fn all_views_of_all_attacks_are_asked_about() {
    let shares = measure().unwrap();
    let views: Vec<&Share> = shares.iter().filter(|share| share.set == "attacks" && share.by == "view").collect();
    assert_eq!(views.len(), VIEWS.len());
    assert!(views.iter().all(|share| share.of >= 20), "{views:?}");
    assert!(tables(&shares).contains("at most 3 % wanted"));
}
