//! What both sides know of a chat's group: its form, its leaves, its messages.

mod facts;
mod form;
mod leaves;
mod wire;

pub use facts::{commit_facts, key_package_reference};
pub use form::{
    HASH_BYTES, LEAF_BACKDATE_MS, LEAF_LIFETIME_MS, capabilities, check_extensions, context_extensions, from_mls,
    leaf_extensions, lifetime, policy_of, to_mls,
};
pub use leaves::{Leaves, capable, lifetime_of, verified_leaf};
pub use wire::{
    decode_body, decode_commit, decode_group_info, decode_message, decode_ratchet_tree, decode_welcome, encode_message,
    group_id_of,
};
