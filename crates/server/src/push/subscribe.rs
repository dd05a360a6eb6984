//! Browsers that get pushes.

use doorpost_model::{limits::PUSH_SUBSCRIPTIONS_MAX, push::NewPushSubscription};
use doorpost_store::push::{self as rows, SubscriptionRow};

use super::encrypt::Receiver;
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit::Action},
};

/// Keeps the browser's subscription as long as the session; of too many of one account the oldest ends.
///
/// # Errors
/// `invalid_field` for keys that are none, and an address that pushes are not sent to.
pub(super) async fn subscribe(app: &App, viewer: Viewer, request: NewPushSubscription) -> Result<()> {
    viewer.charge(app, Action::Push)?;
    let NewPushSubscription { endpoint, p256dh, auth } = request;
    Receiver::new(&p256dh.0, &auth.0).map_err(|error| Error::invalid("p256dh", error.to_string()))?;
    app.fetcher
        .check(&endpoint)
        .await
        .map_err(|_| Error::invalid("endpoint", "Pushes are sent to public addresses by https alone."))?;
    let row = SubscriptionRow {
        endpoint,
        account_id: viewer.account_id,
        session_id: viewer.session_id,
        p256dh: p256dh.0,
        auth: auth.0,
        created_at: app.clock.now(),
    };
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                rows::subscribe(tx, &row).await?;
                let all = rows::subscriptions(tx, row.account_id).await?;
                let others = all.into_iter().filter(|other| other.endpoint != row.endpoint);
                for surplus in others.skip(PUSH_SUBSCRIPTIONS_MAX - 1) {
                    rows::unsubscribe(tx, row.account_id, &surplus.endpoint).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Ends the subscription; without one nothing changes.
///
/// # Errors
/// As every statement.
pub(super) async fn unsubscribe(app: &App, viewer: Viewer, endpoint: String) -> Result<()> {
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                rows::unsubscribe(tx, viewer.account_id, &endpoint).await?;
                Ok(())
            })
        })
        .await
}
