//! Deleting an account from the command line.

use doorpost_model::{AccountId, ErrorCode};
use doorpost_store::{self as store, Store};

use super::mark::{Moment, mark_in_tx};
use crate::{
    StartError,
    app::{Clock as _, Entropy, SystemClock, SystemEntropy},
    config::Config,
    data_lock::DataLock,
    http::{Error, Result},
    validate,
};

/// Makes an account nobody's, for whoever has the server's data; what there is of it is erased when the server next runs.
/// Gives a sentence for what does not go.
///
/// # Errors
/// [`StartError`] when the database cannot be used, or a server runs on the data folder.
pub async fn delete_offline(config: &Config, handle: String) -> Result<Result<()>, StartError> {
    let lock = DataLock::take(&config.data)?;
    let store = Store::open(&config.database).await?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let nobody = AccountId(entropy.uuid_v4());
    let moment = Moment { now: SystemClock::default().now(), online: Vec::new(), nobody };
    let done = store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let account = match validate::could_be_handle(&handle) {
                    true => store::account::find_by_handle(tx, &handle).await?,
                    false => None,
                };
                let account = account.ok_or(ErrorCode::NotFound)?.account_id;
                mark_in_tx(tx, account, moment).await.map(drop)
            })
        })
        .await;
    drop(lock);
    Ok(done)
}
