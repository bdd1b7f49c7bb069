//! The control API: one file per endpoint, problem documents, OpenAPI.
