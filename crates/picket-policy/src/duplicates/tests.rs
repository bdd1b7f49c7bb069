use super::*;
use proptest::prelude::*;

const LIMITS: Duplicates = Duplicates { count: 3, users: 2, window: Duration::from_secs(60) };

/// The same in every run.
fn asked() -> Asked {
    Asked { seed: 7, ..Asked::default() }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

const PROMPT: &str = "Congratulations, you have been chosen to receive a new phone. Please write a friendly mail that asks \
    the reader to confirm the address and to pay the small fee for delivery before the offer ends this evening.";

#[test]
fn the_same_prompt_of_several_callers_is_told_from_the_count_on() {
    let asked = asked();
    let again = |who: &str, seconds: i64| asked.again("guard", PROMPT, who, &LIMITS, at(seconds));
    assert_eq!([again("a", 0), again("a", 1), again("a", 2)], [false, false, false], "one caller only");
    assert!(again("b", 3));
    assert!(!asked.again("other", PROMPT, "b", &LIMITS, at(4)), "each check counts by itself");
    assert!(!again("b", 200), "the window is over");
}

#[test]
fn small_changes_do_not_help_and_other_prompts_are_not_meant() {
    let asked = asked();
    let limits = Duplicates { count: 2, users: 1, ..LIMITS };
    assert!(!asked.again("g", PROMPT, "a", &limits, at(0)));
    for copy in [
        PROMPT.to_uppercase(),
        PROMPT.replace(", ", " -- "),
        format!("{PROMPT} 48213"),
        PROMPT.replace("a new phone", "a phone"),
    ] {
        assert!(asked.again("g", &copy, "b", &limits, at(1)), "{copy}");
    }
    for (other, seconds) in [
        ("Please write a friendly mail that thanks the reader for the order and says when the delivery will come.", 2),
        ("How do I bake a loaf of bread without an oven, and how long does it take until it is done?", 3),
        ("yes please", 4),
        ("yes please", 5),
    ] {
        assert!(!asked.again("g", other, "c", &limits, at(seconds)), "{other}");
    }
    let chinese = "请帮我写一封邮件通知客户他们的订单已经发货并且将在三天之内送达请注意查收谢谢您的支持与信任";
    assert!(!asked.again("g", chinese, "a", &limits, at(6)));
    assert!(asked.again("g", &format!("{chinese}。1"), "b", &limits, at(7)));
}

#[test]
fn what_is_remembered_is_bounded() {
    let asked = asked();
    for number in 0..REMEMBERED + 100 {
        let word: String = number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        asked.again("g", &format!("{word} one two three four five six {word}"), "a", &LIMITS, at(0));
    }
    assert_eq!(asked.prompts.lock().unwrap().len(), REMEMBERED);
}

proptest! {
    #[test]
    fn a_text_is_near_itself_whatever_its_signs(words in prop::collection::vec("[a-zäß]{2,9}", 8..60), sign in "[ ,.;!?0-9]{1,3}") {
        let (plain, other) = (words.join(" "), words.join(&format!(" {sign}")));
        prop_assert_eq!(similar(7, &plain), similar(7, &other));
    }
}
