//! Clients that ask without a pause, and remember every answer.

use crate::harness::Product;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use picket_egress::{Limits, Upstream};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

const CLIENTS: usize = 4;

/// Answers by the id of their event, over all rounds.
#[derive(Debug, Default)]
pub(super) struct Load(Arc<Mutex<HashMap<String, u16>>>);

/// Clients of one server.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    pub(super) fn answered(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub(super) fn answers(&self) -> HashMap<String, u16> {
        self.0.lock().unwrap().clone()
    }

    pub(super) fn start(&self, product: &Product, gateway: &str) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..CLIENTS).map(|client| self.client(product, gateway, client, &stop)).collect();
        Running { stop, clients }
    }

    fn client(&self, product: &Product, gateway: &str, client: usize, stop: &Arc<AtomicBool>) -> JoinHandle<()> {
        let upstream = Upstream::new(gateway, Limits { head: Duration::from_secs(5), ..Limits::default() }).unwrap();
        let (stop, answers, key) = (Arc::clone(stop), Arc::clone(&self.0), product.key.clone());
        product.runtime.spawn(async move {
            let mut number = 0;
            while !stop.load(Ordering::SeqCst) {
                number += 1;
                let mut headers = HeaderMap::new();
                headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {key}")).unwrap());
                let content = format!("client {client} number {number}");
                let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}).to_string();
                let sent = upstream.send(Method::POST, "/v1/chat/completions", headers, Bytes::from(body)).await;
                if let Ok(answer) = sent {
                    let id = answer.headers()["picket-event"].to_str().unwrap().to_owned();
                    answers.lock().unwrap().insert(id, answer.status().as_u16());
                }
            }
        })
    }
}

impl Running {
    /// Waits until every client has noticed.
    pub(super) fn stop(self, product: &Product) {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients {
            product.runtime.block_on(client).unwrap();
        }
    }
}
