//! How old what is told is when a webhook's receiver has it, how many messages a webhook is sent a second, and what a
//! receiver that is dead does to another.
//!
//! `cargo xt bench webhooks [RATE] [SECONDS] [MESSAGES]`: the whole product in this process, with webhooks of every request
//! that ended (`event.created`) at receivers in it too, which verify no signature. RATE events a second for SECONDS beside
//! nothing, the same beside a webhook where nobody is, and MESSAGES at once. Each ends when all have arrived.

#[path = "../contain_bench/product.rs"]
mod product;

use http::Method;
use picket_stdx::{Clock, Timestamp};
use picket_testkit::provider::{Config as ProviderConfig, Provider};
use picket_testkit::receivers::http::{Ask, Reply, Server};
use product::{LIMIT, Outcome, Product, append, say, tell};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const POLICY: &str = "policies: { chain: [audit-logger] }\npolicy: { audit-logger: { immutable: true } }\n";

fn main() -> Outcome<()> {
    let number = |at: usize, default: u64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (rate, seconds, messages) = (number(1, 200)?, number(2, 15)?, number(3, 5_000)?);
    let folder = tempfile::tempdir()?;
    let runtime = Runtime::new()?;
    let provider = runtime.block_on(Provider::start(ProviderConfig::default()))?;
    let more = "integrations: { allow: [127.0.0.0/8] }\n";
    let product = Product::start(folder.path(), (&provider, runtime), (POLICY, more))?;
    let good = Receiver::start()?;
    subscribe(&product, "good", &good.server.url())?;
    live(&product, &good, rate, seconds, "alone")?;
    let nobody = format!("http://{}", TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    subscribe(&product, "dead", &nobody)?;
    live(&product, &good, rate, seconds, "beside one where nobody is")?;
    let begun = Instant::now();
    for begin in (0..messages).step_by(500) {
        let tickets: Vec<_> = (begin..messages.min(begin + 500)).map(|number| append(&product.log, number)).collect();
        tickets.into_iter().try_for_each(|ticket| ticket.wait().map(drop))?;
    }
    good.until(messages)?;
    let rate = f64::from(u32::try_from(messages)?) / begun.elapsed().as_secs_f64();
    say(&format!("{messages} at once, beside one where nobody is: {rate:.0} messages/s"));
    product.drain()?;
    product.stop()
}

/// Traffic at a rate, and how old each message was when it arrived.
fn live(product: &Product, good: &Receiver, rate: u64, seconds: u64, name: &str) -> Outcome<()> {
    let (ends, begun) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let traffic = product.traffic(rate, &ends);
    while begun.elapsed() < Duration::from_secs(seconds) {
        std::thread::sleep(Duration::from_millis(20));
    }
    ends.store(true, Ordering::Relaxed);
    let sent = traffic.join().map_err(|_panic| "the traffic panicked")?;
    tell(&format!("{sent} messages, {rate} a second, {name}"), good.until(sent)?);
    Ok(())
}

fn subscribe(product: &Product, name: &str, url: &str) -> Outcome<()> {
    let wanted = json!({"name": name, "url": format!("{url}/hook"), "events": ["event.created"]});
    product.admin(Method::POST, "/v1/webhooks", &wanted).map(drop)
}

/// Takes what comes, and looks how old it is.
struct Receiver {
    server: Server,
    ages: Arc<Mutex<Vec<Duration>>>,
}

impl Receiver {
    fn start() -> Outcome<Self> {
        let ages = Arc::<Mutex<Vec<Duration>>>::default();
        let kept = Arc::clone(&ages);
        let clock = Clock::system();
        let server = Server::forgetting(move |ask: &Ask| {
            let message: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
            let recorded = message.get("timestamp").and_then(Value::as_str).and_then(|at| at.parse::<Timestamp>().ok());
            let age = recorded.map_or(LIMIT, |recorded| clock.now().since(recorded));
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(age);
            Reply::empty(204)
        })?;
        Ok(Self { server, ages })
    }

    /// Waits for so many messages; how old each was.
    fn until(&self, count: u64) -> Outcome<Vec<Duration>> {
        let begun = Instant::now();
        loop {
            let mut ages = self.ages.lock().unwrap_or_else(PoisonError::into_inner);
            if u64::try_from(ages.len())? >= count {
                return Ok(std::mem::take(&mut ages));
            }
            if begun.elapsed() > LIMIT * 6 {
                return Err(format!("{} of {count} messages arrived", ages.len()).into());
            }
            drop(ages);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
