use super::*;
use picket_testkit::values;
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<&'static str> {
    crate::check::disjoint(scan(text)).iter().map(|hit| hit.kind).collect()
}

#[test]
fn each_kind_is_found_where_it_stands() {
    for (text, kind) in [
        ("write to jane.doe+x@mail.example.co.uk today".to_owned(), "EMAIL"),
        (format!("my number is {} ok", values::us_ssn()), "US_SSN"),
        (format!("pay with {} please", values::credit_card()), "CREDIT_CARD"),
        ("send it to DE89 3704 0044 0532 0130 00 now".to_owned(), "IBAN"),
        ("call me at (212) 555-0187".to_owned(), "PHONE"),
        ("it came from 203.0.113.77".to_owned(), "IP_ADDRESS"),
        ("mac 00:1b:44:11:3a:b7".to_owned(), "MAC_ADDRESS"),
        ("DNI 12345678Z".to_owned(), "ES_DNI"),
        ("CPF 529.982.247-25".to_owned(), "BR_CPF"),
        ("codice fiscale RSSMRA85T10A562S".to_owned(), "IT_FISCAL_CODE"),
        ("born on 12/03/1985".to_owned(), "DATE_OF_BIRTH"),
        ("NI number AB 12 34 56 C".to_owned(), "UK_NINO"),
    ] {
        assert_eq!(kinds(&text), [kind], "{text}");
    }
}

#[test]
fn what_only_looks_like_it_is_left_alone() {
    for text in [
        "version 1.2.3.4.5",
        "order 123-45-678",
        "000-12-3456",
        "666-12-3456",
        "4111 1111 1111 1112",
        "2024-01-15",
        "127.0.0.1",
        "DE89 3704 0044 0532 0130 01",
        "12345678A",
        "550e8400-e29b-41d4-a716-446655440000",
        "a@b",
        "10:30:45",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

proptest! {
    #[test]
    fn one_digit_off_is_no_card(at in 0_usize..16, by in 1_u8..10) {
        let card = values::credit_card();
        let mut bytes = card.clone().into_bytes();
        bytes[at] = (bytes[at] - b'0' + by) % 10 + b'0';
        prop_assert!(kinds(&card).contains(&"CREDIT_CARD"));
        let off = String::from_utf8(bytes).unwrap();
        prop_assert!(!kinds(&off).contains(&"CREDIT_CARD"));
    }

    #[test]
    fn no_text_makes_it_panic_and_spans_lie_on_characters(text in ".{0,200}") {
        for hit in scan(&text) {
            prop_assert!(text.get(hit.start..hit.end).is_some());
        }
    }
}
