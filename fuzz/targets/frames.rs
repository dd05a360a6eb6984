//! What comes through the socket, from either end.
#![no_main]

use doorpost_model::frame::{ClientFrame, ServerFrame, SignalBody};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = ClientFrame::from_bytes(bytes) {
        assert_eq!(ClientFrame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
    if let Ok(frame) = ServerFrame::from_bytes(bytes) {
        assert_eq!(ServerFrame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
    let _signal = SignalBody::from_bytes(bytes);
});
