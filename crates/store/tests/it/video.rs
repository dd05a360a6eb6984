//! Videos: in which order they are made, that each ends as a film or with a reason, and what is left of them.

use doorpost_model::{
    MediaId, TimeMs,
    media::{MediaKind, PictureSize, VideoRefusal},
    post::AudienceKind,
};
use doorpost_store::{
    Store,
    media::{self, SizeRow},
    video::{self, FilmRow, WaitingRow},
};

use crate::{
    harness::{account_id, accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    videos_are_made_in_the_order_they_were_asked_for,
    what_is_refused_takes_no_room_and_says_why,
    a_film_stands_in_its_post_and_goes_with_it,
);

const FILM: FilmRow = FilmRow { width_px: 1_280, height_px: 720, duration_ms: 9_500, size_bytes: 70 };

fn media_id(number: u8) -> MediaId {
    MediaId::from_bytes([number; 16])
}

async fn begin(store: &Store, number: u8, account: u8, kind: MediaKind) {
    write(
        store,
        tx!(tx => {
            let id = media_id(number);
            assert!(media::insert(tx, id, account_id(account), kind, 40, TimeMs(5)).await?);
            assert!(media::advance(tx, id, 0, 40).await?);
            Ok(())
        }),
    )
    .await;
}

async fn wait(store: &Store, number: u8, at: i64) -> bool {
    write(store, tx!(tx => video::wait(tx, media_id(number), TimeMs(at)).await)).await
}

async fn next(store: &Store) -> Option<WaitingRow> {
    read(store, tx!(tx => video::next(tx).await)).await
}

async fn videos_are_made_in_the_order_they_were_asked_for(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    assert_eq!(next(&store).await, None);
    begin(&store, 1, 1, MediaKind::Video).await;
    begin(&store, 2, 2, MediaKind::Video).await;
    begin(&store, 3, 1, MediaKind::Photo).await;
    assert!(wait(&store, 2, 8).await && wait(&store, 1, 9).await);
    assert!(!wait(&store, 1, 3).await, "it keeps its place");
    assert!(!wait(&store, 3, 3).await, "a photo is made at once");
    assert!(!wait(&store, 4, 3).await, "unknown");
    assert_eq!(next(&store).await, Some(WaitingRow { media_id: media_id(2), size_bytes: 40 }));
    assert_eq!(read(&store, tx!(tx => video::waiting_of(tx, ada).await)).await, 1);
    assert_eq!(read(&store, tx!(tx => video::waiting_of(tx, ben).await)).await, 1);
    assert_eq!(read(&store, tx!(tx => video::waiting(tx).await)).await, 2);

    for attempt in 1..=2 {
        assert_eq!(write(&store, tx!(tx => video::begin(tx, media_id(2)).await)).await, Some(attempt));
    }
    assert_eq!(write(&store, tx!(tx => video::begin(tx, media_id(3)).await)).await, None);
    let row = read(&store, tx!(tx => media::get(tx, media_id(2)).await)).await.expect("a video");
    assert_eq!((row.kind, row.making_since, row.refused), (MediaKind::Video, Some(TimeMs(8)), None));
    assert!(write(&store, tx!(tx => media::remove(tx, media_id(2)).await)).await);
    assert_eq!(next(&store).await.map(|row| row.media_id), Some(media_id(1)), "nobody makes what is removed");
}

async fn what_is_refused_takes_no_room_and_says_why(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    begin(&store, 1, 1, MediaKind::Video).await;
    let refuse = async || write(&store, tx!(tx => video::refuse(tx, media_id(1), VideoRefusal::TooLong).await)).await;
    assert!(!refuse().await, "nobody asked for it");
    assert!(wait(&store, 1, 8).await);
    assert!(refuse().await);
    assert!(!refuse().await);
    assert_eq!(next(&store).await, None);
    assert!(!wait(&store, 1, 9).await, "once is enough");
    let row = read(&store, tx!(tx => media::get(tx, media_id(1)).await)).await.expect("a video");
    assert_eq!((row.making_since, row.refused), (None, Some(VideoRefusal::TooLong)));
    assert_eq!(read(&store, tx!(tx => media::used_bytes(tx, ada).await)).await, 0);
}

async fn a_film_stands_in_its_post_and_goes_with_it(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    posts(&store, vec![new_post(1, ada, AudienceKind::Public)]).await;
    begin(&store, 1, 1, MediaKind::Video).await;
    assert!(wait(&store, 1, 8).await);
    write(
        &store,
        tx!(tx => {
            assert!(media::finish(tx, media_id(1), "LEHV6n", 80, TimeMs(9)).await?);
            let small = SizeRow { size: PictureSize::Small, width_px: 3, height_px: 3, size_bytes: 10 };
            media::add_sizes(tx, media_id(1), &[small]).await?;
            video::add_film(tx, media_id(1), &FILM).await?;
            media::attach(tx, media_id(1), ada, post_id(1), 0, "").await
        }),
    )
    .await;
    assert_eq!(next(&store).await, None, "it is made");
    assert_eq!(read(&store, tx!(tx => video::film(tx, media_id(1)).await)).await, Some(FILM));
    assert_eq!(read(&store, tx!(tx => video::film(tx, media_id(2)).await)).await, None);
    let shown = read(&store, tx!(tx => media::of_posts(tx, &[post_id(1)]).await)).await;
    let film = (shown[0].film_width_px, shown[0].film_height_px, shown[0].film_duration_ms);
    assert_eq!((shown.len(), film), (1, (Some(1_280), Some(720), Some(9_500))));
    write(
        &store,
        tx!(tx => {
            media::remove_of_post(tx, post_id(1)).await?;
            media::delete_sizes(tx, media_id(1)).await?;
            video::delete_film(tx, media_id(1)).await?;
            media::delete(tx, media_id(1)).await
        }),
    )
    .await;
    assert_eq!(read(&store, tx!(tx => video::film(tx, media_id(1)).await)).await, None);
}
