//! An origin that answers as its script says, or by the test's own hand.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use stepwell_edge_native::body::{Body, BodyError, whole};
use stepwell_edge_native::upstream::{Sending, Upstream, UpstreamError};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::time::timeout;

use crate::line::PATIENCE;

/// What is answered to a request; `None` where the origin is not to be reached.
type Script = Box<dyn FnMut(&Request<()>) -> Option<Response<Body>> + Send>;

/// An origin that remembers what it was asked.
pub struct Origin {
    /// Without one, questions go to the test's hand.
    script: Mutex<Option<Script>>,
    heads: Mutex<Vec<Request<()>>>,
    to_hand: mpsc::UnboundedSender<Question>,
    at_hand: AsyncMutex<mpsc::UnboundedReceiver<Question>>,
}

/// A request that waits for the test to answer it.
pub struct Question {
    pub head: Request<()>,
    pub body: Body,
    reply: oneshot::Sender<Option<Response<Body>>>,
}

impl Question {
    /// Answers. That whoever asked has gone is no error of the test's.
    pub fn answer(self, response: Response<Body>) {
        let _ = self.reply.send(Some(response));
    }

    /// Lets the exchange break off.
    pub fn fail(self) {
        let _ = self.reply.send(None);
    }
}

impl Origin {
    pub fn new() -> Arc<Self> {
        let (to_hand, at_hand) = mpsc::unbounded_channel();
        Arc::new(Self {
            script: Mutex::default(),
            heads: Mutex::default(),
            to_hand,
            at_hand: AsyncMutex::new(at_hand),
        })
    }

    /// Answers by a script from now on.
    pub fn script(&self, script: impl FnMut(&Request<()>) -> Option<Response<Body>> + Send + 'static) {
        *self.script.lock().unwrap() = Some(Box::new(script));
    }

    /// Answers everything with this from now on.
    pub fn says(&self, status: u16, fields: &[(&str, &str)], body: &'static str) {
        let head = answer(status, fields, "").into_parts().0;
        self.script(move |_| {
            Some(Response::from_parts(head.clone(), whole(Bytes::from_static(body.as_bytes()))))
        });
    }

    /// Cannot be reached from now on.
    pub fn goes_away(&self) {
        self.script(|_| None);
    }

    /// Leaves it to the test to answer from now on.
    pub fn by_hand(&self) {
        *self.script.lock().unwrap() = None;
    }

    /// The next request that waits for an answer by hand.
    pub async fn next(&self) -> Question {
        let mut at_hand = self.at_hand.lock().await;
        timeout(PATIENCE, at_hand.recv()).await.expect("the origin was to be asked").unwrap()
    }

    /// How many requests came.
    pub fn asked(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    /// The head of the request that came last.
    pub fn last(&self) -> Request<()> {
        self.heads.lock().unwrap().last().unwrap().clone()
    }
}

/// The origin, as an edge has it.
pub struct Handle(pub Arc<Origin>);

impl Upstream for Handle {
    fn send(&self, request: Request<Body>) -> Sending {
        let (head, body) = request.into_parts();
        let head = Request::from_parts(head, ());
        self.0.heads.lock().unwrap().push(head.clone());
        let (reply, replied) = oneshot::channel();
        match &mut *self.0.script.lock().unwrap() {
            Some(script) => drop(reply.send(script(&head))),
            None => drop(self.0.to_hand.send(Question { head, body, reply })),
        }
        Box::pin(async move { replied.await.ok().flatten().ok_or_else(|| UpstreamError("played".into())) })
    }
}

/// An answer with a whole body.
pub fn answer(status: u16, fields: &[(&str, &str)], body: impl Into<Bytes>) -> Response<Body> {
    with_body(status, fields, whole(body.into()))
}

pub fn with_body(status: u16, fields: &[(&str, &str)], body: Body) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    response.body(body).unwrap()
}

/// The sending end of a body. It ends when this is dropped.
pub struct Pieces(mpsc::UnboundedSender<Result<Frame<Bytes>, BodyError>>);

/// A body of unknown length, in the test's hand.
pub fn in_pieces() -> (Pieces, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let frames = futures_util::stream::unfold(receiver, |mut receiver| async {
        let frame = receiver.recv().await?;
        Some((frame, receiver))
    });
    (Pieces(sender), StreamBody::new(frames).boxed_unsync())
}

impl Pieces {
    /// Sends more, if anybody still reads.
    pub fn send(&self, piece: impl Into<Bytes>) {
        let _ = self.0.send(Ok(Frame::data(piece.into())));
    }

    /// Breaks off.
    pub fn fail(self) {
        let _ = self.0.send(Err("played".into()));
    }
}
