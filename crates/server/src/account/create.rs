//! Making an account, whichever way its person signs in.

use doorpost_model::{AccountId, ErrorCode, TimeMs, account::Registration};
use doorpost_store::{self as store, Tx, account::NewAccount};
use serde::{Deserialize, Serialize};

use super::leave;
use crate::{app::App, http::Result, search};

/// An account to be made.
#[derive(Clone, Serialize, Deserialize)]
pub struct Candidate {
    pub account_id: AccountId,
    pub handle: String,
    pub name: String,
    /// Argon2id of the password's proof, in PHC form.
    pub password_hash: Option<String>,
    pub registration_code: Option<String>,
}

/// Refuses early, before anything costly, who could not sign up now. [`create_in_tx`] decides.
///
/// # Errors
/// As [`create_in_tx`].
pub async fn check_may_register(app: &App, handle: &str, registration_code: Option<&str>) -> Result<()> {
    let registration = app.config.registration;
    let handle = handle.to_owned();
    let code = registration_code.map(str::to_owned);
    app.store
        .read(move |tx| {
            Box::pin(async move {
                if store::account::exists_any(tx).await? {
                    match registration {
                        Registration::Open => {}
                        Registration::Closed => return Err(ErrorCode::RegistrationClosed.into()),
                        Registration::Code => {
                            let code = code.ok_or(ErrorCode::RegistrationCodeInvalid)?;
                            if !store::registration_code::is_open(tx, &code).await? {
                                return Err(ErrorCode::RegistrationCodeInvalid.into());
                            }
                        }
                    }
                }
                let is_taken = store::account::find_by_handle(tx, &handle).await?.is_some();
                if is_taken || leave::is_held(tx, &handle).await? {
                    return Err(ErrorCode::HandleTaken.into());
                }
                Ok(())
            })
        })
        .await
}

/// Makes the account, to be found by its name. The first one of a server is its operator, whatever `registration` says; of
/// several who try to be first at the same time one is, and the others go by `registration`.
///
/// # Errors
/// `registration_closed`, `registration_code_invalid`, `handle_taken`.
pub async fn create_in_tx(tx: &mut Tx, candidate: &Candidate, registration: Registration, now: TimeMs) -> Result<()> {
    insert_in_tx(tx, candidate, registration, now).await?;
    store::leaving::part_from_leaving(tx, candidate.account_id).await?;
    Ok(search::index_in_tx(tx, candidate.account_id, &candidate.handle, &candidate.name).await?)
}

async fn insert_in_tx(tx: &mut Tx, candidate: &Candidate, registration: Registration, now: TimeMs) -> Result<()> {
    let mut account = NewAccount {
        account_id: candidate.account_id,
        handle: candidate.handle.clone(),
        name: candidate.name.clone(),
        is_operator: true,
        password_hash: candidate.password_hash.clone(),
        created_at: now,
    };
    // The schema has room for one operator, so of two at the same time the second inserts nothing.
    if !store::account::exists_any(tx).await? && store::account::insert(tx, &account).await? {
        return Ok(());
    }
    if registration == Registration::Closed {
        return Err(ErrorCode::RegistrationClosed.into());
    }
    account.is_operator = false;
    if leave::is_held(tx, &account.handle).await? || !store::account::insert(tx, &account).await? {
        return Err(ErrorCode::HandleTaken.into());
    }
    if registration == Registration::Code {
        let code = candidate.registration_code.as_deref().ok_or(ErrorCode::RegistrationCodeInvalid)?;
        if !store::registration_code::use_up(tx, code, account.account_id, now).await? {
            return Err(ErrorCode::RegistrationCodeInvalid.into());
        }
    }
    Ok(())
}
