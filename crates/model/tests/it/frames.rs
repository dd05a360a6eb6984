use data_encoding::HEXLOWER;
use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, ErrorCode, LeaseId, PostId, RequestId, TimeMs,
    admission::{DeviceRevocation, LeaveNote},
    chat::{EntryKind, LogEntry},
    frame::{ChatHead, ClientFrame, Hint, LeaseOffer, PendingAdd, SentAt, ServerFrame},
};
use proptest::prelude::*;

fn chat() -> ChatId {
    ChatId::from_bytes([1; 16])
}

fn server_frames() -> Vec<ServerFrame> {
    vec![
        ServerFrame::Hello {
            device_id: DeviceId::from_bytes([2; 16]),
            chats: vec![ChatHead { chat_id: chat(), last_seq: 300 }],
        },
        ServerFrame::Entry(LogEntry {
            chat_id: chat(),
            seq: 301,
            kind: EntryKind::Message,
            epoch: 7,
            sender_account: AccountId::from_bytes([3; 16]),
            sender_device: DeviceId::from_bytes([2; 16]),
            client_seq: 9,
            at: TimeMs(1_790_000_000_000),
            payload: Binary(vec![0xAA; 5]),
            mark: Some(Binary(vec![0xBB; 2])),
        }),
        ServerFrame::Sent {
            chat_id: chat(),
            client_seq: 9,
            result: Ok(SentAt { seq: 301, at: TimeMs(1_790_000_000_000) }),
        },
        ServerFrame::Sent { chat_id: chat(), client_seq: 10, result: Err(ErrorCode::StaleEpoch) },
        ServerFrame::Pong,
        ServerFrame::Resync { chats: vec![] },
        ServerFrame::Lease(LeaseOffer {
            chat_id: chat(),
            lease_id: LeaseId::from_bytes([4; 16]),
            epoch: 7,
            ttl_ms: 2_000,
            adds: vec![PendingAdd {
                request_id: RequestId::from_bytes([5; 16]),
                account_id: AccountId::from_bytes([6; 16]),
                device_id: DeviceId::from_bytes([7; 16]),
                key_package: Binary(vec![1, 2, 3]),
                approval: None,
            }],
            removes: vec![LeaveNote {
                account_id: AccountId::from_bytes([8; 16]),
                nonces: vec![Binary(vec![0; 16])],
                signature: Binary(vec![9; 64]),
            }],
            revocations: vec![DeviceRevocation {
                account_id: AccountId::from_bytes([13; 16]),
                device_id: DeviceId::from_bytes([14; 16]),
                signature: Binary(vec![15; 64]),
            }],
        }),
        ServerFrame::Hint(Hint::PostAdded { post_id: PostId::from_bytes([10; 16]) }),
        ServerFrame::Hint(Hint::SessionEnded),
        ServerFrame::Signal {
            chat_id: chat(),
            account_id: AccountId::from_bytes([12; 16]),
            payload: Binary(vec![0xBB; 3]),
        },
    ]
}

#[test]
fn frames_stay_as_they_are() {
    let hex: Vec<_> = server_frames().iter().map(|frame| HEXLOWER.encode(&frame.to_bytes())).collect();
    insta::assert_snapshot!("server_frames", hex.join("\n"));
    let client = [
        ClientFrame::Send { chat_id: chat(), client_seq: 9, payload: Binary(vec![0xAA; 5]) },
        ClientFrame::Ping,
        ClientFrame::DeclineLease { chat_id: chat(), lease_id: LeaseId::from_bytes([4; 16]) },
        ClientFrame::Available { available: false },
        ClientFrame::Signal { chat_id: chat(), payload: Binary(vec![0xBB; 3]) },
    ];
    let hex: Vec<_> = client.iter().map(|frame| HEXLOWER.encode(&frame.to_bytes())).collect();
    insta::assert_snapshot!("client_frames", hex.join("\n"));
}

#[test]
fn frames_are_read_as_written() {
    for frame in server_frames() {
        assert_eq!(ServerFrame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
}

#[test]
fn a_frame_with_trailing_bytes_is_refused() {
    let mut bytes = ClientFrame::Ping.to_bytes();
    bytes.push(0);
    assert!(ClientFrame::from_bytes(&bytes).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(frame) = ClientFrame::from_bytes(&bytes) {
            prop_assert_eq!(ClientFrame::from_bytes(&frame.to_bytes()), Ok(frame));
        }
        if let Ok(frame) = ServerFrame::from_bytes(&bytes) {
            prop_assert_eq!(ServerFrame::from_bytes(&frame.to_bytes()), Ok(frame));
        }
    }
}
