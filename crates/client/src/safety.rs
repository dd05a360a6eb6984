//! Safety numbers: comparing identity keys with the people they belong to.

use doorpost_mls::safety::{matches_qr, safety_number, to_qr};
use doorpost_model::{AccountId, ApiError, ErrorCode};

use crate::{
    Event, Platform,
    core::Core,
    store::person::{self, KnownIdentity},
    view::SafetyView,
};

impl<P: Platform> Core<P> {
    /// The number to compare with somebody.
    pub(crate) fn safety(&self, account_id: AccountId) -> Result<SafetyView, ApiError> {
        let known = self.known_identity(account_id)?;
        let account = self.account()?;
        let number = safety_number(&(account.id(), *account.device.identity_key()), &(account_id, known.key));
        Ok(SafetyView { qr: to_qr(&number), number, verified: known.verified })
    }

    /// Compares with what was scanned from somebody's screen.
    pub(crate) fn compare_safety(&self, account_id: AccountId, scanned: &str) -> Result<SafetyView, ApiError> {
        let view = self.safety(account_id)?;
        match matches_qr(&view.number, scanned.trim()) {
            Some(true) => self.set_verified(account_id, true),
            Some(false) => {
                self.set_verified(account_id, false)?;
                Err(ApiError::new(
                    ErrorCode::Conflict,
                    "The codes differ. Somebody may be between you, or one of you has a new identity.",
                ))
            }
            None => Err(ApiError::invalid("scanned", "This is not a safety code.")),
        }
    }

    /// Remembers that the numbers were compared, or forgets it.
    pub(crate) fn set_verified(&self, account_id: AccountId, verified: bool) -> Result<SafetyView, ApiError> {
        let known = self.known_identity(account_id)?;
        person::set_verified(self.store.read(), account_id, verified.then_some(&known.key))?;
        self.emit(&Event::Chats);
        self.safety(account_id)
    }

    /// Those whose number was compared.
    pub(crate) fn verified(&self) -> Result<Vec<AccountId>, ApiError> {
        self.account()?;
        Ok(person::verified(self.store.read())?)
    }

    fn known_identity(&self, account_id: AccountId) -> Result<KnownIdentity, ApiError> {
        let account = self.account()?;
        if account_id == account.id() {
            return Err(ApiError::invalid("account_id", "That is you."));
        }
        person::identity(self.store.read(), account_id)?
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "You have no chat with them yet."))
    }
}
