//! Detection rules: what they do here, and who decided that.

use super::findings::{frameworks, problem};
use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{Rule, RuleChange, RulesReloaded, RulesStatus};
use picket_detect::Info;
use picket_event::{Category, Workspace};
use picket_store::detection::findings::{self, Tally};
use picket_store::detection::rules::RuleState;
use std::collections::HashMap;
use std::time::Duration;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["state", "source", "category", "parts"];
/// Findings of so long are counted.
const COUNTED: Duration = Duration::from_secs(90 * 86_400);

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Rule>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let category = parameters.get("category").map(str::parse::<Category>).transpose();
    let category = category.map_err(|error| ApiProblem::bad(format!("`category`: {error}")))?;
    let words = [("state", &["enabled", "shadow", "disabled"][..]), ("source", &["shipped", "configured"])];
    for (name, known) in words {
        if parameters.get(name).is_some_and(|word| !known.contains(&word)) {
            return Err(ApiProblem::bad(format!("`{name}` is one of {}", known.join(", "))));
        }
    }
    let parts = parameters.flag("parts")?;
    let found = state.blocking(move |state| {
        let set = state.detection.set();
        let tallies = tallies(state, caller.workspace())?;
        let all = set.infos.iter().filter(|info| parts || info.is_told).map(|info| view(state, info, &tallies));
        let is_wanted = |rule: &Rule| {
            parameters.get("state").is_none_or(|word| rule.state == word)
                && parameters.get("source").is_none_or(|word| rule.source == word)
                && category.is_none_or(|category| rule.category == Some(category))
        };
        Ok(all.filter(is_wanted).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Rule>, ApiProblem> {
    state.blocking(move |state| one(state, caller.workspace(), &id)).await.map(Json)
}

pub(crate) async fn status(Shared(state): Shared<State>, _caller: Caller) -> Json<RulesStatus> {
    let (set, load) = (state.detection.set(), state.detection.load());
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    std::future::ready(Json(RulesStatus {
        rules: count(set.rules.rules().len()),
        correlations: count(set.rules.correlations().len()),
        read_at: load.at,
        problems: load.problems,
        warnings: set.warnings.clone(),
    }))
    .await
}

pub(crate) async fn enable(
    state: Shared<State>,
    caller: Caller,
    id: Path<String>,
    change: Json<RuleChange>,
) -> Result<Json<Rule>, ApiProblem> {
    changed(state, caller, id, change, RuleState::Enabled).await
}

pub(crate) async fn shadow(
    state: Shared<State>,
    caller: Caller,
    id: Path<String>,
    change: Json<RuleChange>,
) -> Result<Json<Rule>, ApiProblem> {
    changed(state, caller, id, change, RuleState::Shadow).await
}

pub(crate) async fn disable(
    state: Shared<State>,
    caller: Caller,
    id: Path<String>,
    change: Json<RuleChange>,
) -> Result<Json<Rule>, ApiProblem> {
    changed(state, caller, id, change, RuleState::Disabled).await
}

async fn changed(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(change): Json<RuleChange>,
    wanted: RuleState,
) -> Result<Json<Rule>, ApiProblem> {
    if change.respond.is_some() && wanted != RuleState::Enabled {
        return Err(ApiProblem::bad("`respond` goes with `enable`: a rule that finds nothing for people does nothing"));
    }
    let done = state.blocking(move |state| {
        let made = state.detection.choose(&id, (wanted, change.respond), &change.reason, caller.id());
        let choice = made.map_err(|error| problem(&error))?;
        one(state, caller.workspace(), &choice.rule)
    });
    done.await.map(Json)
}

pub(crate) async fn reload(Shared(state): Shared<State>, _caller: Caller) -> Result<Json<RulesReloaded>, ApiProblem> {
    let done = state.blocking(|state| {
        let refuse = |problems: Vec<String>| {
            let detail = "the rules do not load; the old ones stay in force";
            ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_rules", detail).with_problems(problems)
        };
        let changed = state.detection.reload_files().map_err(refuse)?;
        let rules = u64::try_from(state.detection.set().infos.len()).unwrap_or(u64::MAX);
        Ok(RulesReloaded { changed, rules })
    });
    done.await.map(Json)
}

fn one(state: &State, workspace: &Workspace, name: &str) -> Result<Rule, ApiProblem> {
    let set = state.detection.set();
    let info = set.find(name).and_then(|at| set.infos.get(at)).ok_or_else(|| ApiProblem::not_found("rule"))?;
    Ok(view(state, info, &tallies(state, workspace)?))
}

fn tallies(state: &State, workspace: &Workspace) -> Result<HashMap<String, Tally>, ApiProblem> {
    let since = state.log.clock().now().minus(COUNTED);
    let all = state.db.read(|connection| findings::tallies(connection, workspace, since))?;
    Ok(all.into_iter().map(|tally| (tally.rule.clone(), tally)).collect())
}

fn view(state: &State, info: &Info, tallies: &HashMap<String, Tally>) -> Rule {
    let (rule_state, responds) = state.detection.standing(info);
    let (choice, tally) = (state.detection.choice(&info.key), tallies.get(&info.key).cloned().unwrap_or_default());
    let responses = info.extension.responses.iter().map(|response| {
        let target = response.target.as_ref().map(|entity| entity.kind.as_str()).unwrap_or_default();
        format!("{} {target}", response.effect.as_str()).trim_end().to_owned()
    });
    let category = info.extension.category;
    Rule {
        id: info.key.clone(),
        title: info.title.clone(),
        state: if info.is_told { rule_state.as_str() } else { "part" }.to_owned(),
        responds: responds && info.is_told,
        responses: responses.collect(),
        source: info.origin.as_str().to_owned(),
        place: info.place.clone(),
        kind: if info.is_correlation { "correlation" } else { "single" }.to_owned(),
        severity: info.severity.unwrap_or_else(|| state.detection.settings().taxonomy.severity(category)),
        category,
        status: info.status.map(|status| status.as_str().to_owned()),
        description: info.description.clone(),
        author: info.author.clone(),
        digest: info.digest.clone(),
        tests: u64::try_from(info.tests).unwrap_or(u64::MAX),
        lacks: info.lacks.clone(),
        findings: tally.findings,
        matches: tally.hits,
        true_positives: tally.true_positive + tally.benign,
        false_positives: tally.false_positive,
        undecided: tally.undecided,
        last_fired_at: tally.last_at,
        changed_by: choice.as_ref().map(|choice| choice.changed_by.clone()),
        changed_at: choice.as_ref().map(|choice| choice.changed_at),
        change_reason: choice.map(|choice| choice.reason),
        frameworks: frameworks(info.frameworks.clone()),
        equivalents: info.extension.equivalents.clone(),
    }
}
