//! Asia and the Pacific.

use super::common::differs;
use crate::checksum::{at, completes, field, is_day, is_ymd, letter, part, sum, varied, verhoeff};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Shape, Sum},
    rule,
};

const KOREAN: &[&str] = &["rrn", "resident registration", "주민등록번호", "주민번호"];
const FOREIGN: &[&str] = &["frn", "foreigner registration", "외국인등록번호"];
const THAI: &[&str] = &["thai id", "thai national", "tnin", "เลขประจำตัวประชาชน", "เลขบัตรประชาชน", "บัตรประชาชน"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "AU_ABN",
        "Businesses of Australia",
        "99999999999|99 999 999 999",
        Sum(abn),
        WordsOrAlone,
        &["abn", "business number"],
    ),
    rule("AU_ACN", "Companies of Australia", "999999999", Sum(acn), Words, &["acn", "company number"]),
    rule(
        "AU_ACN",
        "Companies of Australia, in groups",
        "999_999_999",
        Sum(acn),
        WordsOrAlone,
        &["acn", "company number"],
    ),
    rule("AU_TFN", "Taxpayers of Australia", "999999999|99999999", Sum(tfn), Words, &["tfn", "tax file"]),
    rule(
        "AU_TFN",
        "Taxpayers of Australia, in groups",
        "999_999_999|99_999_999",
        Sum(tfn),
        WordsOrAlone,
        &["tfn", "tax file"],
    ),
    rule(
        "AU_MEDICARE",
        "Medicare numbers of Australia",
        "9999999999|9999 99999 9|9999 99999 9/9",
        Sum(medicare),
        WordsOrAlone,
        &["medicare"],
    ),
    rule(
        "NZ_IRD",
        "Taxpayers of New Zealand",
        "999999999|99999999|999-999-999|99-999-999",
        Sum(ird),
        Words,
        &["ird", "inland revenue"],
    ),
    rule("NZ_NHI", "Patients of New Zealand", "AAA9999", Sum(nhi), Words, &["nhi", "national health index"]),
    rule(
        "IN_AADHAAR",
        "Residents of India",
        "999999999999|9999 9999 9999",
        Sum(aadhaar),
        Words,
        &["aadhaar", "aadhar", "uidai", "आधार"],
    ),
    rule(
        "IN_AADHAAR",
        "Residents of India, in groups",
        "9999_9999_9999|9999-9999-9999",
        Sum(aadhaar),
        Nothing,
        &["aadhaar", "aadhar", "uidai", "आधार"],
    ),
    rule("IN_PAN", "Taxpayers of India", "AAAAA9999A", Form(pan), Nothing, &["pan", "permanent account"]),
    rule("IN_GSTIN", "Businesses of India", "99AAAAA9999AXzX", Sum(gstin), Nothing, &["gstin", "gst"]),
    rule("IN_VOTER", "Voters of India", "AAA9999999", Shape, Words, &["voter", "epic", "vote", "election"]),
    rule("IN_IFSC", "Branches of banks of India", "AAAA0XXXXXX", Shape, Words, &["ifsc"]),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of India",
        "AA99AA9999|AA9AAA9999|AA99A9999|AA 99 AA 9999",
        Form(state),
        Nothing,
        &["registration"],
    ),
    rule(
        "CN_RESIDENT_ID",
        "Residents of China",
        "99999999999999999X",
        Sum(chinese),
        Nothing,
        &["身份证", "身份證", "resident id"],
    ),
    rule(
        "TW_NATIONAL_ID",
        "Residents of Taiwan",
        "A999999999",
        Sum(taiwanese),
        WordsOrAlone,
        &["身分證", "national id", "taiwan id"],
    ),
    rule("HK_ID", "Residents of Hong Kong", "A999999(X)|AA999999(X)", Sum(hong_kong), Nothing, &["hkid", "身份證"]),
    rule(
        "JP_MY_NUMBER",
        "Residents of Japan",
        "999999999999|9999 9999 9999",
        Sum(my_number),
        Words,
        &["マイナンバー", "個人番号", "my number", "mynumber"],
    ),
    rule("KR_RRN", "Residents of Korea", "999999-9999999", Form(resident), Nothing, KOREAN),
    rule("KR_RRN", "Residents of Korea, without a sign", "9999999999999", Sum(resident_sum), WordsOrAlone, KOREAN),
    rule("KR_FRN", "Foreigners in Korea", "999999-9999999", Form(foreigner), Nothing, FOREIGN),
    rule("KR_FRN", "Foreigners in Korea, without a sign", "9999999999999", Form(foreigner), WordsOrAlone, FOREIGN),
    rule("KR_BRN", "Businesses of Korea", "999-99-99999", Sum(brn), Nothing, &["brn", "사업자등록번호"]),
    rule(
        "KR_BRN",
        "Businesses of Korea, without signs",
        "9999999999",
        Sum(brn),
        Words,
        &["brn", "business registration", "사업자등록번호"],
    ),
    rule(
        "KR_DRIVER_LICENSE",
        "Driving licences of Korea",
        "99-99-999999-99|99_99_999999_99",
        Form(region),
        WordsOrAlone,
        &["license", "licence", "운전면허"],
    ),
    rule("SG_NRIC", "Residents of Singapore", "A9999999A", Sum(nric), Nothing, &["nric", "fin"]),
    rule("SG_UEN", "Businesses of Singapore", "99999999A|999999999A|A99AA9999A", Sum(uen), WordsOrAlone, &["uen"]),
    rule(
        "MY_NRIC",
        "Residents of Malaysia",
        "999999-99-9999",
        Form(malaysian),
        Nothing,
        &["nric", "mykad", "kad pengenalan"],
    ),
    rule(
        "MY_NRIC",
        "Residents of Malaysia, without signs",
        "999999999999",
        Form(malaysian),
        Words,
        &["nric", "mykad", "kad pengenalan"],
    ),
    rule(
        "TH_TNIN",
        "Residents of Thailand",
        "9999999999999|9-9999-99999-99-9|9 9999 99999 99 9",
        Sum(thai),
        WordsOrAlone,
        THAI,
    ),
    rule("ID_NIK", "Residents of Indonesia", "9999999999999999", Form(nik), Words, &["nik", "ktp", "nomor induk"]),
    rule(
        "PH_TIN",
        "Taxpayers of the Philippines",
        "999-999-999-999|999-999-999|999999999|999999999999|999-999-999-99999",
        Form(differs),
        Words,
        &["tin", "bir", "tax id"],
    ),
    rule("VN_CCCD", "Citizens of Vietnam", "999999999999", Form(differs), Words, &["cccd", "căn cước", "cmnd"]),
    rule(
        "PK_CNIC",
        "Citizens of Pakistan",
        "99999-9999999-9|9999999999999",
        Form(differs),
        Words,
        &["cnic", "nadra", "شناختی"],
    ),
    rule(
        "LK_NIC",
        "Citizens of Sri Lanka",
        "999999999v|999999999x",
        Form(lanka),
        WordsOrAlone,
        &["nic", "national identity"],
    ),
];

fn abn(values: &[u8]) -> bool {
    // The first digit counts one less.
    let total = sum(values, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    at(values, 0) != 0 && total.wrapping_sub(10).is_multiple_of(89)
}

fn acn(values: &[u8]) -> bool {
    completes(values, &[8, 7, 6, 5, 4, 3, 2, 1], 10) && differs(values)
}

fn tfn(values: &[u8]) -> bool {
    sum(values, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && varied(values)
}

fn medicare(values: &[u8]) -> bool {
    matches!(at(values, 0), 2..=6) && sum(values, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == at(values, 8) && at(values, 9) > 0
}

fn ird(values: &[u8]) -> bool {
    let mut padded = vec![0; 9_usize.saturating_sub(values.len())];
    padded.extend(values);
    let wanted = |weights: &[u32]| (11 - sum(&padded, weights) % 11) % 11;
    let first = wanted(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first == 10 { wanted(&[7, 4, 3, 2, 5, 2, 7, 6]) } else { first };
    check == at(&padded, 8) && varied(values)
}

/// Letters count by their place in an alphabet without I and O.
fn nhi(values: &[u8]) -> bool {
    let worth = |value: u8| match value {
        0..10 => u32::from(value),
        10..=17 => u32::from(value) - 9,
        18..=23 => u32::from(value) - 10,
        _ => u32::from(value) - 11,
    };
    let total: u32 = values.iter().take(6).zip([7, 6, 5, 4, 3, 2]).map(|(value, weight)| worth(*value) * weight).sum();
    let letters = part(values, 0, 3).iter().all(|value| !matches!(value, 18 | 24));
    letters && !total.is_multiple_of(11) && (11 - total % 11) % 10 == at(values, 6)
}

fn aadhaar(values: &[u8]) -> bool {
    at(values, 0) > 1 && verhoeff(values) && varied(values) && !values.iter().eq(values.iter().rev())
}

fn pan(values: &[u8]) -> bool {
    // The fourth letter tells whose it is.
    matches!(at(values, 3), 25 | 12 | 17 | 15 | 10 | 29 | 11 | 21 | 19 | 16 | 23)
}

fn gstin(values: &[u8]) -> bool {
    let total: u32 = values
        .iter()
        .take(14)
        .zip([1, 2].into_iter().cycle())
        .map(|(value, weight)| u32::from(*value) * weight)
        .map(|product| product / 36 + product % 36)
        .sum();
    matches!(field(values, 0, 2), 1..=37 | 97 | 99) && at(values, 12) > 0 && (36 - total % 36) % 36 == at(values, 14)
}

/// Codes of states and territories.
fn state(values: &[u8]) -> bool {
    const STATES: &str = "AN AP AR AS BR CH CG DD DL DN GA GJ HR HP JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS TG UK UP WB BH";
    let code: String = part(values, 0, 2).iter().filter_map(|value| char::from_digit(u32::from(*value), 36)).collect();
    STATES.split(' ').any(|state| state.eq_ignore_ascii_case(&code))
}

fn chinese(values: &[u8]) -> bool {
    let rest = sum(values, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    matches!(field(values, 6, 8), 18..=20)
        && is_day(field(values, 10, 12), field(values, 12, 14))
        && letter(b"10X98765432", u64::from(rest)) == Some(at(values, 17))
}

fn taiwanese(values: &[u8]) -> bool {
    // A to Z stand for 10 to 35, in an order of their own.
    const ORDER: [u32; 26] =
        [10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33];
    let place = usize::try_from(at(values, 0).saturating_sub(10)).unwrap_or(0);
    let code = ORDER.get(place).copied().unwrap_or(0);
    let total = code / 10 + code % 10 * 9 + sum(part(values, 1, 10), &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(at(values, 1), 1 | 2 | 8 | 9) && total.is_multiple_of(10)
}

fn hong_kong(values: &[u8]) -> bool {
    let Some((check, body)) = values.split_last() else { return false };
    // A single letter has a space before it, which counts 36.
    let lead = if body.len() == 7 { 36 * 9 } else { 0 };
    let weights = (2..=u32::try_from(body.len()).unwrap_or(0) + 1).rev();
    let total: u32 = lead + body.iter().zip(weights).map(|(value, weight)| u32::from(*value) * weight).sum::<u32>();
    (11 - total % 11) % 11 == u32::from(*check)
}

fn my_number(values: &[u8]) -> bool {
    let rest = sum(values, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    (if rest <= 1 { 0 } else { 11 - rest }) == at(values, 11) && varied(values)
}

const RESIDENT: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/// Since October 2020, numbers have no check digit any more; of older ones it must hold.
fn resident(values: &[u8]) -> bool {
    let is_new = matches!(at(values, 6), 3 | 4) && field(values, 0, 4) >= 2_010;
    resident_sum(values) || (is_new && is_ymd(values, 0) && field(values, 7, 9) <= 96)
}

fn resident_sum(values: &[u8]) -> bool {
    is_ymd(values, 0) && matches!(at(values, 6), 1..=4) && (11 - sum(values, &RESIDENT) % 11) % 10 == at(values, 12)
}

fn foreigner(values: &[u8]) -> bool {
    is_ymd(values, 0) && matches!(at(values, 6), 5..=8) && (13 - sum(values, &RESIDENT) % 11) % 10 == at(values, 12)
}

fn brn(values: &[u8]) -> bool {
    let total = sum(values, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + at(values, 8) * 5 / 10;
    (10 - total % 10) % 10 == at(values, 9) && field(values, 0, 3) > 100 && varied(values)
}

fn region(values: &[u8]) -> bool {
    matches!(field(values, 0, 2), 11..=26 | 28) && varied(values)
}

fn nric(values: &[u8]) -> bool {
    let total = sum(part(values, 1, 8), &[2, 7, 6, 5, 4, 3, 2]);
    let rest = |more: u32| u64::from((total + more) % 11);
    let check = match at(values, 0) {
        28 => letter(b"JZIHGFEDCBA", rest(0)),
        29 => letter(b"JZIHGFEDCBA", rest(4)),
        15 => letter(b"XWUTRQPNMLK", rest(0)),
        16 => letter(b"XWUTRQPNMLK", rest(4)),
        22 => letter(b"KLJNPQRTUWX", 10 - rest(3)),
        _ => None,
    };
    check == Some(at(values, 8))
}

fn uen(values: &[u8]) -> bool {
    const OTHERS: &[u8; 34] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789\0\0";
    match values.len() {
        9 => letter(b"XMKECAWLJDB", u64::from(sum(values, &[10, 4, 9, 3, 8, 2, 7, 1]) % 11)) == Some(at(values, 8)),
        _ if at(values, 0) < 10 => {
            let is_year = matches!(field(values, 0, 2), 18..=20);
            is_year
                && letter(b"ZKCMDNERGWH", u64::from(sum(values, &[10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11))
                    == Some(at(values, 9))
        }
        _ => {
            let place =
                |value: &u8| OTHERS.iter().position(|sign| char::from(*sign).to_digit(36) == Some(u32::from(*value)));
            let total: usize = part(values, 0, 9)
                .iter()
                .zip([4, 3, 5, 3, 10, 2, 2, 5, 7])
                .map(|(value, weight)| place(value).unwrap_or(0) * weight)
                .sum();
            let check = (total + 11 - 5) % 11;
            matches!(at(values, 0), 27..=29)
                && letter(OTHERS, u64::try_from(check).unwrap_or(99)) == Some(at(values, 9))
        }
    }
}

fn malaysian(values: &[u8]) -> bool {
    is_ymd(values, 0)
        && matches!(field(values, 6, 8), 1..=16 | 21..=59 | 60..=68 | 71..=72 | 74..=79 | 82..=93 | 98 | 99)
}

fn thai(values: &[u8]) -> bool {
    let wanted = (11 - sum(values, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 10;
    let province = field(values, 1, 3);
    let is_province =
        matches!(province, 10..=27 | 30..=58 | 60..=67 | 70..=77 | 80..=86 | 90..=96) && !matches!(province, 28 | 29);
    at(values, 0) > 0 && at(values, 0) < 9 && is_province && wanted == at(values, 12) && varied(values)
}

/// The day counts forty more for women.
fn nik(values: &[u8]) -> bool {
    let day = field(values, 6, 8);
    is_day(field(values, 8, 10), if day > 40 { day - 40 } else { day }) && matches!(field(values, 0, 2), 11..=96)
}

fn lanka(values: &[u8]) -> bool {
    matches!(field(values, 2, 5), 1..=366 | 501..=866)
}
