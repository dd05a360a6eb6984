//! Videos through the real program: kill -9 while one is being made, and what its worker gives up.

use std::{fs, path::Path, process::Command, time::Duration};

use doorpost_client::Method;
use doorpost_model::{
    limits::FILE_PART_BYTES,
    media::{MediaUpload, MediaView},
};
use doorpost_testkit::{Database, Person, ServerProcess, run};
use serde_json::json;

use crate::photo::{Session, read};

const PROGRAM: &str = env!("CARGO_BIN_EXE_doorpost");

/// A moving picture of so many seconds, at `place`.
fn film(place: &Path, size: &str, seconds: u32) {
    let picture = format!("testsrc2=size={size}:rate=30:duration={seconds}");
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", &picture, "-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-pix_fmt", "yuv420p", "-f", "mp4"])
        .arg(place)
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success());
}

#[test]
fn a_video_that_kill_nine_interrupts_is_made_after_the_next_start() {
    run(async {
        let mut server = ServerProcess::start_on(Path::new(PROGRAM), Database::Sqlite).await;
        let _ada = Person::sign_up(server.platform(), "ada").await;
        let session = Session::begin(server.platform(), "ada").await;
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("long.mp4");
        film(&place, "1280x720", 20);
        let file = fs::read(&place).expect("a film");
        let media_id = "11111111-1111-4111-8111-111111111111";
        let new = json!({ "media_id": media_id, "kind": "video", "size_bytes": file.len() });
        let _: MediaUpload = session.json(Method::Post, "/api/media", &new).await;
        for (number, part) in file.chunks(FILE_PART_BYTES as usize).enumerate() {
            let offset = number * FILE_PART_BYTES as usize;
            let _: MediaUpload = session.part(&format!("/api/media/{media_id}/parts/{offset}"), part).await;
        }
        let finish = format!("/api/media/{media_id}/finish");
        let asked = session.send(Method::Post, &finish, "application/json", b"{}".to_vec()).await;
        assert_eq!(asked.status, 202, "{}", String::from_utf8_lossy(&asked.body));
        let making = server.folder().join("making").join(media_id);
        while !making.join("film.mp4").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill_and_restart();
        let made: MediaView = loop {
            let answer = session.send(Method::Post, &finish, "application/json", b"{}".to_vec()).await;
            if answer.status == 202 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            } else {
                break read(&answer);
            }
        };
        assert!(made.video.is_some_and(|video| (19_900..=20_100).contains(&video.duration_ms)), "{made:?}");
        assert!(!making.exists(), "what the stop left is gone");
        while server.folder().join("media").join(media_id).join("upload").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.end().await;
    });
}

#[cfg(target_os = "linux")]
mod worker {
    use std::{os::unix::fs::symlink, process::Stdio};

    use doorpost_media::{
        filmer::CANNOT_RUN,
        programs::{Program, Programs},
        video::{Container, SOURCE, Task},
    };
    use tempfile::TempDir;

    use super::*;

    fn worker(folder: &TempDir, program: &Path, task: Task) -> Command {
        let told = serde_json::to_string(&task).expect("JSON");
        let mut command = Command::new(PROGRAM);
        command.arg("remake-video").arg(program).arg(told).env_clear().current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    const EXAMINE: Task = Task::ExamineSource(Container::Mov);

    #[test]
    fn the_worker_gives_up_what_it_does_not_need_before_it_opens_the_video() {
        let programs = Programs::find().expect("ffmpeg is installed, and Linux holds it");
        let folder = tempfile::tempdir().expect("a folder");
        // A pipe that nobody writes to: the program waits for its first byte.
        let pipe = folder.path().join(SOURCE);
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        let mut process = worker(&folder, programs.path(Program::Ffprobe), EXAMINE).spawn().expect("it starts");
        let about = format!("/proc/{}", process.id());
        while !fs::read_to_string(format!("{about}/comm")).expect("its name").starts_with("ffprobe") {
            std::thread::yield_now();
        }
        let limits = fs::read_to_string(format!("{about}/limits")).expect("its limits");
        let limit = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).expect("a limit");
            line[name.len()..].split_whitespace().nth(1).expect("a hard limit").to_owned()
        };
        assert_eq!(limit("Max address space"), (3_u64 << 30).to_string());
        assert_eq!(limit("Max cpu time"), "300");
        assert_eq!(limit("Max core file size"), "0");
        assert_eq!(limit("Max file size"), (32_u64 << 20).to_string());
        assert_eq!(limit("Max open files"), "64");
        let status = fs::read_to_string(format!("{about}/status")).expect("its status");
        assert!(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "{status}");
        let environment = fs::read_to_string(format!("{about}/environ")).expect("its environment");
        assert_eq!(environment, "MALLOC_ARENA_MAX=2\0");
        let nice_of = |process: &str| -> i32 {
            let numbers = fs::read_to_string(format!("{process}/stat")).expect("its numbers");
            let after_name = numbers.rsplit_once(')').expect("a name").1.to_owned();
            after_name.split_whitespace().nth(16).and_then(|nice| nice.parse().ok()).expect("a number")
        };
        assert_eq!(nice_of(&about), (nice_of("/proc/self") + 10).min(19), "it stands back");
        process.kill().expect("ended");
        process.wait().expect("gone");
    }

    #[test]
    fn the_worker_reaches_nothing_outside_its_folder() {
        let programs = Programs::find().expect("ffmpeg is installed, and Linux holds it");
        let [folder, elsewhere] = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
        let secret = elsewhere.path().join("secret.mp4");
        film(&secret, "64x64", 1);
        let source = folder.path().join(SOURCE);
        let examine = || worker(&folder, programs.path(Program::Ffprobe), EXAMINE).output().expect("it ends");
        fs::copy(&secret, &source).expect("a copy");
        assert!(examine().status.success(), "what lies in it is read");
        fs::remove_file(&source).expect("removed");
        symlink(&secret, &source).expect("a link");
        assert!(!examine().status.success(), "what lies elsewhere is not");
        // Other programs than those of the system are not started.
        let own = worker(&folder, Path::new(PROGRAM), EXAMINE).output().expect("it ends");
        assert_eq!(own.status.code(), Some(CANNOT_RUN.into()));
    }
}
