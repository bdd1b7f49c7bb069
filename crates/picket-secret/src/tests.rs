use super::*;
use picket_stdx::encode::random_base62;
use picket_stdx::random as dice;
use picket_testkit::values;
use proptest::prelude::*;
use shape::Part;
use std::collections::BTreeSet;

fn kinds(text: &str) -> Vec<&'static str> {
    picket_text::disjoint(scan(text)).iter().map(|hit| hit.kind).collect()
}

fn found(text: &str) -> Vec<&str> {
    picket_text::disjoint(scan(text)).iter().map(|hit| &text[hit.start..hit.end]).collect()
}

/// Random bytes of a class, so many; none is the `A` that one shape has ten of.
fn drawn(class: shape::Class, length: usize) -> String {
    let fitting: Vec<u8> = (b'0'..=b'z')
        .filter(|byte| *byte != b'A')
        .filter(|byte| byte.is_ascii_alphanumeric() && class.has(*byte))
        .collect();
    let count = u64::try_from(fitting.len()).unwrap();
    let draw = |_| char::from(fitting[usize::try_from(dice::number() % count).unwrap()]);
    (0..length).map(draw).collect()
}

/// A text of a shape; `less` of its last run are missing.
fn made(shape: &Shape, less: usize) -> String {
    let last = shape.parts.len() - 1;
    let parts = shape.parts.iter().enumerate().map(|(at, part)| match part {
        Part::Text(text) => (*text).to_owned(),
        Part::Run(class, min, _) => drawn(*class, if at == last { min - less.min(*min) } else { *min }),
    });
    parts.collect()
}

/// A text in which a rule's credential of a shape stands as it would.
fn placed(rule: &Rule, value: &str) -> String {
    match rule.how {
        How::Near(words) => format!("{} = \"{value}\"", words[0]),
        _ => format!("use \"{value}\" here"),
    }
}

/// A GitHub token has a checksum, which a random one has not.
fn valid(rule: &Rule, value: String) -> String {
    if rule.how != How::GitHub {
        return value;
    }
    let body = random_base62(30);
    let checksum = picket_stdx::encode::base62_number(u64::from(crc32fast::hash(body.as_bytes())), 6);
    format!("{}{body}{checksum}", &value[..4])
}

#[test]
fn three_hundred_services_and_more_are_known() {
    let services: BTreeSet<&str> = rules::all().map(|rule| rule.service).collect();
    assert!(services.len() >= 300, "{}", services.len());
}

#[test]
fn what_every_rule_is_made_for_is_found_whole() {
    for rule in rules::all() {
        for shape in rule.shapes {
            // One value in some thousands looks like a stand-in.
            let is_found = |_| {
                let value = valid(rule, made(&Shape::of(shape), 0));
                let text = placed(rule, &value);
                let at = text.find(&value);
                scan(&text)
                    .iter()
                    .any(|hit| hit.kind == rule.kind && Some(hit.start) == at && text[hit.start..hit.end] == value)
            };
            assert!((0..5).any(is_found), "{} {shape}: {}", rule.service, placed(rule, &made(&Shape::of(shape), 0)));
        }
    }
}

#[test]
fn what_misses_a_rule_by_a_little_is_not_of_its_kind() {
    for rule in rules::all() {
        for shape in rule.shapes {
            let compiled = Shape::of(shape);
            let shorter = made(&compiled, 1);
            // Other shapes of the rule may fit what is shorter.
            if !matches!(compiled.parts.last(), Some(Part::Run(_, min, _)) if *min > 1) || rule.shapes.len() > 1 {
                continue;
            }
            let hits = picket_text::disjoint(scan(&placed(rule, &shorter)));
            assert!(hits.iter().all(|hit| hit.kind != rule.kind), "{} {shape}: {shorter}", rule.service);
        }
        if let How::Near(_) = rule.how {
            let value = made(&Shape::of(rule.shapes[0]), 0);
            let hits = scan(&format!("the {value} alone"));
            assert!(hits.iter().all(|hit| hit.kind != rule.kind || hit.score > 0.9), "{}: {value}", rule.service);
        }
    }
}

#[test]
fn what_begins_with_another_letter_is_of_no_service_that_is_told_by_its_beginning() {
    for rule in rules::all().filter(|rule| !matches!(rule.how, How::Near(_))) {
        for shape in rule.shapes {
            let compiled = Shape::of(shape);
            let (value, anchor) = (valid(rule, made(&compiled, 0)), compiled.anchor().unwrap());
            let letter = anchor.find(|c: char| c.is_alphanumeric()).map_or(anchor, |at| &anchor[at..=at]);
            let other = if letter.eq_ignore_ascii_case("j") { "Q" } else { "J" };
            let at = value.find(anchor).unwrap() + anchor.find(letter).unwrap();
            let changed = format!("{}{other}{}", &value[..at], &value[at + letter.len()..]);
            let hits = scan(&format!("use \"{changed}\" here"));
            assert!(hits.iter().all(|hit| hit.kind != rule.kind), "{} {shape}: {changed}", rule.service);
        }
    }
}

#[test]
fn shapes_can_be_matched_without_going_back() {
    for rule in rules::all() {
        assert!(!rule.shapes.is_empty(), "{}", rule.service);
        for text in rule.shapes {
            let shape = Shape::of(text);
            let leads = usize::from(!matches!(rule.how, How::Near(_)) && matches!(shape.parts[0], Part::Run(..)));
            for pair in shape.parts[leads..].windows(2) {
                if let [Part::Run(class, min, max), Part::Text(next)] = pair {
                    assert!(min == max || !class.has(next.as_bytes()[0]), "{text}");
                }
            }
            for part in &shape.parts {
                match part {
                    Part::Text(text) => assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}"),
                    Part::Run(_, min, max) => assert!(min <= max && *max <= 2_000, "{text}"),
                }
            }
            if !matches!(rule.how, How::Near(_)) {
                let anchor = shape.anchor().unwrap_or_default();
                assert!(!anchor.is_empty() && shape.bytes_min() >= 16, "{} {text}", rule.service);
            }
        }
        if let How::Near(words) = rule.how {
            let is_word = |word: &&str| word.len() >= 3 && word.len() <= 28 && **word == word.to_ascii_lowercase();
            assert!(words.iter().all(is_word), "{}", rule.service);
        }
    }
}

#[test]
fn the_page_of_services_tells_what_is_known() {
    let page = include_str!("../../../docs/reference/secrets.md");
    let mut expected = String::new();
    let mut kinds_of: std::collections::BTreeMap<&str, BTreeSet<&str>> = std::collections::BTreeMap::new();
    rules::all().for_each(|rule| _ = kinds_of.entry(rule.service).or_default().insert(rule.kind));
    for (service, kinds) in kinds_of {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        expected.extend(["| ", service, " | ", &kinds.join(", "), " |\n"]);
    }
    assert!(page.contains(&expected), "the table of docs/reference/secrets.md should be:\n{expected}");
    for kind in [
        "GENERIC_SECRET",
        "URL_PASSWORD",
        "AUTHORIZATION",
        "COMMAND_PASSWORD",
        "DATABASE_PASSWORD",
        "JWT",
        "PRIVATE_KEY",
    ] {
        assert!(page.contains(&format!("| `{kind}` |")), "{kind}");
    }
}

#[test]
fn the_automaton_takes_a_few_megabytes() {
    assert!(INDEX.memory() <= 4 << 20, "{}", INDEX.memory());
}

#[test]
fn keys_of_services_are_found_by_their_shape() {
    for (text, kind) in [
        (format!("key {} here", values::aws_access_key_id()), "AWS_ACCESS_KEY"),
        (format!("token={}", values::github_token()), "GITHUB_TOKEN"),
        (format!("{}{}", "xoxb-", random_base62(40)), "SLACK_TOKEN"),
        (format!("{}{}", "sk-ant-", random_base62(60)), "ANTHROPIC_KEY"),
        (format!("password = \"{}!7\"", random_base62(18)), "GENERIC_SECRET"),
        (format!("postgres://admin:{}@db.internal/app", random_base62(16)), "URL_PASSWORD"),
        (
            format!("-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----", "PRIVATE", random_base62(200), "PRIVATE"),
            "PRIVATE_KEY",
        ),
    ] {
        assert_eq!(kinds(&text), [kind], "{text}");
    }
}

/// A value as a person would choose it, and as a machine would.
fn chosen() -> [String; 2] {
    [format!("{}#7x", random_base62(9)), format!("{}4Zq", random_base62(29))]
}

#[test]
fn values_are_found_however_they_are_assigned() {
    for value in chosen() {
        for text in [
            format!("DB_PASSWORD={value}"),
            format!("export API_TOKEN={value}\n"),
            format!("ENV DB_PASSWORD {value}"),
            format!("password: {value}\n"),
            format!("\"client_secret\": \"{value}\","),
            format!("{{\\\"apiKey\\\": \\\"{value}\\\"}}"),
            format!("secret_key = '{value}'"),
            format!("var dbPassword string = \"{value}\""),
            format!("val password: String = \"{value}\""),
            format!("let api_token: &str = \"{value}\";"),
            format!("'secret' => '{value}',"),
            format!("config[\"password\"] = \"{value}\""),
            format!("define('DB_PASSWORD', '{value}');"),
            format!("System.setProperty(\"ACCESS_TOKEN\", \"{value}\")"),
            format!("user.setPassword(\"{value}\")"),
            format!("<password>{value}</password>"),
            format!("<add key=\"Password\" value=\"{value}\" />"),
            format!("mysql -u root --password={value} app"),
            format!("tool --token {value} run"),
            format!("machine host login me password {value}"),
            format!("//registry.example.test/:_authToken={value}"),
            format!("Server=db;User Id=sa;Password={value};Encrypt=true"),
            format!("jdbc:mysql://db/app?user=me&password={value}&useSSL=true"),
            format!("CREATE USER app IDENTIFIED BY '{value}';"),
            format!("ALTER ROLE app WITH PASSWORD '{value}';"),
            format!("the password is {value}"),
            format!("das Kennwort: {value}"),
            format!("пароль: {value}"),
            format!("https://host.test/%3Ftoken%3D{value}%26page%3D2"),
            format!("ConvertTo-SecureString \"{value}\" -AsPlainText -Force"),
            format!("密码：{value}").replace('：', ":"),
        ] {
            assert_eq!(found(&text), [value.as_str()], "{text}");
        }
    }
}

#[test]
fn passwords_in_headers_commands_and_files_of_clients_are_found() {
    let value = format!("{}7Q", random_base62(22));
    for (text, kind) in [
        (format!("Authorization: Basic {value}=="), "AUTHORIZATION"),
        (format!("-H 'Authorization: Bearer {value}'"), "AUTHORIZATION"),
        (format!("headers[\"Authorization\"] = \"Token {value}\""), "AUTHORIZATION"),
        (format!("curl -s -u admin:{value} https://host.test/"), "COMMAND_PASSWORD"),
        (format!("curl --user 'admin:{value}' https://host.test/"), "COMMAND_PASSWORD"),
        (format!("db.internal:5432:app:me:{value}\n"), "DATABASE_PASSWORD"),
        (format!("mongodb+srv://me:{value}@cluster.test/app"), "URL_PASSWORD"),
        (format!("smtps://me@mail.test:{value}@smtp.mail.test:465"), "URL_PASSWORD"),
        (format!("redis://:{value}@cache.test:6379/0"), "URL_PASSWORD"),
        (format!("amqp://me:{value}@[::1]/"), "URL_PASSWORD"),
    ] {
        assert_eq!(kinds(&text), [kind], "{text}");
        assert!(found(&text)[0].contains(&value), "{text}");
    }
}

#[test]
fn key_blocks_are_found_even_if_they_are_cut_off() {
    let body = random_base62(120);
    for head in blocks().map(|(head, _)| head) {
        for text in [format!("see\n{head}\n{body}"), format!("{head}3: ssh-rsa\n{body}\n"), format!("x {head}")] {
            let hits = scan(&text);
            let hit = hits.iter().find(|hit| hit.kind == "PRIVATE_KEY").unwrap_or_else(|| panic!("{text}"));
            assert_eq!((hit.start, hit.end), (text.find(head).unwrap(), text.len()), "{text}");
        }
    }
}

#[test]
fn hashes_identifiers_placeholders_and_names_are_quiet() {
    for text in [
        "sha512-Gx7s3nPLNOF2dOHBjNhO4mRTKf2ADCYMf1ZKL3mE0vXLxXIEKi5G0vRBSzf5mDO3h6HKSTfWlmTNyAKjqVCMwg==",
        "\"integrity\": \"sha512-Gx7s3nPLNOF2dOHBjNhO4mRTKf2ADCYMf1ZKL3mE0vXLxXIEKi5G0vRBSzf5mDO3h6HKSTfWlmTNyAKjqVCMwg==\"",
        "github.com/x/token v1.2.3 h1:Gx7s3nPLNOF2dOHBjNhO4mRTKf2ADCYMf1ZKL3mE0vX=",
        "twilio commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "datadog: sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "550e8400-e29b-41d4-a716-446655440000",
        "kms_key_id: 550e8400-e29b-41d4-a716-446655440000",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "AKIAIOSFODNN7EXAMPLE",
        "password = os.environ['DB_PASSWORD']",
        "password = getSecret2(name)",
        "password: ${DB_PASSWORD}",
        "password: {{ .Values.password1 }}",
        "api_key: YOUR_API_KEY_HERE",
        "api_key=xxxxxxxxxxxxxxxxxxxxxxxx",
        "token: <token-1>",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "secret: my_app_secret_name",
        "public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit\"",
        "csrf-token=Mj2qykJO5rELyHgezQ69nzUX0i3OH67V7+V4eUrLfpuyOuxmiW9rhROG==",
        "what is a password manager?",
        "monkey: \"x86-64-bit-2020\"",
        "max_tokens: 4096",
        "password = changeme123",
        "ssl.keystore.file=/etc/app/server1.p12",
        "curl -u user:password https://host.test",
        "curl -u \"$USER:$PASSWORD\" https://host.test",
        "Authorization: Bearer $API_KEY2",
        "Authorization: Bearer YOUR_TOKEN",
        "postgres://user:password@localhost/app",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "function(e,t,n){var r=n(12),i=r.key=e.token2||t.authKey;return i}",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_key_stands_behind_escapes_and_colours_too() {
    let token = values::github_token();
    for before in ["\\n", "%3D", "\u{1b}[94m", "\"", "=", "/"] {
        assert_eq!(kinds(&format!("x{before}{token}")), ["GITHUB_TOKEN"], "{before:?}");
    }
    for before in ["a", "_", "9"] {
        assert_eq!(kinds(&format!("x {before}{token}")), Vec::<&str>::new(), "{before:?}");
    }
}

proptest! {
    #[test]
    fn one_character_off_is_no_github_token(at in 4_usize..40) {
        let token = values::github_token();
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        prop_assert!(kinds(&token).contains(&"GITHUB_TOKEN"));
        prop_assert!(!kinds(&String::from_utf8(bytes).unwrap()).contains(&"GITHUB_TOKEN"));
    }

    #[test]
    fn hits_lie_in_their_text_whatever_it_is(text in "[a-zé漢😀=:\"'`<>,;{}()&\\\\ \\n0-9@/-]{0,200}") {
        for hit in scan(&format!("password{text}token{text}")) {
            prop_assert!(hit.start < hit.end);
        }
        for hit in scan(&text) {
            prop_assert!(text.get(hit.start..hit.end).is_some_and(|value| !value.is_empty()));
        }
    }
}

#[test]
fn a_word_inside_a_random_value_makes_it_no_stand_in() {
    let [head, tail] = ["AK", "IA"];
    let found = |value: &str| kinds(&format!("{head}{tail}{value}"));
    for value in ["Q2PYOUR7KWLM4ZRH", "MFAKE2Q7KWL4ZRHB", "Q2XXXX7KWLM4ZRHB"] {
        assert_eq!(found(value).len(), 1, "{value}");
    }
    for value in ["XXXXXXXXXXXXXXXX", "EXAMPLE7KWLM4ZRH", "YOURKEYHEREPLEAS"] {
        assert!(found(value).is_empty(), "{value}");
    }
}

#[test]
fn no_token_with_a_valid_checksum_is_missed() {
    let missed = (0..20_000).map(|_| values::github_token()).filter(|token| !kinds(token).contains(&"GITHUB_TOKEN"));
    assert_eq!(missed.count(), 0);
}

#[test]
fn what_stands_before_a_secret_does_not_hide_it() {
    let value = "vT9#kQ2$wLp8Zr";
    for before in ["secret: password: ", "token=api_key=", "secret => password = "] {
        assert_eq!(kinds(&format!("{before}{value}")), ["GENERIC_SECRET"], "{before}");
    }
    assert!(kinds("eyJ-----BEGIN PRIVATE KEY-----\nabc").contains(&"PRIVATE_KEY"));
}
