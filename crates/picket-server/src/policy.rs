//! The policy in force: from files or from the store, swapped while requests run.

use crate::build::StartError;
use crate::config::{Config, PolicySource, unset};
use crate::open::Opened;
use picket_db::Lane;
use picket_event::{Event, EventType, Phase, Severity};
use picket_gateway::{Jwt, Reach, Remote, Snapshot};
use picket_log::{AppendError, EventLog};
use picket_policy::{Digest, Exception, Exceptions, Policy, Problem, Problems, Scope, TokenSource};
use picket_review::EXCEPTIONS_MAX;
use picket_stdx::Clock;
use picket_stdx::encode::unhex;
use picket_store::exceptions;
use picket_store::policies::{self, PolicyVersion};
use std::sync::Arc;

/// What variables of the environment a policy may name that did not come from the operator's file.
const TOKEN_PREFIX: &str = "PICKET_REMOTE_";
/// What keyed digests of texts are for that exceptions name.
pub(crate) const TEXTS: &str = "exception";

/// Stores a text as the policy in force, with its event; the same text makes no new version.
pub(crate) fn activate(
    config: &Config,
    opened: &Opened,
    log: &EventLog,
    (text, author): (&str, &str),
    break_glass: Option<&str>,
) -> Result<PolicyVersion, StartError> {
    let policy = picket_policy::compile(text, "policy").map_err(|problems| StartError::Store(problems.to_string()))?;
    // What cannot be set up does not come into force.
    remotes(config, &policy, &[]).map_err(|problems| StartError::Store(problems.to_string()))?;
    let (log, workspace, text, author) = (log.clone(), opened.workspace.clone(), text.to_owned(), author.to_owned());
    let (digest, now, break_glass) = (policy.digest().to_owned(), log.clock().now(), break_glass.map(str::to_owned));
    let ticket = opened.db.write(Lane::Admin, "policy.activate", move |tx| {
        let before = policies::active(tx.connection(), &workspace)?;
        let mut active = policies::activate(tx, &workspace, &text, &digest, &author, now)?;
        if before.is_none_or(|before| before.version != active.version) {
            let mut types = vec!["policy.deployed"];
            if let Some(why) = &break_glass {
                types.push("policy.break_glass");
                policies::mark_break_glass(tx, &workspace, active.version, why)?;
                active.break_glass = Some(why.clone());
            }
            for event_type in types {
                let mut event = Event::new(EventType::of(event_type), workspace.as_str(), now);
                event.actor = Some(author.clone());
                event.target = Some(format!("policy:{}", active.version));
                (event.policy_version, event.policy_digest) = (Some(active.version), Some(active.digest.clone()));
                if let Some(why) = &break_glass {
                    event.severity = Severity::High;
                    event.reason = Some(format!("without a second person: {why}"));
                }
                log.append_in(tx, log.prepare(event, &[]))?;
            }
        }
        Ok::<_, AppendError>(active)
    });
    ticket.wait().map_err(|error| StartError::Store(error.to_string()))
}

/// The version that requests are judged by from now on.
pub(crate) fn in_force(config: &Config, opened: &Opened, log: &EventLog) -> Result<PolicyVersion, StartError> {
    if let PolicySource::File(text) = &config.policy {
        return activate(config, opened, log, (text, "file"), None);
    }
    let stored = opened.db.read(|connection| policies::active(connection, &opened.workspace));
    match stored.map_err(|error| StartError::Store(error.to_string()))? {
        Some(active) => Ok(active),
        None => activate(config, opened, log, (picket_policy::DEFAULT, "default"), None),
    }
}

/// The services that a policy asks. Those that are the same as before keep their connections and what is known of them.
pub(crate) fn remotes(config: &Config, policy: &Policy, before: &[Arc<Remote>]) -> Result<Vec<Arc<Remote>>, Problems> {
    let is_of_file = matches!(config.policy, PolicySource::File(_));
    // The operator's file may name any address, as it does for providers; others may name what it allows.
    let gate = (!is_of_file).then(|| config.remotes.gate.clone().unwrap_or_default());
    let reach = Reach { gate, ca: config.remotes.ca.clone() };
    let mut problems = Problems::new("policy");
    let mut all = Vec::new();
    for (name, settings) in policy.remotes() {
        let token = settings.token.as_ref().map(|token| (token, secret(&token.source, is_of_file)));
        let token = match token {
            Some((place, Err(message))) => {
                problems.list.push(Problem { line: place.line, column: place.column, message });
                continue;
            }
            Some((_, Ok(token))) => Some(token),
            None => None,
        };
        match Remote::new(name, settings, token.as_deref(), reach.clone()) {
            Ok(new) => {
                let known = before.iter().find(|known| known.is_same(&new)).cloned();
                all.push(known.unwrap_or_else(|| Arc::new(new)));
            }
            Err(error) => problems.list.push(Problem { line: 1, column: 1, message: format!("{name}: {error}") }),
        }
    }
    problems.or(all)
}

/// The credential, or what is wrong; the message names no more of a place than whoever wrote it knows.
fn secret(source: &TokenSource, is_of_file: bool) -> Result<String, String> {
    let read = match source {
        TokenSource::Env(name) if !is_of_file && !name.starts_with(TOKEN_PREFIX) => {
            return Err(format!(
                "a policy that comes through the API may only name variables that begin with {TOKEN_PREFIX}"
            ));
        }
        TokenSource::File(_) if !is_of_file => {
            return Err(format!(
                "a policy that comes through the API names no files of the server; write {{ env: {TOKEN_PREFIX}… }}"
            ));
        }
        TokenSource::Env(name) => std::env::var(name).map_err(|_error| unset(name)),
        TokenSource::File(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("the file of the token cannot be read: {error}"))
        }
    };
    let token = read?.trim().to_owned();
    if token.is_empty() {
        return Err("the token is empty".to_owned());
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the token holds characters that no header can carry".to_owned());
    }
    Ok(token)
}

/// The issuer of tokens that callers may show. One that is the same as before keeps what is known of it.
fn jwt(config: &Config, before: Option<&Arc<Jwt>>, clock: &Clock) -> Result<Option<Arc<Jwt>>, StartError> {
    let Some(settings) = config.jwt.clone() else { return Ok(None) };
    let new = Jwt::new(settings, clock).map_err(|error| StartError::Store(picket_stdx::error_chain(&error)))?;
    let known = before.filter(|known| known.is_same(&new)).cloned();
    Ok(Some(known.unwrap_or_else(|| Arc::new(new))))
}

/// The exceptions in force: none, where the configuration does not allow any.
pub(crate) fn exceptions(config: &Config, opened: &Opened) -> Result<Exceptions, StartError> {
    let keyring = opened.keyring.clone();
    let digest: Digest = Arc::new(move |text| keyring.keyed_hash(TEXTS, text.as_bytes()));
    if !config.allows_exceptions() {
        return Ok(Exceptions::default());
    }
    let read = |connection: &_| exceptions::list(connection, &opened.workspace, (Some("active"), None), EXCEPTIONS_MAX);
    let stored = opened.db.read(read).map_err(|error| StartError::Store(error.to_string()))?;
    Ok(Exceptions::new(stored.into_iter().map(compiled), digest))
}

/// An exception as requests are judged by it. What it says is checked where it is made.
fn compiled(stored: exceptions::Exception) -> Exception {
    let covers = stored.covers;
    let phase = match covers.direction.as_deref() {
        Some("input") => Some(Phase::Input),
        Some("output") => Some(Phase::Output),
        _ => None,
    };
    // A digest that cannot be read is that of no text.
    let digest = |text: &String| unhex(text).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
    Exception {
        id: stored.id,
        policy: covers.policy,
        finding: covers.finding,
        rules: covers.rules,
        phase,
        scope: Scope {
            user: covers.user,
            team: covers.team,
            application: covers.application,
            key: covers.key,
            model: covers.model,
        },
        texts: covers.texts.iter().map(digest).collect(),
        expires_at: stored.expires_at,
    }
}

/// The snapshot of a configuration and a policy version, which takes over from the one before.
pub(crate) fn snapshot(
    config: &Config,
    opened: &Opened,
    version: &PolicyVersion,
    before: Option<&Snapshot>,
    clock: &Clock,
) -> Result<Snapshot, StartError> {
    let policy =
        picket_policy::compile(&version.text, "policy").map_err(|problems| StartError::Store(problems.to_string()))?;
    let jwt = jwt(config, before.and_then(|before| before.jwt.as_ref()), clock)?;
    let before = before.map(|before| before.remotes.as_slice()).unwrap_or_default();
    let remotes = remotes(config, &policy, before).map_err(|problems| StartError::Store(problems.to_string()))?;
    Ok(Snapshot {
        config_version: config.version.clone(),
        gateway_id: format!("gw_{}", config.host),
        auth: config.auth,
        jwt,
        audit: config.audit,
        patience: config.patience,
        capture: config.capture,
        providers: config.providers.clone(),
        routes: config.routes.clone(),
        prices: config.prices.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        policy: Arc::new(policy),
        exceptions: Arc::new(exceptions(config, opened)?),
        remotes,
        policy_version: version.version,
    })
}
