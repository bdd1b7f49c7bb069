use super::*;

fn sized(docs: &[u64]) -> Vec<Sized> {
    docs.iter().map(|docs| Sized { docs: *docs, deleted: 0 }).collect()
}

#[test]
fn neighbours_of_one_size_are_merged_the_smallest_first() {
    for (docs, expected) in [
        (vec![], None),
        (vec![100; 7], None),
        (vec![100; 8], Some(0..8)),
        (vec![90_000, 100, 100, 100, 100, 100, 100, 100, 100, 7], Some(1..9)),
        (vec![100, 100, 100, 100, 90_000, 100, 100, 100, 100], None),
        (vec![9_000, 9_000, 9_000, 9_000, 100, 9_000, 9_000, 9_000, 9_000], Some(0..9)),
        (vec![200_000; 6], Some(0..5)),
        (vec![600_000; 20], None),
    ] {
        assert_eq!(due(&sized(&docs)), expected, "{docs:?}");
    }
    let mut segments = sized(&[100; 9]);
    segments[3].deleted = 1;
    assert_eq!(due(&segments), Some(3..4));
}

#[test]
fn segments_stay_few_and_merges_cheap() {
    let (mut segments, mut written, mut most) = (Vec::new(), 0, 0);
    for _ in 0..8_000 {
        segments.push(Sized { docs: 1_250, deleted: 0 });
        while let Some(due) = due(&segments) {
            let docs: u64 = segments[due.clone()].iter().map(|segment| segment.docs).sum();
            assert!(docs <= LARGEST);
            written += docs;
            segments.splice(due, [Sized { docs, deleted: 0 }]);
        }
        most = most.max(segments.len());
    }
    let total: u64 = segments.iter().map(|segment| segment.docs).sum();
    assert_eq!(total, 10_000_000);
    assert!(most <= 45 && written <= 5 * total, "{most} segments, {written} documents written");
}
