//! What members write: plaintexts of messages, pages of history.
#![no_main]

use doorpost_fuzz::comes_back;
use doorpost_model::{
    AccountId, ChatId,
    content::{Content, message_id},
    franking::franking_tag,
    history::HistoryPage,
    settings::ChatProfile,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (chat, sender) = (ChatId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
    let _names = (message_id(chat, sender, bytes), franking_tag(chat, sender, bytes));
    if let Some(content) = Content::from_bytes(bytes) {
        let is_good = content.check().is_ok();
        let again = Content::from_bytes(&content.to_bytes()).expect("its own bytes");
        assert_eq!((again.check().is_ok(), &again), (is_good, &content));
        let _target = content.body.target();
    }
    comes_back::<HistoryPage>(bytes);
    comes_back::<ChatProfile>(bytes);
});
