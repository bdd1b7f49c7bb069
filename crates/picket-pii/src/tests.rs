use super::*;
use picket_testkit::values;
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<&'static str> {
    picket_text::disjoint(scan(text)).iter().map(|hit| hit.kind).collect()
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
fn a_social_security_number_of_two_different_digits_is_one_and_of_a_single_digit_is_an_example() {
    let of = |first: char, other: char| {
        let digits: String = [first, other, other, first, other, first, first, first, other].iter().collect();
        format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..])
    };
    for (first, other) in [('2', '4'), ('1', '0'), ('5', '8')] {
        assert_eq!(kinds(&of(first, other)), ["US_SSN"], "{}", of(first, other));
        assert_eq!(kinds(&of(first, first)), Vec::<&str>::new(), "{}", of(first, first));
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

#[test]
fn identifiers_of_many_countries_are_found_by_their_words() {
    for (text, kind) in [
        ("Meine Steuer-ID: 12345678903.", "DE_TAX_ID"),
        ("KVNR: A123456780", "DE_HEALTH_INSURANCE"),
        ("hetu 131052-308T", "FI_PERSONAL_IDENTITY_CODE"),
        ("personnummer 19910924-2397", "SE_PERSONNUMMER"),
        ("RSA ID: 0002294321191", "ZA_ID_NUMBER"),
        ("TC Kimlik No: 10000000146", "TR_NATIONAL_ID"),
        ("NPI 1245319599", "US_NPI"),
        ("my PAN is ABBPM4567S", "IN_PAN"),
        ("my SIN is 130-692-544", "CA_SIN"),
        ("car reg is AB51 ABC", "VEHICLE_PLATE"),
        ("postcode EC2A 1NT please", "POSTAL_CODE"),
        ("My zip code is 48750", "POSTAL_CODE"),
        ("passport number: J6932157", "PASSPORT"),
        ("my driver's license number is F162823540116", "DRIVER_LICENSE"),
        ("my gps coordinates are 40.7128, -74.0060", "COORDINATES"),
        ("my website is http://www.jane-doe.net/", "PERSONAL_URL"),
        ("see https://www.linkedin.com/in/janedoe", "PERSONAL_URL"),
        ("she was born on 12 March 1985 in Rome", "DATE_OF_BIRTH"),
        ("pay to 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "CRYPTO_WALLET"),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq it is", "CRYPTO_WALLET"),
        ("host 2001:db8:85a3::8a2e:370 replied", "IP_ADDRESS"),
        ("device 0012.3456.789A is down", "MAC_ADDRESS"),
    ] {
        assert!(kinds(text).contains(&kind), "{text}: {:?}", kinds(text));
    }
}

#[test]
fn telephone_numbers_are_found_by_plan_form_and_words() {
    for text in [
        "+49 30 1234567 is it",
        "reach us: +55 11 98456 5666",
        "+41 (0)69 979 80 58",
        "US: 415-555-0132",
        "Mobile: 03.93.92.16.85",
        "please call 0477 11 28 98",
        "97 111421 office",
        "fax 259.735.7502x459",
        "My Japanese number is 090-1234-5678",
        "09171239567",
    ] {
        assert_eq!(kinds(text), ["PHONE"], "{text}");
    }
    for text in [
        "build 6.2.9200.16384",
        "the genocide (1914-1922) was",
        "call issue 2012-11-28 02:00:00",
        "E.164 format (+1234567890)",
        "+1 054 353 1726",
        "using 4155550132 of them",
        "recall 1207589 items",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn streets_are_found_in_many_languages() {
    for (text, street) in [
        ("I live at 24 Clarke Avenue, Boston", "24 Clarke Avenue"),
        ("send it to 221b Baker Street please", "221b Baker Street"),
        ("wohnt Musterstraße 12 in Köln", "Musterstraße 12"),
        ("au 36 rue de la Paix, Paris", "36 rue de la Paix"),
        ("vive en Calle Mayor 5, Madrid", "Calle Mayor 5"),
        ("abita in Via Capo le Case 143, Roma", "Via Capo le Case 143"),
        ("mora na Rua Diadema 1903.", "Rua Diadema 1903"),
        ("mieszka ul. Karpacka 69 tam", "ul. Karpacka 69"),
        ("bor på Storgatan 3 nu", "Storgatan 3"),
        ("write to P.O. Box 101 there", "P.O. Box 101"),
    ] {
        let hits = picket_text::disjoint(scan(text));
        let found: Vec<&str> =
            hits.iter().filter(|hit| hit.kind == "POSTAL_ADDRESS").map(|hit| &text[hit.start..hit.end]).collect();
        assert_eq!(found, [street], "{text}");
    }
    for text in [
        "in 1980, Mount St. Helens",
        "a dependency via PEP 725 and",
        "12 Way more",
        "3 people on the street",
        "the 100 best",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
    // What has no beginning near is no name, wherever one looks for it; what begins just there is one.
    for (before, count) in [("Qx".repeat(45), 0), (format!("{} ", "Qx".repeat(45)), 1), ("Qx ".repeat(30), 1)] {
        let text = format!("{before}Erzsébet tér 19");
        let found = scan(&text).iter().filter(|hit| hit.kind == "POSTAL_ADDRESS").count();
        assert_eq!(found, count, "{text}");
    }
}

#[test]
fn what_a_word_names_wrongly_is_taken_for_nothing_else() {
    for text in [
        "my NHS number is 401-023-2138",
        "my credit card number is 4012-8888-8888-1882",
        "LANR 123456901",
        "IBAN DE89370400440532013001",
        "Steuer-ID 98765432100",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn placeholders_paths_and_times_are_nobodys() {
    for text in [
        "write to name@example.org",
        "std::cout and MyClass::toString",
        "Time 12:34:56",
        "a ratio of 1:2:3:4",
        "file:///path/to/file",
        "version 10.0.19041.1",
        "2001::25de::cade",
        "using 130692544 of them",
        "FF:FF:FF:FF:FF:FF",
        "founded in 1990",
        "pages 12-34 and 2010-2012",
        "https://www.python.org/dev/",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn the_reference_page_lists_every_kind() {
    let page = include_str!("../../../docs/reference/pii.md");
    let table = reference();
    assert!(page.contains(&table), "docs/reference/pii.md should have this table:\n{table}");
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
