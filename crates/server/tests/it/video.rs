//! Videos of posts and stories: made anew, given under the gate of their post, refused with a sentence, and gone with it.

use axum::http::{StatusCode, header};
use doorpost_model::{
    MediaId,
    limits::{VIDEO_ATTEMPTS_MAX, VIDEO_BYTES_MAX, VIDEOS_WAITING_MAX},
    media::{MediaUpload, MediaView, VideoView},
};
use doorpost_server::{Settings, config::OnOff, http::Error, jobs};
use doorpost_store as store;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Person, TestServer},
    media::{ids, post_id},
    post_harness::{connections, public},
    story_harness::text,
    video_harness::{clip, ffmpeg, film, probed},
};

/// Makes a test of a case on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case(crate::harness::TestServer::start().await).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                let settings = doorpost_server::Settings::default();
                super::$case(crate::harness::TestServer::on_postgres(settings).await).await;
            })*
        }
    };
}

on_both!(a_video_is_made_anew_and_played_by_its_posts_audience, a_stop_in_between_is_made_good, few_wait_at_one_time,);

async fn a_video_is_made_anew_and_played_by_its_posts_audience(server: TestServer) {
    let [ada, ben, cid] = [server.person("ada").await, server.person("ben").await, server.person("cid").await];
    server.connect(&ada, &ben).await;
    let place = [
        "-metadata",
        "location=+48.8584+002.2945/",
        "-metadata",
        "title=Secret place",
        "-movflags",
        "use_metadata_tags",
    ];
    let file = film("mp4", "1920x1080", 2, &place);
    assert!(file.windows(7).any(|bytes| bytes == b"48.8584"), "the place is in it");
    let media_id = server.stage_video(&ada, &file).await;
    let making = server.finish_media(&ada, &media_id).await;
    assert_eq!(making.status, StatusCode::ACCEPTED);
    assert!(making.into::<MediaUpload>().making);
    assert_eq!(server.post_media(&ada, connections(), ids(&[&media_id])).await.code(), "invalid_field", "not yet");
    let see = async |who| server.get(&format!("/api/media/{media_id}")).by(who).send().await.code();
    assert_eq!((see(&ada).await, see(&ben).await), ("200".to_owned(), "not_found".to_owned()));
    let jobs = jobs::spawn(&server.app);
    let made: MediaView = server.made_video(&ada, &media_id).await.into();
    server.until_unstaged(&media_id).await;
    drop(jobs);
    let shown = made.video.expect("a video");
    assert_eq!((shown.width_px, shown.height_px), (1_280, 720));
    assert!((1_900..=2_200).contains(&shown.duration_ms), "{shown:?}");
    assert_eq!(made.sizes.last().map(|size| (size.width_px, size.height_px)), Some((1_280, 720)), "and its picture");
    assert!(!server.staged(&media_id).exists(), "what was uploaded is not kept");
    assert!(!server.app.config.data.join("making").join(&media_id).exists());

    let media = json!([{ "media_id": media_id, "alt": "A test picture" }]);
    let post_id = post_id(&server.post_media(&ada, connections(), media).await);
    let seen = server.show(&ben, &post_id).await.json();
    let of_post: MediaView = serde_json::from_value(seen["media"][0].clone()).expect("a video");
    assert_eq!(of_post, MediaView { alt: "A test picture".to_owned(), ..made });
    let played = server.play(&ben, &media_id).await;
    assert_eq!(played.status, StatusCode::OK);
    assert_eq!(played.headers[header::CONTENT_TYPE], "video/mp4");
    assert_eq!(played.headers[header::CACHE_CONTROL], "private, no-cache");
    assert_eq!(played.headers[header::ACCEPT_RANGES], "bytes");
    assert_eq!(server.read_media(&ben, &media_id, "small").await.code(), "200");
    for word in [&b"48.8584"[..], b"Secret place"] {
        assert!(!played.body.windows(word.len()).any(|bytes| bytes == word), "what the camera wrote is gone");
    }
    let streams = probed(&played.body, "stream=codec_name,pix_fmt,avg_frame_rate");
    let expected = ["codec_name=h264", "pix_fmt=yuv420p", "avg_frame_rate=30/1", "codec_name=aac"];
    assert!(expected.iter().all(|line| streams.contains(line)), "{streams}");
    assert_eq!(streams.matches("codec_name").count(), 2, "picture and sound alone: {streams}");
    let index = played.body.windows(4).position(|bytes| bytes == b"moov").expect("an index");
    assert!(index < played.body.windows(4).position(|bytes| bytes == b"mdat").expect("pictures"), "it plays at once");

    ranges(&server, &ben, &media_id, &played).await;
    let nothing = server.play(&cid, &server.new_id()).await;
    let refused = server.play(&cid, &media_id).await;
    assert_eq!((refused.status, refused.json()), (nothing.status, nothing.json()));
    assert!(!refused.headers.contains_key(header::ETAG));
    assert_eq!(server.get(&format!("/api/media/{media_id}/video")).send().await.code(), "unauthenticated");

    assert_eq!(server.delete_post(&ada, &post_id).await.code(), "204");
    for who in [&ada, &ben] {
        assert_eq!(server.play(who, &media_id).await.code(), "not_found");
    }
    assert!(server.media_on_disk().is_empty(), "nothing of it is left");
    server.end().await;
}

/// A player's requests for parts of a film.
async fn ranges(server: &TestServer, who: &Person, media_id: &str, whole: &Answer) {
    let address = format!("/api/media/{media_id}/video");
    let size = whole.body.len();
    let tag = whole.headers[header::ETAG].to_str().expect("a tag");
    let part = server.get(&address).by(who).header("range", "bytes=100-299").send().await;
    assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, &whole.body[100..300]));
    assert_eq!(part.headers[header::CONTENT_RANGE], format!("bytes 100-299/{size}").as_str());
    assert_eq!(part.headers[header::CONTENT_TYPE], "video/mp4");
    let rest = server.get(&address).by(who).header("range", "bytes=100-").header("if-range", tag).send().await;
    assert_eq!((rest.status, &rest.body[..]), (StatusCode::PARTIAL_CONTENT, &whole.body[100..]));
    let other = server.get(&address).by(who).header("range", "bytes=100-").header("if-range", "\"old\"").send().await;
    assert_eq!((other.status, other.body.len()), (StatusCode::OK, size), "the part would be of something else");
    let after = server.get(&address).by(who).header("range", &format!("bytes={size}-")).send().await;
    assert_eq!(after.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(after.headers[header::CONTENT_RANGE], format!("bytes */{size}").as_str());
    let known = server.get(&address).by(who).header("if-none-match", tag).send().await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

/// A video whose making the server had begun so often when it stopped.
async fn interrupted(server: &TestServer, who: &Person, times: i64) -> String {
    let media_id = server.stage_video(who, &clip()).await;
    assert_eq!(server.finish_media(who, &media_id).await.status, StatusCode::ACCEPTED);
    let id: MediaId = media_id.parse().expect("an id");
    let begun = server.app.store.write::<_, Error, _>(move |tx| {
        Box::pin(async move {
            for _ in 0..times {
                store::video::begin(tx, id).await?;
            }
            Ok(())
        })
    });
    begun.await.expect("begun");
    media_id
}

async fn a_stop_in_between_is_made_good(server: TestServer) {
    let ada = server.person("ada").await;
    let resumed = interrupted(&server, &ada, VIDEO_ATTEMPTS_MAX - 1).await;
    let poison = interrupted(&server, &ada, VIDEO_ATTEMPTS_MAX).await;
    let removed = interrupted(&server, &ada, 0).await;
    assert_eq!(server.call("DELETE", &format!("/api/media/{removed}")).by(&ada).send().await.code(), "204");
    let _jobs = jobs::spawn(&server.app);
    assert_eq!(server.made_video(&ada, &resumed).await.code(), "200");
    assert_eq!(server.made_video(&ada, &poison).await.code(), "video_too_costly", "not for ever");
    assert_eq!(server.finish_media(&ada, &poison).await.code(), "not_found", "told, it is forgotten");
    assert_eq!(server.media_on_disk(), [resumed].into());
    server.end().await;
}

async fn few_wait_at_one_time(server: TestServer) {
    let ada = server.person("ada").await;
    let file = clip();
    for _ in 0..VIDEOS_WAITING_MAX {
        let media_id = server.stage_video(&ada, &file).await;
        assert_eq!(server.finish_media(&ada, &media_id).await.code(), "202");
        assert_eq!(server.finish_media(&ada, &media_id).await.code(), "202", "it waits already");
    }
    let one_more = server.stage_video(&ada, &file).await;
    let answer = server.finish_media(&ada, &one_more).await;
    assert_eq!(answer.code(), "busy");
    assert!(answer.json()["error"]["message"].as_str().is_some_and(|text| text.starts_with("Other videos of yours")));
    let ben = server.person("ben").await;
    let others = server.stage_video(&ben, &file).await;
    assert_eq!(server.finish_media(&ben, &others).await.code(), "202");
    server.end().await;
}

#[tokio::test]
async fn what_phones_and_browsers_record_is_taken() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let upright = {
        let lying = film("mp4", "320x240", 1, &[]);
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("lying.mp4");
        std::fs::write(&place, lying).expect("written");
        let lying = place.to_str().expect("text");
        ffmpeg("mov", &["-i", lying, "-c", "copy", "-metadata:s:v:0", "rotate=90"])
    };
    let silent = ffmpeg("webm", &["-f", "lavfi", "-i", "testsrc2=size=240x320:rate=60:duration=1", "-c:v", "libvpx"]);
    let files: [(&str, Vec<u8>, (u32, u32)); 5] = [
        ("MOV, held upright", upright, (240, 320)),
        ("WebM", film("webm", "320x240", 1, &[]), (320, 240)),
        ("WebM without sound", silent, (240, 320)),
        (
            "MP4 with its index at the end, of odd sides",
            film("mp4", "322x242", 1, &["-vf", "scale=321:241", "-pix_fmt", "yuv444p"]),
            (320, 240),
        ),
        ("upright and large", film("mp4", "1080x1920", 1, &[]), (720, 1_280)),
    ];
    for (what, file, (width, height)) in files {
        let (media_id, answer) = server.upload_video(&ada, &file).await;
        assert_eq!(answer.code(), "200", "{what}: {:?}", answer.json());
        let VideoView { width_px, height_px, .. } = answer.into::<MediaView>().video.expect("a video");
        assert_eq!((width_px, height_px), (width, height), "{what}");
        let played = server.play(&ada, &media_id).await;
        assert_eq!(played.code(), "200", "{what}");
        assert!(!probed(&played.body, "stream_side_data=rotation").contains("rotation"), "{what}: it is turned");
    }
}

fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = clip();
    let named_by_first_bytes = |text: &str| [&b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"[..], text.as_bytes()].concat();
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    let audio = ffmpeg("mp4", &["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"]);
    let still = ffmpeg("mov", &["-f", "lavfi", "-i", "testsrc2=duration=1", "-c:v", "mjpeg"]);
    let large = ffmpeg("mp4", &["-f", "lavfi", "-i", "color=size=4096x64:rate=2:duration=1", "-c:v", "libx264"]);
    let huge = ffmpeg("mp4", &["-f", "lavfi", "-i", "color=size=10000x32:rate=2:duration=1", "-c:v", "libx264"]);
    let long = ffmpeg("mp4", &["-f", "lavfi", "-i", "color=size=64x64:rate=1:duration=3600", "-c:v", "libx264"]);
    let fast = ffmpeg("mp4", &["-f", "lavfi", "-i", "color=size=64x64:rate=240:duration=1", "-c:v", "libx264"]);
    // Says nowhere how long it is.
    let endless =
        ffmpeg("webm", &["-f", "lavfi", "-i", "color=size=64x64:rate=2:duration=90", "-c:v", "libvpx", "-live", "1"]);
    let streams = {
        let map: Vec<&str> = std::iter::repeat_n(["-map", "0:v"], 20).flatten().collect();
        let source = ["-f", "lavfi", "-i", "color=size=64x64:rate=2:duration=1"];
        ffmpeg("mp4", &[&source[..], &map, &["-c:v", "libx264"]].concat())
    };
    vec![
        ("a playlist", playlist.into(), "video_unknown"),
        ("a list of files", b"ffconcat version 1.0\nfile /etc/passwd\n".to_vec(), "video_unknown"),
        (
            "a drawing with a script",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>".to_vec(),
            "video_unknown",
        ),
        ("a photo's container", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "video_unknown"),
        ("a playlist behind a film's first bytes", named_by_first_bytes(playlist), "video_unknown"),
        ("a page behind a film's first bytes", named_by_first_bytes("<script>alert(1)</script>"), "video_unknown"),
        ("Matroska in name", b"\x1A\x45\xDF\xA3 film.webm, and nothing else".to_vec(), "video_unknown"),
        ("the first half of a film", good[..good.len() / 2].to_vec(), "video_unknown"),
        ("sound alone", audio, "video_unknown"),
        ("photos one after the other", still, "video_unknown"),
        ("a film of 4,096 pixels", large, "video_too_costly"),
        ("a film of ten thousand pixels", huge, "video_too_costly"),
        ("an hour in a few bytes", long, "video_too_long"),
        ("a film that does not say how long it is", endless, "video_too_long"),
        ("240 pictures a second", fast, "video_too_costly"),
        ("twenty streams", streams, "video_too_costly"),
    ]
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_with_a_sentence_and_forgotten() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    for (what, file, code) in hostile() {
        let (media_id, answer) = server.upload_video(&ada, &file).await;
        assert_eq!(answer.code(), code, "{what}");
        assert!(answer.json()["error"]["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{what}");
        assert!(server.media_on_disk().is_empty(), "{what}");
        assert_eq!(server.finish_media(&ada, &media_id).await.code(), "not_found", "{what}");
        assert_eq!(std::fs::read_dir(server.app.config.data.join("making")).map_or(0, Iterator::count), 0, "{what}");
    }
    // What hangs on a film does not come with it.
    let polyglot = [&clip()[..], b"PK\x03\x04 <script>alert(1)</script>"].concat();
    let (media_id, answer) = server.upload_video(&ada, &polyglot).await;
    assert_eq!(answer.code(), "200");
    assert!(!server.play(&ada, &media_id).await.body.windows(8).any(|bytes| bytes == b"<script>"));
    let too_large = usize::try_from(VIDEO_BYTES_MAX).expect("small") + 1;
    assert_eq!(server.begin_video(&ada, &server.new_id(), too_large).await.code(), "too_large");
}

#[tokio::test]
async fn a_video_stands_alone_in_a_post_and_behind_a_story() {
    let server = TestServer::start().await;
    let [ada, ben] = [server.person("ada").await, server.person("ben").await];
    let [video, photo] = [server.video(&ada).await, server.photo(&ada).await];
    assert_eq!(server.play(&ada, &photo).await.code(), "not_found", "a photo has no film");
    for mixed in [ids(&[&video, &photo]), ids(&[&photo, &video])] {
        assert_eq!(server.post_media(&ada, public(), mixed).await.code(), "invalid_field");
    }
    let canvas = json!({ "version": 1, "background": { "kind": "photo" }, "layers": [text("Look")] });
    let story = json!({ "post_id": server.new_id(), "text": "", "audience": public(), "story": canvas,
        "media": [{ "media_id": video }] });
    let answer = server.post("/api/posts").by(&ada).json(story).send().await;
    let story_id = post_id(&answer);
    assert!(server.show(&ben, &story_id).await.json()["media"][0]["video"]["duration_ms"].as_u64().is_some());
    assert_eq!(server.play(&ben, &video).await.code(), "200");
    assert_eq!(server.delete_post(&ada, &story_id).await.code(), "204");
    assert_eq!(server.media_on_disk(), [photo].into(), "a story's video goes with it");
    assert_eq!(server.play(&ben, &video).await.code(), "not_found");
}

#[tokio::test]
async fn a_film_takes_as_much_room_as_is_kept_of_it() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let media_id = server.video(&ada).await;
    let account = ada.me["account_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let used = server
        .app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::media::used_bytes(tx, account).await?) }));
    let kept =
        server.play(&ada, &media_id).await.body.len() + server.read_media(&ada, &media_id, "small").await.body.len();
    assert_eq!(used.await.expect("a sum"), i64::try_from(kept).expect("small"));
}

#[tokio::test]
async fn a_server_without_videos_says_so() {
    let server = TestServer::with(Settings { video: Some(OnOff::Off), ..Settings::default() }).await;
    let ada = server.person("ada").await;
    let offered = async |server: &TestServer| server.get("/api/server").send().await.json()["video"].clone();
    assert_eq!(offered(&server).await, Value::Bool(false));
    let answer = server.begin_video(&ada, &server.new_id(), 20).await;
    assert_eq!(answer.code(), "video_unavailable");
    assert_eq!(answer.json()["error"]["message"], "This server takes no videos. Choose a photo.");

    // One that waited when the programs were taken away is given up.
    let media_id: MediaId = server.new_id().parse().expect("an id");
    let account = ada.me["account_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let now = server.app.clock.now();
    let waiting = server.app.store.write::<_, Error, _>(move |tx| {
        Box::pin(async move {
            store::media::insert(tx, media_id, account, doorpost_model::media::MediaKind::Video, 9, now).await?;
            store::media::advance(tx, media_id, 0, 9).await?;
            Ok(store::video::wait(tx, media_id, now).await?)
        })
    });
    assert!(waiting.await.expect("written"));
    let folder = server.staged(&media_id.to_string());
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("0"), b"123456789").expect("written");
    let _jobs = jobs::spawn(&server.app);
    assert_eq!(server.made_video(&ada, &media_id.to_string()).await.code(), "video_unavailable");
    assert!(server.media_on_disk().is_empty());
    assert_eq!(offered(&TestServer::start().await).await, Value::Bool(true), "this machine has ffmpeg");
}
