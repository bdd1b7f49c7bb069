//! A server that is killed under load: whatever was answered is there, once.

use crate::harness::Product;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use picket_egress::{Limits, Upstream};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Kills in the ordinary run; `PICKET_KILLS` sets another number.
const KILLS: usize = 3;

/// Ends with the test, whatever happens.
struct Served {
    child: Child,
    gateway: String,
    api: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn serve(product: &Product) -> Served {
    let mut child = Command::new(env!("CARGO_BIN_EXE_picket"))
        .args(["serve", "--config"])
        .arg(product.folder.path().join("picket.yaml"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut address = |name: &str| {
        let line = lines.find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("the server did not say {name}"));
        line.split_whitespace().last().unwrap().to_owned()
    };
    let (gateway, api) = (address("gateway"), address("control API"));
    std::thread::spawn(move || lines.for_each(drop));
    Served { child, gateway, api }
}

#[test]
fn no_acknowledged_event_is_lost_or_doubled_by_kills_under_load() {
    let kills = std::env::var("PICKET_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let mut product = Product::start();
    product.stop();
    let acknowledged: Arc<Mutex<HashMap<String, u16>>> = Arc::default();
    let mut fired = 0;
    for round in 0..kills {
        let mut served = serve(&product);
        let stop = Arc::new(AtomicBool::new(false));
        let workers: Vec<_> =
            (0..4).map(|worker| load(&product, &served.gateway, worker, &stop, &acknowledged)).collect();
        let before = acknowledged.lock().unwrap().len();
        // The kill comes while requests run, at another moment each time.
        product.wait("load", |_| (acknowledged.lock().unwrap().len() >= before + 20 + round * 7 % 40).then_some(()));
        served.child.kill().unwrap();
        served.child.wait().unwrap();
        fired += 1;
        stop.store(true, Ordering::SeqCst);
        for worker in workers {
            product.runtime.block_on(worker).unwrap();
        }
    }
    assert_eq!(fired, kills);
    let served = serve(&product);
    product.api.clone_from(&served.api);
    let acknowledged = acknowledged.lock().unwrap().clone();
    // What was answered with 503 was not recorded, and said so.
    let recorded: Vec<&String> = acknowledged.iter().filter(|(_, status)| **status != 503).map(|(id, _)| id).collect();
    assert!(recorded.len() >= 20 * kills);
    let events = product.wait("every acknowledged event", |product| {
        let events = product.get("/v1/events").as_array().unwrap().clone();
        let found: std::collections::HashSet<_> =
            events.iter().filter_map(|event| event["event_id"].as_str()).map(str::to_owned).collect();
        recorded.iter().all(|id| found.contains(*id)).then_some(events)
    });
    let mut seen: HashMap<String, usize> = HashMap::new();
    for event in &events {
        *seen.entry(event["event_id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert!(seen.values().all(|count| *count == 1), "an event appears twice");
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
}

fn load(
    product: &Product,
    gateway: &str,
    worker: usize,
    stop: &Arc<AtomicBool>,
    acknowledged: &Arc<Mutex<HashMap<String, u16>>>,
) -> tokio::task::JoinHandle<()> {
    let upstream = Upstream::new(gateway, Limits { head: Duration::from_secs(5), ..Limits::default() }).unwrap();
    let (stop, acknowledged, key) = (Arc::clone(stop), Arc::clone(acknowledged), product.key.clone());
    product.runtime.spawn(async move {
        let mut number = 0;
        while !stop.load(Ordering::SeqCst) {
            number += 1;
            let mut headers = HeaderMap::new();
            headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {key}")).unwrap());
            let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": format!("worker {worker} number {number}")}]}).to_string();
            if let Ok(answer) = upstream.send(Method::POST, "/v1/chat/completions", headers, Bytes::from(body)).await {
                let id = answer.headers()["picket-event"].to_str().unwrap().to_owned();
                acknowledged.lock().unwrap().insert(id, answer.status().as_u16());
            }
        }
    })
}
