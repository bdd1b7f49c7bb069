//! Places: streets with a number, boxes, coordinates.

use super::codes::{Found, Place, Topic, begins, ends};
use super::list::{List, small};
use aho_corasick::AhoCorasick;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Words before coordinates.
pub(super) const WORDS: &[&str] = &[
    "coordinates",
    "coords",
    "gps",
    "lat",
    "latitude",
    "location",
    "geo",
    "koordinaten",
    "coordonnées",
    "coordenadas",
    "coordinate",
];

/// Streets that are named behind the number: `12 Elm Street`.
static BEHIND: List = List::new(&[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "lane",
    "ln",
    "drive",
    "dr",
    "boulevard",
    "blvd",
    "court",
    "ct",
    "place",
    "pl",
    "terrace",
    "square",
    "sq",
    "highway",
    "hwy",
    "parkway",
    "pkwy",
    "crescent",
    "cres",
    "circle",
    "cir",
    "close",
    "gardens",
    "grove",
    "mews",
    "row",
    "trail",
    "alley",
    "quay",
    "esplanade",
    "parade",
    "str",
]);
/// Kinds of streets that stand before the name: `12 rue de la Paix`, `Calle Mayor 5`.
static BEFORE: List = List::new(&[
    "rue",
    "avenue",
    "boulevard",
    "quai",
    "impasse",
    "allée",
    "chemin",
    "calle",
    "avenida",
    "av",
    "avda",
    "plaza",
    "paseo",
    "carrera",
    "camino",
    "via",
    "viale",
    "piazza",
    "corso",
    "largo",
    "vicolo",
    "rua",
    "travessa",
    "praça",
    "alameda",
    "estrada",
    "ul",
    "ulica",
    "aleja",
    "al",
    "os",
    "plac",
    "strada",
    "bulevardul",
    "ул",
    "улица",
    "вул",
    "вулиця",
    "проспект",
    "пр",
    "οδός",
    "c",
]);
/// Of these, what is an English word as well, and what is written small, too.
static ENGLISH: List = List::new(&["avenue", "boulevard", "al", "c", "os"]);
static SMALL_TOO: List = List::new(&["rue", "ul", "ул", "calle", "rua", "улица", "вул", "chemin", "quai"]);
/// How the names of streets end: `Hauptstraße 12`, `Storgatan 3`.
const ENDINGS: &[&str] = &[
    "straße",
    "strasse",
    "str",
    "gasse",
    "weg",
    "platz",
    "allee",
    "damm",
    "ufer",
    "steig",
    "straat",
    "laan",
    "plein",
    "gracht",
    "kade",
    "dijk",
    "singel",
    "gatan",
    "vägen",
    "gränd",
    "gata",
    "gate",
    "gaten",
    "veien",
    "vegen",
    "vei",
    "vej",
    "gade",
    "vænget",
    "stræde",
    "katu",
    "kuja",
    "ntie",
    "polku",
    "utca",
    "tér",
    "útja",
    "götu",
    "braut",
    "stígur",
    "vegur",
    "tn",
    "iela",
    "gatvė",
    "sokak",
    "sokağı",
    "caddesi",
    "cad",
    "sok",
    "ulica",
    "ulice",
    "náměstí",
    "utcája",
    "köz",
    "krt",
    "körút",
    "út",
    "u",
];
static ENDING_WORDS: List = List::new(ENDINGS);
/// Small words within the names of streets.
static PARTICLES: List = List::new(&[
    "de", "la", "le", "du", "des", "del", "della", "delle", "dei", "di", "do", "da", "dos", "das", "y", "e", "el",
    "los", "las", "von", "van", "der", "den", "am", "of", "the", "and", "l", "d",
]);
/// Boxes, and rooms of a building.
const BOXES: &[&str] = &[
    "p.o. box",
    "po box",
    "p.o.box",
    "post office box",
    "postfach",
    "postbus",
    "apartado",
    "boîte postale",
    "casella postale",
    "skrytka pocztowa",
];
/// Words of boxes.
static OF_BOXES: List = List::new(&["box", "office", "postale", "pocztowa", "post", "boîte"]);
static BOX_FINDER: LazyLock<AhoCorasick> = LazyLock::new(box_finder);

#[expect(clippy::expect_used, reason = "the words are constants, and every test builds the automaton")]
fn box_finder() -> AhoCorasick {
    AhoCorasick::builder().ascii_case_insensitive(true).build(BOXES).expect("the words fit in an automaton")
}

/// Words between a street and its number.
static NUMBER_SIGNS: List = List::new(&["no", "nr", "no.", "nr.", "n.", "nº", "n°", "núm", "núm.", "č.", "no:", "#"]);
/// Signs before the first word.
const QUOTES: &[char] = &['(', '[', '"', '\'', '*', '>', '<', '-', '/', ':', '='];
/// Words of a street's name, and bytes of a whole address.
const WORDS_MAX: usize = 5;
/// Words before one that says what kind of street it is.
const NAMES_MAX: usize = 3;
pub(crate) const STREET_BYTES: usize = 72;

/// A street with its number, or a box, about the number at a place.
pub(super) fn judge(text: &str, start: usize, add: &mut impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let near = bytes.get(start..).unwrap_or_default();
    let digits = near.iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
    let letter = usize::from(
        bytes.get(start + digits).is_some_and(u8::is_ascii_alphabetic)
            && !bytes.get(start + digits + 1).is_some_and(u8::is_ascii_alphanumeric),
    );
    let end = start + digits + letter;
    if !(1..=5).contains(&digits) || !begins(bytes, start) || !ends(bytes, end) {
        return;
    }
    if let Some(from) = before(text, start) {
        add(("POSTAL_ADDRESS", from, end, 0.7));
    }
    // In 1980, Mount St. Helens was no street.
    let is_year = digits == 4 && matches!(bytes.get(start..start + 2), Some(b"19" | b"20"));
    if let Some(to) =
        behind(text, end).filter(|to| !(is_year && text.get(..*to).is_some_and(|text| text.ends_with("St"))))
    {
        add(("POSTAL_ADDRESS", start, to, 0.7));
    }
}

/// A word without the sign behind it, and whether that sign ends it.
fn word(raw: &str) -> (&str, bool) {
    let word = raw.trim_end_matches([',', '.', ';', ':', ')', '"']);
    (word, raw.len() > word.len() && !raw.ends_with('.'))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_uppercase()) || is_ordinal(word) || PARTICLES.has(word)
}

fn is_ordinal(word: &str) -> bool {
    let is_end = |end: &[u8]| matches!(end, b"st" | b"nd" | b"rd" | b"th");
    word.as_bytes()
        .split_last_chunk::<2>()
        .is_some_and(|(number, end)| !number.is_empty() && number.iter().all(u8::is_ascii_digit) && is_end(end))
}

/// Whether a word is the name of a street by its end: a compound, or a word of its own.
fn has_ending(word: &str) -> bool {
    if word.len() < 6 || !word.starts_with(char::is_uppercase) {
        return false;
    }
    let small = if word.is_ascii() { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) };
    let small = small.as_bytes();
    ENDINGS.iter().map(|ending| ending.as_bytes()).any(|ending| {
        let head = small.len().checked_sub(ending.len()).filter(|head| *head > 1 && ending.len() > 2);
        head.and_then(|head| small.get(head..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })
}

/// Whether a word tells the kind of street whose name follows; some are written small, others are English words then.
fn is_kind(word: &str) -> bool {
    BEFORE.has(word) && !ENGLISH.has(word) && (word.starts_with(char::is_uppercase) || SMALL_TOO.has(word))
}

/// Where a street begins whose name and number end at a place.
fn before(text: &str, end: usize) -> Option<usize> {
    let from = text.ceil_char_boundary(end.saturating_sub(STREET_BYTES));
    let head = text.get(from..end)?.strip_suffix(' ')?;
    // Behind another number, or behind small letters that no street ends with, there is none.
    if head.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let boxed = |name: &&'static str| {
        let at = head.len().checked_sub(name.len())?;
        let tail = head.get(at..)?;
        let begins = !head.get(..at)?.ends_with(char::is_alphanumeric) && tail.starts_with(char::is_uppercase);
        (begins && (tail.eq_ignore_ascii_case(name) || (!name.is_ascii() && tail.to_lowercase() == **name)))
            .then_some(at)
    };
    let last = head.as_bytes().last().map(u8::to_ascii_lowercase);
    if let Some(at) = BOXES.iter().filter(|name| name.as_bytes().last().copied() == last).find_map(boxed) {
        return Some(from + at);
    }
    // Nobody sees where a word begins that reaches farther than that: no name is so long.
    let is_whole =
        |at: usize| at > 0 || text.get(..from).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\n']));
    let mut at = head.len();
    let mut names = 0;
    for raw in head.rsplit(' ').take(WORDS_MAX + 1) {
        at -= raw.len();
        if !is_whole(at) {
            return None;
        }
        let (word, _) = word(raw);
        let is_first = names == 0;
        if is_first && NUMBER_SIGNS.has(raw) {
            at = at.saturating_sub(1);
            continue;
        }
        if raw.contains(['\n', '\t']) || word.is_empty() {
            return None;
        }
        let inner = word.trim_start_matches(QUOTES);
        let begin = from + at + word.len() - inner.len();
        if is_first && has_ending(inner) {
            return Some(begin);
        }
        if names > 0 && is_kind(inner) && (raw.ends_with('.') || inner.len() > 2) {
            return Some(begin);
        }
        // A name of two words: `Erzsébet tér 19`, where the second says that it is a street.
        if is_first && ENDING_WORDS.has(word) && word.len() > 1 {
            let rest = head.get(..at)?.strip_suffix(' ')?;
            let name = rest.rsplit([' ', '\n']).next().filter(|name| name.starts_with(char::is_uppercase))?;
            let begin = rest.len() - name.len();
            return is_whole(begin).then_some(from + begin);
        }
        if !is_name(word) {
            return None;
        }
        names += 1;
        at = at.saturating_sub(1);
    }
    None
}

/// Where a street ends whose number ends at a place.
fn behind(text: &str, start: usize) -> Option<usize> {
    let to = text.floor_char_boundary((start + STREET_BYTES).min(text.len()));
    let rest = text.get(start..to)?;
    let tail = rest.strip_prefix(", ").or_else(|| rest.strip_prefix(' '))?;
    let mut at = to - tail.len();
    let mut is_french = false;
    let mut last = None;
    for (index, raw) in tail.split(' ').take(WORDS_MAX + 1).enumerate() {
        // A line ends an address's street.
        let line = raw.split('\n').next().unwrap_or_default();
        let (word, is_end) = word(line);
        if word.starts_with(|first: char| first.is_ascii_digit()) && !is_ordinal(word) {
            break;
        }
        if index == 0 && BEFORE.has(word) && word.len() > 2 {
            is_french = true;
        } else if !is_name(word) {
            break;
        } else if index > 0 && !is_french && BEHIND.has(word) {
            let is_disk =
                tail.get(..at + word.len() - (to - tail.len())).is_some_and(|name| name.ends_with("Hard Drive"));
            return (index <= NAMES_MAX && !is_disk).then_some(at + word.len());
        } else if is_french && !PARTICLES.has(word) {
            last = Some(at + word.len());
        }
        if is_end || line.len() < raw.len() {
            break;
        }
        at += raw.len() + 1;
    }
    last
}

/// Whether a text has a word that streets are called by: without one there is no address in it.
pub(crate) fn has_street(text: &str) -> bool {
    text.split([' ', '\n'])
        .map(|raw| word(raw).0.trim_start_matches(QUOTES))
        .any(|word| is_of_street(word) || has_ending(word))
        || has_box(text)
}

/// Whether streets are called by a word.
fn is_of_street(word: &str) -> bool {
    let small = small(word);
    [&BEHIND, &BEFORE, &ENDING_WORDS].iter().any(|list| list.has_small(&small))
}

fn has_box(text: &str) -> bool {
    // The automaton takes capitals for small letters only in ASCII.
    if text.is_ascii() { BOX_FINDER.is_match(text) } else { BOX_FINDER.is_match(&text.to_lowercase()) }
}

/// Whether a number or a name may begin in a word, whatever is beside it.
fn has_beginning(word: &str) -> bool {
    if !word.is_ascii() {
        let starts = |part: &str| part.starts_with(|first: char| first.is_ascii_digit() || first.is_uppercase());
        return word.split(|c: char| !c.is_alphanumeric()).any(starts);
    }
    let mut is_inside = false;
    word.bytes().any(|byte| {
        let begins = !is_inside && (byte.is_ascii_digit() || byte.is_ascii_uppercase());
        is_inside = byte.is_ascii_alphanumeric();
        begins
    })
}

/// Where an address may begin that reaches the end of a text and may go on.
pub(crate) fn open(text: &str) -> Option<usize> {
    let from = text.ceil_char_boundary(text.len().saturating_sub(STREET_BYTES * 2));
    let bytes = text.as_bytes();
    let mut end = text.len();
    let mut open = None;
    for index in 0..2 * WORDS_MAX {
        let space = bytes.get(from..end)?.iter().rposition(|byte| *byte == b' ');
        let at = space.map_or(from, |space| from + space + 1);
        let raw = text.get(at..end)?;
        let line = bytes.get(at..end)?.iter().rposition(|byte| *byte == b'\n');
        let line = line.and_then(|line| raw.get(line + 1..)).unwrap_or(raw);
        let (word, _) = word(line);
        let begins = has_beginning(word);
        let word = word.trim_start_matches(QUOTES);
        if begins || is_of_street(word) {
            open = Some(end - line.len());
        } else if !(index == 0 || word.is_empty() || is_name(word) || NUMBER_SIGNS.has(line) || OF_BOXES.has(word)) {
            break;
        }
        if line.len() < raw.len() || space.is_none() {
            break;
        }
        end = at.saturating_sub(1);
    }
    open
}

/// A latitude and a longitude, behind a word that says so.
pub(super) fn coordinates(place: &Place<'_>, add: &mut impl FnMut(Found)) {
    let rest = place.text.get(place.start..).unwrap_or_default();
    let Some((first, latitude)) = degrees(rest) else { return };
    let tail = rest.get(first..).unwrap_or_default();
    let gap = tail.len() - tail.trim_start_matches([',', ' ', '-']).len();
    let Some((second, longitude)) = tail.get(gap..).and_then(degrees) else { return };
    let end = place.start + first + gap + second;
    let fits = (1..=3).contains(&gap) && latitude <= 90 && longitude <= 180;
    if fits && ends(place.text.as_bytes(), end) && (place.near(Topic::Place).is_some() || place.is_alone(end)) {
        add(("COORDINATES", place.start, end, 0.75));
    }
}

/// Degrees with four decimals or more at the start of a text: bytes, and how many degrees.
fn degrees(text: &str) -> Option<(usize, u32)> {
    let whole = text.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let decimals = text.get(whole..)?.strip_prefix('.')?.bytes().take(13).take_while(u8::is_ascii_digit).count();
    let degrees = text.get(..whole).filter(|text| text.len() <= 3)?.parse().ok()?;
    (4..=12).contains(&decimals).then_some((whole + 1 + decimals, degrees))
}
