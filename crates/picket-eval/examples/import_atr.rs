//! Makes the pack `atr` of the package `agent-threat-rules`.
//!
//! `cargo xt pack atr FOLDER`, where FOLDER is the package, unpacked. The same package gives the same files. What our
//! engine refuses, for its cost or its form, is left out and told, as is what the package has and our rules have not.

use picket_content::custom::{Lane, Part, Rules, Spec, pack};
use picket_eval::Outcome;
use picket_eval::atr::{Package, file_of, readme};
use picket_eval::corpus::say;
use std::fs;
use std::path::Path;

const TARGET: &str = "crates/picket-content/packs/atr";
/// The score from which on rules count, which says what may be held back on streams, where no pack is asked.
const THRESHOLD: f32 = 0.5;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the package")?;
    let mut package = Package::read(Path::new(&folder))?;
    while leave_out_what_is_refused(&mut package)? {}
    let target = Path::new(TARGET);
    for file in fs::read_dir(target)? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "yaml") {
            fs::remove_file(file)?;
        }
    }
    for (category, rules) in package.by_category() {
        if !pack::PACKS.iter().any(|pack| pack.categories().any(|known| known == category)) {
            say(&format!("{category} is new: add it to crates/picket-content/src/custom/pack.rs"));
        }
        fs::write(target.join(format!("{category}.yaml")), file_of(&package, category, &rules))?;
    }
    fs::write(target.join("LICENSE"), &package.licence)?;
    fs::write(target.join("source.txt"), format!("agent-threat-rules {}, MIT\n", package.version))?;
    let readme = readme(&package);
    fs::write(target.join("README.md"), &readme)?;
    say(&readme);
    Ok(())
}

/// Leaves out conditions that our engine refuses, and says whether there were any.
fn leave_out_what_is_refused(package: &mut Package) -> Outcome<bool> {
    let mut specs: Vec<Spec> = Vec::new();
    for (category, rules) in package.by_category() {
        let read = pack::rules(&file_of(package, category, &rules))?;
        specs.extend(read.into_iter().map(|(spec, _)| spec));
    }
    let Err(mut refusals) = Rules::compile_for(Lane::Late, &specs, THRESHOLD) else { return Ok(false) };
    // The last ones first, so that the numbers of the others stay.
    refusals.sort_by_key(|refusal| match refusal.part {
        Part::Regex(number) => (refusal.rule, std::cmp::Reverse(number)),
        _ => (refusal.rule, std::cmp::Reverse(0)),
    });
    refusals.dedup_by_key(|refusal| (refusal.rule, refusal.part));
    for refusal in refusals {
        let (Some(spec), Part::Regex(number)) = (specs.get(refusal.rule), refusal.part) else {
            return Err(format!("rule {}: {}", refusal.rule, refusal.message).into());
        };
        package.leave_out(&spec.id.to_ascii_uppercase(), number, &refusal.message);
    }
    Ok(true)
}
