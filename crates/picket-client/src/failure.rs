//! Why a command failed, and the exit code that says so.

use crate::output;
use picket_api_types::Problem;
use picket_stdx::escape;
use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

/// The kinds of failure. The number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Anything else.
    General = 1,
    /// The command line is wrong.
    Usage = 2,
    /// What was asked for does not exist.
    NotFound = 3,
    /// No credential, or not enough rights.
    Denied = 4,
    /// Somebody else was first.
    Conflict = 5,
    /// A check that was asked for did not pass.
    Gate = 6,
    /// The server cannot be reached, or took too long.
    Unreachable = 7,
    /// Somebody pressed Ctrl-C.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    code: String,
    message: String,
    request_id: Option<String>,
    retryable: bool,
    closed_pipe: bool,
}

impl Failure {
    /// A failure of a kind.
    pub fn new(kind: Kind, message: impl fmt::Display) -> Self {
        let code = match kind {
            Kind::General => "failed",
            Kind::Usage => "usage",
            Kind::NotFound => "not_found",
            Kind::Denied => "denied",
            Kind::Conflict => "conflict",
            Kind::Gate => "gate_failed",
            Kind::Unreachable => "unreachable",
            Kind::Interrupted => "interrupted",
        };
        Self {
            kind,
            code: code.to_owned(),
            message: message.to_string(),
            request_id: None,
            retryable: kind == Kind::Unreachable,
            closed_pipe: false,
        }
    }

    /// A failure of no special kind: exit code 1.
    pub fn general(message: impl fmt::Display) -> Self {
        Self::new(Kind::General, message)
    }

    /// Somebody pressed Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted")
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// Whether somebody pressed Ctrl-C.
    pub fn is_interrupted(&self) -> bool {
        self.kind == Kind::Interrupted
    }

    /// Whether it was for want of rights.
    pub fn is_denied(&self) -> bool {
        self.kind == Kind::Denied
    }

    /// The command line is wrong: exit code 2.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The same failure, with what to do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        self.message = format!("{}; {advice}", self.message);
        self
    }

    /// Whether it is of this code.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// From a problem document of the server; `filter` is the text that a column refers to.
    pub fn of_problem(problem: &Problem, filter: Option<&str>) -> Self {
        let kind = match problem.status {
            404 => Kind::NotFound,
            401 | 403 => Kind::Denied,
            409 | 412 => Kind::Conflict,
            400 | 413 | 415 | 422 => Kind::Usage,
            502..=504 => Kind::Unreachable,
            _ => Kind::General,
        };
        let mut message = problem.detail.clone().unwrap_or_else(|| problem.title.clone());
        for line in &problem.problems {
            message.push_str("\n  ");
            message.push_str(line);
        }
        if let Some((column, filter)) = problem.column.zip(filter) {
            let caret = " ".repeat(column.saturating_sub(1));
            message = format!("{message}\n  {filter}\n  {caret}^");
        }
        let named = |suggestion: &&String| message.contains(suggestion.as_str());
        if let Some(suggestion) = problem.suggestion.as_ref().filter(|suggestion| !named(suggestion)) {
            message = format!("{message}\n  did you mean `{suggestion}`?");
        }
        Self {
            code: problem.code.clone(),
            request_id: Some(problem.request_id.clone()),
            retryable: problem.retryable,
            ..Self::new(kind, message)
        }
    }

    /// Prints the failure on standard error, and returns its exit code.
    pub fn report(&self, as_json: bool) -> ExitCode {
        if self.closed_pipe {
            return ExitCode::SUCCESS;
        }
        let text = if as_json {
            let error = serde_json::json!({"error": {
                "code": self.code, "message": self.message, "request_id": self.request_id, "retryable": self.retryable
            }});
            error.to_string()
        } else {
            let lines: Vec<_> = self.message.lines().map(escape::terminal).collect();
            let id =
                self.request_id.as_ref().map(|id| format!("\n(request {})", escape::terminal(id))).unwrap_or_default();
            format!("{} {}{id}", output::color_of_failures("picket:"), lines.join("\n"))
        };
        writeln!(anstream::stderr(), "{text}").unwrap_or_default();
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let closed_pipe = error.kind() == std::io::ErrorKind::BrokenPipe;
        Self { closed_pipe, ..Self::general(&error) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::general(format!("the server's answer cannot be read: {error}"))
    }
}
