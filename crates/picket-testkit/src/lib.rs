//! For tests, the demo and benchmarks: a model provider that speaks the OpenAI and Anthropic dialects, a service that
//! judges texts, an identity provider, destinations of events, and values that look secret but are made up at run time.
//!
//! Nobody can run a real provider inside a test, so this one stands for it. What it answers is steered by directives in
//! the last user message, see [`provider::Plan`].

pub mod idp;
pub mod provider;
pub mod receivers;
pub mod scene;
pub mod service;
pub mod values;
