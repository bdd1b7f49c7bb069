//! Telephone numbers: by country where one is named, by words and by the forms that countries write otherwise.

use super::checksum::varied;
use super::codes::{Found, Place, Topic};
use super::dates;
use super::plan;

/// Words before a number.
pub(super) const WORDS: &[&str] = &[
    "phone",
    "phones",
    "telephone",
    "tel",
    "tel.",
    "mobile",
    "cell",
    "cellphone",
    "fax",
    "whatsapp",
    "text me",
    "call me",
    "call us",
    "call",
    "contact number",
    "hotline",
    "reach me",
    "reach us",
    "reach you",
    "desk",
    "sms",
    "answering at",
    "messages to",
    "registered",
    "ring me",
    "dial",
    "telefon",
    "telefonnummer",
    "teléfono",
    "telefono",
    "téléphone",
    "handy",
    "handynummer",
    "mobil",
    "mobiltelefon",
    "móvil",
    "celular",
    "portable",
    "cellulare",
    "telemóvel",
    "telefone",
    "telefoon",
    "cep",
    "cep no",
    "gsm",
    "puhelin",
    "numer telefonu",
    "komórka",
    "telepono",
    "тел",
    "телефон",
    "電話",
    "电话",
    "手机",
    "手機",
    "전화",
    "휴대폰",
    "هاتف",
    "فون",
    "โทร",
    "फ़ोन",
];
/// Words that say that a number follows, but not of what.
pub(super) const WEAK_WORDS: &[&str] = &["number is", "my number", "contact", "numero", "número", "nummer"];
/// Words behind a number.
pub(crate) const LABELS: &[&str] = &["office", "fax", "mobile", "cell", "home", "work", "desk", "phone", "tel"];
/// How much less a weak word counts, as if it stood so much farther away.
const WEAK: usize = 40;
const DIGITS_MAX: usize = 17;
const DIGITS_MIN: usize = 6;
/// Bytes in which the first digits stand.
const REACH_BYTES: usize = 24;

/// A few things that are counted.
#[derive(Debug)]
struct Few<T> {
    list: [T; DIGITS_MAX],
    from: usize,
    count: usize,
}

impl<T: Copy + Default> Default for Few<T> {
    fn default() -> Self {
        Self { list: [T::default(); DIGITS_MAX], from: 0, count: 0 }
    }
}

impl<T> Few<T> {
    fn push(&mut self, one: T) {
        if let Some(slot) = self.list.get_mut(self.count) {
            *slot = one;
            self.count += 1;
        }
    }

    /// Forgets the first ones.
    fn forget(&mut self, count: usize) {
        self.from = self.count.min(self.from + count);
    }

    fn as_slice(&self) -> &[T] {
        self.list.get(self.from..self.count).unwrap_or_default()
    }
}

/// A number as it is written.
#[derive(Debug, Default)]
struct Number {
    digits: Few<u8>,
    /// Digits and bytes up to the end of each group, of which there are no more than digits.
    groups: Few<(usize, usize)>,
    /// Bytes of the number, without an extension.
    end: usize,
    extension: usize,
    /// Separators other than spaces, and those that only numbers of telephones have.
    signs: usize,
    dots: usize,
    is_international: bool,
    has_trunk: bool,
}

/// A telephone number whose first digit stands at a place. A word names something else if it is nearer than `wrong`.
pub(super) fn judge(place: &Place<'_>, wrong: Option<usize>, add: &mut impl FnMut(Found)) {
    let bytes = place.text.as_bytes();
    let near = bytes.get(place.start..).unwrap_or_default();
    let near = near.get(..REACH_BYTES).unwrap_or(near);
    let digits = || near.iter().filter(|byte| byte.is_ascii_digit()).count();
    if !near.first().is_some_and(u8::is_ascii_digit) || digits() < DIGITS_MIN {
        return;
    }
    let mut start = place.start;
    for sign in [b'(', b'+'] {
        start -= usize::from(start.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&sign));
    }
    if !super::codes::begins(bytes, start) {
        return;
    }
    let number = read(bytes.get(start..).unwrap_or_default());
    let digits = number.digits.as_slice();
    if digits.len() < DIGITS_MIN || !varied(digits) || is_counted(digits) {
        return;
    }
    // Without a plus sign or groups, two zeros may begin anything.
    let is_marked =
        number.groups.as_slice().len() > 1 || bytes.get(start) == Some(&b'+') || place.near(Topic::Phone).is_some();
    let found = if number.is_international && is_marked { international(&number) } else { None };
    if let Some(end) = found.filter(|end| is_over(bytes, start + end)) {
        add(("PHONE", start, start + end, 0.8));
        return;
    }
    let end = start + number.end + number.extension;
    let label = label(place.text, end);
    if !(is_over(bytes, end) || label) || dates::numeric(bytes.get(start..).unwrap_or_default()).is_some() {
        return;
    }
    if let Some(score) = national(place, &number, label, end)
        .filter(|(_, near)| wrong.is_none_or(|wrong| near.is_some_and(|near| near < wrong)))
    {
        add(("PHONE", start, end, score.0));
    }
}

/// Reads digits and the signs between them.
fn read(bytes: &[u8]) -> Number {
    let mut number = Number::default();
    let mut gap = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' if number.digits.count < DIGITS_MAX => {
                number.digits.push(byte - b'0');
                number.end = at + 1;
                gap = 0;
                if !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                    number.groups.push((number.digits.count, at + 1));
                }
            }
            b'+' if at == 0 => number.is_international = true,
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' if gap < 2 => {
                if bytes.get(at..at + 3) == Some(b"(0)") {
                    // The zero is dialled only at home.
                    number.has_trunk = true;
                    at += 2;
                }
                gap += 1;
                number.signs += usize::from(!matches!(byte, b' ' | b'/'));
                number.dots += usize::from(*byte == b'.');
            }
            _ => break,
        }
        at += 1;
    }
    let digits = number.digits.as_slice();
    if digits.starts_with(&[0, 0]) && !digits.starts_with(&[0, 0, 0]) {
        number.is_international = true;
        number.digits.forget(2);
        number.groups.list.iter_mut().for_each(|(digits, _)| *digits = digits.saturating_sub(2));
        number.groups.forget(number.groups.as_slice().iter().take_while(|(digits, _)| *digits == 0).count());
    }
    number.extension = extension(bytes.get(number.end..).unwrap_or_default());
    number
}

/// Length of an extension such as `x123`.
fn extension(bytes: &[u8]) -> usize {
    let heads: [&[u8]; 5] = [b"x", b" x", b" ext. ", b" ext ", b" ext."];
    let Some(head) =
        heads.iter().find(|head| bytes.starts_with(head) && bytes.get(head.len()).is_some_and(u8::is_ascii_digit))
    else {
        return 0;
    };
    let digits = bytes.iter().skip(head.len()).take_while(|byte| byte.is_ascii_digit()).count();
    if digits <= 6 { head.len() + digits } else { 0 }
}

/// Where a number that names its country ends: the longest that the country's plan has.
fn international(number: &Number) -> Option<usize> {
    let all = number.digits.as_slice();
    let is_valid = |digits: usize| all.get(..digits).is_some_and(plan::is_valid);
    let (digits, end) = number.groups.as_slice().iter().rev().find(|(digits, _)| is_valid(*digits))?;
    Some(if *digits == all.len() { number.end + number.extension } else { *end })
}

/// How sure it is that a number without its country is one, and how near a word stands.
fn national(place: &Place<'_>, number: &Number, label: bool, end: usize) -> Option<(f32, Option<usize>)> {
    let digits = number.digits.as_slice();
    let count = digits.len();
    let (mut before, mut sizes) = (0, Few::default());
    for (digits, _) in number.groups.as_slice() {
        sizes.push(digits - std::mem::replace(&mut before, *digits));
    }
    let sizes = sizes.as_slice();
    if american(digits, sizes) && (number.signs > 0 || number.is_international) && number.dots != 1 {
        return Some((0.75, place.near(Topic::Phone)));
    }
    if number.extension > 0 && matches!(count, 10 | 11) && sizes.len() >= 3 {
        return Some((0.75, place.near(Topic::Phone)));
    }
    let is_plausible = (7..=15).contains(&count) || (count == 6 && sizes.len() > 1);
    let is_years = matches!(sizes, [4, 4]) && digits.first() == digits.get(4) && matches!(digits.first(), Some(1 | 2));
    let is_version = number.dots > 0 && number.dots == number.signs && sizes.first().is_some_and(|first| *first == 1);
    let weak = || place.near(Topic::Number).map(|near| near + WEAK);
    let near = || if label { Some(0) } else { place.near(Topic::Phone).into_iter().chain(weak()).min() };
    if is_plausible
        && sizes.len() < 7
        && !is_years
        && !is_version
        && let Some(near) = near()
    {
        return Some((0.76 - if near > WEAK { 0.05 } else { 0.0 }, Some(near)));
    }
    let is_mobile = count == 11
        && digits.first() == Some(&0)
        && (matches!(digits.get(1), Some(5 | 9)) || (sizes.len() > 1 && digits.get(1) > Some(&1)));
    let is_turkish = matches!(sizes, [3, 3, 2, 2]) && digits.first() == Some(&5);
    ((is_mobile || is_turkish) && place.is_alone(end)).then_some((0.6, Some(0)))
}

/// Three, three and four digits, of an area and an exchange that may be.
fn american(digits: &[u8], sizes: &[usize]) -> bool {
    let ten = match (sizes, digits.split_first()) {
        ([3, 3, 4], _) => digits,
        ([1, 3, 3, 4], Some((1, rest))) => rest,
        _ => return false,
    };
    let (area, exchange) = (ten.first().copied().unwrap_or(0), ten.get(3).copied().unwrap_or(0));
    area > 1 && exchange > 1 && ten.get(1) != Some(&9)
}

/// Whether digits count from one to nine, as in examples.
fn is_counted(digits: &[u8]) -> bool {
    digits.windows(9).any(|nine| nine == [1, 2, 3, 4, 5, 6, 7, 8, 9])
}

/// Whether nothing goes on behind a number.
fn is_over(bytes: &[u8], end: usize) -> bool {
    super::codes::ends(bytes, end)
}

/// Whether a word behind a number says whose it is, as in `555 0132-Office`.
fn label(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let Some(word) = rest.strip_prefix([' ', '-']) else { return false };
    LABELS.iter().any(|label| {
        word.get(..label.len()).is_some_and(|head| head.eq_ignore_ascii_case(label))
            && !word.get(label.len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
    })
}

/// Whether letters may be the beginning of a word behind a number, or of an extension.
pub(crate) fn may_be_label(letters: &str) -> bool {
    let begins = |label: &&str| label.get(..letters.len()).is_some_and(|head| head.eq_ignore_ascii_case(letters));
    LABELS.iter().chain(&["x", "ext"]).any(begins)
}
