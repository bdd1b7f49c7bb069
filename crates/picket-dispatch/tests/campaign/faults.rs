//! What goes wrong, where it can, and what it may cost.

use crate::targets::Kind;
use picket_testkit::receivers::http::{Fault, Reply};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// The process is killed while it delivers (SIGKILL).
    Killed,
    /// A commit of the store is torn at a byte of what it writes, and the process is gone.
    Torn,
    /// A commit fails with EIO before anything is written.
    WriteFails,
    /// A commit is written, and its sync fails.
    SyncFails,
    /// The disk is full (ENOSPC).
    DiskFull,
    /// The process stops in order, in the middle.
    Stopped,
    /// The connection is reset before the receiver read the request.
    ResetBefore,
    /// The receiver had it, and the connection ends.
    ResetAfter,
    /// The same in the middle of the answer.
    HalfAnswer,
    /// The same, and the connection stays open.
    AnswerLost,
    /// The indexer never reports what was queued.
    AcksLost,
    /// The credential ends in the middle, and another one counts.
    TokenExpired,
    /// Busy, with a time.
    Busy,
    /// Too large, once.
    TooLarge,
    /// Too large, whatever it is sent, for a long while.
    AlwaysTooLarge,
    /// To be left alone for a year.
    AskedForAYear,
    /// Success with errors inside, or an error about one event of many.
    ErrorsInside,
    /// What answers is no HTTP, or lies about its length or chunks.
    Garbage,
    /// An answer that never ends.
    NeverEnds,
    /// The wall clock steps forward.
    ClockForward,
    /// The wall clock steps back.
    ClockBack,
}

use Wrong::*;

pub(crate) const ALL: &[Wrong] = &[
    Killed,
    Torn,
    WriteFails,
    SyncFails,
    DiskFull,
    Stopped,
    ResetBefore,
    ResetAfter,
    HalfAnswer,
    AnswerLost,
    AcksLost,
    TokenExpired,
    Busy,
    TooLarge,
    AlwaysTooLarge,
    AskedForAYear,
    ErrorsInside,
    Garbage,
    NeverEnds,
    ClockForward,
    ClockBack,
];

/// A small generator, so that a seed gives the same faults again.
pub(crate) struct Moments(pub(crate) u64);

impl Moments {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len().try_into().unwrap())).unwrap()]
    }
}

impl Wrong {
    /// Whether it can go wrong with this kind of receiver.
    pub(crate) fn concerns(self, kind: Kind) -> bool {
        match self {
            Killed | Torn | WriteFails | SyncFails | DiskFull | Stopped | ClockForward | ClockBack | ResetAfter => true,
            AcksLost => kind == Kind::Splunk,
            TokenExpired => matches!(kind, Kind::Splunk | Kind::Elastic | Kind::Generic),
            _ => kind != Kind::Syslog,
        }
    }

    /// Whether the process ends without a word.
    pub(crate) fn crashes(self) -> bool {
        matches!(self, Killed | Torn | WriteFails | SyncFails)
    }

    /// What the next requests meet, if it is that.
    pub(crate) fn faults(self, moments: &mut Moments) -> Vec<Fault> {
        let times = usize::try_from(1 + moments.below(3)).unwrap();
        let fault = match self {
            ResetBefore => Fault::Reset,
            ResetAfter => Fault::After(Reply::Raw(Vec::new())),
            HalfAnswer => {
                let halves: &[&[u8]] = &[
                    b"HTTP/1.1 20",
                    b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{\"text\":\"Suc",
                    b"HTTP/1.1 200 OK\r\n",
                ];
                Fault::After(Reply::Raw(moments.one_of(halves).to_vec()))
            }
            AnswerLost => {
                let stuck = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec();
                return vec![Fault::After(Reply::Stuck(stuck))];
            }
            Busy => {
                let (status, after) = moments.one_of(&[(429, "0"), (503, "0"), (429, "Thu, 01 Jan 1970 00:00:00 GMT")]);
                Fault::Instead(Reply::html(status, "<html>busy</html>").with("retry-after", after))
            }
            TooLarge => Fault::Instead(Reply::html(413, "<html>too large</html>")),
            AskedForAYear => {
                return vec![Fault::Instead(Reply::empty(429).with("retry-after", "31536000"))];
            }
            Garbage => {
                let lies: &[&[u8]] = &[
                    b"\x16\x03\x01\x02\x00 no HTTP at all",
                    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\nno chunk\r\n",
                    b"HTTP/1.1 999999 What\r\n\r\n",
                    b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
                ];
                Fault::Instead(Reply::Raw(moments.one_of(lies).to_vec()))
            }
            NeverEnds => {
                let fault = if moments.below(2) == 0 {
                    Reply::Stuck(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec())
                } else {
                    Reply::Endless(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())
                };
                return vec![Fault::Instead(fault)];
            }
            _ => return Vec::new(),
        };
        vec![fault; times]
    }

    /// Whether events may come twice by it: the receiver may have what nobody knows that it has.
    pub(crate) fn repeats(self, kind: Kind) -> bool {
        match self {
            ResetBefore | TokenExpired | Busy | TooLarge | AskedForAYear | Garbage | NeverEnds | AlwaysTooLarge => {
                // They may meet the question whether what was queued is indexed.
                kind == Kind::Splunk
            }
            // The collector has what stood before the event that it finds fault with; OTLP does not say which it refused.
            ErrorsInside => matches!(kind, Kind::Splunk | Kind::Otlp),
            DiskFull | Stopped | ClockForward | ClockBack => false,
            Killed | Torn | WriteFails | SyncFails | ResetAfter | HalfAnswer | AnswerLost | AcksLost => true,
        }
    }
}
