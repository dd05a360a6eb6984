//! The threads: one that writes in groups, a few that read, one that moves what was written into place.

use std::{
    path::Path,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::{
    Session,
    job::{Job, Ran, Work},
    open,
};
use crate::driver::{
    error::StoreError,
    tx::{Connection, Tx},
};

/// Jobs that may wait for the writer, and for the readers.
const QUEUE_MAX: usize = 4_096;
/// Jobs that share one commit, and so one fsync, at most.
const BATCH_MAX: usize = 1_024;
/// How long the writer lets more jobs come in, once they have begun to come together.
const GATHER: Duration = Duration::from_micros(100);
/// Reading threads: as many as cores, within these bounds.
const READERS_MIN: usize = 2;
const READERS_MAX: usize = 8;

type BoxedJob = Box<dyn Job>;

/// Where jobs wait, and the name it has in the metrics.
struct Queue {
    name: &'static str,
    jobs: Sender<BoxedJob>,
}

const WRITER: &str = "writer";
const READERS: &str = "readers";

/// Jobs that wait in a queue. Looked up each time: the recorder may be installed later than the database is opened.
fn depth(queue: &'static str) -> metrics::Gauge {
    metrics::gauge!("doorpost_sqlite_queue_depth", "queue" => queue)
}

/// An open SQLite database. Dropping it lets what is queued finish, and closes the file.
pub(in crate::driver) struct Database {
    writer: Option<Queue>,
    readers: Option<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl Database {
    /// Opens (or makes) the file and brings its schema up to date. Blocks.
    pub(in crate::driver) fn open(path: &Path) -> Result<Self, StoreError> {
        open::make(path)?;
        let cannot = |error: std::io::Error| StoreError::Unavailable(error.to_string());
        let mut threads = Vec::new();

        let (checkpoint, grown) = bounded(1);
        let session = open::writer(path, checkpoint)?;
        let (writer, jobs) = bounded(QUEUE_MAX);
        let work = move || write_all(session, &jobs);
        threads.push(thread::Builder::new().name("store-writer".to_owned()).spawn(work).map_err(cannot)?);

        let (readers, jobs) = bounded(QUEUE_MAX);
        let count = thread::available_parallelism().map_or(READERS_MIN, usize::from);
        for _ in 0..count.clamp(READERS_MIN, READERS_MAX) {
            let session = open::reader(path)?;
            let jobs = jobs.clone();
            let work = move || read_all(session, &jobs);
            threads.push(thread::Builder::new().name("store-reader".to_owned()).spawn(work).map_err(cannot)?);
        }
        let checkpointer = open::checkpointer(path)?;
        let work = move || move_log(&checkpointer, &grown);
        threads.push(thread::Builder::new().name("store-log".to_owned()).spawn(work).map_err(cannot)?);

        let writer = Queue { name: WRITER, jobs: writer };
        let readers = Queue { name: READERS, jobs: readers };
        Ok(Self { writer: Some(writer), readers: Some(readers), threads })
    }

    pub(in crate::driver) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        submit(self.writer.as_ref(), work).await
    }

    pub(in crate::driver) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        submit(self.readers.as_ref(), work).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.writer = None;
        self.readers = None;
        for thread in self.threads.drain(..) {
            // The last handle may be dropped inside a job; a thread cannot wait for itself.
            if thread.thread().id() != thread::current().id() {
                let _panicked = thread.join();
            }
        }
    }
}

async fn submit<T, E, F>(queue: Option<&Queue>, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let stopped = || E::from(StoreError::Unavailable("the database thread has ended".to_owned()));
    let (reply, answer) = oneshot::channel();
    let job: BoxedJob = Box::new(Work { work, reply });
    let queue = queue.ok_or_else(stopped)?;
    // Counted first, or the thread could count it out before it was counted in.
    depth(queue.name).increment(1);
    let Err(refused) = queue.jobs.try_send(job) else {
        return answer.await.unwrap_or_else(|_| Err(stopped()));
    };
    depth(queue.name).decrement(1);
    Err(match refused {
        TrySendError::Full(_) => StoreError::Busy.into(),
        TrySendError::Disconnected(_) => stopped(),
    })
}

/// Moves what is in the write-ahead log into the database whenever it has grown, while the writer goes on; ends with
/// the writer.
fn move_log(connection: &rusqlite::Connection, grown: &Receiver<()>) {
    for () in grown {
        // It gives back how far it came; the rest waits for the next time.
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(%error, "the write-ahead log was not moved into the database");
        }
    }
}

fn read_all(session: Session, jobs: &Receiver<BoxedJob>) {
    let mut tx = Tx::new(Connection::Sqlite(session));
    for job in jobs {
        depth(READERS).decrement(1);
        if let Err(error) = control(&mut tx, "BEGIN") {
            job.refuse(error);
            continue;
        }
        let ran = job.run(&mut tx);
        let end = control(&mut tx, "ROLLBACK");
        (ran.answer)(end);
    }
}

fn write_all(session: Session, jobs: &Receiver<BoxedJob>) {
    let mut tx = Tx::new(Connection::Sqlite(session));
    let mut last_size = 1;
    while let Ok(first) = jobs.recv() {
        // A lone writer is not kept waiting; many writers are worth waiting for.
        if last_size > 1 {
            gather();
        }
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(BATCH_MAX - 1));
        last_size = batch.len();
        depth(WRITER).decrement(u32::try_from(last_size).unwrap_or(u32::MAX));
        metrics::histogram!("doorpost_sqlite_commit_writes").record(u32::try_from(last_size).unwrap_or(u32::MAX));
        commit_together(&mut tx, batch);
    }
}

#[expect(clippy::disallowed_methods, reason = "no event to wait for: the pause itself is what makes a batch")]
fn gather() {
    thread::sleep(GATHER);
}

/// One transaction, a savepoint for each job, one commit; then the answers.
fn commit_together(tx: &mut Tx, batch: Vec<BoxedJob>) {
    if let Err(error) = control(tx, "BEGIN IMMEDIATE") {
        for job in batch {
            job.refuse(error.clone());
        }
        return;
    }
    let mut answers = Vec::with_capacity(batch.len());
    let mut waiting = batch.into_iter();
    let mut end = Ok(());
    while let (Ok(()), Some(job)) = (&end, waiting.next()) {
        end = run_alone(tx, job, &mut answers);
    }
    end = end.and_then(|()| control(tx, "COMMIT")).map_err(|error| match error {
        StoreError::Unavailable(reason) => StoreError::Unavailable(reason),
        other => StoreError::Unavailable(other.to_string()),
    });
    if let Err(error) = &end {
        tracing::error!(%error, jobs = answers.len(), "a batch of writes was not committed");
        if tx.sqlite().is_some_and(|session| session.in_transaction()) {
            let _gone = control(tx, "ROLLBACK");
        }
    }
    for answer in answers {
        answer(end.clone());
    }
    for job in waiting {
        job.refuse(end.clone().err().unwrap_or(StoreError::Busy));
    }
}

type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Runs one job between savepoints. An error means that the whole transaction is lost.
fn run_alone(tx: &mut Tx, job: BoxedJob, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    if let Err(error) = control(tx, "SAVEPOINT job") {
        job.refuse(error.clone());
        return Err(error);
    }
    let Ran { keep, answer } = job.run(tx);
    answers.push(answer);
    if !tx.sqlite().is_some_and(|session| session.in_transaction()) {
        return Err(StoreError::Unavailable("the database ended the transaction".to_owned()));
    }
    if !keep {
        control(tx, "ROLLBACK TO job")?;
    }
    control(tx, "RELEASE job")
}

fn control(tx: &mut Tx, sql: &'static str) -> Result<(), StoreError> {
    match tx.sqlite() {
        Some(session) => session.control(sql),
        None => Err(StoreError::Internal("a database thread without its session".to_owned())),
    }
}
