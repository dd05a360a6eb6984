//! Linking a new device to the account, by a code that it shows to a device of the account.

use std::{cell::RefCell, rc::Rc};

use doorpost_mls::link::{HandOver, LinkCode, LinkSecret};
use doorpost_model::{
    ApiError, Binary, ErrorCode, LinkId,
    account::Me,
    device::{BeginLinkRequest, ClaimLinkRequest, HandOverRequest, LinkedDevice},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Platform,
    api::is_transient,
    core::Core,
    view::{LinkOffer, LinkRequest},
};

/// How often a device that waits asks whether something was handed over.
const CLAIM_PAUSE_MS: u64 = 1_000;

/// A device that waits to be linked.
struct Waiting {
    secret: LinkSecret,
    code: LinkCode,
    /// What proves to the server that it is this device that waits.
    claim: Zeroizing<[u8; 32]>,
}

/// The code that this device shows, while it does.
#[derive(Default)]
pub(crate) struct Linking(RefCell<Option<Rc<Waiting>>>);

impl<P: Platform> Core<P> {
    /// Makes a code and begins to wait; a code from before is void here.
    pub(crate) async fn begin_link(&self) -> Result<LinkOffer, ApiError> {
        if self.account_if_any().is_some() {
            return Err(ApiError::new(ErrorCode::Conflict, "This device has an account. Sign out of it first."));
        }
        let server = self.server_info().await?;
        let secret = LinkSecret::generate(&self.entropy());
        let code = secret.code(LinkId(self.new_uuid()), self.config.device_name.clone());
        let mut claim = Zeroizing::new([0; 32]);
        self.platform().fill_random(claim.as_mut_slice());
        let claim_hash = Binary(Sha256::digest(claim.as_slice()).to_vec());
        let begun = self.api.begin_link(&BeginLinkRequest { link_id: code.link_id, claim_hash }).await?;
        let text = code.to_text();
        let offer =
            LinkOffer { link: format!("{}/link#{text}", server.public_url), code: text, expires_at: begun.expires_at };
        *self.linking.0.borrow_mut() = Some(Rc::new(Waiting { secret, code, claim }));
        Ok(offer)
    }

    /// Waits until a device of an account hands it over, and signs in.
    pub(crate) async fn await_link(self: &Rc<Self>) -> Result<Me, ApiError> {
        let waiting = self.linking.0.borrow().clone().ok_or_else(code_is_void)?;
        let request = ClaimLinkRequest { claim: Binary(waiting.claim.to_vec()) };
        loop {
            let is_shown =
                self.linking.0.borrow().as_ref().is_some_and(|shown| shown.code.link_id == waiting.code.link_id);
            if !is_shown {
                return Err(code_is_void());
            }
            match self.api.claim_link(waiting.code.link_id, &request).await {
                Ok(claimed) => {
                    if let Some(linked) = claimed.linked {
                        self.linking.0.take();
                        return self.take_over(&waiting, linked).await;
                    }
                }
                Err(error) if is_transient(&error) => {}
                Err(error) if error.code() == ErrorCode::NotFound => return Err(code_is_void()),
                Err(error) => return Err(error),
            }
            self.platform().sleep(CLAIM_PAUSE_MS).await;
        }
    }

    /// Shows no code any more.
    pub(crate) fn cancel_link(&self) {
        self.linking.0.take();
    }

    /// This device becomes one of the account whose secrets were handed over.
    async fn take_over(self: &Rc<Self>, waiting: &Waiting, linked: LinkedDevice) -> Result<Me, ApiError> {
        let LinkedDevice { signed_in, sealed } = linked;
        let refused = || ApiError::new(ErrorCode::ServerMisbehaved, "What came is not from the device that was shown.");
        let HandOver { account_id, secrets, .. } =
            waiting.secret.open(&waiting.code, &sealed).map_err(|_| refused())?;
        let is_whole = signed_in.me.account_id == account_id
            && signed_in.me.identity_key.as_ref().is_some_and(|key| key.0 == secrets.identity_key());
        if !is_whole {
            return Err(refused());
        }
        self.bind_linked(signed_in, secrets).await
    }

    /// What a code asks for.
    pub(crate) fn read_link(&self, code: &str) -> Result<LinkRequest, ApiError> {
        self.account()?;
        Ok(LinkRequest { device_name: parse(code)?.device_name })
    }

    /// Hands this account over to the device that shows the code.
    pub(crate) async fn confirm_link(&self, code: &str) -> Result<(), ApiError> {
        let account = self.account()?;
        let code = parse(code)?;
        let hand_over = HandOver::new(account.id(), account.secrets.clone());
        let sealed = code.seal(&hand_over).map_err(|_| not_a_code())?;
        let request = HandOverRequest { sealed };
        self.retrying(async || self.api.hand_over(code.link_id, &request).await)
            .await
            .map_err(|error| if error.code() == ErrorCode::NotFound { code_is_void() } else { error })
    }
}

fn parse(code: &str) -> Result<LinkCode, ApiError> {
    LinkCode::parse(code).ok_or_else(not_a_code)
}

fn not_a_code() -> ApiError {
    ApiError::invalid("code", "This is not the code of a device that waits to be linked.")
}

fn code_is_void() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "This code has run out or was used. Show a new one on the new device.")
}
