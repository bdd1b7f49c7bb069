//! Is everything as it should be?

use super::Context;
use crate::args::ShowArgs;
use crate::failure::Failure;
use picket_api_types::{Health, WhoAmI};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) fn run(show: &ShowArgs, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let mut checks: Vec<Value> = Vec::new();
    let mut check = |name: &str, result: Result<String, String>| {
        let (passed, detail) = result.map_or_else(|cause| (false, cause), |detail| (true, detail));
        checks.push(json!({"check": name, "passed": passed, "detail": detail}));
    };
    let alive = client.alive();
    let health: Result<Health, Failure> = client.get("/v1/health", &[]);
    let version =
        health.as_ref().map_or_else(|_| "it answers".to_owned(), |health| format!("version {}", health.version));
    check("server reachable", alive.map(|()| version).map_err(|error| short(&error)));
    let who: Result<WhoAmI, Failure> = client.get("/v1/whoami", &[]);
    check("token valid", who.map(|who| format!("{} ({})", who.name, who.role)).map_err(|error| short(&error)));
    if let Ok(health) = &health {
        let causes = health.causes.join("; ");
        check(
            "ready",
            match health.ready {
                true if causes.is_empty() => Ok("yes".to_owned()),
                true => Ok(format!("yes, but {causes}")),
                false => Err(causes),
            },
        );
        for consumer in &health.consumers {
            let name = format!("consumer {}", consumer.name);
            check(&name, consumer.error.clone().map_or_else(|| Ok(format!("{} behind", consumer.lag)), Err));
        }
        for provider in &health.providers {
            let name = format!("provider {}", provider.name);
            check(&name, provider.error.clone().map_or_else(|| Ok("nothing known against it".to_owned()), Err));
        }
        let days = health.disk_days_left.map(|days| format!("full in about {days} days"));
        let room = health.disk_free_bytes.map(|bytes| format!("{} MiB free", bytes / 1_048_576));
        check("disk", Ok([room, days].into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    let failed = checks.iter().any(|check| check.get("passed") == Some(&Value::Bool(false)));
    context.list(&checks, &["check", "passed", "detail"], show)?;
    Ok(ExitCode::from(if failed { 6 } else { 0 }))
}

fn short(failure: &Failure) -> String {
    failure.to_string()
}
