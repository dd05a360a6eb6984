//! Muted people, and what is left out of feeds for them.

use doorpost_model::{
    AccountId, GroupId, ListId, TimeMs,
    group::{GroupKind, GroupRole},
    post::AudienceKind,
};
use doorpost_store::{
    Store, group, list, mute,
    post::{
        audience,
        feed::{self, FeedKey},
    },
};

use crate::{
    group::new_group,
    harness::{accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(mutes_are_ones_own, feeds_fill_their_pages_without_the_muted,);

async fn mutes_are_ones_own(store: Store) {
    let [me, ann, bob] = accounts(&store, [1, 2, 3]).await;
    for (muted, at) in [(ann, 5), (bob, 6)] {
        assert!(write(&store, tx!(tx => mute::insert(tx, me, muted, TimeMs(at)).await)).await);
        assert!(!write(&store, tx!(tx => mute::insert(tx, me, muted, TimeMs(9)).await)).await);
    }
    assert_eq!(read(&store, tx!(tx => mute::count(tx, me).await)).await, 2);
    assert!(read(&store, tx!(tx => mute::is_muted(tx, me, ann).await)).await);
    assert!(!read(&store, tx!(tx => mute::is_muted(tx, ann, me).await)).await);
    assert_eq!(read(&store, tx!(tx => mute::among(tx, me, &[me, bob]).await)).await, [bob]);
    assert_eq!(read(&store, tx!(tx => mute::muting(tx, bob).await)).await, [me]);
    assert_eq!(read(&store, tx!(tx => mute::muting_among(tx, bob, &[ann, me]).await)).await, [me]);
    assert_eq!(read(&store, tx!(tx => mute::muting_among(tx, bob, &[ann]).await)).await, []);
    let start = (TimeMs(i64::MAX), AccountId::from_bytes([0xFF; 16]));
    let page = read(&store, tx!(tx => mute::page(tx, me, start, 1).await)).await;
    assert_eq!((page.len(), &page[0].account.handle[..], page[0].since), (1, "person_3", TimeMs(6)));
    let page = read(&store, tx!(tx => mute::page(tx, me, (TimeMs(6), bob), 9).await)).await;
    assert_eq!((page.len(), page[0].account.account_id), (1, ann));
    assert!(write(&store, tx!(tx => mute::delete(tx, me, ann).await)).await);
    assert!(!write(&store, tx!(tx => mute::delete(tx, me, ann).await)).await);
}

/// Ann writes a lot in a list and a group, Bob a little elsewhere, before her.
async fn feeds_fill_their_pages_without_the_muted(store: Store) {
    let [me, ann, bob] = accounts(&store, [1, 2, 3]).await;
    let hers = (20..40).map(|number| new_post(number, ann, AudienceKind::Lists)).collect();
    let in_group = (40..60).map(|number| new_post(number, ann, AudienceKind::Group)).collect();
    let public = (60..80).map(|number| new_post(number, ann, AudienceKind::Public)).collect();
    let his: Vec<_> = (1..10).map(|number| new_post(number, bob, AudienceKind::Lists)).collect();
    for written in [hers, in_group, public, his] {
        posts(&store, written).await;
    }
    let group_id = GroupId::from_bytes([7; 16]);
    write(
        &store,
        tx!(tx => {
            for (number, owner, range) in [(1, ann, 20..40_u32), (2, bob, 1..10)] {
                let list_id = ListId::from_bytes([number; 16]);
                list::insert(tx, list_id, owner, "Near", TimeMs(1)).await?;
                list::add(tx, list_id, &[me], TimeMs(1)).await?;
                for post in range {
                    audience::add_lists(tx, post_id(post), TimeMs(i64::from(post)), &[list_id]).await?;
                }
            }
            group::insert(tx, &new_group(7, GroupKind::Open)).await?;
            group::member::insert(tx, group_id, me, GroupRole::Member, TimeMs(1)).await?;
            for post in 40..60_u32 {
                group::post::insert(tx, post_id(post), group_id, TimeMs(i64::from(post)), false).await?;
            }
            mute::insert(tx, me, ann, TimeMs(1)).await
        }),
    )
    .await;
    let keys = read(&store, tx!(tx => feed::recent_keys(tx, me, FeedKey::START, 5).await)).await;
    assert_eq!(keys.iter().map(|key| key.created_at.0).collect::<Vec<_>>(), [9, 8, 7, 6, 5]);
    let keys = read(&store, tx!(tx => group::post::feed_keys(tx, me, group_id, FeedKey::START, 5).await)).await;
    assert!(keys.is_empty(), "{keys:?}");
    write(&store, tx!(tx => mute::delete(tx, me, ann).await)).await;
    let keys = read(&store, tx!(tx => feed::recent_keys(tx, me, FeedKey::START, 5).await)).await;
    assert_eq!(keys[0].created_at, TimeMs(79));
}
