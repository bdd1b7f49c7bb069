//! A configuration that comes into force changes what is recorded and kept: an act like others, remembered and written
//! down in one transaction.

use crate::config::Config;
use crate::open::Opened;
use picket_db::WriteError;
use picket_event::{Event, EventType};
use picket_gateway::{Audit, Auth, Capture};
use picket_log::{AppendError, EventLog};
use picket_stdx::duration;
use picket_store::meta;

const CONFIG_CHANGED: EventType = EventType::of("admin.config_changed");
/// Where the store remembers it.
const REMEMBERED: &str = "configuration";

/// What an auditor asks of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InForce {
    version: String,
    settings: Vec<(String, String)>,
}

impl InForce {
    fn of(config: &Config) -> Self {
        let audit = match config.audit {
            Audit::Strict => "strict",
            Audit::Ahead => "ahead",
            Audit::Buffered => "buffered",
        };
        let auth = match config.auth {
            Auth::Keys => "keys",
            Auth::Passthrough => "passthrough",
        };
        let capture = match config.capture {
            Capture::All => "all",
            Capture::Flagged => "flagged",
            Capture::None => "none",
        };
        let [bodies, entries, exports] =
            [config.keep_bodies, config.keep_entries, config.keep_exports].map(duration::display);
        let settings = [
            ("audit", audit),
            ("auth", auth),
            ("capture.bodies", capture),
            ("policies.approval", if config.approval { "required" } else { "none" }),
            ("review.exceptions", if config.allows_exceptions() { "true" } else { "false" }),
            ("retention.bodies", &bodies),
            ("retention.entries", &entries),
            ("retention.exports", &exports),
        ];
        let settings = settings.map(|(name, word)| (name.to_owned(), word.to_owned()));
        Self { version: config.version.clone(), settings: settings.into() }
    }

    /// As the store remembers it: the version, then a setting a line.
    fn text(&self) -> String {
        let settings = self.settings.iter().map(|(name, word)| format!("\n{name} {word}"));
        format!("{}{}", self.version, settings.collect::<String>())
    }

    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let version = lines.next().unwrap_or_default().to_owned();
        let settings = lines.filter_map(|line| line.split_once(' '));
        Self { version, settings: settings.map(|(name, word)| (name.to_owned(), word.to_owned())).collect() }
    }

    /// What is different from before, in words of the configuration.
    fn changes(&self, before: &Self) -> String {
        let was = |name: &String| before.settings.iter().find(|(other, _)| other == name).map(|(_, word)| word);
        let changed = self.settings.iter().filter_map(|(name, word)| {
            let was = was(name).filter(|was| *was != word)?;
            Some(format!("; {name}: {word}, was {was}"))
        });
        format!("configuration {}, was {}{}", self.version, before.version, changed.collect::<String>())
    }
}

/// Writes down that a configuration comes into force, if another one was in force before.
pub(crate) fn record(
    config: &Config,
    opened: &Opened,
    log: &EventLog,
    actor: &str,
) -> Result<(), WriteError<AppendError>> {
    let (log, workspace, actor, now) = (log.clone(), opened.workspace.clone(), actor.to_owned(), InForce::of(config));
    let ticket = opened.db.write(picket_db::Lane::Admin, "configuration.record", move |tx| {
        let before = meta::get(tx.connection(), REMEMBERED)?;
        let before = before.as_deref().map(InForce::read);
        if before.as_ref() == Some(&now) {
            return Ok(());
        }
        meta::set(tx, REMEMBERED, &now.text())?;
        let Some(before) = before else { return Ok(()) };
        let mut event = Event::new(CONFIG_CHANGED, workspace.as_str(), log.clock().now());
        event.actor = Some(actor);
        event.target = Some(format!("config:{}", now.version));
        event.config_version = Some(now.version.clone());
        event.reason = Some(now.changes(&before));
        log.append_in(tx, log.prepare(event, &[])).map(drop)
    });
    ticket.wait()
}
