//! What a request tells its model in confidence, for the checks that compare answers with it.

use crate::chain::Toolbox;
use crate::compile::Policy;
use crate::judgement::Subject;
use crate::kind::Kind;
use lru::LruCache;
use picket_content::leak::{Confidence, Prompt};
use picket_content::{Check, Settings};
use picket_event::{Phase, Role};
use picket_llm::Request;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// Prompts that are kept prepared: applications send the same one with each request.
const KEPT: usize = 128;
/// Longer prompts are prepared each time, so that what is kept stays small.
const KEPT_BYTES_MAX: usize = 16 * 1_024;

/// Prepared prompts. Bounded.
#[derive(Debug)]
pub(crate) struct Prompts {
    hashers: [RandomState; 2],
    known: Mutex<LruCache<[u64; 2], Arc<Prompt>>>,
}

impl Default for Prompts {
    fn default() -> Self {
        let capacity = NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN);
        Self { hashers: Default::default(), known: Mutex::new(LruCache::new(capacity)) }
    }
}

impl Prompts {
    fn get(&self, texts: &[&str]) -> Arc<Prompt> {
        if texts.iter().map(|text| text.len()).sum::<usize>() > KEPT_BYTES_MAX {
            return Arc::new(Prompt::new(texts));
        }
        // Two hashes with secrets of their own: nobody can make another prompt that is taken for this one.
        let key = self.hashers.each_ref().map(|hasher| hasher.hash_one(texts));
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prompt) = known().get(&key) {
            return Arc::clone(prompt);
        }
        let prompt = Arc::new(Prompt::new(texts));
        known().put(key, Arc::clone(&prompt));
        prompt
    }
}

impl Policy {
    /// What an answer to a request must not repeat: its system prompt, credentials in what tools said, and the tokens
    /// that the document names. `None` if no check asks, or there is nothing.
    pub fn confidence(&self, request: &Request, subject: &Subject<'_>, tools: &Toolbox) -> Option<Confidence> {
        let mut asked = false;
        let mut canaries: Vec<String> = Vec::new();
        for check in self.concerning(subject, Phase::Output) {
            if let Kind::Content { check: Check::PromptLeak, settings, .. } = &check.kind {
                asked = true;
                canaries
                    .extend(if let Settings::Canaries(own) = settings { own.as_slice() } else { &[] }.iter().cloned());
            }
        }
        if !asked {
            return None;
        }
        let of = |roles: &[Role]| -> Vec<&str> {
            let parts = request.parts().iter().filter(|part| roles.contains(&part.role));
            parts.map(|part| request.text(part)).collect()
        };
        let prompt = tools.prompts.get(&of(&[Role::System]));
        Confidence::new(prompt, &of(&[Role::User]), &of(&[Role::Tool, Role::Definition]), &canaries)
    }
}
