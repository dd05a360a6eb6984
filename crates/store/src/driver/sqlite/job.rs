//! A transaction on its way to a database thread, and its answer on the way back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::driver::{error::StoreError, tx::Tx};

/// A closure to run in a transaction, with its types erased.
pub(super) trait Job: Send {
    /// Runs it inside an open transaction.
    fn run(self: Box<Self>, tx: &mut Tx) -> Ran;

    /// Answers without running it.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// A job that has run and awaits the fate of its transaction.
pub(super) struct Ran {
    /// Whether its changes are to be kept.
    pub(super) keep: bool,
    /// Gives the answer out, once it is known how the transaction ended.
    pub(super) answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// The closure and where its answer goes.
pub(super) struct Work<F, T, E> {
    pub(super) work: F,
    pub(super) reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Work<F, T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx) -> Ran {
        let Self { work, reply } = *self;
        if reply.is_closed() {
            return Ran { keep: false, answer: Box::new(|_| ()) };
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| block_on(work(tx))))
            .unwrap_or_else(|_| Err(StoreError::Internal("a transaction panicked".to_owned()).into()));
        let outcome = tx.settle(outcome);
        Ran {
            keep: outcome.is_ok(),
            // A failed job, too, waits for the commit: it may have seen what its neighbours wrote.
            answer: Box::new(move |end| {
                let _gone = reply.send(end.map_err(E::from).and(outcome));
            }),
        }
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _gone = self.reply.send(Err(error.into()));
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread. Store futures are ready at once here; anything else that a
/// transaction awaits holds up the thread, and so all writers.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return value;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}
