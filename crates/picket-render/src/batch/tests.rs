//! Batches of random events under random limits.

use super::*;
use crate::wire::otlp::{JsonRequest, Origin, ProtobufRequest};
use proptest::prelude::*;

fn origin() -> Origin<'static> {
    Origin { resource: &[], scope_name: "s", scope_version: "1", schema_url: "u" }
}

fn check(framing: &impl Framing, limits: Limits, sizes: &[usize]) -> Result<(), TestCaseError> {
    let mut covered = 0;
    for result in Batches::new(framing, limits, sizes, |size, out| out.extend(std::iter::repeat_n(b'x', *size))) {
        match result {
            Ok(batch) => {
                prop_assert!(batch.bytes.len() <= limits.bytes, "{} bytes", batch.bytes.len());
                prop_assert!((1..=limits.events).contains(&batch.events.len()));
                prop_assert_eq!(batch.events.start, covered, "in order, none twice");
                let body: usize = sizes[batch.events.clone()].iter().sum::<usize>()
                    + framing.between().len() * (batch.events.len() - 1);
                prop_assert_eq!(batch.bytes.len(), framing.size(body), "exactly what was counted");
                // The next one would not have fitted.
                if let Some(next) = sizes.get(batch.events.end).filter(|_| batch.events.len() < limits.events) {
                    let fits_alone = framing.size(*next) <= limits.bytes;
                    prop_assert!(!fits_alone || framing.size(body + framing.between().len() + next) > limits.bytes);
                }
                covered = batch.events.end;
            }
            Err(refused) => {
                prop_assert_eq!(refused.event, covered);
                prop_assert_eq!(refused.bytes, framing.size(sizes[covered]));
                prop_assert!(refused.bytes > limits.bytes);
                covered += 1;
            }
        }
    }
    prop_assert_eq!(covered, sizes.len(), "every event is in a batch or named");
    Ok(())
}

proptest! {
    #[test]
    fn no_request_is_larger_than_it_may_be_and_no_event_is_lost(
        sizes in prop::collection::vec(0_usize..400, 0..60), bytes in 100_usize..1_000, events in 1_usize..20,
    ) {
        let limits = Limits { bytes, events };
        check(&Fixed::ARRAY, limits, &sizes)?;
        check(&Fixed::CONCATENATED, limits, &sizes)?;
        check(&Fixed::LINES, limits, &sizes)?;
        check(&JsonRequest::new(&origin()), limits, &sizes)?;
        check(&ProtobufRequest::new(&origin()), limits, &sizes)?;
    }
}

#[test]
fn many_small_rows_count_their_commas_and_brackets() {
    // Rows of which exactly 1,048,576 bytes go in if only the rows are counted, and not with what stands between them.
    let rows = vec![16_usize; 65_536];
    let limits = Limits { bytes: 1_048_576, events: usize::MAX };
    let batches: Vec<_> =
        Batches::new(&Fixed::ARRAY, limits, &rows, |size, out| out.extend(std::iter::repeat_n(b'1', *size)))
            .map(Result::unwrap)
            .collect();
    assert_eq!(batches.len(), 2);
    assert_eq!(batches[0].events.len(), 61_680);
    assert_eq!(batches[0].bytes.len(), 16 * 61_680 + 61_679 + 2);
}
