//! Every checkpoint that was ever fetched, as an auditor keeps them, and the proof that they are all of one log.

use crate::harness::Product;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use picket_log::{SignedHead, verify_checkpoint, verify_consistency};
use serde_json::Value;
use std::collections::BTreeMap;

/// Signed heads by log and size.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    heads: BTreeMap<(String, u64), SignedHead>,
    /// Verifier keys by log, as they were when the log was first seen.
    keys: BTreeMap<String, String>,
}

impl Checkpoints {
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Fetches the newest checkpoint of each log, and verifies its signature.
    pub(super) fn fetch(&mut self, product: &Product) {
        for log in product.get("/v1/log").as_array().unwrap() {
            let (id, vkey) = (log["id"].as_str().unwrap(), log["vkey"].as_str().unwrap());
            let known = self.keys.entry(id.to_owned()).or_insert_with(|| vkey.to_owned());
            assert_eq!(known, vkey, "the key of a log stays");
            let note = product.admin(Method::GET, &format!("/v1/log/{id}/checkpoint"), &Value::Null);
            if note.status == 404 {
                continue;
            }
            let head = verify_checkpoint(note.text.as_bytes(), vkey).unwrap_or_else(|error| panic!("{error}"));
            let earlier = self.heads.insert((id.to_owned(), head.size), head.clone());
            assert!(earlier.is_none_or(|earlier| earlier.root == head.root), "two roots were signed for one size");
        }
    }

    /// Asks for the proof that each checkpoint's tree was continued to the newest one's; how many there are.
    pub(super) fn verify(mut self, product: &Product) -> usize {
        self.fetch(product);
        assert!(!self.heads.is_empty());
        for ((id, size), head) in &self.heads {
            let (_, newest) = self.heads.range((id.clone(), 0)..=(id.clone(), u64::MAX)).next_back().unwrap();
            let path = format!("/v1/log/{id}/consistency?from={size}&to={}", newest.size);
            let proof: Vec<[u8; 32]> = product.get(&path)["proof"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hash| STANDARD.decode(hash.as_str().unwrap()).unwrap().try_into().unwrap())
                .collect();
            assert!(
                verify_consistency(&proof, head.size, head.root, newest.size, newest.root),
                "log {id}: the tree of {} entries does not continue that of {size}",
                newest.size
            );
        }
        self.heads.len()
    }
}
