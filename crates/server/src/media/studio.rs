//! Has videos made anew by programs of the system that are held to one folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use bytes::Bytes;
use doorpost_media::{
    filmer::CANNOT_RUN,
    programs::Programs,
    video::{self, ANSWER_BYTES_MAX, Container, FILM, HEAD_BYTES, POSTER, SOURCE, Task},
};
use doorpost_model::{
    MediaId,
    media::{VideoRefusal, VideoView},
};
use futures_util::{Stream, StreamExt as _, pin_mut};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
    sync::Notify,
    time::timeout,
};

use crate::{
    http::{Error, Result},
    storage::StorageError,
};

/// How long one process may take, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the programs, one at a time.
pub struct Studio {
    worker: PathBuf,
    programs: Option<Programs>,
    /// A folder for each video that is being made.
    folder: PathBuf,
    patience: Duration,
    /// A video waits.
    waits: Notify,
}

/// What became of a video.
pub(super) enum Outcome {
    Made(Made),
    Refused(VideoRefusal),
}

/// What was made of a video. Dropped, its folder goes.
pub(super) struct Made {
    folder: Folder,
    pub view: VideoView,
}

impl Made {
    pub(super) fn folder(&self) -> &Path {
        &self.folder.0
    }

    pub(super) fn poster(&self) -> PathBuf {
        self.folder().join(POSTER)
    }
}

/// Of one video, as long as it is being made.
struct Folder(PathBuf);

impl Folder {
    fn make(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self(path.canonicalize()?))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the folder of a video that was made is left until the next start");
        }
    }
}

/// How a process ended.
enum Ended {
    Well(Vec<u8>),
    Refused(VideoRefusal),
}

impl Studio {
    /// `worker` is this server's own program, which becomes one of `programs` when it is called so. What a stop left in
    /// `data` goes.
    #[must_use]
    pub fn new(worker: PathBuf, programs: Option<Programs>, data: &Path) -> Self {
        let folder = data.join("making");
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "what was left of videos that were being made is not deleted");
            }
            _ => {}
        }
        Self { worker, programs, folder, patience: PATIENCE, waits: Notify::new() }
    }

    /// Whether videos are made here.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.programs.is_some()
    }

    /// A video waits to be made.
    pub(super) fn wake(&self) {
        self.waits.notify_one();
    }

    /// Until a video waits that was not there at the last look.
    pub(super) async fn woken(&self) {
        self.waits.notified().await;
    }

    /// What becomes of a video.
    ///
    /// # Errors
    /// A fault of the server when the disk or the program cannot be used, or the upload cannot be read.
    pub(super) async fn remake(
        &self,
        media_id: MediaId,
        file: impl Stream<Item = Result<Bytes, StorageError>>,
    ) -> Result<Outcome> {
        let Some(programs) = &self.programs else { return Ok(Outcome::Refused(VideoRefusal::Unavailable)) };
        let folder = Folder::make(self.folder.join(media_id.to_string())).map_err(Error::internal)?;
        let head = receive(&folder.0.join(SOURCE), file).await?;
        Ok(match self.work(programs, &folder.0, &head).await? {
            Ok(view) => Outcome::Made(Made { folder, view }),
            Err(refusal) => Outcome::Refused(refusal),
        })
    }

    async fn work(
        &self,
        programs: &Programs,
        folder: &Path,
        head: &[u8],
    ) -> Result<std::result::Result<VideoView, VideoRefusal>> {
        let Some(container) = Container::of(head) else { return Ok(Err(VideoRefusal::Unknown)) };
        let answer = match self.run(programs, folder, Task::ExamineSource(container)).await? {
            Ended::Well(answer) => answer,
            // It ends so too for a codec that is not read.
            Ended::Refused(VideoRefusal::Damaged) => return Ok(Err(VideoRefusal::Unknown)),
            Ended::Refused(refusal) => return Ok(Err(refusal)),
        };
        let source = match video::source(&answer) {
            Ok(source) => source,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut made = Err(VideoRefusal::Damaged);
        for task in [Task::Film(container, source), Task::ExamineFilm, Task::Poster] {
            match self.run(programs, folder, task).await? {
                Ended::Refused(refusal) => return Ok(Err(refusal)),
                Ended::Well(answer) if task == Task::ExamineFilm => made = video::made(&answer),
                Ended::Well(_) => {}
            }
            if let (Task::ExamineFilm, Err(refusal)) = (task, made) {
                return Ok(Err(refusal));
            }
        }
        let has = |name: &str| fs::metadata(folder.join(name)).is_ok_and(|file| file.len() > 0);
        Ok(if has(FILM) && has(POSTER) { made } else { Err(VideoRefusal::Damaged) })
    }

    /// One process; one that takes too long is ended.
    async fn run(&self, programs: &Programs, folder: &Path, task: Task) -> Result<Ended> {
        let told = serde_json::to_string(&task).map_err(Error::internal)?;
        let mut process = Command::new(&self.worker)
            .arg("remake-video")
            .arg(programs.path(task.program()))
            .arg(told)
            .env_clear()
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::internal)?;
        let Some(stdout) = process.stdout.take() else { return Err(Error::internal("a process without output")) };
        let mut answer = Vec::new();
        let mut stdout = stdout.take(ANSWER_BYTES_MAX);
        let ending = async {
            stdout.read_to_end(&mut answer).await?;
            process.wait().await
        };
        match timeout(self.patience, ending).await {
            Ok(status) => ended(status.map_err(Error::internal)?, answer),
            Err(_) => {
                process.kill().await.map_err(Error::internal)?;
                Ok(Ended::Refused(VideoRefusal::TooCostly))
            }
        }
    }
}

/// A process that a limit ended had too much to do; one that gave up by itself did not understand the video.
fn ended(status: ExitStatus, answer: Vec<u8>) -> Result<Ended> {
    if !status.success() {
        tracing::info!(%status, "a process that made a video anew ended badly");
    }
    match status.code() {
        Some(0) => Ok(Ended::Well(answer)),
        Some(code) if code == i32::from(CANNOT_RUN) => Err(Error::internal("ffmpeg could not be run in its confines")),
        Some(_) => Ok(Ended::Refused(VideoRefusal::Damaged)),
        None => Ok(Ended::Refused(VideoRefusal::TooCostly)),
    }
}

/// Puts what was uploaded where the programs find it; gives its first bytes.
async fn receive(place: &Path, file: impl Stream<Item = Result<Bytes, StorageError>>) -> Result<Vec<u8>> {
    pin_mut!(file);
    let mut source = File::create(place).await.map_err(Error::internal)?;
    let mut head = Vec::new();
    while let Some(part) = file.next().await {
        let part = part.map_err(Error::internal)?;
        head.extend(part.iter().take(HEAD_BYTES - head.len().min(HEAD_BYTES)));
        source.write_all(&part).await.map_err(Error::internal)?;
    }
    source.flush().await.map_err(Error::internal)?;
    Ok(head)
}
