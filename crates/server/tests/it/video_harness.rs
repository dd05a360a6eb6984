//! Videos for tests, made by ffmpeg itself, and their way to the server.

use std::{fs, process::Command, time::Duration};

use axum::http::StatusCode;
use doorpost_model::{limits::FILE_PART_BYTES, media::MediaUpload};
use doorpost_server::jobs;
use serde_json::json;

use crate::harness::{Answer, Person, TestServer};

const PART: usize = FILE_PART_BYTES as usize;

/// What ffmpeg makes of these arguments, in a file of that ending.
pub fn ffmpeg(ending: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join(format!("made.{ending}"));
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(arguments)
        .arg(&place)
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success(), "{arguments:?}");
    fs::read(place).expect("a file")
}

/// A moving picture of that size and length, with a tone.
pub fn film(ending: &str, size: &str, seconds: u32, more: &[&str]) -> Vec<u8> {
    let picture = format!("testsrc2=size={size}:rate=30:duration={seconds}");
    let tone = format!("sine=duration={seconds}");
    let sources = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &tone];
    let codecs: &[&str] = match ending {
        "webm" => &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"],
        _ => &["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    };
    ffmpeg(ending, &[&sources, codecs, more].concat())
}

/// A short and small one.
pub fn clip() -> Vec<u8> {
    film("mp4", "160x120", 1, &[])
}

/// What ffprobe says of a file: the entries named, a line each.
pub fn probed(file: &[u8], entries: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("film.mp4");
    fs::write(&place, file).expect("written");
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "default=nw=1", "-show_entries", entries])
        .arg(&place)
        .output()
        .expect("ffprobe is installed");
    String::from_utf8(output.stdout).expect("text")
}

impl TestServer {
    pub async fn begin_video(&self, who: &Person, media_id: &str, size_bytes: usize) -> Answer {
        let body = json!({ "media_id": media_id, "kind": "video", "size_bytes": size_bytes });
        self.post("/api/media").by(who).json(body).send().await
    }

    /// Uploads all of a file; gives its id.
    pub async fn stage_video(&self, who: &Person, file: &[u8]) -> String {
        let media_id = self.new_id();
        assert_eq!(self.begin_video(who, &media_id, file.len()).await.code(), "200");
        for (number, part) in file.chunks(PART).enumerate() {
            assert_eq!(self.media_part(who, &media_id, number * PART, part).await.code(), "200");
        }
        media_id
    }

    /// Waits until a video is no longer being made, and asks what became of it.
    pub async fn made_video(&self, who: &Person, media_id: &str) -> Answer {
        loop {
            let answer = self.get(&format!("/api/media/{media_id}")).by(who).send().await;
            let upload: MediaUpload = answer.into();
            if !upload.making {
                return self.finish_media(who, media_id).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Uploads all of a file and has it made anew; gives its id, and what the server says of it.
    pub async fn upload_video(&self, who: &Person, file: &[u8]) -> (String, Answer) {
        let media_id = self.stage_video(who, file).await;
        let answer = self.finish_media(who, &media_id).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.json());
        let _jobs = jobs::spawn(&self.app);
        let answer = self.made_video(who, &media_id).await;
        self.until_unstaged(&media_id).await;
        (media_id, answer)
    }

    /// Waits until what was uploaded is gone.
    pub async fn until_unstaged(&self, media_id: &str) {
        while self.staged(media_id).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A finished video that is in no post; gives its id.
    pub async fn video(&self, who: &Person) -> String {
        let (media_id, answer) = self.upload_video(who, &clip()).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        media_id
    }

    pub async fn play(&self, who: &Person, media_id: &str) -> Answer {
        self.get(&format!("/api/media/{media_id}/video")).by(who).send().await
    }
}
