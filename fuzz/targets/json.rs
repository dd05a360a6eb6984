//! Bodies of requests, as the server reads them, and of answers, as clients do.
#![no_main]

use doorpost_model::{
    account::{Me, RegisterRequest, ServerInfo},
    backup::{PutSegment, SegmentPage},
    chat::{ChatView, CommitUpload, GroupInfoView, LogPage, NewChat, SendMessage, WelcomeView},
    hosts_key::{HostsKeyView, PutHostsKey},
    invite::{AdmitRequests, InviteCard, InviteDoor, InviteTerms, InviteTermsChange, JoinRequest, QueuedRequest},
    people::Page,
    post::{NewPost, PostView},
    report::{ChatReport, NewReport, Report},
};
use libfuzzer_sys::fuzz_target;
use serde_json::from_slice;

macro_rules! read {
    ($bytes:expr; $($type:ty),* $(,)?) => {
        $(
            if let Ok(value) = from_slice::<$type>($bytes) {
                let written = serde_json::to_vec(&value).expect("what was read is written");
                let again = from_slice::<$type>(&written).expect("and read again");
                assert_eq!(again, value);
            }
        )*
    };
}

fuzz_target!(|bytes: &[u8]| {
    read!(bytes;
        RegisterRequest, Me, ServerInfo, NewPost, PostView, NewChat, ChatView, SendMessage, LogPage, CommitUpload,
        GroupInfoView, WelcomeView, InviteTerms, InviteTermsChange, InviteCard, InviteDoor, JoinRequest, AdmitRequests,
        Page<QueuedRequest>, PutHostsKey, HostsKeyView, PutSegment, SegmentPage, NewReport, Page<Report>,
        Page<ChatReport>,
    );
});
