//! The paths that are understood. Whatever else is asked for is refused.

/// Whose wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI.
    OpenAi,
    /// Anthropic.
    Anthropic,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST /v1/chat/completions`
    ChatCompletions,
    /// `POST /v1/responses`
    Responses,
    /// `POST /v1/completions`
    Completions,
    /// `POST /v1/embeddings`
    Embeddings,
    /// `GET /v1/models` in either dialect.
    Models(Dialect),
    /// `POST /v1/messages`
    Messages,
    /// `POST /v1/messages/count_tokens`
    CountTokens,
}

/// A path or method that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this gateway does not serve that path or method")]
pub struct Unsupported {
    /// The dialect that the refusal should speak.
    pub dialect: Dialect,
}

impl Endpoint {
    /// The endpoint of a request. Paths have one spelling: what is doubled, encoded, capitalised or longer is refused.
    /// `anthropic` tells that the caller sent a header that only Anthropic's clients send.
    pub fn of(method: &str, path: &str, anthropic: bool) -> Result<Self, Unsupported> {
        let guess = if anthropic || path.starts_with("/v1/messages") { Dialect::Anthropic } else { Dialect::OpenAi };
        let endpoint = match (method, path) {
            ("POST", "/v1/chat/completions") => Some(Self::ChatCompletions),
            ("POST", "/v1/responses") => Some(Self::Responses),
            ("POST", "/v1/completions") => Some(Self::Completions),
            ("POST", "/v1/embeddings") => Some(Self::Embeddings),
            ("GET", "/v1/models") => Some(Self::Models(guess)),
            ("POST", "/v1/messages") => Some(Self::Messages),
            ("POST", "/v1/messages/count_tokens") => Some(Self::CountTokens),
            _ => None,
        };
        endpoint.ok_or(Unsupported { dialect: guess })
    }

    /// Its dialect.
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Messages | Self::CountTokens | Self::Models(Dialect::Anthropic) => Dialect::Anthropic,
            _ => Dialect::OpenAi,
        }
    }

    /// Its path at the gateway.
    pub const fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
            Self::Completions => "/v1/completions",
            Self::Embeddings => "/v1/embeddings",
            Self::Models(_) => "/v1/models",
            Self::Messages => "/v1/messages",
            Self::CountTokens => "/v1/messages/count_tokens",
        }
    }

    /// Its path below a provider's base URL: those of OpenAI end in `/v1`, those of Anthropic do not.
    pub fn upstream_path(self) -> &'static str {
        match self.dialect() {
            Dialect::OpenAi => self.path().strip_prefix("/v1").unwrap_or(self.path()),
            Dialect::Anthropic => self.path(),
        }
    }
}
