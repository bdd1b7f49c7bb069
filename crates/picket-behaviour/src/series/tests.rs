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

#[test]
fn wherever_a_series_is_cut_it_goes_on_as_if_it_was_not() {
    let new = || Series::new(Season::HourOfWeek, 1e-4, 3_600_000).floor(0.5);
    let value = |step: i64| if step == 900 { 90.0 } else { f64::from(i32::try_from(step % 24).unwrap()) };
    let mut whole = new();
    let points: Vec<Point> = (0..1_000).map(|step| whole.add(step * 3_600_000, value(step))).collect();
    assert_eq!((points.iter().filter(|point| point.is_told).count(), whole.values()), (1, 1_000));
    for cut in [0, 1, 500, 901] {
        let mut before = new();
        for step in 0..cut {
            before.add(step * 3_600_000, value(step));
        }
        let mut out = Writer::default();
        before.write(&mut out);
        let bytes = out.into_bytes();
        let mut after = new();
        after.read(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(after, before, "cut at {cut}");
        for end in 0..bytes.len() {
            assert_eq!(new().read(&mut Reader::new(&bytes[..end])), None);
        }
    }
}
