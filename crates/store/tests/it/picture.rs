//! Pictures: one of each account, its owner's, and kept as long as it is one.

use doorpost_model::{MediaId, TimeMs, media::MediaKind, page::PageRole};
use doorpost_store::{
    Store, block, media, page,
    picture::{self, PictureRow},
};

use crate::harness::{account_id, accounts, on_both, read, tx, write};

on_both!(an_account_has_one_picture, a_picture_is_no_photo_without_a_use, pictures_come_with_how_one_stands);

fn media_id(number: u8) -> MediaId {
    MediaId::from_bytes([number; 16])
}

async fn photo(store: &Store, number: u8, account: u8) {
    write(
        store,
        tx!(tx => {
            media::insert(tx, media_id(number), account_id(account), MediaKind::Photo, 40, TimeMs(1)).await?;
            media::advance(tx, media_id(number), 0, 40).await?;
            media::finish(tx, media_id(number), "LEHV6n", 40, TimeMs(1)).await
        }),
    )
    .await;
}

async fn an_account_has_one_picture(store: Store) {
    let [ann] = accounts(&store, [1]).await;
    photo(&store, 1, 1).await;
    photo(&store, 2, 1).await;
    assert_eq!(read(&store, tx!(tx => picture::get(tx, ann).await)).await, None);
    for number in [1, 2] {
        write(&store, tx!(tx => picture::set(tx, ann, media_id(number)).await)).await;
        assert_eq!(read(&store, tx!(tx => picture::get(tx, ann).await)).await, Some(media_id(number)));
    }
    assert_eq!(read(&store, tx!(tx => picture::owner(tx, media_id(2)).await)).await, Some(ann));
    assert_eq!(read(&store, tx!(tx => picture::owner(tx, media_id(1)).await)).await, None);
    assert_eq!(write(&store, tx!(tx => picture::remove(tx, ann).await)).await, Some(media_id(2)));
    assert_eq!(write(&store, tx!(tx => picture::remove(tx, ann).await)).await, None);
}

async fn a_picture_is_no_photo_without_a_use(store: Store) {
    let [ann, club] = accounts(&store, [1, 9]).await;
    photo(&store, 1, 1).await;
    write(&store, tx!(tx => picture::give(tx, media_id(1), club).await)).await;
    write(&store, tx!(tx => picture::set(tx, club, media_id(1)).await)).await;
    let row = read(&store, tx!(tx => media::get(tx, media_id(1)).await)).await.expect("a photo");
    assert_eq!(row.account_id, club, "the page's");
    assert!(read(&store, tx!(tx => media::unused(tx, TimeMs(99), 5).await)).await.is_empty());
    assert!(!write(&store, tx!(tx => media::remove(tx, media_id(1)).await)).await);
    write(&store, tx!(tx => picture::remove(tx, club).await)).await;
    assert_eq!(read(&store, tx!(tx => media::unused(tx, TimeMs(99), 5).await)).await, [media_id(1)]);
    assert!(write(&store, tx!(tx => media::remove(tx, media_id(1)).await)).await);
    assert_eq!(read(&store, tx!(tx => media::used_bytes(tx, ann).await)).await, 0);
}

async fn pictures_come_with_how_one_stands(store: Store) {
    let [ann, ben, club] = accounts(&store, [1, 2, 9]).await;
    write(&store, tx!(tx => page::insert(tx, club, false, TimeMs(1)).await)).await;
    write(&store, tx!(tx => page::staff::put(tx, club, ann, PageRole::Editor, TimeMs(1)).await)).await;
    for (number, account) in [(1, 2), (2, 9)] {
        photo(&store, number, account).await;
        write(&store, tx!(tx => picture::set(tx, account_id(account), media_id(number)).await)).await;
    }
    write(&store, tx!(tx => block::insert(tx, ben, ann, TimeMs(1)).await)).await;
    let mut rows = read(&store, tx!(tx => picture::seen(tx, ann, &[ann, ben, club]).await)).await;
    rows.sort_unstable_by_key(|row| row.account_id);
    let row = |account_id, number, blocked, on_staff| PictureRow {
        account_id,
        media_id: media_id(number),
        blocked,
        on_staff,
    };
    assert_eq!(rows, [row(ben, 1, true, false), row(club, 2, false, true)]);
}
