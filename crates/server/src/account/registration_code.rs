//! Codes with which the operator lets people sign up.

use data_encoding::Encoding;
use doorpost_model::{ErrorCode, account::RegistrationCode, limits::REGISTRATION_CODES_MAX};
use doorpost_store as store;

use super::must_be_operator;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// Random bytes of a code: 80 bits, sixteen characters.
const CODE_BYTES: usize = 10;
/// Small letters and digits without those that look alike.
const ALPHABET: &str = "abcdefghjkmnpqrstuvwxyz123456789";

/// Codes in one answer: all that are open, and as many that were used.
const LISTED_MAX: u32 = 2 * REGISTRATION_CODES_MAX as u32;

/// The newest codes first.
///
/// # Errors
/// `forbidden` unless the viewer is the operator.
pub async fn list(app: &App, viewer: Viewer) -> Result<Vec<RegistrationCode>> {
    app.store
        .read(move |tx| {
            Box::pin(async move {
                must_be_operator(tx, viewer).await?;
                Ok(store::registration_code::all(tx, LISTED_MAX).await?)
            })
        })
        .await
}

/// Makes a code for one account.
///
/// # Errors
/// `forbidden` unless the viewer is the operator; `limit_reached`.
pub async fn make(app: &App, viewer: Viewer) -> Result<RegistrationCode> {
    let code = new_code(app)?;
    let created_at = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                must_be_operator(tx, viewer).await?;
                // One operator, one lock: two calls at once cannot both take the last place.
                store::account::lock(tx, viewer.account_id).await?;
                if store::registration_code::count_open(tx).await? as usize >= REGISTRATION_CODES_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                store::registration_code::insert(tx, &code, viewer.account_id, created_at).await?;
                Ok(RegistrationCode { code, created_at, used_by: None })
            })
        })
        .await
}

fn new_code(app: &App) -> Result<String> {
    let mut specification = data_encoding::Specification::new();
    specification.symbols.push_str(ALPHABET);
    let encoding: Encoding = specification.encoding().map_err(Error::internal)?;
    Ok(encoding.encode(&app.entropy.bytes::<CODE_BYTES>()))
}
