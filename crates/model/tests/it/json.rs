use std::collections::HashSet;

use doorpost_model::{
    ApiError, Binary, ErrorCode, FileId, ListId, MessageId,
    content::{CONTENT_VERSION, Content, ContentBody, SALT_BYTES, Text},
    file::{CHUNK_BYTES, FileAbout, FileRef},
    post::Audience,
};
use proptest::prelude::*;

#[test]
fn error_codes_are_stable_and_distinct() {
    let rows: Vec<_> = ErrorCode::ALL.iter().map(|code| format!("{} {}", code.as_str(), code.http_status())).collect();
    insta::assert_snapshot!("error_codes", rows.join("\n"));
    let names: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), ErrorCode::ALL.len());
    for code in ErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}

#[test]
fn errors_have_one_shape() {
    let plain = ApiError::new(ErrorCode::NotFound, "There is nothing here.");
    assert_eq!(
        serde_json::to_string(&plain).unwrap(),
        r#"{"error":{"code":"not_found","message":"There is nothing here."}}"#
    );
    let field = ApiError::invalid("text", "A post may have up to 5,000 characters.");
    assert_eq!(
        serde_json::to_string(&field).unwrap(),
        r#"{"error":{"code":"invalid_field","message":"A post may have up to 5,000 characters.","field":"text"}}"#
    );
}

#[test]
fn audiences_are_tagged_by_kind() {
    let lists = Audience::Lists { list_ids: vec![ListId::from_bytes([1; 16])] };
    assert_eq!(
        serde_json::to_string(&lists).unwrap(),
        r#"{"kind":"lists","list_ids":["01010101-0101-0101-0101-010101010101"]}"#
    );
    assert_eq!(serde_json::to_string(&Audience::Public).unwrap(), r#"{"kind":"public"}"#);
}

fn file() -> FileRef {
    FileRef {
        file_id: FileId::from_bytes([2; 16]),
        key: Binary(vec![3; 32]),
        size_bytes: 9,
        chunk_bytes: CHUNK_BYTES,
        digest: Binary(vec![4; 32]),
        about: FileAbout {
            name: "walk.ogg".into(),
            media_type: "audio/ogg".into(),
            duration_ms: Some(1_500),
            voice: true,
            ..FileAbout::default()
        },
    }
}

#[test]
fn contents_are_tagged_by_kind() {
    let content = |body| Content { v: CONTENT_VERSION, salt: Binary(vec![7; SALT_BYTES]), ttl_ms: None, body };
    let target = MessageId::from_bytes([1; 16]);
    for (body, json) in [
        (
            ContentBody::Text(Text { text: "Soup at six".into(), ..Text::default() }),
            r#"{"v":1,"salt":"BwcHBwcHBwcHBwcHBwcHBw","kind":"text","text":"Soup at six"}"#,
        ),
        (
            ContentBody::Text(Text { files: vec![file()], ..Text::default() }),
            r#"{"v":1,"salt":"BwcHBwcHBwcHBwcHBwcHBw","kind":"text","text":"","files":[{"file_id":"02020202-0202-0202-0202-020202020202","key":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","size_bytes":9,"chunk_bytes":262144,"digest":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","name":"walk.ogg","media_type":"audio/ogg","duration_ms":1500,"voice":true}]}"#,
        ),
        (
            ContentBody::Reaction { target, emoji: "🍲".into(), removed: false },
            r#"{"v":1,"salt":"BwcHBwcHBwcHBwcHBwcHBw","kind":"reaction","target":"01010101-0101-0101-0101-010101010101","emoji":"🍲"}"#,
        ),
        (
            ContentBody::Vote { target, choices: vec![0, 2] },
            r#"{"v":1,"salt":"BwcHBwcHBwcHBwcHBwcHBw","kind":"vote","target":"01010101-0101-0101-0101-010101010101","choices":[0,2]}"#,
        ),
    ] {
        let content = content(body);
        assert_eq!(String::from_utf8(content.to_bytes()).unwrap(), json);
        assert_eq!(Content::from_bytes(json.as_bytes()), Some(content));
    }
}

proptest! {
    #[test]
    fn binary_survives_json_and_postcard(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let binary = Binary(bytes);
        let json = serde_json::to_string(&binary).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Binary>(&json).unwrap(), &binary);
        let packed = postcard::to_stdvec(&binary).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Binary>(&packed).unwrap(), binary);
    }

    #[test]
    fn binary_refuses_other_alphabets(text in "[A-Za-z0-9_-]{0,9}[+/= ][A-Za-z0-9_-]{0,9}") {
        prop_assert_eq!(Binary::from_base64url(&text), None);
    }
}
