//! The one account that runs the server.

use doorpost_model::ErrorCode;
use doorpost_store::{self as store, Tx};

use crate::http::{Result, Viewer};

/// # Errors
/// `forbidden` unless the viewer is the operator.
pub(crate) async fn must_be_operator(tx: &mut Tx, viewer: Viewer) -> Result<()> {
    match store::account::find(tx, viewer.account_id).await? {
        Some(account) if account.is_operator => Ok(()),
        _ => Err(ErrorCode::Forbidden.into()),
    }
}
