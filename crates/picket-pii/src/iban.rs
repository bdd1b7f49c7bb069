//! International bank account numbers.

use super::checksum::mod_97;

/// Length of an IBAN by country.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20";

/// Length of the IBAN at the start of a text, spaces included, if there is one.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let country = text.first_chunk::<2>().filter(|country| country.iter().all(u8::is_ascii_alphabetic))?;
    text.get(2..4)?.iter().all(u8::is_ascii_digit).then_some(())?;
    let country = country.map(|letter| letter.to_ascii_uppercase());
    let entry = LENGTHS.split(' ').find(|entry| entry.as_bytes().starts_with(&country))?;
    let wanted: usize = entry.get(2..)?.parse().ok()?;
    let mut values = Vec::with_capacity(wanted);
    let mut end = 0;
    let mut is_gap = false;
    for byte in text {
        match byte {
            b' ' | b'-' if !is_gap => is_gap = true,
            _ => {
                is_gap = false;
                values.push(u8::try_from(char::from(*byte).to_digit(36)?).ok()?);
            }
        }
        end += 1;
        if values.len() == wanted {
            break;
        }
    }
    let goes_on = text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let (head, tail) = values.split_at_checked(4)?;
    (!goes_on && values.len() == wanted && mod_97(tail.iter().chain(head)) == 1).then_some(end)
}
