//! Hidden posts and suggestions.

use doorpost_model::{TimeMs, post::AudienceKind};
use doorpost_store::{
    Store, connection, hidden,
    post::feed::{self, FeedKey},
    search,
};

use crate::{
    harness::{accounts, on_both, read, tx, write},
    post::{connect, new_post, post_id, posts},
};

on_both!(hidden_posts_are_in_no_feed, hidden_people_are_not_suggested, only_the_newest_stay_hidden,);

async fn hidden_posts_are_in_no_feed(store: Store) {
    let [me, ann] = accounts(&store, [1, 2]).await;
    posts(&store, (1..=3).map(|number| new_post(number, ann, AudienceKind::Public)).collect()).await;
    posts(&store, vec![new_post(4, me, AudienceKind::Public)]).await;
    for number in [2, 4] {
        write(&store, tx!(tx => hidden::hide_post(tx, me, post_id(number), TimeMs(9)).await)).await;
    }
    let times = async |account| {
        let keys = read(&store, tx!(tx => feed::recent_keys(tx, account, FeedKey::START, 9).await)).await;
        keys.into_iter().map(|key| key.created_at.0).collect::<Vec<_>>()
    };
    assert_eq!(times(me).await, [3, 1]);
    assert_eq!(times(ann).await, [4, 3, 2, 1], "nobody else's feed is another");
    let asked = [post_id(1), post_id(2)];
    assert_eq!(read(&store, tx!(tx => hidden::posts_among(tx, me, &asked).await)).await, [post_id(2)]);
    write(&store, tx!(tx => hidden::show_post(tx, me, post_id(2)).await)).await;
    assert_eq!(times(me).await, [3, 2, 1]);
}

async fn hidden_people_are_not_suggested(store: Store) {
    let [me, ann, bob, cyd] = accounts(&store, [1, 2, 3, 4]).await;
    for friend in [ann, bob] {
        connect(&store, me, friend).await;
        connect(&store, friend, cyd).await;
    }
    let suggested = async || read(&store, tx!(tx => search::suggest(tx, me, 9, 2, 9).await)).await.len();
    assert_eq!(suggested().await, 1);
    write(&store, tx!(tx => hidden::hide_person(tx, me, cyd, TimeMs(1)).await)).await;
    assert_eq!(suggested().await, 0);
    write(&store, tx!(tx => hidden::show_person(tx, me, cyd).await)).await;
    assert_eq!(suggested().await, 1);
    assert!(
        read(&store, tx!(tx => connection::relation(tx, me, cyd).await)).await
            == doorpost_model::people::Relation::None
    );
}

async fn only_the_newest_stay_hidden(store: Store) {
    let [me, ann, bob] = accounts(&store, [1, 2, 3]).await;
    posts(&store, (1..=3).map(|number| new_post(number, ann, AudienceKind::Public)).collect()).await;
    write(
        &store,
        tx!(tx => {
            for number in 1..=3 {
                hidden::hide_post(tx, me, post_id(number), TimeMs(i64::from(number))).await?;
            }
            hidden::forget_old_posts(tx, me, 2).await?;
            hidden::hide_person(tx, me, ann, TimeMs(1)).await?;
            hidden::hide_person(tx, me, bob, TimeMs(2)).await?;
            hidden::forget_old_people(tx, me, 1).await
        }),
    )
    .await;
    let asked = [1, 2, 3].map(post_id);
    let mut left = read(&store, tx!(tx => hidden::posts_among(tx, me, &asked).await)).await;
    left.sort_unstable();
    assert_eq!(left, [post_id(2), post_id(3)]);
}
