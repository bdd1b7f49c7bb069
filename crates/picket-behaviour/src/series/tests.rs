//! Whole series with spikes and without.

use super::*;

const HOUR_MS: i64 = 3_600_000;

fn value(hour: i64) -> f64 {
    let busy = if (9..17).contains(&(hour % 24)) { 100.0 } else { 20.0 };
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let noise = (hour * 7_919 % 11) as f64 - 5.0;
    busy + noise
}

#[test]
fn a_spike_is_told_once_and_the_ordinary_day_never() {
    let mut series = Series::new(Season::HourOfDay, 1e-4, 24 * HOUR_MS);
    for hour in 0..24 * 30 {
        let point = series.add(hour * HOUR_MS, value(hour));
        assert!(!point.is_told, "{hour} {point:?}");
    }
    let told = (0..4).filter(|more| series.add((24 * 30 + more) * HOUR_MS, 300.0).is_told).count();
    assert_eq!(told, 1);
}
