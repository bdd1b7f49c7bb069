//! A destination that is spoken to.

use crate::answer::{Answer, Outcome, Tested, bounded};
use crate::credentials::Credentials;
use crate::destination::{Destination, Frame, Limits, Request, Sent};
use crate::kind::{Kind, Problem};
use crate::network::Network;
use picket_render::wire::WireError;
use picket_render::{Framing as _, Subject};
use picket_stdx::{Timestamp, error_chain};
use std::sync::Arc;

/// Most bytes of a request, an answer or a document that a test shows.
const SHOWN_BYTES_MAX: usize = 4_096;

/// An opened [`Kind`]. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Receiver(Arc<dyn Destination>);

impl Receiver {
    /// Opens a destination. Nothing is connected to yet.
    pub fn open(kind: &Kind, credentials: &Credentials, network: &Network) -> Result<Self, Problem> {
        kind.open(credentials, network).map(Self)
    }

    /// Appends one event in the language of the receiver. An error means that this event can never be encoded; the buffer
    /// is as it was then.
    pub fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        let begin = out.len();
        self.0.encode(event, out).inspect_err(|_error| out.truncate(begin))
    }

    /// How events stand together in a request, for [`picket_render::Batches`].
    pub fn framing(&self) -> Frame<'_> {
        self.0.frame()
    }

    /// What a request may hold.
    pub fn limits(&self) -> Limits {
        self.0.limits()
    }

    /// Sends a request, and says what came of it within the network's time-out.
    pub async fn send(&self, request: Request<'_>) -> Answer {
        if request.events.is_empty() {
            return Answer::new(Outcome::Ack, "");
        }
        self.0.send(request).await
    }

    /// Sends a probe, which is an event like any other but is of no log, and shows what went out and what came back.
    pub async fn test(&self, event: &Subject<'_>) -> Tested {
        let mut encoded = Vec::new();
        if let Err(error) = self.encode(event, &mut encoded) {
            let said = error_chain(&error);
            let answer = Answer::new(Outcome::Reject, &said);
            return Tested { answer, request: String::new(), response: String::new(), stored: None };
        }
        let mut body = Vec::with_capacity(self.0.frame().size(encoded.len()));
        self.0.frame().wrap(&encoded, &mut body);
        let inner = event.event();
        let sent = Sent {
            id: event.id(),
            name: event.name(),
            workspace: &inner.workspace_id,
            timestamp: inner.timestamp,
            position: 0,
        };
        let request = Request { body: body.into(), events: &[sent] };
        let shown = self.shown(&request);
        let mut answer = self.0.send(request).await;
        if let Some(said) = answer.settle() {
            answer.excerpt = said;
        }
        let stored = match answer.outcome {
            Outcome::Ack => self.0.read_back(sent).await,
            _ => None,
        };
        let stored = stored.map(|read| match read {
            Ok(document) => Ok(bounded(document.as_bytes(), SHOWN_BYTES_MAX)),
            Err(problem) => Err(problem.message),
        });
        let status = answer.status.map(|status| format!("{status} ")).unwrap_or_default();
        let response = format!("{status}{}", answer.excerpt);
        Tested { answer, request: shown, response, stored }
    }

    /// A request as it goes out, for people: where to, and its body before it is packed.
    fn shown(&self, request: &Request<'_>) -> String {
        let packed = self.0.packing(&request.body).map(|how| {
            let length = request.body.len();
            format!("({length} bytes, shown as they were before {how}: what was sent is packed)\n")
        });
        let body = bounded(&request.body, SHOWN_BYTES_MAX);
        format!("{}\n{}{body}", self.0.place(request), packed.unwrap_or_default())
    }

    /// How many events the receiver has whose time is at or after `from` and before `to`; none where it cannot be asked,
    /// so that only its acknowledgements tell.
    pub async fn count(&self, from: Timestamp, to: Timestamp) -> Option<Result<u64, Problem>> {
        self.0.count(from, to).await
    }
}
