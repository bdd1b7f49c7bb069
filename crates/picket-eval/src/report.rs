//! Figures as JSON for programs and as tables for people.

use crate::entities::{Tally, canonical, has_format, micro};
use crate::quality::{Band, Flagged, Group, Quality};
use crate::roc::{Estimate, RATES};
use picket_content::PII_KINDS;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Below so many texts, an interval stands beside a figure in tables; in JSON it always does.
const FEW: usize = 1_000;

/// All figures of a detector.
pub(crate) fn json(quality: &Quality) -> Value {
    let sums: BTreeMap<&str, Value> = micros(quality).iter().map(|(name, tally)| (*name, tally_json(tally))).collect();
    let places: BTreeMap<&String, Value> =
        quality.places.iter().map(|(kind, tally)| (kind, tally_json(tally))).collect();
    json!({
        "by": quality.by,
        "check": quality.check,
        "texts": quality.texts,
        "groups": quality.groups.iter().map(group_json).collect::<Vec<_>>(),
        "flagged": quality.flagged.iter().map(flagged_json).collect::<Vec<_>>(),
        "places": {"by_kind": places, "micro": sums},
        "us_per_kb": quality.us_per_kb,
        "speed": quality.speed.iter().map(speed_json).collect::<Vec<_>>(),
    })
}

/// An estimate.
pub(crate) fn estimate_json(estimate: &Estimate) -> Value {
    json!({"value": estimate.value, "low": estimate.low, "high": estimate.high})
}

fn group_json(group: &Group) -> Value {
    let found: BTreeMap<String, Value> = RATES
        .iter()
        .zip(&group.roc.found)
        .map(|(rate, found)| (format!("at_{rate}"), found.as_ref().map_or(Value::Null, estimate_json)))
        .collect();
    json!({
        "by": group.by, "name": group.name, "positives": group.roc.positives, "negatives": group.roc.negatives,
        "auc": estimate_json(&group.roc.auc), "true_positive_rate": found,
    })
}

fn flagged_json(line: &Flagged) -> Value {
    json!({
        "source": line.source, "label": line.label, "wanted": line.wanted, "flagged": line.flagged, "of": line.of,
        "share": estimate_json(&line.share),
    })
}

fn tally_json(tally: &Tally) -> Value {
    json!({
        "named": tally.named, "found": tally.found, "found_as_any_kind": tally.touched, "made_up": tally.made_up,
        "precision": tally.precision(), "recall": tally.recall(), "f1": tally.f1(),
    })
}

pub(crate) fn speed_json(band: &Band) -> Value {
    json!({
        "bytes_below": band.below, "texts": band.texts, "us_per_kb": band.us_per_kb,
        "us_per_kb_p50": band.us_per_kb_p50, "us_p50": band.us_p50,
        "us_p99": band.us_p99,
    })
}

/// Counts over the kinds that Picket looks for, over those that have a format, and over all.
fn micros(quality: &Quality) -> [(&'static str, Tally); 3] {
    let mut looked_for: BTreeSet<String> = PII_KINDS.iter().map(|kind| canonical(kind)).collect();
    looked_for.insert("SECRET".to_owned());
    let of = |wanted: &dyn Fn(&str) -> bool| {
        micro(quality.places.iter().filter(|(kind, _)| wanted(kind)).map(|(_, tally)| tally))
    };
    [
        ("kinds that Picket looks for", of(&|kind| looked_for.contains(kind))),
        ("kinds with a format", of(&has_format)),
        ("all kinds", of(&|_| true)),
    ]
}

/// All figures of a detector as tables.
pub(crate) fn tables(quality: &Quality) -> String {
    let mut out = format!("\n## {} by {}, {} texts\n", quality.check, quality.by, quality.texts);
    if quality.check == "prompt-injection" && quality.by == "picket" {
        line(
            &mut out,
            "its model may have learned from these very texts; for texts it has not seen: `cargo xt train FOLDER`",
        );
    }
    rates(&mut out, quality);
    shares(&mut out, quality);
    places(&mut out, quality);
    out.push_str(&speeds("time", &quality.speed));
    out
}

fn rates(out: &mut String, quality: &Quality) {
    if quality.groups.is_empty() {
        return;
    }
    line(
        out,
        &format!(
            "\n{:9} {:46} {:>13} {:>20} {:>22} {:>22} {:>22}",
            "", "", "texts", "AUC", "1 % FP", "0.5 % FP", "0.1 % FP"
        ),
    );
    for Group { by, name, roc } in &quality.groups {
        let few = roc.positives.min(roc.negatives) < FEW;
        let [one, half, tenth] = roc.found.map(|found| found.map_or("-".to_owned(), |found| percent(&found, few)));
        let auc = if few {
            format!("{:.3} ({:.3}-{:.3})", roc.auc.value, roc.auc.low, roc.auc.high)
        } else {
            format!("{:.3}", roc.auc.value)
        };
        let texts = format!("{}/{}", roc.positives, roc.negatives);
        line(out, &format!("{by:9} {name:46} {texts:>13} {auc:>20} {one:>22} {half:>22} {tenth:>22}"));
    }
}

fn shares(out: &mut String, quality: &Quality) {
    line(
        out,
        &format!(
            "\n{:46} {:10} {:>7} {:>6} {:>22}",
            "flagged at its own threshold", "label", "wanted", "texts", "flagged"
        ),
    );
    for flagged in &quality.flagged {
        let wanted = flagged.wanted.map_or("-", |wanted| if wanted { "yes" } else { "no" });
        let share = percent(&flagged.share, flagged.of < FEW);
        line(out, &format!("{:46} {:10} {wanted:>7} {:6} {share:>22}", flagged.source, flagged.label, flagged.of));
    }
}

fn places(out: &mut String, quality: &Quality) {
    if quality.places.is_empty() {
        return;
    }
    line(
        out,
        &format!(
            "\n{:30} {:>6} {:>7} {:>10} {:>7} {:>6} {:>18}",
            "places", "named", "made up", "precision", "recall", "F1", "as any kind found"
        ),
    );
    let sums = micros(quality);
    let kinds = quality.places.iter().map(|(kind, tally)| (kind.as_str(), tally));
    for (kind, tally) in kinds.chain(sums.iter().map(|(name, tally)| (*name, tally))) {
        let any = crate::roc::share(tally.touched, tally.named);
        line(
            out,
            &format!(
                "{kind:30} {:6} {:7} {:10.3} {:7.3} {:6.3} {any:18.3}",
                tally.named,
                tally.made_up,
                tally.precision(),
                tally.recall(),
                tally.f1()
            ),
        );
    }
}

/// What texts took, by size.
pub(crate) fn speeds(title: &str, bands: &[Band]) -> String {
    let mut out = String::new();
    line(
        &mut out,
        &format!("\n{title:30} {:>6} {:>10} {:>12} {:>12} {:>12}", "texts", "us/KB", "p50 us/KB", "p50 us", "p99 us"),
    );
    for band in bands {
        let name = band.below.map_or("longer".to_owned(), |below| format!("below {below} bytes"));
        let Band { texts, us_per_kb, us_per_kb_p50, us_p50, us_p99, .. } = band;
        line(
            &mut out,
            &format!("{name:30} {texts:6} {us_per_kb:10.1} {us_per_kb_p50:12.1} {us_p50:12.1} {us_p99:12.1}"),
        );
    }
    out
}

/// A share for people.
pub(crate) fn percent(share: &Estimate, with_interval: bool) -> String {
    let Estimate { value, low, high } = share;
    if with_interval {
        format!("{:.1} % ({:.1}-{:.1})", value * 100.0, low * 100.0, high * 100.0)
    } else {
        format!("{:.1} %", value * 100.0)
    }
}

/// Detectors side by side: one line each, over all texts that they judged.
pub(crate) fn side_by_side(all: &[Quality]) -> String {
    let mut out = String::new();
    let checks: BTreeSet<&str> = all.iter().map(|quality| quality.check.as_str()).collect();
    for check in checks {
        line(&mut out, &format!("\n## {check}, side by side\n"));
        line(
            &mut out,
            "| Detector | Texts | AUC | found at 1 % FP | at 0.1 % FP | flagged of wanted | flagged of harmless | places P / R / F1 | us/KB |",
        );
        line(&mut out, "|---|---|---|---|---|---|---|---|---|");
        for quality in all.iter().filter(|quality| quality.check == check) {
            line(&mut out, &beside(quality));
        }
    }
    out
}

fn beside(quality: &Quality) -> String {
    let whole = quality.groups.iter().find(|group| group.by == "all");
    let auc = whole.map_or("-".to_owned(), |group| format!("{:.3}", group.roc.auc.value));
    let found = |at: usize| {
        let found = whole.and_then(|group| group.roc.found.get(at).copied().flatten());
        found.map_or("-".to_owned(), |found| percent(&found, true))
    };
    let flagged = |wanted: bool| {
        let of_side = quality.flagged.iter().filter(|line| line.wanted == Some(wanted));
        let (flagged, of) = of_side.fold((0, 0), |(flagged, of), line| (flagged + line.flagged, of + line.of));
        format!("{:.1} % of {of}", crate::roc::share(flagged, of) * 100.0)
    };
    let [_, (_, with_format), _] = micros(quality);
    let places = if quality.places.is_empty() {
        "-".to_owned()
    } else {
        format!("{:.2} / {:.2} / {:.2}", with_format.precision(), with_format.recall(), with_format.f1())
    };
    let (one, tenth, wanted, harmless) = (found(0), found(2), flagged(true), flagged(false));
    let by = &quality.by;
    format!(
        "| {by} | {} | {auc} | {one} | {tenth} | {wanted} | {harmless} | {places} | {} |",
        quality.texts,
        speed_of(quality)
    )
}

/// Microseconds a kilobyte over all sizes.
fn speed_of(quality: &Quality) -> String {
    quality.us_per_kb.map_or("-".to_owned(), |speed| format!("{speed:.1}"))
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").unwrap_or_default();
}
