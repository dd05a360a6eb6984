//! Photos of posts: who gets them, what is refused, that nothing of them is left behind, and what time does.

use std::{collections::BTreeSet, io::Cursor, path::PathBuf};

use axum::http::{StatusCode, header};
use doorpost_model::{
    AccountId, MediaId,
    limits::{ALT_CHARS_MAX, FILE_PART_BYTES, MEDIA_UNUSED_TTL_MS, PICTURE_BYTES_MAX, POST_MEDIA_MAX},
    media::{MediaKind, MediaUpload, MediaView, PictureSize},
};
use doorpost_server::{Settings, http::Error, jobs};
use doorpost_store::{self as store, media::SizeRow};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Person, TestServer},
    post_harness::{connections, public},
};

const PART: usize = FILE_PART_BYTES as usize;

/// A picture in which no pixel is like its neighbours.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let noise = |x: u32, y: u32| x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77).rotate_left(13);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, _] = noise(x, y).wrapping_mul(0xC2B2_AE35).to_be_bytes();
        Rgb([red, green, blue])
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("encoded");
    file.into_inner()
}

/// A JPEG in whose Exif somebody's place stands.
fn with_place(jpeg: &[u8]) -> Vec<u8> {
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0 48.8584 N 2.2945 E";
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, exif, &jpeg[2..]].concat()
}

impl TestServer {
    pub async fn begin_media(&self, who: &Person, media_id: &str, size_bytes: usize) -> Answer {
        let body = json!({ "media_id": media_id, "size_bytes": size_bytes });
        self.post("/api/media").by(who).json(body).send().await
    }

    pub async fn media_part(&self, who: &Person, media_id: &str, offset: usize, bytes: &[u8]) -> Answer {
        let path = format!("/api/media/{media_id}/parts/{offset}");
        self.call("PUT", &path).by(who).body(bytes.to_vec()).send().await
    }

    pub async fn finish_media(&self, who: &Person, media_id: &str) -> Answer {
        self.post(&format!("/api/media/{media_id}/finish")).by(who).send().await
    }

    /// Uploads all of a file and has it made anew; gives its id, and what the server says of it.
    async fn upload_media(&self, who: &Person, file: &[u8]) -> (String, Answer) {
        let media_id = self.new_id();
        assert_eq!(self.begin_media(who, &media_id, file.len()).await.code(), "200");
        for (number, part) in file.chunks(PART).enumerate() {
            assert_eq!(self.media_part(who, &media_id, number * PART, part).await.code(), "200");
        }
        let answer = self.finish_media(who, &media_id).await;
        (media_id, answer)
    }

    /// A finished photo that is in no post; gives its id.
    pub async fn photo(&self, who: &Person) -> String {
        let (media_id, answer) = self.upload_media(who, &picture(40, 30, ImageFormat::Png)).await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        media_id
    }

    /// A post of photos; gives the server's answer.
    pub async fn post_media(&self, by: &Person, audience: Value, media: Value) -> Answer {
        let post = json!({ "post_id": self.new_id(), "text": "", "audience": audience, "media": media });
        self.post("/api/posts").by(by).json(post).send().await
    }

    pub async fn read_media(&self, by: &Person, media_id: &str, size: &str) -> Answer {
        self.get(&format!("/api/media/{media_id}/{size}")).by(by).send().await
    }

    /// Ids of the photos of which anything is on the disk.
    pub fn media_on_disk(&self) -> BTreeSet<String> {
        let Ok(folders) = std::fs::read_dir(self.app.config.data.join("media")) else { return BTreeSet::new() };
        folders.map(|folder| folder.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    pub fn staged(&self, media_id: &str) -> PathBuf {
        self.app.config.data.join("media").join(media_id).join("upload")
    }
}

pub fn ids(media: &[&str]) -> Value {
    media.iter().map(|media_id| json!({ "media_id": media_id })).collect()
}

pub fn post_id(answer: &Answer) -> String {
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    answer.json()["post_id"].as_str().expect("an id").to_owned()
}

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

on_both!(
    a_photo_is_its_posts_audiences,
    a_photo_in_no_post_is_its_uploaders_alone,
    photos_stand_in_a_post_as_its_author_put_them,
    a_deleted_post_takes_its_photos_with_it,
    time_takes_photos_that_are_in_no_post,
);

async fn a_photo_is_its_posts_audiences(server: TestServer) {
    let [ada, ben, cid, dot] = [
        server.person("ada").await,
        server.person("ben").await,
        server.person("cid").await,
        server.person("dot").await,
    ];
    server.connect(&ada, &ben).await;
    server.connect(&ada, &dot).await;
    server.block(&dot, &ada).await;
    let file = with_place(&picture(1_200, 900, ImageFormat::Jpeg));
    let (media_id, finished) = server.upload_media(&ada, &file).await;
    let finished: MediaView = finished.into();
    assert_eq!(
        finished.sizes.iter().map(|made| (made.width_px, made.height_px)).collect::<Vec<_>>(),
        [(320, 240), (960, 720), (1_200, 900)]
    );
    let media = json!([{ "media_id": media_id, "alt": "Noise, and nothing else" }]);
    let post_id = post_id(&server.post_media(&ada, connections(), media).await);

    let seen = server.show(&ben, &post_id).await.json();
    let shown: MediaView = serde_json::from_value(seen["media"][0].clone()).expect("a photo");
    assert_eq!(shown, MediaView { alt: "Noise, and nothing else".to_owned(), ..finished });
    let nothing = server.read_media(&cid, &server.new_id(), "small").await;
    assert_eq!(nothing.code(), "not_found");
    for made in &shown.sizes {
        let size = made.size.as_str();
        for who in [&ada, &ben] {
            let answer = server.read_media(who, &media_id, size).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.headers[header::CONTENT_TYPE], "image/jpeg");
            assert_eq!(answer.headers[header::CACHE_CONTROL], "private, no-cache");
            assert!(!answer.body.windows(7).any(|bytes| bytes == b"48.8584"), "the place is gone");
            let read = image::load_from_memory_with_format(&answer.body, ImageFormat::Jpeg).expect("a JPEG");
            assert_eq!((read.width(), read.height()), (made.width_px, made.height_px));
        }
        for who in [&cid, &dot] {
            let answer = server.read_media(who, &media_id, size).await;
            assert_eq!((answer.status, answer.json()), (nothing.status, nothing.json()));
            assert!(!answer.headers.contains_key(header::ETAG));
        }
        assert_eq!(server.get(&format!("/api/media/{media_id}/{size}")).send().await.code(), "unauthenticated");
    }

    // What a browser kept is shown only as long as its viewer may see it.
    let tag =
        server.read_media(&ben, &media_id, "small").await.headers[header::ETAG].to_str().expect("a tag").to_owned();
    let again = async || {
        let call = server.get(&format!("/api/media/{media_id}/small")).by(&ben);
        call.header("if-none-match", &tag).send().await
    };
    let unchanged = again().await;
    assert_eq!((unchanged.status, unchanged.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(server.call("DELETE", "/api/connections/ben").by(&ada).send().await.code(), "204");
    let lost = again().await;
    assert_eq!((lost.status, lost.json()), (nothing.status, nothing.json()));
    server.end().await;
}

async fn a_photo_in_no_post_is_its_uploaders_alone(server: TestServer) {
    let [ada, ben] = [server.person("ada").await, server.person("ben").await];
    server.connect(&ada, &ben).await;
    let file = picture(700, 600, ImageFormat::Png);
    assert!(file.len() > PART);
    let media_id = server.new_id();
    assert_eq!(server.begin_media(&ada, &media_id, file.len()).await.code(), "200");
    assert_eq!(server.begin_media(&ben, &media_id, file.len()).await.code(), "conflict", "the id is taken");
    assert_eq!(server.begin_media(&ada, &media_id, 7).await.code(), "conflict", "another file");
    assert_eq!(server.media_part(&ben, &media_id, 0, &file[..PART]).await.code(), "not_found");

    // It goes on where it was.
    assert_eq!(server.media_part(&ada, &media_id, PART, &file[PART..]).await.code(), "conflict");
    let first: MediaUpload = server.media_part(&ada, &media_id, 0, &file[..PART]).await.into();
    assert_eq!((first.received_bytes, first.finished), (PART as u64, false));
    assert_eq!(server.media_part(&ada, &media_id, 0, &file[..PART]).await.into::<MediaUpload>(), first);
    assert_eq!(server.begin_media(&ada, &media_id, file.len()).await.into::<MediaUpload>(), first);
    assert_eq!(server.finish_media(&ada, &media_id).await.code(), "conflict", "bytes are missing");
    assert_eq!(server.read_media(&ada, &media_id, "small").await.code(), "not_found");
    assert_eq!(server.media_part(&ada, &media_id, PART, &file[PART..]).await.code(), "200");

    assert_eq!(server.finish_media(&ben, &media_id).await.code(), "not_found");
    let finished: MediaView = server.finish_media(&ada, &media_id).await.into();
    assert_eq!(server.finish_media(&ada, &media_id).await.into::<MediaView>(), finished, "a lost answer");
    assert!(!server.staged(&media_id).exists(), "what was uploaded is not kept");
    assert_eq!(server.read_media(&ada, &media_id, "large").await.code(), "not_found", "it is no larger than medium");
    assert_eq!(server.read_media(&ada, &media_id, "medium").await.code(), "200");
    assert_eq!(server.read_media(&ada, &media_id, "huge").await.code(), "not_found");
    assert_eq!(server.read_media(&ben, &media_id, "medium").await.code(), "not_found");
    assert_eq!(server.post_media(&ben, public(), ids(&[&media_id])).await.code(), "invalid_field");

    let delete = async |who| server.call("DELETE", &format!("/api/media/{media_id}")).by(who).send().await.code();
    assert_eq!(delete(&ben).await, "not_found");
    assert_eq!(delete(&ada).await, "204");
    assert_eq!(server.read_media(&ada, &media_id, "medium").await.code(), "not_found");
    assert!(server.media_on_disk().is_empty());
    server.end().await;
}

async fn photos_stand_in_a_post_as_its_author_put_them(server: TestServer) {
    let ada = server.person("ada").await;
    let [one, two, three] = [server.photo(&ada).await, server.photo(&ada).await, server.photo(&ada).await];
    let post = server.post_media(&ada, public(), ids(&[&three, &one])).await;
    let post_id = post_id(&post);
    let shown = |answer: Answer| -> Vec<String> {
        let media = answer.json()["media"].as_array().cloned().unwrap_or_default();
        media.iter().map(|photo| photo["media_id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(shown(post), [three.as_str(), &one]);
    assert_eq!(shown(server.edit(&ada, &post_id, json!({ "text": "now with words" })).await), [three.as_str(), &one]);
    assert_eq!(server.edit(&ada, &post_id, json!({ "text": " " })).await.code(), "200", "photos say enough");
    assert_eq!(server.post_media(&ada, public(), ids(&[])).await.code(), "invalid_field", "nothing says nothing");

    // A photo is in one post, once; a post that is refused uses none up.
    assert_eq!(server.post_media(&ada, public(), ids(&[&two, &one])).await.code(), "invalid_field");
    assert_eq!(server.post_media(&ada, public(), ids(&[&two, &two])).await.code(), "invalid_field");
    assert_eq!(server.post_media(&ada, public(), ids(&[&two, &server.new_id()])).await.code(), "invalid_field");
    let too_many = vec![two.as_str(); POST_MEDIA_MAX + 1];
    assert_eq!(server.post_media(&ada, public(), ids(&too_many)).await.code(), "invalid_field");
    for alt in ["x".repeat(ALT_CHARS_MAX + 1), "a\0b".to_owned()] {
        let media = json!([{ "media_id": two, "alt": alt }]);
        assert_eq!(server.post_media(&ada, public(), media).await.code(), "invalid_field");
    }
    let longest = "ü".repeat(ALT_CHARS_MAX);
    let media = json!([{ "media_id": two, "alt": longest }]);
    let post = server.post_media(&ada, public(), media).await.json();
    assert_eq!(post["media"][0]["alt"], longest);
    // In a post it is the post's: it goes with it, not before.
    assert_eq!(server.call("DELETE", &format!("/api/media/{two}")).by(&ada).send().await.code(), "not_found");
    server.end().await;
}

async fn a_deleted_post_takes_its_photos_with_it(server: TestServer) {
    let [ada, ben] = [server.person("ada").await, server.person("ben").await];
    let [one, two, kept] = [server.photo(&ada).await, server.photo(&ada).await, server.photo(&ada).await];
    let gone = post_id(&server.post_media(&ada, public(), ids(&[&one, &two])).await);
    let stays = post_id(&server.post_media(&ada, public(), ids(&[&kept])).await);
    assert_eq!(server.media_on_disk(), BTreeSet::from([one.clone(), two.clone(), kept.clone()]));
    assert_eq!(server.delete_post(&ada, &gone).await.code(), "204");
    for media_id in [&one, &two] {
        for who in [&ada, &ben] {
            assert_eq!(server.read_media(who, media_id, "small").await.code(), "not_found");
        }
    }
    assert_eq!(server.media_on_disk(), BTreeSet::from([kept.clone()]), "nothing of them is left");
    assert_eq!(server.read_media(&ben, &kept, "small").await.code(), "200");
    let account_id = ada.me["account_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let used = server
        .app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::media::used_bytes(tx, account_id).await?) }));
    let size = server.read_media(&ada, &kept, "small").await.body.len();
    assert_eq!(used.await.expect("a sum"), i64::try_from(size).expect("small"), "and they take no room");
    assert_eq!(server.show(&ben, &stays).await.json()["media"][0]["media_id"], kept);
    server.end().await;
}

/// A photo that the server had finished when it stopped, before what was uploaded was deleted.
async fn interrupted(server: &TestServer, who: &Person) -> String {
    let media_id = server.new_id();
    for folder in ["upload", "small"] {
        let folder = server.app.config.data.join("media").join(&media_id).join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("0"), b"a picture").expect("written");
    }
    let id: MediaId = media_id.parse().expect("an id");
    let account: AccountId = who.me["account_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let now = server.app.clock.now();
    let small = SizeRow { size: PictureSize::Small, width_px: 3, height_px: 3, size_bytes: 9 };
    let written = server.app.store.write::<_, Error, _>(move |tx| {
        Box::pin(async move {
            assert!(store::media::insert(tx, id, account, MediaKind::Photo, 9, now).await?);
            assert!(store::media::advance(tx, id, 0, 9).await?);
            assert!(store::media::finish(tx, id, "LEHV6n", 9, now).await?);
            Ok(store::media::add_sizes(tx, id, &[small]).await?)
        })
    });
    written.await.expect("a photo");
    media_id
}

async fn time_takes_photos_that_are_in_no_post(server: TestServer) {
    let ada = server.person("ada").await;
    let [used, unused] = [interrupted(&server, &ada).await, server.photo(&ada).await];
    post_id(&server.post_media(&ada, public(), ids(&[&used])).await);
    let half = server.new_id();
    assert_eq!(server.begin_media(&ada, &half, PART + 1).await.code(), "200");
    assert_eq!(server.media_part(&ada, &half, 0, &vec![7; PART]).await.code(), "200");
    assert_eq!(server.media_on_disk(), BTreeSet::from([used.clone(), unused.clone(), half]));

    let _jobs = jobs::spawn(&server.app);
    server.clock.advance(MEDIA_UNUSED_TTL_MS + 1);
    while server.media_on_disk() != BTreeSet::from([used.clone()]) || server.staged(&used).exists() {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.read_media(&ada, &unused, "small").await.code(), "not_found");
    assert_eq!(server.read_media(&ada, &used, "small").await.code(), "200");
    server.end().await;
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_and_forgotten() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let jpeg = picture(64, 64, ImageFormat::Jpeg);
    let mut bomb = picture(1, 1, ImageFormat::Gif);
    bomb[6..10].copy_from_slice(&[0xFF; 4]);
    let files: [(&str, &[u8], &str); 6] = [
        ("a page", b"<html><script>alert(1)</script>", "media_unknown"),
        ("a drawing with a script", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "media_unknown"),
        ("a film", b"\0\0\0\x18ftypmp42", "media_unknown"),
        ("the first half of a photo", &jpeg[..jpeg.len() / 2], "media_damaged"),
        ("a photo in name", b"\xFF\xD8\xFF\xE0 photo.jpg", "media_damaged"),
        ("a picture of four thousand megapixels", &bomb, "media_too_costly"),
    ];
    for (what, file, code) in files {
        let (media_id, answer) = server.upload_media(&ada, file).await;
        assert_eq!(answer.code(), code, "{what}");
        assert!(answer.json()["error"]["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')));
        assert!(server.media_on_disk().is_empty(), "{what}");
        assert_eq!(server.finish_media(&ada, &media_id).await.code(), "not_found", "{what}");
        assert_eq!(server.begin_media(&ada, &media_id, file.len()).await.code(), "200", "the id is free: {what}");
        assert_eq!(server.call("DELETE", &format!("/api/media/{media_id}")).by(&ada).send().await.code(), "204");
    }
    // What hangs on a photo does not come with it.
    let polyglot = [&jpeg[..], b"PK\x03\x04 <script>alert(1)</script>"].concat();
    let (media_id, answer) = server.upload_media(&ada, &polyglot).await;
    assert_eq!(answer.code(), "200");
    let small = server.read_media(&ada, &media_id, "small").await;
    assert!(!small.body.windows(8).any(|bytes| bytes == b"<script>"));

    assert_eq!(server.begin_media(&ada, &server.new_id(), 0).await.code(), "invalid_field");
    let too_large = usize::try_from(PICTURE_BYTES_MAX).expect("small") + 1;
    assert_eq!(server.begin_media(&ada, &server.new_id(), too_large).await.code(), "too_large");
}

#[tokio::test]
async fn photos_and_files_share_one_room() {
    let server = TestServer::with(Settings { file_quota_mib: Some(1), ..Settings::default() }).await;
    let ada = server.person("ada").await;
    let room = 1024 * 1024;
    let first = server.new_id();
    assert_eq!(server.begin_media(&ada, &first, room - 10).await.code(), "200");
    assert_eq!(server.begin_media(&ada, &server.new_id(), 11).await.code(), "limit_reached");
    assert_eq!(server.begin_media(&ada, &server.new_id(), 10).await.code(), "200");
    assert_eq!(server.call("DELETE", &format!("/api/media/{first}")).by(&ada).send().await.code(), "204");
    assert_eq!(server.begin_media(&ada, &server.new_id(), 11).await.code(), "200");
}

#[tokio::test]
async fn two_that_finish_one_photo_make_it_once() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let file = picture(300, 200, ImageFormat::Png);
    let media_id = server.new_id();
    assert_eq!(server.begin_media(&ada, &media_id, file.len()).await.code(), "200");
    assert_eq!(server.media_part(&ada, &media_id, 0, &file).await.code(), "200");
    let (one, other) = tokio::join!(server.finish_media(&ada, &media_id), server.finish_media(&ada, &media_id));
    let codes = BTreeSet::from([one.code(), other.code()]);
    assert!(codes == BTreeSet::from(["200".to_owned(), "busy".to_owned()]), "{codes:?}");
    let size = PictureSize::Small.as_str();
    assert_eq!(server.read_media(&ada, &media_id, size).await.code(), "200");
}
