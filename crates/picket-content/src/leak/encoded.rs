//! What base64 and hex in an answer say, as they arrive.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A run is decoded from so many characters on; words are shorter.
const RUN_BYTES_MIN: usize = 40;
/// Of a run that goes on, so much is decoded at once: whole groups of four.
const RUN_BYTES_MAX: usize = 4_096;

/// The run that the end of the text leaves open.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    open: String,
}

impl Encoded {
    /// Takes a piece; calls `take` with what each run says that is over, and the byte of the piece after it.
    pub(super) fn push(&mut self, text: &str, mut take: impl FnMut(&str, usize)) {
        let bytes = text.as_bytes();
        let run =
            |from: usize| bytes.get(from..).unwrap_or_default().iter().take_while(|byte| is_of_run(**byte)).count();
        let mut at = run(0);
        self.extend(text.get(..at).unwrap_or_default(), at, &mut take);
        if at == bytes.len() {
            return;
        }
        self.finish(|said| take(said, at));
        // Of each run that is long enough, one byte in so many belongs to it.
        let mut probe = at + RUN_BYTES_MIN - 1;
        while probe < bytes.len() {
            if !bytes.get(probe).is_some_and(|byte| is_of_run(*byte)) {
                at = probe + 1;
                probe += RUN_BYTES_MIN;
                continue;
            }
            let back =
                bytes.get(at..probe).unwrap_or_default().iter().rev().take_while(|byte| is_of_run(**byte)).count();
            let begin = probe - back;
            let end = begin + run(begin);
            if end == bytes.len() {
                at = begin;
                break;
            }
            self.extend(text.get(begin..end).unwrap_or_default(), end, &mut take);
            self.finish(|said| take(said, end));
            at = end;
            probe = end + RUN_BYTES_MIN - 1;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let open = rest.iter().rev().take_while(|byte| is_of_run(**byte)).count();
        self.extend(text.get(bytes.len() - open..).unwrap_or_default(), bytes.len(), &mut take);
    }

    fn extend(&mut self, mut text: &str, at: usize, take: &mut impl FnMut(&str, usize)) {
        while let Some((head, tail)) = text.split_at_checked(RUN_BYTES_MAX.saturating_sub(self.open.len())) {
            self.open.push_str(head);
            self.finish(|said| take(said, at));
            text = tail;
        }
        self.open.push_str(text);
    }

    /// Ends the run; calls `take` with what it says, if it says something.
    pub(super) fn finish(&mut self, take: impl FnOnce(&str)) {
        if self.open.len() >= RUN_BYTES_MIN
            && let Some(said) = decoded(&self.open)
        {
            take(&said);
        }
        self.open.clear();
    }
}

fn is_of_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn decoded(run: &str) -> Option<String> {
    if run.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return String::from_utf8(crate::exfiltration::unhex(run)).ok();
    }
    let standard = run.replace('-', "+").replace('_', "/");
    let whole = if standard.len() % 4 == 1 { standard.get(..standard.len() - 1)? } else { &standard };
    // What is cut within a character still says what it says.
    let groups = whole.get(..whole.len() / 4 * 4)?;
    let bytes = STANDARD_NO_PAD.decode(whole).or_else(|_cut| STANDARD_NO_PAD.decode(groups)).ok()?;
    let said = String::from_utf8_lossy(&bytes);
    (said.matches('\u{fffd}').count() <= 2).then(|| said.into_owned())
}
