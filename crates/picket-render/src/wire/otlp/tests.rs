use super::protobuf::{bytes, number};
use super::{PartialSuccess, partial_success};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    /// Answers of receivers are as hostile as events.
    #[test]
    fn answers_are_read_or_refused_whatever_they_are(
        garbage in vec(any::<u8>(), 0..200),
        rejected in any::<u64>(),
        message in ".{0,40}",
        unknown in vec(any::<u8>(), 0..20),
    ) {
        drop(partial_success(&garbage));
        let mut inner = Vec::new();
        number(&mut inner, 1, rejected);
        bytes(&mut inner, 2, message.as_bytes());
        bytes(&mut inner, 9, &unknown);
        let mut answer = Vec::new();
        bytes(&mut answer, 7, &unknown);
        bytes(&mut answer, 1, &inner);
        prop_assert_eq!(partial_success(&answer), Some(PartialSuccess { rejected, message }));
        answer.pop();
        prop_assert_eq!(partial_success(&answer), None);
    }
}
