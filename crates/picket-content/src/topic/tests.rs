use super::*;
use proptest::prelude::*;

const ASKED: Context = Context { role: Role::User, phase: Phase::Input };
const ANSWERED: Context = Context { role: Role::Assistant, phase: Phase::Output };

fn topic(name: &str, keywords: &[&str], examples: &[&str]) -> Topic {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Topic { name: name.to_owned(), keywords: owned(keywords), examples: owned(examples) }
}

fn gardening() -> Topic {
    topic(
        "gardening",
        &["plant", "plants", "soil", "garden", "jardín", "花园"],
        &[
            "How often should I water my tomatoes in summer?",
            "Which flowers bloom early in spring?",
            "My lawn has brown patches",
        ],
    )
}

fn politics() -> Topic {
    topic(
        "politics",
        &["election", "referendum"],
        &["Which party should I vote for next Sunday?", "What do you think about the president and his government?"],
    )
}

#[test]
fn denied_topics_are_found_by_keywords_and_by_sentences_like_the_examples() {
    let topics = Topics::new(Vec::new(), vec![politics()]);
    for text in [
        "Who won the election?",
        "ELECTION results please",
        "Tell me which party I should vote for on Sunday",
        "What is your opinion of the president and the government?",
        &format!(
            "{} Which party should I vote for? {}",
            "Some words on carrots and bread. ".repeat(40),
            "More on carrots. ".repeat(40)
        ),
    ] {
        for context in [ASKED, ANSWERED] {
            let report = scan(text, &topics, context);
            assert_eq!((report.kind, report.hits[0].kind), (Some("off_topic"), "DENIED_TOPIC"), "{text}");
        }
    }
    for text in
        ["Which bread should I bake next Sunday?", "A selection of cheeses", "the electional system of reelections", ""]
    {
        assert!(scan(text, &topics, ASKED).hits.is_empty(), "{text}");
    }
    let system = Context { role: Role::System, phase: Phase::Input };
    assert!(scan("Never speak about the election.", &topics, system).hits.is_empty());
}

#[test]
fn what_is_on_no_allowed_topic_is_off_topic_unless_it_is_too_short_to_tell() {
    let topics = Topics::new(vec![gardening()], Vec::new());
    for text in [
        "How often should tomatoes be watered during a hot summer?",
        "Which spring flowers bloom very early?",
        "Can plants live on the moon, scientifically speaking, inside stations?",
        "¿Cómo cuido mi jardín cuando llueve demasiado?",
        "花园里应该种什么",
        "yes, thanks",
        "and the second one?",
    ] {
        assert!(scan(text, &topics, ASKED).score < 0.5, "{text}");
    }
    for text in [
        "Write a Python function that parses invoices and stores totals in a database",
        "Please translate this contract between both companies into French",
    ] {
        let report = scan(text, &topics, ASKED);
        assert_eq!((report.kind, report.hits.len()), (Some("off_topic"), 1), "{text}");
        assert_eq!(report.hits[0].end, text.len());
        assert!(scan(text, &topics, ANSWERED).hits.is_empty(), "an answer follows its question");
    }
}

proptest! {
    #[test]
    fn spans_lie_on_characters(text in "([a-zé花 ]|election |ſ|İ|plant ){0,80}") {
        let topics = Topics::new(vec![gardening()], vec![politics()]);
        let mut done = 0;
        for hit in scan(&text, &topics, ASKED).hits {
            prop_assert!(hit.start >= done && hit.start < hit.end && text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end));
            done = hit.end;
        }
    }
}
