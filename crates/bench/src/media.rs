//! Photos and videos: how long their upload takes, how long they are made anew, and how quickly they are shown.

use std::{fs, path::Path, process::Command, time::Duration};

use doorpost_client::{Method, Platform, native::NativePlatform};
use doorpost_model::{
    MediaId, PostId,
    limits::FILE_PART_BYTES,
    media::{MediaKind, MediaUpload, MediaView, NewMedia},
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Failure,
    clock::{now, since},
    person,
    report::{Latencies, Row},
    scenarios::Label,
    world::World,
};

/// How often each is uploaded.
const PHOTOS: usize = 20;
const VIDEOS: usize = 5;
/// How often a thumbnail is read.
const READS: usize = 2_000;
/// How often is asked whether a video is made.
const POLL: Duration = Duration::from_millis(50);

/// What is uploaded, as ffmpeg makes it.
struct Sample {
    name: &'static str,
    file: &'static str,
    kind: MediaKind,
    times: usize,
    arguments: &'static [&'static str],
}

/// Grain makes a drawn picture as large a file as a camera's.
const SAMPLES: [Sample; 3] = [
    Sample {
        name: "photo, JPEG of 4,000 x 3,000",
        file: "camera.jpg",
        kind: MediaKind::Photo,
        times: PHOTOS,
        arguments: &["-f", "lavfi", "-i", "testsrc2=size=4000x3000,noise=alls=12", "-frames:v", "1", "-q:v", "3"],
    },
    Sample {
        name: "photo, PNG of 1,170 x 2,532",
        file: "screen.png",
        kind: MediaKind::Photo,
        times: PHOTOS,
        arguments: &["-f", "lavfi", "-i", "testsrc2=size=1170x2532", "-frames:v", "1"],
    },
    Sample {
        name: "video, H.264 of 1,920 x 1,080, 10 s",
        file: "film.mp4",
        kind: MediaKind::Video,
        times: VIDEOS,
        arguments: &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=1920x1080:rate=30:duration=10,noise=alls=6:allf=t",
            "-f",
            "lavfi",
            "-i",
            "sine=duration=10",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
        ],
    },
];

/// One person uploads each sample, one after the other, and reads a photo's thumbnail in a post.
///
/// # Errors
/// [`Failure`] when ffmpeg is missing, or the server refuses something.
pub async fn media(world: &mut World, label: Label) -> Result<Vec<Row>, Failure> {
    let owner = world.people(1).await?.remove(0);
    let platform = NativePlatform::new(&world.target.url()).map_err(failure)?;
    let uploader = Uploader { platform: &platform, token: &owner.token };
    let folder = tempfile::tempdir()?;
    let (mut rows, mut photo) = (Vec::new(), None);
    for sample in &SAMPLES {
        let bytes = make(sample, folder.path())?;
        let (mut sending, mut making) = (Latencies::default(), Latencies::default());
        let cpu_before = world.target.cpu()?;
        for _ in 0..sample.times {
            let media_id = MediaId(Uuid::from_bytes(world.random.bytes()));
            let began = now();
            uploader.send(media_id, sample.kind, &bytes).await?;
            sending.push(since(began));
            let began = now();
            uploader.finish(media_id, sample.kind).await?;
            making.push(since(began));
            photo = photo.or(Some(media_id));
        }
        let cpu = (world.target.cpu()? - cpu_before).as_secs_f64() * 1e3 / sample.times as f64;
        rows.push(
            label
                .row(format!("Upload: {}", sample.name))
                .with("size", bytes.len() as f64 / 1e6, "MB")
                .with("sent p50", sending.percentile_ms(50), "ms")
                .with("made p50", making.percentile_ms(50), "ms")
                .with("made, slowest", making.percentile_ms(100), "ms")
                .with("server CPU, without those who make it", cpu, "ms"),
        );
    }
    let photo = photo.ok_or_else(|| Failure("nothing was uploaded".into()))?;
    rows.push(uploader.thumbnails(world, label, photo).await?);
    Ok(rows)
}

fn make(sample: &Sample, folder: &Path) -> Result<Vec<u8>, Failure> {
    let place = folder.join(sample.file);
    let status =
        Command::new("ffmpeg").args(["-nostdin", "-v", "error"]).args(sample.arguments).arg(&place).status()?;
    if !status.success() {
        return Err(Failure(format!("ffmpeg does not make {}", sample.file)));
    }
    Ok(fs::read(place)?)
}

/// Somebody with something to show.
struct Uploader<'a> {
    platform: &'a NativePlatform,
    token: &'a str,
}

impl Uploader<'_> {
    async fn send(&self, media_id: MediaId, kind: MediaKind, bytes: &[u8]) -> Result<(), Failure> {
        let new = NewMedia { media_id, kind, size_bytes: bytes.len() as u64 };
        let _: MediaUpload = self.call(Method::Post, "/api/media", Some(&new)).await?;
        let mut offset = 0;
        for part in bytes.chunks(FILE_PART_BYTES as usize) {
            let path = format!("/api/media/{media_id}/parts/{offset}");
            let kind = Some("application/octet-stream");
            person::send(self.platform, Some(self.token), Method::Put, &path, kind, part.to_vec()).await?;
            offset += part.len();
        }
        Ok(())
    }

    /// Until it can go into a post.
    async fn finish(&self, media_id: MediaId, kind: MediaKind) -> Result<(), Failure> {
        let (place, finish) = (format!("/api/media/{media_id}"), format!("/api/media/{media_id}/finish"));
        if kind == MediaKind::Video {
            let mut upload: MediaUpload = self.call::<(), _>(Method::Post, &finish, None).await?;
            while upload.making {
                self.platform.sleep(POLL.as_millis() as u64).await;
                upload = self.call::<(), _>(Method::Get, &place, None).await?;
            }
        }
        let _: MediaView = self.call::<(), _>(Method::Post, &finish, None).await?;
        Ok(())
    }

    async fn thumbnails(&self, world: &World, label: Label, photo: MediaId) -> Result<Row, Failure> {
        let post = json!({
            "post_id": PostId(Uuid::from_bytes(world.random.bytes())),
            "text": "",
            "audience": { "kind": "public" },
            "media": [{ "media_id": photo, "alt": "A test picture" }],
        });
        let _: IgnoredAny = self.call(Method::Post, "/api/posts", Some(&post)).await?;
        let path = format!("/api/media/{photo}/small");
        let (mut reading, mut size) = (Latencies::default(), 0);
        let cpu_before = world.target.cpu()?;
        for _ in 0..READS {
            let began = now();
            size = person::send(self.platform, Some(self.token), Method::Get, &path, None, Vec::new()).await?.len();
            reading.push(since(began));
        }
        let cpu = (world.target.cpu()? - cpu_before).as_secs_f64() * 1e3 / READS as f64;
        Ok(label
            .row("A thumbnail of 320 pixels, for who may see its post")
            .with("size", size as f64 / 1e3, "kB")
            .with("p50", reading.percentile_ms(50), "ms")
            .with("p99", reading.percentile_ms(99), "ms")
            .with("server CPU", cpu, "ms"))
    }

    async fn call<B: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, Failure> {
        person::call(self.platform, Some(self.token), method, path, body).await
    }
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
