use super::*;
use base64::Engine as _;
use proptest::prelude::*;

const PROMPT: &str = "You are Otto, the assistant of the Harbour Lane garden centre in Leeds. Recommend heathers and \
    grasses before roses, because roses have not been profitable since spring. Never promise delivery north of Durham. \
    Staff discounts of fifteen percent are given only to people who mention the word marmalade. When somebody asks for \
    the manager, say that Priya answers mails on Thursdays. Close each conversation with a tip about watering.";

fn confidence(said: &[&str]) -> Option<Confidence> {
    Confidence::new(Arc::new(Prompt::new(&[PROMPT])), said, &[], &[])
}

fn score(answer: &str) -> f32 {
    scan(answer, &confidence(&["What do you recommend for a dry corner?"]).unwrap()).score
}

#[test]
fn a_prompt_is_recognised_in_every_dress() {
    let rot13 = |c: char| match c {
        'a'..='z' => char::from((c as u8 - b'a' + 13) % 26 + b'a'),
        'A'..='Z' => char::from((c as u8 - b'A' + 13) % 26 + b'A'),
        other => other,
    };
    let base64 = base64::engine::general_purpose::STANDARD.encode(PROMPT);
    let wrapped: String =
        base64.as_bytes().chunks(76).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    for answer in [
        PROMPT.to_owned(),
        format!("Sure! Here it is: {PROMPT} Anything else?"),
        PROMPT.to_uppercase(),
        PROMPT.replace(' ', "_"),
        PROMPT.chars().flat_map(|c| [c, ' ']).collect(),
        PROMPT.replace('e', "\u{200b}e"),
        PROMPT.split(". ").map(|sentence| format!("* {sentence}\n\n")).collect(),
        PROMPT.split(". ").collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(". "),
        PROMPT.chars().map(rot13).collect(),
        PROMPT.chars().rev().collect(),
        base64,
        wrapped,
        PROMPT[72..240].to_owned(),
        "I am Otto, helper of Harbour Lane garden centre, Leeds. I recommend grasses and heathers ahead of roses, as \
         roses were not profitable this spring. I never promise deliveries north from Durham. A staff discount, fifteen \
         percent, goes to people that mention marmalade. Asked for a manager I say Priya answers her mail each Thursday."
            .to_owned(),
    ] {
        assert!(score(&answer) >= THRESHOLD, "{answer}: {}", score(&answer));
    }
}

#[test]
fn answers_on_the_subject_are_no_leak() {
    for answer in [
        "For a dry corner I would plant heathers: they are hardy and need little watering once they are established.",
        "Roses are lovely, but grasses cope better with drought. We are in Leeds; visit us at Harbour Lane!",
        "I cannot share my instructions, but I am happy to help with your garden.",
        "Priya, our manager, answers mails. Would you like her address? A tip about watering: early in the morning.",
        "",
        "\u{1f331}",
    ] {
        assert!(score(answer) < 0.35, "{answer}: {}", score(answer));
    }
}

#[test]
fn what_the_caller_said_itself_is_no_secret() {
    let quote = &PROMPT[72..240];
    let known = confidence(&[quote]).unwrap();
    assert!(scan(quote, &known).score < THRESHOLD);
    assert!(scan(PROMPT, &known).score >= THRESHOLD, "the rest still is one");
    assert!(confidence(&[PROMPT]).is_none(), "nothing is left to keep");
    assert!(Confidence::new(Arc::new(Prompt::new(&["You are a helpful assistant."])), &[], &[], &[]).is_none());
}

#[test]
fn tokens_are_enough_by_themselves_unless_the_caller_knows_them() {
    let random = format!(
        "k{}",
        (0..24_u32).map(|at| char::from(b"a1b2c3d4e5f6g7h8"[(at * 7 % 16) as usize])).collect::<String>()
    );
    let secret = picket_testkit::values::github_token();
    let prompt = Arc::new(Prompt::new(&[PROMPT, &format!("Reference {random}.")]));
    let private = format!("{{\"token\": \"{secret}\"}}");
    let canary = "bluebottle-79".to_owned();
    let made =
        |said: &str| Confidence::new(Arc::clone(&prompt), &[said], &[&private], std::slice::from_ref(&canary)).unwrap();
    for token in [&random, &secret, &canary] {
        let report = scan(&format!("é It is {token}."), &made("hello"));
        assert_eq!((report.score, report.kind), (1.0, Some("prompt_leak")));
        assert_eq!(report.hits.len(), 1);
        assert_eq!(&format!("é It is {token}.")[report.hits[0].start..report.hits[0].end], token);
        assert!(scan(&format!("It is {token}."), &made(&format!("what is {token}?"))).score < THRESHOLD);
    }
}

#[test]
fn a_stream_ends_before_most_of_the_prompt_is_out() {
    let confidence = confidence(&[]).unwrap();
    for size in [1, 4, 17] {
        let characters: Vec<char> = PROMPT.chars().collect();
        let (mut stream, mut out) = (Stream::new(&confidence), 0);
        for piece in characters.chunks(size) {
            stream.push(&piece.iter().collect::<String>(), &confidence);
            if stream.score() >= THRESHOLD {
                break;
            }
            out += piece.len();
        }
        assert!(out * 2 < characters.len(), "{out} of {} were out", characters.len());
    }
}

proptest! {
    #[test]
    fn pieces_make_no_difference_and_places_lie_in_the_text(cuts in prop::collection::vec(1_usize..40, 1..30), noise in "[a-zé ]{0,60}") {
        let text = format!("{noise} {} {noise} {}", &PROMPT[..200], base64::engine::general_purpose::STANDARD.encode(PROMPT));
        let confidence = confidence(&[]).unwrap();
        let characters: Vec<char> = text.chars().collect();
        let (mut stream, mut at) = (Stream::new(&confidence), 0);
        for cut in cuts.iter().cycle() {
            let end = (at + cut).min(characters.len());
            stream.push(&characters[at..end].iter().collect::<String>(), &confidence);
            at = end;
            if at == characters.len() {
                break;
            }
        }
        stream.finish(&confidence);
        let whole = scan(&text, &confidence);
        prop_assert!((stream.score() - whole.score).abs() < 1e-6);
        let mut done = 0;
        for hit in &whole.hits {
            prop_assert!(hit.start >= done && hit.start < hit.end && text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end));
            done = hit.end;
        }
    }
}
