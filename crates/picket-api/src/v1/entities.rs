//! Entities: whom findings are about, with their risk and what is done about them; and the alert taxonomy.

use super::containments;
use super::findings::{self, frameworks, round};
use super::parameters::Parameters;
use super::suppressions::known_kind;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{
    Entity, EntityPeak, EntityPeers, EntityPoints, EntityProfile, EntityRate, EntityScore, EntityUse, Taxonomy,
    TaxonomyCategory, TaxonomyLevel, TriageAnswer, TriageStep,
};
use picket_detect::{Portrait, ProfileKind, Since};
use picket_stdx::duration;
use picket_store::containments::{State as Standing, TargetKind};
use picket_store::detection::entities;
use picket_store::detection::findings::{self as stored, Filter};
use std::time::Duration;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["since", "limit"];
/// Entities of one list, and when nobody says.
const LIMIT: (u64, u64) = (1_000, 100);
/// How far back the list looks when nobody says.
const SINCE: Duration = Duration::from_secs(30 * 86_400);
/// Points of the history that are shown, and findings.
const SHOWN: u64 = 100;

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Entity>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let now = state.log.clock().now();
    let since = parameters.moment("since", now)?.unwrap_or_else(|| now.minus(SINCE));
    let limit = parameters.number("limit")?.unwrap_or(LIMIT.1).min(LIMIT.0);
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| {
            let all = entities::list(connection, caller.workspace(), since, limit)?;
            let with_history = all.into_iter().map(|one| {
                let history = entities::history(connection, caller.workspace(), (&one.kind, &one.entity), SHOWN * 5)?;
                Ok::<_, rusqlite::Error>((one, history))
            });
            with_history.collect::<Result<Vec<_>, _>>()
        })?;
        let mut all: Vec<Entity> = found
            .into_iter()
            .map(|(one, history)| Entity {
                kind: one.kind,
                id: one.entity,
                risk: round(entities::risk(&history, now)),
                changed_at: Some(one.changed_at),
                history: Vec::new(),
                findings: Vec::new(),
                containments: Vec::new(),
                profile: None,
            })
            .collect();
        all.sort_by(|one, other| other.risk.total_cmp(&one.risk));
        Ok(all)
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<Entity>, ApiProblem> {
    known_kind(&kind)?;
    let found = state.blocking(move |state| {
        let now = state.log.clock().now();
        let filter = Filter {
            entity: Some((kind.clone(), id.clone())),
            is_unclosed: true,
            is_shadow: Some(false),
            ..Filter::default()
        };
        let (history, open) = state.db.read(|connection| {
            let history = entities::history(connection, caller.workspace(), (&kind, &id), SHOWN * 5)?;
            Ok::<_, rusqlite::Error>((history, stored::list(connection, caller.workspace(), &filter, SHOWN)?))
        })?;
        let contained =
            kind.parse::<TargetKind>().ok().map(|kind| containments::of_target(state, caller.workspace(), (kind, &id)));
        let risk = entities::risk(&history, now);
        let changed_at = history.first().map(|points| points.at);
        let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
        let history = history.into_iter().take(shown).map(|points| EntityPoints {
            at: points.at,
            points: round(points.points),
            left: round(points.left(now)),
            half_life: duration::display(points.half_life),
            rule_id: points.rule,
            finding_id: points.finding,
        });
        let profile = ProfileKind::parse(&kind)
            .and_then(|kind| state.detection.profiles().portrait(kind, &id, now.as_millis()))
            .map(|portrait| Box::new(profile(portrait)));
        Ok(Entity {
            profile,
            kind,
            id,
            risk: round(risk),
            changed_at,
            history: history.collect(),
            findings: open.into_iter().map(|one| findings::view(state, one)).collect(),
            containments: contained.transpose()?.unwrap_or_default(),
        })
    });
    found.await.map(Json)
}

fn profile(portrait: Portrait) -> EntityProfile {
    let uses = |all: Vec<Since>| -> Vec<EntityUse> {
        all.into_iter().map(|Since { name, first_seen, last_seen }| EntityUse { name, first_seen, last_seen }).collect()
    };
    let rates = portrait.rates.into_iter().map(|rate| EntityRate {
        metric: rate.metric.to_owned(),
        now: rate.now.map(fine),
        usual: fine(rate.usual),
        unusual_from: fine(rate.unusual_from),
        peers: rate.peers.map(fine),
        values: rate.values,
        text: rate.text,
    });
    let scores = portrait.scores.into_iter().map(|score| EntityScore {
        what: score.what.to_owned(),
        seen: fine(score.seen),
        expected: fine(score.expected),
        surprise: round(score.surprise),
        text: score.text,
    });
    EntityProfile {
        since: portrait.since,
        last_at: portrait.last_at,
        requests: portrait.requests,
        prompts: portrait.prompts,
        learning: portrait.is_learning,
        surprise: round(portrait.surprise),
        peak: EntityPeak { surprise: round(portrait.peak.0), at: portrait.peak.1 },
        usual_hours: portrait.usual_hours,
        hours: portrait.hours,
        rates: rates.collect(),
        models: uses(portrait.models),
        applications: uses(portrait.applications),
        networks: uses(portrait.networks),
        peers: portrait.peers.map(|peers| EntityPeers { team: peers.team, text: peers.text }),
        scores: scores.collect(),
    }
}

/// To a ten-thousandth: costs are small.
fn fine(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

/// Whether a containment still matters.
pub(super) const fn matters(state: Standing) -> bool {
    matches!(state, Standing::Active | Standing::Proposed)
}

pub(crate) async fn taxonomy(Shared(state): Shared<State>, _caller: Caller) -> Json<Taxonomy> {
    let settings = state.detection.settings();
    let severities = settings.taxonomy.levels.iter().map(|level| TaxonomyLevel {
        severity: level.severity,
        soc_level: level.soc.clone(),
        respond_within: level.respond_within.map(duration::display),
        response: level.response.clone(),
    });
    let answer = |(answer, then): &(String, String)| TriageAnswer { answer: answer.clone(), then: then.clone() };
    let categories = settings.taxonomy.entries.iter().map(|entry| TaxonomyCategory {
        category: entry.category,
        title: entry.title.clone(),
        source: entry.source.clone(),
        severity: entry.severity,
        severity_max: entry.severity_max,
        examples: entry.examples.clone(),
        owner: entry.owner.clone(),
        frameworks: frameworks(entry.frameworks.clone()),
        triage: entry
            .triage
            .iter()
            .map(|step| TriageStep { ask: step.ask.clone(), answers: step.answers.iter().map(answer).collect() })
            .collect(),
    });
    let (severities, categories) = (severities.collect(), categories.collect());
    std::future::ready(Json(Taxonomy { severities, categories })).await
}
