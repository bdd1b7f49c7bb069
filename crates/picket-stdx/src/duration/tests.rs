use super::*;
use proptest::prelude::*;

#[test]
fn reads_what_people_write() {
    for (text, secs) in [("30s", 30), ("5m", 300), ("1h", 3600), ("5h30m", 19_800), ("7d", 604_800), ("2w", 1_209_600)]
    {
        assert_eq!(parse(text).unwrap(), Duration::from_secs(secs), "{text}");
    }
}

#[test]
fn refuses_what_is_no_duration() {
    for text in ["", "5", "m", "5 minutes", "-1h", "1.5h", "99999999999999999999w", "5y"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn display_parses_back(ms in 0_u64..10_000_000_000_000) {
        let duration = Duration::from_millis(ms);
        prop_assert_eq!(parse(&display(duration)).unwrap(), duration);
    }
}
