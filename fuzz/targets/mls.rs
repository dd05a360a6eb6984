//! What members' devices upload: messages, commits, key packages, trees, group infos.
#![no_main]

use doorpost_mls::delivery::{ChatGroup, inspect_message, read_leaf};
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, TimeMs,
    chat::NewChat,
};
use libfuzzer_sys::fuzz_target;

const AT: TimeMs = TimeMs(1_790_000_000_000);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = inspect_message(bytes) {
        assert!(bytes.windows(16).any(|window| window == header.chat_id.as_bytes()));
    }
    let _leaf = read_leaf(bytes, AT);
    let _group = ChatGroup::load(bytes);
    // A new chat: the group info, then the tree, each with its length before it.
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (group_info, ratchet_tree) = rest.split_at(length);
    let new = NewChat {
        chat_id: ChatId::from_bytes([1; 16]),
        title: "Chat".to_owned(),
        group_info: Binary(group_info.to_vec()),
        ratchet_tree: Binary(ratchet_tree.to_vec()),
    };
    let creator = (AccountId::from_bytes([2; 16]), DeviceId::from_bytes([3; 16]));
    assert!(ChatGroup::create(&new, creator).is_err(), "nobody signs by chance");
});
