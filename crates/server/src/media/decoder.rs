//! Has pictures made anew by processes that can do nothing else.

use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use doorpost_media::{
    picture::Refusal,
    worker::{ANSWER_BYTES_MAX, Answer, read_answer},
};
use doorpost_model::{ErrorCode, MediaId};
use futures_util::{Stream, StreamExt as _, pin_mut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Semaphore,
    time::timeout,
};

use crate::{
    http::{Error, Result},
    storage::StorageError,
};

/// Processes at one time, and pictures that wait for one.
const AT_ONCE_MAX: usize = 2;
const WAITING_MAX: usize = 32;
/// How long one picture may take, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the processes, a few at a time.
pub struct Decoder {
    program: PathBuf,
    patience: Duration,
    places: Semaphore,
    waiting: Semaphore,
    /// What is being made just now: nothing is made twice at one time.
    under_way: Mutex<HashSet<MediaId>>,
}

/// The right to make the sizes of one photo, until it is dropped.
pub(super) struct Turn<'a> {
    decoder: &'a Decoder,
    media_id: MediaId,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.decoder.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.media_id);
    }
}

impl Decoder {
    /// `program` is this server's own, which is the worker when it is called so.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            patience: PATIENCE,
            places: Semaphore::new(AT_ONCE_MAX),
            waiting: Semaphore::new(WAITING_MAX),
            under_way: Mutex::default(),
        }
    }

    /// None while somebody else is at the same photo.
    pub(super) fn begin(&self, media_id: MediaId) -> Option<Turn<'_>> {
        let is_first = self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(media_id);
        is_first.then_some(Turn { decoder: self, media_id })
    }

    /// What becomes of a picture. A process that takes too long or too much is ended.
    ///
    /// # Errors
    /// `busy` when too many wait; a fault of the server when there is no process, or the upload cannot be read.
    pub(super) async fn remake(&self, file: impl Stream<Item = Result<Bytes, StorageError>>) -> Result<Answer> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Error::from(ErrorCode::Busy))?;
        let _place = self.places.acquire().await.map_err(Error::internal)?;
        let mut process = self.spawn().map_err(Error::internal)?;
        match timeout(self.patience, talk(&mut process, file)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                process.kill().await.map_err(Error::internal)?;
                Ok(Err(Refusal::TooCostly))
            }
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg("remake-picture")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

async fn talk(process: &mut Child, file: impl Stream<Item = Result<Bytes, StorageError>>) -> Result<Answer> {
    let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
        return Err(Error::internal("a process without input or output"));
    };
    let (sent, answer) = tokio::join!(send(stdin, file), receive(stdout));
    let status = process.wait().await.map_err(Error::internal)?;
    sent.map_err(Error::internal)?;
    let bytes = answer.map_err(Error::internal)?;
    if !status.success() {
        tracing::info!(%status, "a process that made a picture anew ended badly");
        return Ok(Err(ended_badly(status)));
    }
    read_answer(&bytes).map_err(Error::internal)
}

/// Sends the whole file, or as much as the process wants of it.
async fn send(
    mut stdin: ChildStdin,
    file: impl Stream<Item = Result<Bytes, StorageError>>,
) -> Result<(), StorageError> {
    pin_mut!(file);
    while let Some(part) = file.next().await {
        // Whoever does not read on has ended, and how it ended says why.
        if stdin.write_all(&part?).await.is_err() {
            break;
        }
    }
    Ok(())
}

async fn receive(stdout: ChildStdout) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stdout.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// A process that a limit ended had too much to do; one that gave up by itself did not understand the picture.
fn ended_badly(status: ExitStatus) -> Refusal {
    if status.code().is_some() { Refusal::Damaged } else { Refusal::TooCostly }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path as FsPath};

    use futures_util::stream;
    use tempfile::TempDir;

    use super::*;

    /// A decoder whose process is a shell that runs `script`.
    fn decoder(folder: &TempDir, script: &str, patience: Duration) -> Decoder {
        let program = folder.path().join("worker");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
        Decoder { patience, ..Decoder::new(program) }
    }

    async fn remake(decoder: &Decoder) -> Result<Answer> {
        let file = [Bytes::from_static(b"a picture"), Bytes::from(vec![0; 1 << 20])];
        decoder.remake(stream::iter(file.map(Ok))).await
    }

    #[tokio::test]
    async fn a_process_that_takes_too_long_is_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!("echo $$ > {}/pid; exec sleep 600", folder.path().display());
        let decoder = decoder(&folder, &script, Duration::from_secs(1));
        assert_eq!(remake(&decoder).await.expect("an answer"), Err(Refusal::TooCostly));
        let pid = fs::read_to_string(folder.path().join("pid")).expect("a process ran");
        assert!(!FsPath::new("/proc").join(pid.trim()).exists(), "it is gone");
        assert_eq!(decoder.places.available_permits(), AT_ONCE_MAX);
    }

    #[tokio::test]
    async fn a_process_that_ends_badly_is_an_answer_and_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let patience = PATIENCE;
        let gives_up = decoder(&folder, "exit 101", patience);
        assert_eq!(remake(&gives_up).await.expect("an answer"), Err(Refusal::Damaged));
        let is_ended = decoder(&folder, "kill -9 $$", patience);
        assert_eq!(remake(&is_ended).await.expect("an answer"), Err(Refusal::TooCostly));
        let babbles = decoder(&folder, "cat > /dev/null; echo nonsense", patience);
        assert_eq!(remake(&babbles).await.expect_err("no answer").code(), ErrorCode::Internal);
        let is_missing = Decoder::new(folder.path().join("nothing"));
        assert_eq!(remake(&is_missing).await.expect_err("no process").code(), ErrorCode::Internal);
    }

    #[tokio::test]
    async fn an_upload_that_cannot_be_read_is_no_damaged_picture() {
        let folder = tempfile::tempdir().expect("a folder");
        let decoder = decoder(&folder, "cat > /dev/null; exit 101", PATIENCE);
        let broken = stream::iter([Err(StorageError::from(io::Error::other("a disk that fails")))]);
        assert_eq!(decoder.remake(broken).await.expect_err("no answer").code(), ErrorCode::Internal);
    }

    #[test]
    fn one_at_a_time_is_at_a_photo() {
        let decoder = Decoder::new(PathBuf::new());
        let media_id = MediaId::from_bytes([1; 16]);
        let turn = decoder.begin(media_id).expect("the first");
        assert!(decoder.begin(media_id).is_none());
        drop(turn);
        assert!(decoder.begin(media_id).is_some());
    }
}
