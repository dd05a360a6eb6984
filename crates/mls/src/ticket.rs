//! Making tickets, approvals, appointments and leave notes. How they are checked: `doorpost_policy::membership`.

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, TimeMs,
    admission::{
        Appointment, Approval, DeviceRevocation, FORMAT_VERSION, HostKey, LeaveNote, Nonce, PublicKey, Ticket,
    },
};
use doorpost_policy::membership::{
    Leaf, appointment_message, approval_message, leave_message, revocation_message, ticket_message,
};
use ed25519_dalek::Signer as _;

use crate::{
    door::InviteSecret,
    entropy::{self, Entropy},
    identity::AccountSecrets,
};

pub use doorpost_policy::membership::{verify_approval, verify_leave_note, verify_revocation, verify_ticket};

/// Makes a ticket for one's own account with an invite's secret. A fresh one for each time one joins:
/// its nonce is what voids an old leave note.
#[must_use]
pub fn make_ticket(
    secret: &InviteSecret,
    chat_id: ChatId,
    invite_id: InviteId,
    account_id: AccountId,
    identity_key: &PublicKey,
    expires_at: TimeMs,
    entropy: &dyn Entropy,
) -> Ticket {
    let nonce: Nonce = entropy::bytes(entropy);
    let message = ticket_message(chat_id, invite_id, account_id, identity_key, &nonce, expires_at);
    let signature = Binary(secret.signing_key().sign(&message).to_bytes().to_vec());
    Ticket { version: FORMAT_VERSION, invite_id, nonce, expires_at, signature }
}

/// A host's word that the applicant whose key package has this leaf may come in, until `expires_at`.
/// None when the leaf carries no ticket. The leaf is from
/// [`crate::delivery::check_key_package`], which verified the ticket.
#[must_use]
pub fn make_approval(
    host: &AccountSecrets,
    host_account_id: AccountId,
    chat_id: ChatId,
    applicant: &Leaf,
    expires_at: TimeMs,
) -> Option<Approval> {
    let ticket = applicant.ticket.as_ref()?;
    let message = approval_message(
        chat_id,
        ticket.invite_id,
        applicant.account_id,
        &applicant.identity_key,
        &ticket.nonce,
        expires_at,
    );
    Some(Approval {
        host_account_id,
        account_id: applicant.account_id,
        invite_id: ticket.invite_id,
        nonce: Binary(ticket.nonce.to_vec()),
        expires_at,
        signature: host.sign(&message),
    })
}

/// A host's word that the member who has this leaf is a host too.
#[must_use]
pub fn make_host(host: &AccountSecrets, chat_id: ChatId, member: &Leaf) -> HostKey {
    appoint(host, chat_id, member.account_id, member.identity_key)
}

/// A host's word that this account, with this identity, is a host too.
#[must_use]
pub fn appoint(host: &AccountSecrets, chat_id: ChatId, account_id: AccountId, identity_key: PublicKey) -> HostKey {
    let message = appointment_message(chat_id, account_id, &identity_key);
    let appointment = Appointment { by: host.identity_key(), signature: host.sign(&message) };
    HostKey { account_id, identity_key, appointment: Some(appointment) }
}

/// One's own word that one leaves: for all of the account's leaves, whose nonces are given in any order
/// (see [`crate::member::GroupView::nonces`]).
#[must_use]
pub fn make_leave_note(
    account: &AccountSecrets,
    account_id: AccountId,
    chat_id: ChatId,
    nonces: &[Nonce],
) -> LeaveNote {
    let mut nonces = nonces.to_vec();
    nonces.sort_unstable();
    nonces.dedup();
    let signature = account.sign(&leave_message(chat_id, account_id, &nonces));
    LeaveNote { account_id, nonces: nonces.into_iter().map(|nonce| Binary(nonce.to_vec())).collect(), signature }
}

/// The account's own word that one of its devices is none any more.
#[must_use]
pub fn make_revocation(account: &AccountSecrets, account_id: AccountId, device_id: DeviceId) -> DeviceRevocation {
    let signature = account.sign(&revocation_message(account_id, device_id));
    DeviceRevocation { account_id, device_id, signature }
}
