//! What the command line asks for.

use crate::Outcome;
use crate::rows::Selection;
use std::path::PathBuf;

const HELP: &str = "\
give the folder of the corpora, and perhaps:
  --sample N       at most N texts of each file
  --seed N         of samples and intervals (1)
  --checks A,B     these checks only
  --json FILE      where the figures go (target/eval/quality.json)
  --brief          print no tables of single detectors
  --failures FILE  write each text that was flagged and should not have been, or the other way round, worst first
  --no-written     do not ask about the texts of our own
  --left-out FILE  scores of models that had not seen a text's source, as `cargo xt eval left-out` writes them
  --tier 2         judge prompt injection by the second tier too, on texts that it was not trained on
  --unsure A,B     and by both where the first tier's score is from A to B (0.3,0.8), as requests ask it
  --encoder FILE   its model (crates/picket-encoder/model/encoder.bin)
  --trained FILE   numbers of the texts that it was trained on; without it, only sources of eval/encoder/left_out.txt count
  --calibrate FILE set its tables by half of the harmless texts, judge by the other, and write the model
  --others FOLDER  verdicts of other detectors on the same texts, to print beside
  --export FILE    only write the texts for other detectors";

/// The options, read.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) selection: Selection,
    /// None named are all.
    pub(crate) checks: Vec<String>,
    pub(crate) json: PathBuf,
    pub(crate) brief: bool,
    pub(crate) written: bool,
    pub(crate) left_out: Option<PathBuf>,
    pub(crate) others: Option<PathBuf>,
    pub(crate) export: Option<PathBuf>,
    pub(crate) failures: Option<PathBuf>,
    /// Of the second tier, where it is asked.
    pub(crate) second: Option<Second>,
}

/// How the second tier is asked.
#[derive(Debug, Clone)]
pub(crate) struct Second {
    /// Scores of the first tier about which it is asked inside requests.
    pub(crate) unsure: (f32, f32),
    pub(crate) encoder: PathBuf,
    pub(crate) trained: Option<PathBuf>,
    pub(crate) calibrate: Option<PathBuf>,
}

impl Default for Second {
    fn default() -> Self {
        Self {
            unsure: (0.3, 0.8),
            encoder: "crates/picket-encoder/model/encoder.bin".into(),
            trained: None,
            calibrate: None,
        }
    }
}

impl Options {
    /// Reads arguments.
    pub(crate) fn of(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = Self {
            selection: Selection { corpora: PathBuf::new(), sample: None, seed: 1 },
            checks: Vec::new(),
            json: PathBuf::from("target/eval/quality.json"),
            brief: false,
            written: true,
            left_out: None,
            others: None,
            export: None,
            failures: None,
            second: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value; {HELP}"));
            let number = |text: String| text.parse().map_err(|_| format!("`{argument}` takes a number, not `{text}`"));
            match argument.as_str() {
                "--sample" => options.selection.sample = Some(usize::try_from(number(value()?)?)?),
                "--seed" => options.selection.seed = number(value()?)?,
                "--checks" => options.checks = value()?.split(',').map(str::to_owned).collect(),
                "--json" => options.json = value()?.into(),
                "--brief" => options.brief = true,
                "--no-written" => options.written = false,
                "--left-out" => options.left_out = Some(value()?.into()),
                "--others" => options.others = Some(value()?.into()),
                "--failures" => options.failures = Some(value()?.into()),
                "--tier" => match value()?.as_str() {
                    "1" => options.second = None,
                    "2" => drop(options.second.get_or_insert_default()),
                    other => return Err(format!("`--tier` is 1 or 2, not `{other}`").into()),
                },
                "--unsure" => options.second.get_or_insert_default().unsure = band(&value()?)?,
                "--encoder" => options.second.get_or_insert_default().encoder = value()?.into(),
                "--trained" => options.second.get_or_insert_default().trained = Some(value()?.into()),
                "--calibrate" => options.second.get_or_insert_default().calibrate = Some(value()?.into()),
                "--export" => options.export = Some(value()?.into()),
                other if other.starts_with('-') => return Err(format!("`{other}` is no option; {HELP}").into()),
                _ if options.selection.corpora.as_os_str().is_empty() => options.selection.corpora = argument.into(),
                other => return Err(format!("`{other}` is one folder too many").into()),
            }
        }
        if options.selection.corpora.as_os_str().is_empty() {
            return Err(HELP.into());
        }
        // A sample has numbers of its own.
        let numbered = options.second.as_ref().is_some_and(|second| second.trained.is_some());
        if numbered && options.selection.sample.is_some() {
            return Err("`--trained` names texts by their numbers in all of the corpora: leave `--sample` out".into());
        }
        Ok(options)
    }
}

/// Two scores.
fn band(text: &str) -> Outcome<(f32, f32)> {
    let bounds = text.split_once(',').and_then(|(from, to)| Some((from.trim().parse().ok()?, to.trim().parse().ok()?)));
    bounds.ok_or_else(|| format!("`--unsure` takes two scores such as 0.3,0.8, not `{text}`").into())
}
