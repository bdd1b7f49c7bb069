//! How long the numbers of a country are, by its calling code.
//!
//! Figures as in the national numbering plans and the metadata of libphonenumber: the least and the most digits behind
//! the calling code, and the digits with which they cannot begin.

/// Calling code, least and most digits, first digits that are not given out.
const PLANS: &[(&str, usize, usize, &str)] = &[
    ("1", 10, 10, "01"),
    ("7", 10, 10, "12"),
    ("20", 8, 10, "0"),
    ("27", 9, 9, "09"),
    ("30", 10, 10, "013"),
    ("31", 9, 9, "0"),
    ("32", 8, 9, "0"),
    ("33", 9, 9, "0"),
    ("34", 9, 9, "01234"),
    ("36", 8, 9, "0"),
    ("39", 6, 11, "12"),
    ("40", 9, 9, "014"),
    ("41", 9, 9, "0"),
    ("43", 7, 13, "0"),
    ("44", 9, 10, "0"),
    ("45", 8, 8, "01"),
    ("46", 7, 10, "0"),
    ("47", 8, 8, "01"),
    ("48", 9, 9, "0"),
    ("49", 6, 12, "0"),
    ("51", 8, 9, "0"),
    ("52", 10, 10, "01"),
    ("53", 8, 8, "0"),
    ("54", 10, 11, "0"),
    ("55", 10, 11, "0"),
    ("56", 9, 9, "0"),
    ("57", 8, 10, "0"),
    ("58", 10, 10, "0"),
    ("60", 8, 10, "0"),
    ("61", 9, 9, "0"),
    ("62", 7, 12, "0"),
    ("63", 8, 10, "01"),
    ("64", 8, 10, "01"),
    ("65", 8, 8, "0127"),
    ("66", 8, 9, "0"),
    ("81", 9, 10, "0"),
    ("82", 8, 10, "0"),
    ("84", 9, 10, "0"),
    ("86", 10, 11, "0"),
    ("90", 10, 10, "016"),
    ("91", 10, 10, "0"),
    ("92", 9, 10, "0"),
    ("93", 9, 9, "01"),
    ("94", 9, 9, "0"),
    ("95", 7, 10, "0"),
    ("98", 10, 10, "0"),
    ("212", 9, 9, "0"),
    ("213", 8, 9, "0"),
    ("216", 8, 8, "016"),
    ("218", 8, 9, "0"),
    ("234", 8, 10, "0"),
    ("254", 7, 10, "0"),
    ("351", 9, 9, "0"),
    ("352", 5, 11, "0"),
    ("353", 7, 9, "0"),
    ("354", 7, 9, "012"),
    ("358", 6, 11, "0"),
    ("359", 8, 9, "0"),
    ("370", 8, 8, "0"),
    ("371", 8, 8, "013"),
    ("372", 7, 8, "012"),
    ("380", 9, 9, "012"),
    ("381", 8, 9, "0"),
    ("385", 8, 9, "0"),
    ("386", 8, 8, "0"),
    ("420", 9, 9, "01"),
    ("421", 9, 9, "0"),
    ("852", 8, 8, "01"),
    ("853", 8, 8, "0"),
    ("880", 8, 10, "0"),
    ("886", 8, 9, "01"),
    ("961", 7, 8, "02"),
    ("962", 8, 9, "01"),
    ("965", 8, 8, "0"),
    ("966", 9, 9, "0"),
    ("971", 8, 9, "0"),
    ("972", 8, 9, "0"),
    ("973", 8, 8, "0"),
    ("974", 8, 8, "01"),
    ("998", 9, 9, "0"),
];
/// Where calling codes have three digits, and the numbers behind are of no length that stands above.
const THREE: &[(u32, u32)] = &[
    (211, 269),
    (290, 299),
    (350, 389),
    (420, 423),
    (500, 509),
    (590, 599),
    (670, 692),
    (800, 808),
    (850, 886),
    (960, 998),
];

/// Whether digits are a number of some country, its calling code in front.
pub(super) fn is_valid(digits: &[u8]) -> bool {
    let begins =
        |code: &str| digits.len() > code.len() && code.bytes().zip(digits).all(|(known, digit)| known - b'0' == *digit);
    // Longer codes are no longer ones of shorter codes, so that the first that fits is the only one.
    if let Some((code, least, most, closed)) = PLANS.iter().find(|(code, ..)| begins(code)) {
        let rest = digits.get(code.len()..).unwrap_or_default();
        let first = rest.first().map_or(b'0', |digit| digit + b'0');
        let is_american = *code != "1" || rest.get(3).is_some_and(|digit| *digit > 1);
        return (*least..=*most).contains(&rest.len()) && !closed.as_bytes().contains(&first) && is_american;
    }
    let lead = digits.iter().take(3).fold(0_u32, |number, digit| number * 10 + u32::from(*digit));
    THREE.iter().any(|(from, to)| (*from..=*to).contains(&lead)) && (8..=14).contains(&digits.len())
}
