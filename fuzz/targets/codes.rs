//! What people type, scan or paste: codes of devices, recovery codes, safety numbers, tokens in base64.
#![no_main]

use doorpost_mls::{
    link::LinkCode,
    recovery::RecoveryCode,
    safety::{matches_qr, to_qr},
};
use doorpost_model::Binary;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(code) = RecoveryCode::parse(text) {
        let again = RecoveryCode::parse(&code.to_text()).expect("its own text");
        assert_eq!(again.proof(), code.proof());
    }
    if let Some(code) = LinkCode::parse(text) {
        assert_eq!(LinkCode::parse(&code.to_text()).expect("its own text").to_text(), code.to_text());
    }
    let number = "1".repeat(60);
    assert_eq!(matches_qr(&number, &to_qr(&number)), Some(true));
    let _answer = matches_qr(&number, text);
    let _bytes = serde_json::from_value::<Binary>(text.into());
});
