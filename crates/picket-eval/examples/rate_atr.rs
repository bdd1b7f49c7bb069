//! How good the pack `atr` is: its authors' own cases, harmless texts, attacks, time and memory.
//!
//! `cargo xt eval atr FOLDER [CORPORA] [--usual]`: FOLDER is the package, unpacked, since its cases are not part of this
//! repository; CORPORA are labelled texts as `cargo xt eval` takes them; `--usual` leaves the noisy rules out, as policies
//! do. Time is the kernel's account of this thread, and has all that is compiled on the way in it.

use picket_content::custom::pack::{Pack, Packed};
use picket_content::custom::{Lane, Rules, Spec};
use picket_eval::Outcome;
use picket_eval::atr::Package;
use picket_eval::atr::rating::{Found, Rater, Tally, loud, percent, tried};
use picket_eval::corpus::{self, say, text};
use std::path::Path;
use std::time::Duration;

const THRESHOLD: f32 = 0.5;

fn main() -> Outcome<()> {
    let (options, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let is_usual = match options.as_slice() {
        [] => false,
        [option] if option == "--usual" => true,
        _ => return Err("the only option is `--usual`".into()),
    };
    let [folder, corpora @ ..] = arguments.as_slice() else { return Err("name the folder of the package".into()) };
    let mut packed = Pack::named("atr").ok_or("there is no pack `atr`")?.rules()?;
    packed.retain(|packed| !is_usual || packed.noise.is_none());
    let specs: Vec<Spec> = packed.iter().map(|packed| packed.spec.clone()).collect();
    let (begun, memory) = (cpu()?, memory()?);
    let rules = Rules::compile_for(Lane::Late, &specs, THRESHOLD).map_err(|refusals| format!("{refusals:?}"))?;
    say(&format!(
        "{} rules compiled in {:.2} s of CPU, {:.1} MiB",
        rules.len(),
        cpu()?.saturating_sub(begun).as_secs_f64(),
        mib(memory)?
    ));
    own_cases(&Package::read(Path::new(folder))?, &rules);
    say(&format!("{:.1} MiB after its cases", mib(memory)?));
    for folder in corpora {
        of_others(Path::new(folder), &rules, &packed)?;
        say(&format!("\n{:.1} MiB after all texts", mib(memory)?));
    }
    Ok(())
}

fn own_cases(package: &Package, rules: &Rules) {
    let tried = tried(package, rules);
    let line = |tally: Tally| format!("{:5} of {:5} {:6.2} %", tally.right, tally.of, tally.percent());
    say("\nown cases                   found                    left alone");
    for (category, own) in &tried.categories {
        say(&format!("{category:24} {}   {}", line(own.positives), line(own.negatives)));
    }
    let all = tried.all();
    say(&format!("{:24} {}   {}", "all", line(all.positives), line(all.negatives)));
    let missing = package.cases - all.positives.of - all.negatives.of;
    say(&format!("cases of the {} rules of which nothing could be read: {missing}", package.missing().len()));
    for ((id, is_positive), count) in &tried.wrong {
        say(&format!("wrong: {id} finds {} in {count}", if *is_positive { "nothing" } else { "something" }));
    }
}

fn of_others(folder: &Path, rules: &Rules, packed: &[Packed]) -> Outcome<()> {
    let rater = Rater::new(rules, packed);
    let (mut harmless, mut attacks) = (Found::default(), Found::default());
    let mut speeds =
        [Speed::new("up to 512 bytes", 512), Speed::new("up to 2 KiB", 2_048), Speed::new("longer", usize::MAX)];
    for file in corpus::files(folder)? {
        for row in corpus::values(&file)? {
            let found = match text(&row, "label") {
                "benign" => &mut harmless,
                "injection" => &mut attacks,
                _ => continue,
            };
            let words = text(&row, "text");
            let begun = cpu()?;
            rater.look(words, text(&row, "source"), found);
            let spent = cpu()?.saturating_sub(begun);
            if let Some(speed) = speeds.iter_mut().find(|speed| words.len() <= speed.bytes_max) {
                speed.add(words.len(), spent);
            }
        }
    }
    say(&format!("\n{} harmless texts, {} attacks; at the score of {THRESHOLD}", harmless.texts, attacks.texts));
    say("category                 rules  noisy   harmless flagged (with the noisy)   attacks flagged (with the noisy)");
    let shares = |found: &Found, category: &str| {
        let of = |count: Option<&usize>| percent(count.copied().unwrap_or(0), found.texts);
        format!("{:7.3} % ({:7.3} %)", of(found.usual.get(category)), of(found.noisy.get(category)))
    };
    for category in Pack::named("atr").into_iter().flat_map(Pack::categories) {
        let of_category = || packed.iter().filter(|packed| packed.category == category);
        let noisy = of_category().filter(|packed| packed.noise.is_some()).count();
        let (harmless, attacks) = (shares(&harmless, category), shares(&attacks, category));
        say(&format!("{category:24} {:5} {noisy:6}   {harmless:24}            {attacks}", of_category().count()));
    }
    for (name, found) in [("harmless", &harmless), ("attacks", &attacks)] {
        say(&format!("\n{name}, by source, all categories without the noisy"));
        for (source, tally) in &found.sources {
            say(&format!("{source:44} {:6} of {:6} {:7.2} %", tally.right, tally.of, tally.percent()));
        }
    }
    say("\nloud rules: in how many of a thousand harmless texts and attacks they find something");
    for loud in loud(&harmless, &attacks) {
        let word = if loud.is_noisy() { "noisy" } else { "worth it" };
        say(&format!("{} {:.1}  {:.1}  {word}", loud.id, loud.harmless, loud.attacks));
    }
    say("");
    speeds.iter().for_each(Speed::tell);
    Ok(())
}

/// What texts of some size cost. Single texts are too short for the kernel's account, but its sum is right.
struct Speed {
    name: &'static str,
    bytes_max: usize,
    texts: usize,
    bytes: usize,
    spent: Duration,
}

impl Speed {
    fn new(name: &'static str, bytes_max: usize) -> Self {
        Self { name, bytes_max, texts: 0, bytes: 0, spent: Duration::ZERO }
    }

    fn add(&mut self, bytes: usize, spent: Duration) {
        self.texts += 1;
        self.bytes += bytes;
        self.spent += spent;
    }

    fn tell(&self) {
        #[expect(clippy::cast_precision_loss, reason = "bytes of corpora are few")]
        let kib = self.bytes as f64 / 1_024.0;
        let each = self.spent.as_secs_f64() * 1e6 / kib.max(1.0);
        say(&format!("{:16} {:6} texts, {kib:8.0} KiB, {each:7.0} us a KiB", self.name, self.texts));
    }
}

/// CPU that this thread has used.
fn cpu() -> Outcome<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?))
}

/// KiB that this process holds.
fn memory() -> Outcome<i64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the kernel tells no memory")?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}

/// MiB that it holds more than before.
fn mib(before: i64) -> Outcome<f64> {
    let more = i32::try_from(memory()? - before)?;
    Ok(f64::from(more) / 1_024.0)
}
