//! The paths that are understood. Whatever else is asked for is refused.

/// The longest name of a model in a path.
const MODEL_BYTES_MAX: usize = 128;

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
    /// `GET /v1/models/{id}` in either dialect; see [`Endpoint::model_id`].
    Model(Dialect),
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
            ("GET", path) if Self::model_id(path).is_some() => Some(Self::Model(guess)),
            _ => None,
        };
        endpoint.ok_or(Unsupported { dialect: guess })
    }

    /// The model that the path `/v1/models/{id}` names.
    pub fn model_id(path: &str) -> Option<&str> {
        let id = path.strip_prefix("/v1/models/")?;
        let is_plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b)) && !id.contains("..");
        (is_plain && !id.is_empty() && id != "." && id.len() <= MODEL_BYTES_MAX).then_some(id)
    }

    /// Its dialect.
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Messages | Self::CountTokens => Dialect::Anthropic,
            Self::Models(dialect) | Self::Model(dialect) => dialect,
            _ => Dialect::OpenAi,
        }
    }

    /// Its path at the gateway, without the model that [`Self::Model`] names.
    pub const fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
            Self::Completions => "/v1/completions",
            Self::Embeddings => "/v1/embeddings",
            Self::Models(_) | Self::Model(_) => "/v1/models",
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

#[cfg(test)]
mod tests;
