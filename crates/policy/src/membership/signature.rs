//! The signatures of admission: Ed25519 over `model::admission::signed_bytes`.

use doorpost_model::{
    AccountId, ChatId, DeviceId, InviteId, TimeMs,
    admission::{
        Approval, DeviceRevocation, HostKey, LABEL_APPROVAL, LABEL_HOST, LABEL_LEAVE, LABEL_REVOCATION, LABEL_TICKET,
        LeaveNote, Nonce, PublicKey, Ticket, signed_bytes,
    },
};
use ed25519_dalek::{Signature, VerifyingKey};

/// Whether `signature` is by `key` over `message` (RFC 8032, strict: no small-order keys).
#[must_use]
pub fn verify_signature(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(key), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

/// What a ticket's signature is over.
#[must_use]
pub fn ticket_message(
    chat_id: ChatId,
    invite_id: InviteId,
    account_id: AccountId,
    identity_key: &PublicKey,
    nonce: &Nonce,
    expires_at: TimeMs,
) -> Vec<u8> {
    signed_bytes(LABEL_TICKET, &(chat_id, invite_id, account_id, identity_key, nonce, expires_at))
}

/// What an approval's signature is over.
#[must_use]
pub fn approval_message(
    chat_id: ChatId,
    invite_id: InviteId,
    account_id: AccountId,
    identity_key: &PublicKey,
    nonce: &Nonce,
    expires_at: TimeMs,
) -> Vec<u8> {
    signed_bytes(LABEL_APPROVAL, &(chat_id, invite_id, account_id, identity_key, nonce, expires_at))
}

/// What a leave note's signature is over; `nonces` sorted, no two the same.
#[must_use]
pub fn leave_message(chat_id: ChatId, account_id: AccountId, nonces: &[Nonce]) -> Vec<u8> {
    signed_bytes(LABEL_LEAVE, &(chat_id, account_id, nonces))
}

/// What an appointment's signature is over.
#[must_use]
pub fn appointment_message(chat_id: ChatId, account_id: AccountId, identity_key: &PublicKey) -> Vec<u8> {
    signed_bytes(LABEL_HOST, &(chat_id, account_id, identity_key))
}

/// What a revocation's signature is over.
#[must_use]
pub fn revocation_message(account_id: AccountId, device_id: DeviceId) -> Vec<u8> {
    signed_bytes(LABEL_REVOCATION, &(account_id, device_id))
}

/// Whether the revocation is the word of the account with `identity_key`.
#[must_use]
pub fn verify_revocation(revocation: &DeviceRevocation, identity_key: &PublicKey) -> bool {
    let message = revocation_message(revocation.account_id, revocation.device_id);
    verify_signature(identity_key, &message, revocation.signature.as_ref())
}

/// Whether the owner of `host_key` made `host` a host of this chat. Says nothing about whether that key is a host's.
#[must_use]
pub fn verify_appointment(host: &HostKey, chat_id: ChatId, host_key: &PublicKey) -> bool {
    let message = appointment_message(chat_id, host.account_id, &host.identity_key);
    host.appointment.as_ref().is_some_and(|appointment| {
        appointment.by == *host_key && verify_signature(host_key, &message, appointment.signature.as_ref())
    })
}

/// Whether the ticket was made with `join_key` for this chat, account and identity. Says nothing
/// about its expiry.
#[must_use]
pub fn verify_ticket(
    ticket: &Ticket,
    chat_id: ChatId,
    account_id: AccountId,
    identity_key: &PublicKey,
    join_key: &PublicKey,
) -> bool {
    let message = ticket_message(chat_id, ticket.invite_id, account_id, identity_key, &ticket.nonce, ticket.expires_at);
    verify_signature(join_key, &message, ticket.signature.as_ref())
}

/// Whether the approval was signed with `host_key` for this chat, account, identity and ticket. Says
/// nothing about its expiry, nor whether that key is a host's.
#[must_use]
pub fn verify_approval(
    approval: &Approval,
    chat_id: ChatId,
    account_id: AccountId,
    identity_key: &PublicKey,
    ticket: &Ticket,
    host_key: &PublicKey,
) -> bool {
    if approval.account_id != account_id
        || approval.invite_id != ticket.invite_id
        || approval.nonce.as_ref() != ticket.nonce
    {
        return false;
    }
    let message =
        approval_message(chat_id, ticket.invite_id, account_id, identity_key, &ticket.nonce, approval.expires_at);
    verify_signature(host_key, &message, approval.signature.as_ref())
}

/// Whether the note is the word of the account with `identity_key`, and for exactly the leaves whose
/// ticket nonces are `nonces` (in any order, with repetitions).
#[must_use]
pub fn verify_leave_note(
    note: &LeaveNote,
    chat_id: ChatId,
    account_id: AccountId,
    identity_key: &PublicKey,
    nonces: &[Nonce],
) -> bool {
    let mut present = nonces.to_vec();
    present.sort_unstable();
    present.dedup();
    let named = note.nonces.iter().map(AsRef::<[u8]>::as_ref);
    note.account_id == account_id
        && named.eq(present.iter().map(<[u8; 16]>::as_slice))
        && verify_signature(identity_key, &leave_message(chat_id, account_id, &present), note.signature.as_ref())
}
