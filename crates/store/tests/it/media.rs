//! Photos: filled in order, finished once, in one post at most, and found when their time is over.

use doorpost_model::{
    MediaId, TimeMs,
    media::{MediaKind, PictureSize},
    post::AudienceKind,
};
use doorpost_store::{
    Store,
    media::{self, MediaRow, ShownSize, SizeRow},
};

use crate::{
    harness::{account_id, accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    a_photo_is_begun_once_and_filled_in_order,
    a_photo_is_finished_once,
    room_is_taken_by_the_upload_then_by_the_sizes,
    only_an_owners_finished_photo_goes_into_one_post,
    posts_show_their_photos_in_order,
    what_is_removed_is_nobodys_and_still_found,
    those_whose_time_is_over_are_found,
);

fn media_id(number: u8) -> MediaId {
    MediaId::from_bytes([number; 16])
}

fn size_row(size: PictureSize) -> SizeRow {
    let side = i64::from(size.side_px());
    SizeRow { size, width_px: side, height_px: side / 2, size_bytes: 10 * side }
}

async fn begin(store: &Store, number: u8, account: u8, at: i64) {
    let begun = write(
        store,
        tx!(tx => media::insert(tx, media_id(number), account_id(account), MediaKind::Photo, 40, TimeMs(at)).await),
    )
    .await;
    assert!(begun, "photo {number} is new");
}

/// Begins a photo and gives it two sizes.
async fn finished(store: &Store, number: u8, account: u8, at: i64) {
    begin(store, number, account, at).await;
    write(
        store,
        tx!(tx => {
            assert!(media::advance(tx, media_id(number), 0, 40).await?);
            assert!(media::finish(tx, media_id(number), "LEHV6n", 12_800, TimeMs(at)).await?);
            media::add_sizes(tx, media_id(number), &[PictureSize::Medium, PictureSize::Small].map(size_row)).await
        }),
    )
    .await;
}

async fn attach(store: &Store, number: u8, account: u8, post: u32, position: i64) -> bool {
    write(
        store,
        tx!(tx => {
            let alt = format!("photo {number}");
            media::attach(tx, media_id(number), account_id(account), post_id(post), position, &alt).await
        }),
    )
    .await
}

async fn get(store: &Store, number: u8) -> Option<MediaRow> {
    read(store, tx!(tx => media::get(tx, media_id(number)).await)).await
}

async fn a_photo_is_begun_once_and_filled_in_order(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    begin(&store, 1, 1, 5).await;
    assert!(
        !write(&store, tx!(tx => media::insert(tx, media_id(1), ben, MediaKind::Photo, 50, TimeMs(6)).await)).await
    );
    let row = MediaRow {
        media_id: media_id(1),
        account_id: ada,
        size_bytes: 40,
        received_bytes: 0,
        finished_at: None,
        blurhash: String::new(),
        post_id: None,
        kind: MediaKind::Photo,
        making_since: None,
        refused: None,
    };
    assert_eq!(get(&store, 1).await, Some(row.clone()));
    assert_eq!(get(&store, 2).await, None);
    assert!(write(&store, tx!(tx => media::advance(tx, media_id(1), 0, 30).await)).await);
    assert!(!write(&store, tx!(tx => media::advance(tx, media_id(1), 0, 30).await)).await);
    assert!(write(&store, tx!(tx => media::advance(tx, media_id(1), 30, 40).await)).await);
    assert_eq!(get(&store, 1).await, Some(MediaRow { received_bytes: 40, ..row }));
}

async fn a_photo_is_finished_once(store: Store) {
    accounts(&store, [1]).await;
    finished(&store, 1, 1, 7).await;
    assert!(!write(&store, tx!(tx => media::finish(tx, media_id(1), "other", 1, TimeMs(9)).await)).await);
    let row = get(&store, 1).await.expect("a photo");
    assert_eq!((row.finished_at, row.blurhash.as_str()), (Some(TimeMs(7)), "LEHV6n"));
    let sizes = read(&store, tx!(tx => media::sizes(tx, media_id(1)).await)).await;
    assert_eq!(sizes, [PictureSize::Small, PictureSize::Medium].map(size_row));
    let small = read(&store, tx!(tx => media::size(tx, media_id(1), PictureSize::Small).await)).await;
    assert_eq!(small, Some(size_row(PictureSize::Small)));
    assert_eq!(read(&store, tx!(tx => media::size(tx, media_id(1), PictureSize::Large).await)).await, None);
}

async fn room_is_taken_by_the_upload_then_by_the_sizes(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    begin(&store, 1, 1, 5).await;
    assert_eq!(read(&store, tx!(tx => media::used_bytes(tx, ada).await)).await, 40);
    finished(&store, 2, 1, 5).await;
    assert_eq!(read(&store, tx!(tx => media::used_bytes(tx, ada).await)).await, 12_840);
    assert_eq!(read(&store, tx!(tx => media::used_bytes(tx, ben).await)).await, 0);
}

async fn only_an_owners_finished_photo_goes_into_one_post(store: Store) {
    let [ada, ben] = accounts(&store, [1, 2]).await;
    posts(&store, vec![new_post(1, ada, AudienceKind::Public), new_post(2, ben, AudienceKind::Public)]).await;
    begin(&store, 1, 1, 5).await;
    assert!(!attach(&store, 1, 1, 1, 0).await, "not finished");
    finished(&store, 2, 1, 5).await;
    assert!(!attach(&store, 2, 2, 2, 0).await, "another's");
    assert!(!attach(&store, 3, 1, 1, 0).await, "unknown");
    assert!(attach(&store, 2, 1, 1, 0).await);
    assert!(!attach(&store, 2, 1, 1, 1).await, "in a post already");
    assert_eq!(get(&store, 2).await.expect("a photo").post_id, Some(post_id(1)));
    finished(&store, 4, 1, 5).await;
    assert!(write(&store, tx!(tx => media::remove(tx, media_id(4)).await)).await);
    assert!(!attach(&store, 4, 1, 1, 1).await, "removed");
}

async fn posts_show_their_photos_in_order(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    posts(&store, (1..=3).map(|number| new_post(number, ada, AudienceKind::Public)).collect()).await;
    for number in 1..=3 {
        finished(&store, number, 1, 5).await;
    }
    assert!(attach(&store, 3, 1, 1, 0).await && attach(&store, 1, 1, 1, 1).await && attach(&store, 2, 1, 2, 0).await);
    let asked = [post_id(1), post_id(2), post_id(3)];
    let shown = read(&store, tx!(tx => media::of_posts(tx, &asked).await)).await;
    let row = |post: u32, number: u8, size: PictureSize| ShownSize {
        post_id: post_id(post),
        media_id: media_id(number),
        alt: format!("photo {number}"),
        blurhash: "LEHV6n".to_owned(),
        size,
        width_px: size_row(size).width_px,
        height_px: size_row(size).height_px,
        film_width_px: None,
        film_height_px: None,
        film_duration_ms: None,
    };
    let (small, medium) = (PictureSize::Small, PictureSize::Medium);
    let expected = [(1, 3, small), (1, 3, medium), (1, 1, small), (1, 1, medium), (2, 2, small), (2, 2, medium)]
        .map(|(post, number, size)| row(post, number, size));
    assert_eq!(shown, expected);
    assert!(read(&store, tx!(tx => media::of_posts(tx, &[]).await)).await.is_empty());
}

async fn what_is_removed_is_nobodys_and_still_found(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    posts(&store, vec![new_post(1, ada, AudienceKind::Public)]).await;
    for number in 1..=3 {
        finished(&store, number, 1, 5).await;
    }
    assert!(attach(&store, 1, 1, 1, 0).await);
    assert!(!write(&store, tx!(tx => media::remove(tx, media_id(1)).await)).await, "it is in a post");
    assert!(write(&store, tx!(tx => media::remove(tx, media_id(2)).await)).await);
    assert_eq!(get(&store, 2).await, None);
    let of_post = write(&store, tx!(tx => media::remove_of_post(tx, post_id(1)).await)).await;
    assert_eq!(of_post, [media_id(1)]);
    assert_eq!(get(&store, 1).await, None);
    assert!(read(&store, tx!(tx => media::of_posts(tx, &[post_id(1)]).await)).await.is_empty());
    assert!(
        !write(&store, tx!(tx => media::insert(tx, media_id(2), ada, MediaKind::Photo, 1, TimeMs(9)).await)).await,
        "not gone yet"
    );

    assert_eq!(read(&store, tx!(tx => media::removed(tx, 9).await)).await, [media_id(1), media_id(2)]);
    assert_eq!(read(&store, tx!(tx => media::removed(tx, 1).await)).await, [media_id(1)]);
    write(
        &store,
        tx!(tx => {
            for number in 1..=2 {
                media::delete_sizes(tx, media_id(number)).await?;
                media::delete(tx, media_id(number)).await?;
            }
            // One that somebody still gets stays.
            media::delete(tx, media_id(3)).await
        }),
    )
    .await;
    assert!(read(&store, tx!(tx => media::removed(tx, 9).await)).await.is_empty());
    assert!(get(&store, 3).await.is_some());
    begin(&store, 2, 1, 9).await;
}

async fn those_whose_time_is_over_are_found(store: Store) {
    let [ada] = accounts(&store, [1]).await;
    posts(&store, vec![new_post(1, ada, AudienceKind::Public)]).await;
    begin(&store, 1, 1, 3).await;
    finished(&store, 2, 1, 2).await;
    finished(&store, 3, 1, 1).await;
    finished(&store, 4, 1, 9).await;
    assert!(attach(&store, 3, 1, 1, 0).await);
    assert_eq!(read(&store, tx!(tx => media::unused(tx, TimeMs(4), 9).await)).await, [media_id(2), media_id(1)]);
    assert_eq!(read(&store, tx!(tx => media::unused(tx, TimeMs(4), 1).await)).await, [media_id(2)]);
    assert!(read(&store, tx!(tx => media::unused(tx, TimeMs(2), 9).await)).await.is_empty());

    assert_eq!(read(&store, tx!(tx => media::staged(tx, 2).await)).await, [media_id(3), media_id(2)]);
    write(
        &store,
        tx!(tx => {
            media::unstage(tx, media_id(3)).await?;
            // Its upload is all there is of it.
            media::unstage(tx, media_id(1)).await
        }),
    )
    .await;
    assert_eq!(read(&store, tx!(tx => media::staged(tx, 9).await)).await, [media_id(2), media_id(4)]);
}
