use super::*;
use picket_testkit::values;
use picket_text::disjoint;
use proptest::prelude::*;

fn patterns(pii: Mode, secret: Mode) -> Arc<Patterns> {
    Arc::new(Patterns { pii: vec![(pii, Vec::new())], secret: Some(secret), custom: Vec::new() })
}

fn run(patterns: &Arc<Patterns>, pieces: &[&str]) -> (String, bool, Vec<Hit>) {
    let mut guard = Guard::new(Arc::clone(patterns));
    let (mut out, mut end, mut hits) = (String::new(), false, Vec::new());
    for piece in pieces {
        let step = guard.push(0, piece);
        out.push_str(&step.release);
        hits.extend(step.hits);
        end |= step.end;
    }
    let step = guard.finish(0);
    out.push_str(&step.release);
    hits.extend(step.hits);
    (out, end || step.end, hits)
}

/// What a text becomes that is scanned whole, and the hits, in code points.
fn whole(patterns: &Patterns, text: &str) -> (String, Vec<Hit>) {
    let (mut out, mut done) = (String::new(), 0);
    let mut hits = disjoint(find(patterns, Signs { pii: true, secret: true }, text, 0));
    for hit in &mut hits {
        out.push_str(&text[done..hit.start]);
        out.extend(["[", hit.kind, "]"]);
        done = hit.end;
        (hit.start, hit.end) = (text[..hit.start].chars().count(), text[..hit.end].chars().count());
    }
    (out + &text[done..], hits)
}

fn chunks(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size.max(1)).map(|chunk| chunk.iter().collect()).collect()
}

/// A text in pieces of these sizes, over and over.
fn cut(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut rest = text.chars().peekable();
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(|| {
        rest.peek()?;
        Some(rest.by_ref().take(*sizes.next()?).collect())
    })
    .collect()
}

fn strs(pieces: &[String]) -> Vec<&str> {
    pieces.iter().map(String::as_str).collect()
}

/// Values of many shapes, and what is beside them in texts.
fn word() -> impl Strategy<Value = String> {
    let made = any::<u8>().prop_map(|which| match which % 6 {
        0 => values::us_ssn(),
        1 => values::credit_card(),
        2 => values::email(),
        3 => values::aws_access_key_id(),
        4 => values::github_token(),
        _ => format!("https://user:{}@host.test/", values::github_token()),
    });
    let fixed = proptest::sample::select(FIXED).prop_map(str::to_owned);
    let shaped = prop_oneof![
        "[a-zA-Z]{1,9}",
        "[0-9]{1,5}",
        "[é漢😀.,;:!?-]{1,3}",
        "[a-zA-Zéü0-9!.?_-]{8,14}",
        "[A-Z]{1,2}[0-9]{6,7}[A-Z]?",
        "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        "[0-9a-f:]{3,30}",
        "https://u:[a-zé\"]{4,9}@[a-z]{3,5}\\.de",
        "eyJ[a-zA-Z0-9]{12,20}\\.eyJ[a-zA-Z0-9]{12,20}\\.[a-zA-Z0-9]{0,20}",
        "SG\\.[a-z.]{60,70}",
    ];
    let prose = "[a-z]{1,12}";
    prop_oneof![3 => prose, 2 => made, 2 => fixed, 3 => shaped]
}

/// Pieces of values, which make values where they meet.
fn shard() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ a-zA-Z0-9@.:/=\"'!?#+()\\-_é漢ſK٣\n,;<>{}\\[\\]\\\\`\u{a0}\u{1}]{1,12}",
        "[0-9 \\-./()+]{1,40}",
        "[A-Z0-9 ]{1,50}",
        "[a-f0-9:]{1,20}",
        "[a-zA-Z0-9_\\-.]{10,80}",
        proptest::sample::select(SHARDS).prop_map(str::to_owned),
    ]
}

const SHARDS: &[&str] = &[
    " Street",
    " Avenue,",
    "12 rue de la ",
    "Hauptstraße ",
    "Calle ",
    "born ",
    "12 March ",
    "phone ",
    "-Office",
    " fax",
    "passport ",
    "zip ",
    "plate ",
    "HRB ",
    "P.O. Box ",
    "gps ",
    ", -",
    " x",
    "password",
    " is ",
    "=",
    ": ",
    " => ",
    "token",
    "api_key",
    "secret",
    "  ",
    "://",
    "https",
    "eyJ",
    "sk-proj-",
    "xoxb-",
    "SG.",
    " -----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    " -----BEGIN ",
    "PRIVATE KEY-----",
    "ssn ",
    "passport ",
    "call ",
    "aadhaar",
    "0x",
    "AccountKey=",
    "hooks.slack.com/services/",
    " PuTTY-User-Key-File-",
    "Private-MAC:",
    " ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    " ---- ",
    " IDENTIFIED BY '",
    "curl -u a:",
    "Authorization: Bearer ",
    "twitch",
    "aws_secret",
    "=\"",
    "--password ",
    "&quot;",
    "&lt;",
    "%3D",
    "%26",
    ":5432:",
    "пароль: ",
    "string = ",
];

const FIXED: &[&str] = &[
    "24 Clarke Avenue",
    "Musterstraße 12",
    "36 rue de la Paix",
    "Calle Mayor 5",
    "P.O. Box 101",
    "HRB 12345",
    "AB51 ABC",
    "plaka 34 ABC 1234",
    "EC2A 1NT",
    "zip code is 48750",
    "born on 12 March 1985",
    "97 111421 office",
    "fax 259.735.7502x459",
    "gps 40.7128, -74.0060",
    "DE 136 695 976",
    "130 692 544",
    "NHS number is 401-023-2137",
    "Erzsébet tér 19",
    "phone",
    "\n",
    "DE89 3704 0044 0532 0130 00",
    "NO93 8601 1117 947",
    "(212) 555-0187",
    "+1 (415) 555-2671",
    "AB 12 34 56 C",
    "AB123456C",
    "ssn",
    "call",
    "passport",
    "born 12/05/1984",
    "password is",
    "password is Hünter12",
    "token =",
    "api key: \"",
    "secret",
    "client_secret=",
    "ſecret: ",
    "AA:BB:CC:DD:EE:FF",
    "4111 1111 1111 1111",
    "٣٤٥",
    "K",
];

#[test]
fn values_are_redacted_however_the_text_is_cut() {
    let text = format!(
        "SSN {} and card {} and key {} and mail {} and token {}. Done.",
        values::us_ssn(),
        values::credit_card(),
        values::aws_access_key_id(),
        values::email(),
        values::github_token()
    );
    let patterns = patterns(Mode::Redact, Mode::Redact);
    for size in [1, 2, 3, 7, 16, 1_000] {
        let pieces = chunks(&text, size);
        let (out, _, hits) = run(&patterns, &strs(&pieces));
        assert_eq!(
            out,
            "SSN [US_SSN] and card [CREDIT_CARD] and key [AWS_ACCESS_KEY] and mail [EMAIL] and token [GITHUB_TOKEN]. Done.",
            "{size}"
        );
        assert_eq!(hits.len(), 5);
    }
}

#[test]
fn a_block_ends_the_stream_before_the_first_byte_of_the_value() {
    let text = format!("the key is {} as asked", values::aws_access_key_id());
    let pieces = chunks(&text, 3);
    let (out, end, _) = run(&patterns(Mode::Block, Mode::Block), &strs(&pieces));
    assert!(end);
    assert_eq!(out, "the key is ");
}

#[test]
fn clean_words_flow_as_soon_as_they_are_over() {
    let mut guard = Guard::new(patterns(Mode::Redact, Mode::Redact));
    let mut out = String::new();
    for word in "This is an answer without anything in it that matters . ".split_inclusive(' ') {
        out.push_str(&guard.push(0, word).release);
        assert!(guard.held(0) <= word.len(), "{word}: {}", guard.held(0));
    }
    assert!(out.starts_with("This is an answer without anything"));
}

#[test]
fn of_several_modes_for_a_kind_the_strictest_counts() {
    let pii = vec![(Mode::Redact, vec!["US_SSN"]), (Mode::Watch, Vec::new()), (Mode::Watch, vec!["US_SSN"])];
    let (ssn, email) = (values::us_ssn(), values::email());
    let text = format!("{ssn} and {email} ");
    let (out, _, hits) = run(&Arc::new(Patterns { pii, ..Patterns::default() }), &[&text]);
    assert_eq!((out, hits.len()), (format!("[US_SSN] and {email} "), 2));
}

#[test]
fn channels_do_not_disturb_each_other() {
    let mut guard = Guard::new(patterns(Mode::Redact, Mode::Redact));
    let ssn = values::us_ssn();
    let (head, tail) = ssn.split_at(5);
    assert_eq!(guard.push(0, head).release, "");
    assert_eq!(guard.push(1, "hello ").release, "hello ");
    assert_eq!(guard.push(0, tail).release, "");
    assert_eq!(guard.finish(0).release, "[US_SSN]");
}

/// Texts in which a value is open for long, each with what it must become.
fn texts() -> Vec<String> {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAK\nxyz 12\n-----END RSA PRIVATE KEY-----";
    let texts = [
        "number AB 12 34 56 C. US AB 12 is none",
        "account GB29 NWBK 6016 1331 9268 19 and DE89 3704 0044 0532 0130 00, NO93 8601 1117 947 TEST",
        "call +1 (415) 555-2671 or (212) 555-0187 x12, or 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
        "card 4111 1111 1111 1111 of 2024, born 12/05/1984 in 10.20.30.40 at fe80::1:2:3:4 or aa:bb:cc:dd:ee:ff",
        "password is Hünterab ok, pwd: 日本語パスワード1, token => `x9!äöüabcd`",
        "see https://ana:pa\"ss,wörd@host.test/x and postgres://u:hunter22@db",
        "SG.abc.def.ghi.jkl.mno.pqr.stu.vwx.yza.bcd.efg.hij.klm.nop.qrs.tuv.wxy. ok",
        "ſecret: abcd1234!x ok, api Key=\"Zk9!qqLw\" ok",
        "mail to ana.b+c@mail.example.com, é@x.com or 漢ana@example.com漢",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN NOTHING",
        "he lives (Musterstraße 12), \"Hauptstraße 7\", /Rue de la Paix 3 and =P.O. Box 12",
    ];
    let mut texts: Vec<String> = texts.map(str::to_owned).into();
    let value = format!("{}7{}", values::github_token().get(4..14).unwrap(), "aQ,x;y(1)<z>");
    texts
        .push(format!("password = \"{value}\" and pwd='é{value}' ok, CREATE USER x IDENTIFIED WITH y BY '{value}' ok"));
    texts.push(format!(
        "<password>\n    Ab3$xyz!q{value}\n</password> curl -s -u me:{value} x, tool --token {value} run"
    ));
    texts.push("smtps://ana@mail.test:Fn9JZsq@smtp.test twitch_token = q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5 ok".to_owned());
    texts.push("db.internal:5432:app:me:Hx72bb9q ok, Authorization: Basic QWxhZGRpbjpvcGVu9 ok".to_owned());
    texts.push(
        "a ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nabc\n---- END SSH2 ENCRYPTED PRIVATE KEY ---- z".to_owned(),
    );
    texts.push(
        "a PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\nabc\nPrivate-MAC: 12 z -----BEGIN  ---- B".to_owned(),
    );
    texts.push(format!("the key is\n{key}\nand {} follows", values::us_ssn()));
    texts.push(format!("{key}{key} {} -----BEGIN PRIVATE KEY-----\nabc", values::email()));
    texts.push(format!("x eyJ{}.eyJ{}.abc-_ ok", "aB3d".repeat(10), "Zx9q".repeat(12)));
    texts
}

#[test]
fn every_split_of_a_text_releases_the_redacted_whole() {
    let patterns = patterns(Mode::Redact, Mode::Redact);
    for text in texts() {
        let expected = whole(&patterns, &text);
        let splits = text.char_indices().map(|(at, _)| text.split_at(at)).map(|(head, tail)| vec![head, tail]);
        let sizes = (1..40).map(|size| chunks(&text, size)).collect::<Vec<_>>();
        for pieces in splits.chain(sizes.iter().map(|pieces| strs(pieces))) {
            let (out, end, hits) = run(&patterns, &pieces);
            assert_eq!((out, end, hits), (expected.0.clone(), false, expected.1.clone()), "{pieces:?}");
        }
    }
}

#[test]
fn nothing_from_the_first_value_on_gets_out_where_values_end_the_stream() {
    let patterns = patterns(Mode::Block, Mode::Block);
    for text in texts() {
        let (redacted, hits) = whole(&patterns, &text);
        let expected: String = match hits.first() {
            Some(hit) => text.chars().take(hit.start).collect(),
            None => redacted,
        };
        for size in 1..20 {
            let (out, end, _) = run(&patterns, &strs(&chunks(&text, size)));
            assert_eq!((out.as_str(), end), (expected.as_str(), !hits.is_empty()), "{size}");
        }
    }
}

#[test]
fn what_is_only_watched_passes_and_is_found_all_the_same() {
    let patterns = patterns(Mode::Watch, Mode::Watch);
    for text in texts() {
        let (_, expected) = whole(&patterns, &text);
        for size in [1, 2, 5, 17, 400] {
            assert_eq!(run(&patterns, &strs(&chunks(&text, size))), (text.clone(), false, expected.clone()), "{size}");
        }
    }
}

#[test]
fn credentials_without_a_longest_form_are_suppressed_and_hold_no_memory() {
    let patterns = patterns(Mode::Redact, Mode::Redact);
    let (words, more) = ("aB3d".repeat(5_000), "Zx9q".repeat(600));
    let texts = [
        format!("a -----BEGIN PRIVATE KEY-----\n{words}\n-----END PRIVATE KEY----- z"),
        format!("a eyJ{more}.eyJ{words}.{words} z"),
        format!("a eyJ{words}.eyJ{more}.{more} z"),
        format!("a eyJ{more}.eyJ{more}.{words} z"),
    ];
    for text in texts {
        let (expected, hits) = whole(&patterns, &text);
        let mut guard = Guard::new(Arc::clone(&patterns));
        let (mut out, mut found) = (String::new(), Vec::new());
        for piece in chunks(&text, 25) {
            let step = guard.push(0, &piece);
            out.push_str(&step.release);
            found.extend(step.hits);
            assert!(guard.held(0) <= TOKEN_HEAD_BYTES_MAX + 25, "{}", guard.held(0));
        }
        out.push_str(&guard.finish(0).release);
        assert_eq!((out, found), (expected, hits));
    }
}

#[test]
fn what_was_found_in_a_stream_that_breaks_off_is_told() {
    let mut guard = Guard::new(patterns(Mode::Redact, Mode::Redact));
    guard.push(0, "nothing here");
    guard.push(1, &values::us_ssn());
    assert_eq!(guard.push(2, "a -----BEGIN PRIVATE KEY-----\nMIIB").release, "a [PRIVATE_KEY]");
    let found = guard.abandon().into_iter();
    let found: Vec<_> =
        found.flat_map(|(channel, hits)| hits.into_iter().map(move |hit| (channel, hit.kind))).collect();
    assert_eq!(found, [(1, "US_SSN"), (2, "PRIVATE_KEY")]);
    assert_eq!(guard.abandon(), []);
}

#[test]
fn a_long_word_that_is_no_credential_flows_unchanged() {
    let patterns = patterns(Mode::Redact, Mode::Redact);
    for word in ["x".repeat(50_000), "漢字".repeat(9_000), "aB/3".repeat(9_000), "1 ".repeat(9_000)] {
        let mut guard = Guard::new(Arc::clone(&patterns));
        let mut out = String::new();
        for piece in chunks(&word, 7) {
            out.push_str(&guard.push(0, &piece).release);
            assert!(guard.held(0) <= HELD_BYTES_MAX, "{}", guard.held(0));
        }
        out.push_str(&guard.finish(0).release);
        assert_eq!(out, word);
    }
}

#[test]
fn a_name_whose_beginning_nobody_sees_is_none_in_pieces_as_in_the_whole() {
    let patterns = patterns(Mode::Redact, Mode::Redact);
    for length in 20..60 {
        let text = format!("{}Erzsébet tér 19788", "Q4x".repeat(length));
        let (expected, hits) = whole(&patterns, &text);
        let pieces = cut(&text, &[7, 10, 6, 11, 3, 2, 4]);
        assert_eq!(run(&patterns, &strs(&pieces)), (expected, false, hits), "{text}");
    }
}

#[test]
fn words_that_pass_as_they_are_are_not_copied() {
    let mut guard = Guard::new(patterns(Mode::Redact, Mode::Redact));
    for word in
        "In 2024 we sold 17% more (see page 41), Größe and 漢字 included. ".split_inclusive(' ').cycle().take(500)
    {
        let held = guard.held(0);
        let step = guard.push(0, word);
        let is_copied = matches!(&step.release, Cow::Owned(text) if !text.is_empty());
        assert!(held > 0 || !is_copied, "{word}");
    }
}

#[test]
fn prose_has_no_signs() {
    let prose = "Please summarise the quarterly report for our customers! In 2024 we sold 17% more units (41 of 99) than \
        before; the password is wrong, isn't it? Größe und Verkäufe: 每个 原因 请 写 得 简短。 см. перечисли все риски - OK.";
    for words in prose.split_inclusive(' ') {
        assert_eq!(Signs::of(words, 0), Signs { pii: false, secret: false }, "{words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_is_released_is_the_redacted_whole(
        words in proptest::collection::vec(word(), 0..24),
        joint in "[ .'(]{0,1}",
        sizes in proptest::collection::vec(1_usize..12, 1..20),
    ) {
        let text = words.join(&joint);
        let patterns = patterns(Mode::Redact, Mode::Redact);
        let pieces = cut(&text, &sizes);
        let (expected, hits) = whole(&patterns, &text);
        prop_assert_eq!(run(&patterns, &strs(&pieces)), (expected, false, hits), "{:?}", text);
    }

    #[test]
    fn shards_of_values_become_what_they_become_in_the_whole(
        shards in proptest::collection::vec(shard(), 0..30),
        sizes in proptest::collection::vec(prop_oneof![1_usize..9, 1_usize..300], 1..20),
    ) {
        let text = shards.concat();
        let patterns = patterns(Mode::Redact, Mode::Redact);
        let pieces = cut(&text, &sizes);
        let (expected, hits) = whole(&patterns, &text);
        prop_assert_eq!(run(&patterns, &strs(&pieces)), (expected, false, hits), "{:?}", text);
    }

    #[test]
    fn channels_that_take_turns_release_what_each_would_alone(
        texts in proptest::collection::vec(proptest::collection::vec(word(), 0..12), 1..5),
        size in 1_usize..9,
    ) {
        let patterns = patterns(Mode::Redact, Mode::Redact);
        let texts: Vec<String> = texts.iter().map(|words| words.join(" ")).collect();
        let pieces: Vec<Vec<String>> = texts.iter().map(|text| chunks(text, size)).collect();
        let mut guard = Guard::new(Arc::clone(&patterns));
        let mut outs = vec![String::new(); texts.len()];
        for turn in 0..pieces.iter().map(Vec::len).max().unwrap_or(0) {
            for ((channel, pieces), out) in (0..).zip(&pieces).zip(&mut outs) {
                if let Some(piece) = pieces.get(turn) {
                    out.push_str(&guard.push(channel, piece).release);
                }
            }
        }
        for ((channel, text), out) in (0..).zip(&texts).zip(&mut outs) {
            out.push_str(&guard.finish(channel).release);
            prop_assert_eq!(&*out, &whole(&patterns, text).0);
        }
    }

    #[test]
    fn without_patterns_everything_flows_unchanged(pieces in proptest::collection::vec(".{0,20}", 0..10)) {
        let mut guard = Guard::new(Arc::default());
        let out: String = pieces.iter().map(|piece| guard.push(3, piece).release).collect();
        prop_assert_eq!(out, pieces.concat());
    }

    #[test]
    fn nothing_is_found_where_there_is_no_sign(
        words in proptest::collection::vec(word(), 0..8),
        joint in "[ .'(]{0,1}",
        held in 0_usize..200,
    ) {
        let text = words.join(&joint);
        let held = text.floor_char_boundary(held.min(text.len()));
        let signs = Signs::of(&text, held);
        let begins = |hit: &Hit| hit.start >= held;
        // Key blocks are found by their heads, without signs.
        let is_key = |hit: &Hit| hit.kind == "PRIVATE_KEY";
        prop_assert!(signs.pii || !picket_pii::scan(&text).iter().any(begins), "{:?} from {}", text, held);
        prop_assert!(signs.secret || !picket_secret::scan(&text).iter().any(|hit| begins(hit) && !is_key(hit)), "{:?} from {}", text, held);
    }
}

mod prose;
mod together;
