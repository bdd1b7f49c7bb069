//! Texts with names in them, from templates and lists.

use crate::draw::Draw;
use crate::lists::{All, Lists};
use crate::sample::{Sample, merge, recase};
use crate::stock::{BASE64, BRANDS, DAYS, FORMS, HEADS, LANGUAGES, MONTHS, PRODUCTS, TRADES};
use crate::templates::Template;
use picket_names::Kind;
use std::collections::HashMap;

/// Fills templates.
pub struct Generator<'a> {
    pub all: &'a All,
    pub draw: Draw,
    pub phrases: HashMap<String, Vec<String>>,
    /// Ordinary words.
    pub words: Vec<String>,
    /// Sentences of harmless texts.
    pub plain: Vec<String>,
}

fn pick_of<'a>(list: &'a [&'a str], draw: &mut Draw) -> &'a &'a str {
    &list[draw.below(list.len())]
}

fn pick<'a>(list: &[&'a str], draw: &mut Draw) -> &'a str {
    list.get(draw.below(list.len())).copied().unwrap_or_default()
}

impl Generator<'_> {
    /// A text of one to three templates of a language, at times with a sentence without names between them.
    pub fn sample(&mut self, language: &str, templates: &[Template], without: &[Template]) -> Sample {
        let mut sample = Sample::default();
        let count = match self.draw.below(10) {
            0..6 => 1,
            6..9 => 2,
            _ => 3,
        };
        let is_lower = self.draw.percent(3);
        for part in 0..count {
            if part > 0 {
                sample.text.push_str(pick(&[" ", "\n", "\n", "\n\n"], &mut self.draw));
            }
            let is_plain = count > 1 && self.draw.percent(25);
            let list = if is_plain { without } else { templates };
            let Some(template) = list.get(self.draw.below(list.len())) else { continue };
            self.fill(language, template, is_lower, &mut sample);
        }
        merge(&mut sample);
        sample
    }

    /// A text of a language that has sentences and terms, none of them a name.
    pub fn without(&mut self, language: &str) -> Sample {
        const FORMS: &[&str] = &[
            "{plain}",
            "{plain}",
            "{plain} {plain}",
            "{plain}\n{plain}",
            "{plain} {plain} {plain}",
            "- {plain}\n- {plain}",
            "{term}: {plain}",
            "{term}, {term}, {term}",
            "{term} ({term})",
            "{plain} {term}",
            "1. {term}\n2. {term}",
            "\"{word}\": \"{term}\",",
            "{\"{word}\": \"{plain}\"}",
            "| {term} | {term} |",
            "# {term}\n\n{plain}",
            "**{term}**: {plain}",
            "{num} {term} {num}",
            "{term} {num}, {num}",
            "# {Title}\n\n{plain}",
            "### {Title}\n\n{plain}",
            "{Title}: {plain}",
            "{Title}",
            "<p class=\"{word}\">{Title}</p>",
            "{\"label\": \"{Title}\", \"{word}\": \"{plain}\"}",
            "- **{Title}**: {plain}",
            "{TITLE}: {plain}",
            "{product}: {plain}",
            "{plain} ({product})",
        ];
        let template =
            Template { line: (*pick_of(FORMS, &mut self.draw)).to_owned(), is_strong: false, is_data: false };
        let mut sample = Sample::default();
        self.fill(language, &template, false, &mut sample);
        sample
    }

    /// The same text with other names in the places of its own.
    pub fn with_other_names(&mut self, sample: &Sample) -> Sample {
        let all = self.all;
        let (lists, locale) = all.of("en", &mut self.draw);
        let mut other = Sample::default();
        let mut at = 0;
        for (span, kind) in &sample.names {
            other.text.push_str(sample.text.get(at..span.start).unwrap_or_default());
            let old = sample.text.get(span.clone()).unwrap_or_default();
            let words = old.split_whitespace().count();
            let value = match kind {
                Kind::Person if words > 1 => self.person(lists, locale, true),
                Kind::Person if self.draw.percent(70) => self.given(lists, locale),
                Kind::Person => self.family(lists, locale),
                Kind::Location if self.draw.percent(20) => self.draw.of(&lists.country).to_owned(),
                Kind::Location => self.city(lists, "en"),
                Kind::Organization => self.company(lists, "en"),
                Kind::Address if words > 4 => self.address(lists, "en", false),
                Kind::Address => one_line(self.draw.of(&lists.street)),
            };
            let is_small = old == old.to_lowercase();
            let start = other.text.len();
            other.text.push_str(&if is_small { value.to_lowercase() } else { value });
            other.names.push((start..other.text.len(), *kind));
            at = span.end;
        }
        other.text.push_str(sample.text.get(at..).unwrap_or_default());
        other
    }

    fn fill(&mut self, language: &str, template: &Template, is_lower: bool, sample: &mut Sample) {
        let all = self.all;
        let (lists, locale) = all.of(language, &mut self.draw);
        let (manner, share) = if template.is_strong { (self.draw.below(100), 10) } else { (self.draw.below(100), 2) };
        let begin = sample.text.len();
        let mut rest = template.line.as_str();
        while let Some(open) = rest.find('{') {
            let (before, tail) = rest.split_at(open);
            sample.text.push_str(before);
            let slot = tail.get(1..).and_then(|tail| tail.split_once('}')).map_or("", |(slot, _)| slot);
            let Some((value, kind)) = self.value(slot, language, (lists, locale), template.is_data) else {
                sample.text.push('{');
                rest = tail.get(1..).unwrap_or_default();
                continue;
            };
            let value = match manner {
                // Only the name in small letters, or in capitals.
                _ if kind.is_none() => value,
                m if m < share => value.to_lowercase(),
                m if (share..share + 5).contains(&m) => value.to_uppercase(),
                _ => value,
            };
            let start = sample.text.len();
            sample.text.push_str(&value);
            if let Some(kind) = kind {
                sample.names.push((start..sample.text.len(), kind));
            }
            rest = tail.get(slot.len() + 2..).unwrap_or_default();
        }
        sample.text.push_str(rest);
        let is_lower = is_lower || template.is_strong && (80..90).contains(&manner);
        let is_upper = template.is_strong && (90..93).contains(&manner);
        if is_lower || is_upper {
            recase(sample, begin, is_upper);
        }
    }

    /// What stands in a slot, and what it is.
    fn value(
        &mut self,
        slot: &str,
        language: &str,
        (lists, locale): (&Lists, &str),
        is_data: bool,
    ) -> Option<(String, Option<Kind>)> {
        let named = |value: String, kind: Kind| Some((value, Some(kind)));
        match slot {
            "person" => {
                let value = self.person(lists, locale, is_data);
                named(value, Kind::Person)
            }
            "given" => {
                let value = self.given(lists, locale);
                named(value, Kind::Person)
            }
            "family" => {
                let value = self.family(lists, locale);
                named(value, Kind::Person)
            }
            "city" => {
                let value = self.city(lists, language);
                named(value, Kind::Location)
            }
            "country" => {
                let own = self.all.languages.get(language).map_or(&lists.country, |own| &own.country);
                let value = if own.is_empty() { "France".to_owned() } else { self.draw.of(own).to_owned() };
                named(value, Kind::Location)
            }
            "org" => {
                let value = self.company(lists, language);
                named(value, Kind::Organization)
            }
            "street" => {
                let value = one_line(self.draw.of(&lists.street));
                named(value, Kind::Address)
            }
            "address" => {
                let value = self.address(lists, language, is_data);
                named(value, Kind::Address)
            }
            _ => Some((self.figures(slot).or_else(|| self.words(slot, language))?, None)),
        }
    }

    /// Numbers, times and the like.
    fn figures(&mut self, slot: &str) -> Option<String> {
        let draw = &mut self.draw;
        let number = |draw: &mut Draw, below: usize| draw.below(below).to_string();
        Some(match slot {
            "num" => match draw.below(4) {
                0 => number(draw, 100),
                1 => number(draw, 1000),
                2 => number(draw, 100_000),
                _ => format!("{}", 10_000_000 + draw.below(80_000_000)),
            },
            "date" => match draw.below(4) {
                0 => format!("{}/{}/{}", 1 + draw.below(12), 1 + draw.below(28), 1950 + draw.below(75)),
                1 => format!("{}-{:02}-{:02}", 1950 + draw.below(75), 1 + draw.below(12), 1 + draw.below(28)),
                2 => format!("{}.{}.{}", 1 + draw.below(28), 1 + draw.below(12), 1950 + draw.below(75)),
                _ => format!("{} {} {}", 1 + draw.below(28), pick(MONTHS, draw), 1950 + draw.below(75)),
            },
            "time" => format!("{}:{:02}", draw.below(24), draw.below(60)),
            "email" => format!(
                "{}{}@example.{}",
                pick(&["info", "a.b", "mail", "office", "user"], draw),
                draw.below(100),
                pick(&["com", "org", "net"], draw)
            ),
            "phone" => match draw.below(3) {
                0 => format!("+{} {} {}", 1 + draw.below(98), 100 + draw.below(899), 100_000 + draw.below(899_999)),
                1 => format!("({}) {}-{}", 200 + draw.below(799), 200 + draw.below(799), 1000 + draw.below(8999)),
                _ => format!("0{}-{}", 100 + draw.below(899), 100_000 + draw.below(899_999)),
            },
            "amount" => format!("{}{}", pick(&["$", "€", "EUR ", "£", "USD "], draw), 10 + draw.below(90_000)),
            _ => return None,
        })
    }

    /// Words and sentences that are no names.
    fn words(&mut self, slot: &str, language: &str) -> Option<String> {
        let draw = &mut self.draw;
        Some(match slot {
            "month" => pick(MONTHS, draw).to_owned(),
            "day" => pick(DAYS, draw).to_owned(),
            "lang" => pick(LANGUAGES, draw).to_owned(),
            "product" => pick(PRODUCTS, draw).to_owned(),
            "word" => draw.of(&self.words).to_owned(),
            "Word" => capitalised(draw.of(&self.words)),
            "WORD" => draw.of(&self.words).to_uppercase(),
            "plain" => match self.all.plain.get(language) {
                Some(own) => draw.of(own).to_owned(),
                None => draw.of(&self.plain).to_owned(),
            },
            "Title" | "TITLE" => {
                let own = self.all.plain.get(language).filter(|own| !own.is_empty());
                let sentence = draw.of(own.unwrap_or(&self.plain)).to_owned();
                let some = 1 + draw.below(3);
                let words: Vec<String> = sentence
                    .split_whitespace()
                    .filter(|word| word.chars().all(char::is_alphabetic))
                    .take(some)
                    .map(capitalised)
                    .collect();
                let title = words.join(" ");
                if slot == "TITLE" { title.to_uppercase() } else { title }
            }
            "term" => draw.of(self.all.terms.get(language)?).to_owned(),
            "hex" => (0..4 + draw.below(37)).map(|_| char::from(b"0123456789abcdef"[draw.below(16)])).collect(),
            "b64" => (0..8 + draw.below(60)).map(|_| char::from(BASE64[draw.below(64)])).collect(),
            "ver" => format!("{}.{}.{}", draw.below(20), draw.below(40), draw.below(20)),
            "ident" => {
                let (a, b, c) = (draw.of(&self.words).to_owned(), draw.of(&self.words), draw.below(4));
                match c {
                    0 => format!("{a}_{b}"),
                    1 => format!("{a}{}", capitalised(b)),
                    2 => format!("{}{}", capitalised(&a), capitalised(b)),
                    _ => format!("{a}-{b}"),
                }
            }
            "IDENT" => {
                let (a, b) = (draw.of(&self.words).to_uppercase(), draw.of(&self.words).to_uppercase());
                format!("{a}_{b}")
            }
            other => draw.of(self.phrases.get(other)?).to_owned(),
        })
    }

    /// A given name; at times one that nobody bears, and for English one of the census.
    fn given(&mut self, lists: &Lists, locale: &str) -> String {
        let draw = &mut self.draw;
        let list = if locale == "en" && draw.percent(45) { &self.all.census.given } else { &lists.given };
        if is_spaced(locale) && draw.percent(7) { invented(list, draw) } else { draw.of(list).to_owned() }
    }

    fn family(&mut self, lists: &Lists, locale: &str) -> String {
        let draw = &mut self.draw;
        let list = if locale == "en" && draw.percent(70) { &self.all.census.family } else { &lists.family };
        if is_spaced(locale) && draw.percent(10) { invented(list, draw) } else { draw.of(list).to_owned() }
    }

    fn person(&mut self, lists: &Lists, locale: &str, is_data: bool) -> String {
        let (given, family) = (self.given(lists, locale), self.family(lists, locale));
        let draw = &mut self.draw;
        if matches!(locale, "zh" | "ko") {
            return format!("{family}{given}");
        }
        if locale == "ja" {
            return format!("{family}{}{given}", if draw.percent(40) { " " } else { "" });
        }
        let initial = given.chars().next().unwrap_or('A');
        let letter = char::from(b'A' + u8::try_from(draw.below(26)).unwrap_or(0));
        match draw.below(100) {
            0..5 => format!("{initial}. {family}"),
            5..11 => format!("{given} {letter}. {family}"),
            11..15 => {
                let second = self.given(lists, locale);
                format!("{given} {second} {family}")
            }
            15..18 => {
                let second = self.family(lists, locale);
                format!("{given} {family}-{second}")
            }
            18..21 => {
                let second = self.given(lists, locale);
                format!("{given}-{second} {family}")
            }
            21..24 => {
                format!("{given} {} {family}", pick(&["van", "de", "von", "da", "van der", "del", "bin", "al"], draw))
            }
            24..30 => given,
            30..34 if !is_data => family,
            34..38 if !is_data => format!("{family}, {given}"),
            38..40 => format!("{family} {given}"),
            40..42 => format!("{given} {family} {}", pick(&["Jr.", "III", "PhD", "MD", "II"], draw)),
            _ => format!("{given} {family}"),
        }
    }

    fn city(&mut self, lists: &Lists, language: &str) -> String {
        let draw = &mut self.draw;
        let is_latin = is_spaced(language) && !matches!(language, "ru" | "ar");
        if is_latin && (draw.percent(60) || lists.city.is_empty()) {
            draw.of(&self.all.towns).to_owned()
        } else {
            draw.of(&lists.city).to_owned()
        }
    }

    fn company(&mut self, lists: &Lists, language: &str) -> String {
        let draw = &mut self.draw;
        let is_latin = is_spaced(language) && !matches!(language, "ru" | "ar");
        if !is_latin {
            return draw.of(&lists.company).to_owned();
        }
        let coined = |draw: &mut Draw| {
            let (a, b) = (draw.of(&lists.family).to_lowercase(), draw.of(&lists.given).to_lowercase());
            let cut: String = a.chars().take(3).chain(b.chars().skip(2).take(4)).collect();
            capitalised(&cut)
        };
        let coined_of_words = |words: &[String], draw: &mut Draw| {
            let (a, b) = (capitalised(draw.of(words)), draw.of(words));
            match draw.below(8) {
                0 => format!("{a}{}", capitalised(b)),
                1 => format!("{a}{b}"),
                2 => format!("{a} {}", pick(TRADES, draw)),
                3 => format!("{a} {}", capitalised(b)),
                4 => format!("{a} and {}", capitalised(b)),
                5 => format!("{a} {} {}", pick(TRADES, draw), pick(FORMS, draw)),
                6 => format!(
                    "{a}{}",
                    pick(
                        &[
                            "ly", "ify", "io", "ware", "tech", "soft", "logic", "metrics", "labs", "hub", "net", "gen",
                            "data"
                        ],
                        draw
                    )
                ),
                _ => format!("{a} {} {}", capitalised(b), pick(TRADES, draw)),
            }
        };
        if draw.percent(35) && !self.words.is_empty() {
            return coined_of_words(&self.words, draw);
        }
        match draw.below(100) {
            0..40 => draw.of(&lists.company).to_owned(),
            40..52 => pick(BRANDS, draw).to_owned(),
            52..64 => format!("{} {}", pick(HEADS, draw), pick(TRADES, draw)),
            64..72 => format!("{} {} {}", pick(HEADS, draw), pick(TRADES, draw), pick(FORMS, draw)),
            72..80 => format!("{} {}", coined(draw), pick(FORMS, draw)),
            80..88 => coined(draw),
            88..94 => format!("{} {}", draw.of(&lists.family), pick(TRADES, draw)),
            94..97 => {
                format!("{} of {}", pick(&["University", "Bank", "City", "Museum"], draw), draw.of(&self.all.towns))
            }
            _ => (0..2 + draw.below(3)).map(|_| char::from(b'A' + u8::try_from(draw.below(26)).unwrap_or(0))).collect(),
        }
    }

    fn address(&mut self, lists: &Lists, language: &str, is_data: bool) -> String {
        let city = self.city(lists, language);
        let draw = &mut self.draw;
        let street = one_line(draw.of(&lists.street));
        let code = 1000 + draw.below(98_000);
        let unit =
            format!("{} {}", pick(&["Apt.", "Suite", "Flat", "Unit", "Apartment", "No."], draw), 1 + draw.below(900));
        let value = match draw.below(if is_spaced(language) { 10 } else { 1 }) {
            0..4 => draw.of(&lists.address).to_owned(),
            4 => format!("{street}, {city}"),
            5 => format!("{street}, {code} {city}"),
            6 => format!("{street}\n{code} {city}"),
            7 => format!("{street} {unit}\n{city}\n{code}"),
            8 => format!("{unit}, {street}, {city} {code}"),
            _ => format!("{street} {city} {code}"),
        };
        if is_data || draw.percent(35) { one_line(&value) } else { value }
    }
}

/// Whether a language puts spaces between words.
fn is_spaced(language: &str) -> bool {
    !matches!(language, "zh" | "ja" | "ko")
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.replace('\n', ", ")
}

/// A name of the halves of two others.
fn invented(list: &[String], draw: &mut Draw) -> String {
    let (a, b) = (draw.of(list), draw.of(list));
    let (left, right) = (a.chars().count(), b.chars().count());
    if left < 4 || right < 4 || a.contains([' ', '-']) || b.contains([' ', '-']) {
        return a.to_owned();
    }
    a.chars().take(left / 2).chain(b.chars().skip(right / 2).flat_map(char::to_lowercase)).collect()
}
