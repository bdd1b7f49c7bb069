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
                "--export" => options.export = Some(value()?.into()),
                other if other.starts_with('-') => return Err(format!("`{other}` is no option; {HELP}").into()),
                _ if options.selection.corpora.as_os_str().is_empty() => options.selection.corpora = argument.into(),
                other => return Err(format!("`{other}` is one folder too many").into()),
            }
        }
        if options.selection.corpora.as_os_str().is_empty() {
            return Err(HELP.into());
        }
        Ok(options)
    }
}
