//! Every route against every kind of viewer. A route that has no row here fails the test.
//!
//! tidy: long because it is one table, with a row for each route.

use std::collections::BTreeSet;

use doorpost_mls::member::Groups;
use doorpost_model::{AccountId, RequestId, invite::JoinStatus};
use doorpost_server::{
    Settings,
    http::Error,
    session::begin::{NewSession, begin_in_tx},
};
use doorpost_store::{self as store, account::NewAccount};
use serde_json::{Value, json};

use crate::{
    chat_host::{ChatHost, ChatPost, Keys, open_terms},
    devices,
    harness::{Person, TestServer},
    openapi::operations,
    story_harness::{poll, question},
};

/// Who asks, in the order of a row's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No session.
    Anonymous,
    /// Connected with the owner; the session has no device yet.
    NoDevice,
    /// The one all of the things below belong to: `ada`, the operator.
    Owner,
    /// Connected with the owner, and in the chat.
    Member,
    /// Connected with the owner.
    Friend,
    /// Has nothing to do with the owner.
    Stranger,
    /// Blocked by the owner.
    Blocked,
}

const KINDS: [Kind; 7] =
    [Kind::Anonymous, Kind::NoDevice, Kind::Owner, Kind::Member, Kind::Friend, Kind::Stranger, Kind::Blocked];

/// A route with a request that is good as far as its form goes, and the answer to each kind of viewer
/// in turn: the status of a success, or the error's code. Every row has a world of its own. `{handle}`
/// and `{account_id}` are the owner's, `{list_id}` the owner's list, `{session_id}` the owner's session, `{post_id}` the owner's
/// post for connections, `{comment_id}` the owner's comment under it and `{invite_id}` its invite, `{file_id}` a file of the owner's in the chat, `{media_id}` a
/// photo or video in a post of the owner's for connections, `{group_id}` a secret group of the owner's; other ids name nothing.
const TABLE: &[(&str, &str, &str)] = &[
    // account
    ("GET /api/server", "", "200 200 200 200 200 200 200"),
    (
        "POST /api/auth/register",
        r#"{"handle":"newcomer","name":"New","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "201 handle_taken handle_taken handle_taken handle_taken handle_taken handle_taken",
    ),
    (
        "POST /api/auth/login",
        r#"{"handle":"ada","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid",
    ),
    ("GET /api/me", "", "unauthenticated 200 200 200 200 200 200"),
    ("PATCH /api/me", r#"{"name":"Changed"}"#, "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/pictures", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "PUT /api/me/picture",
        r#"{"media_id":"11111111-1111-4111-8111-111111111111"}"#,
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    ("DELETE /api/me/picture", "", "unauthenticated 204 204 204 204 204 204"),
    (
        "PUT /api/pages/{page}/picture",
        r#"{"media_id":"11111111-1111-4111-8111-111111111111"}"#,
        "unauthenticated forbidden not_found forbidden forbidden forbidden forbidden",
    ),
    ("DELETE /api/pages/{page}/picture", "", "unauthenticated forbidden 204 forbidden forbidden forbidden forbidden"),
    ("GET /api/me/leaving", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "DELETE /api/me",
        r#"{"handle":"nobody","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "unauthenticated invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    ("GET /api/registration-codes", "", "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden"),
    ("POST /api/registration-codes", "", "unauthenticated forbidden 201 forbidden forbidden forbidden forbidden"),
    // session
    ("POST /api/auth/logout", "", "unauthenticated 204 204 204 204 204 204"),
    ("GET /api/sessions", "", "unauthenticated 200 200 200 200 200 200"),
    ("DELETE /api/sessions", "", "unauthenticated 204 204 204 204 204 204"),
    ("DELETE /api/sessions/{session_id}", "", "unauthenticated not_found 204 not_found not_found not_found not_found"),
    // passkey
    ("POST /api/auth/passkeys/register/start", "{}", "invalid_field 200 200 200 200 200 200"),
    (
        "POST /api/auth/passkeys/register/finish",
        r#"{"ceremony_id":"00000000-0000-4000-8000-000000000000","credential":{}}"#,
        "invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    ("POST /api/auth/passkeys/login/start", "", "200 200 200 200 200 200 200"),
    (
        "POST /api/auth/passkeys/login/finish",
        r#"{"ceremony_id":"00000000-0000-4000-8000-000000000000","credential":{}}"#,
        "invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    (
        "DELETE /api/auth/passkeys/{passkey_id}",
        "",
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    // device, vault
    (
        "POST /api/devices",
        r#"{"device_id":"00000000-0000-4000-8000-000000000000","name":"Laptop","credential":"AAAA","signature_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "unauthenticated device_invalid device_invalid device_invalid device_invalid device_invalid device_invalid",
    ),
    ("GET /api/devices", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "PATCH /api/devices/{device_id}",
        r#"{"name":"Laptop"}"#,
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    (
        "POST /api/devices/{device_id}/revoke",
        r#"{"revocation":{"account_id":"11111111-1111-4111-8111-111111111111","device_id":"11111111-1111-4111-8111-111111111111","signature":"AAAA"}}"#,
        "unauthenticated device_invalid device_invalid device_invalid device_invalid device_invalid device_invalid",
    ),
    (
        "POST /api/device-links",
        r#"{"link_id":"{new_id}","claim_hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "201 201 201 201 201 201 201",
    ),
    (
        "PUT /api/device-links/{link_id}",
        r#"{"sealed":"AAAA"}"#,
        "unauthenticated device_required not_found not_found not_found not_found not_found",
    ),
    (
        "POST /api/device-links/{link_id}/claim",
        r#"{"claim":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "not_found not_found not_found not_found not_found not_found not_found",
    ),
    ("GET /api/vault", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "PUT /api/vault",
        r#"{"method":"password","unlock_id":"","sealed":"AAAA"}"#,
        "unauthenticated conflict 204 204 204 204 204",
    ),
    ("GET /api/keyring", "", "unauthenticated 200 200 200 200 200 200"),
    ("PUT /api/keyring/{chat_id}", r#"{"sealed":"AAAA"}"#, "unauthenticated 204 204 204 204 204 204"),
    (
        "POST /api/auth/recover",
        r#"{"handle":"ada","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid credentials_invalid",
    ),
    // backup
    ("GET /api/backup", "", "unauthenticated 200 200 200 200 200 200"),
    ("PUT /api/backup", "", "unauthenticated 200 200 200 200 200 200"),
    ("DELETE /api/backup", "", "unauthenticated 204 204 204 204 204 204"),
    ("GET /api/backup/segments", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "PUT /api/backup/segments/{number}",
        r#"{"sealed":"AAAA"}"#,
        "unauthenticated device_required not_found not_found not_found not_found not_found",
    ),
    // people
    ("GET /api/accounts/{handle}", "", "unauthenticated 200 200 200 200 200 not_found"),
    ("GET /api/accounts/{handle}/posts", "", "unauthenticated 200 200 200 200 200 not_found"),
    ("GET /api/accounts/{handle}/lists", "", "unauthenticated 200 200 200 200 200 not_found"),
    ("GET /api/accounts/{handle}/sees", "", "unauthenticated 200 200 200 200 200 not_found"),
    ("GET /api/people", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/people/suggestions", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/connections", "", "unauthenticated 200 200 200 200 200 200"),
    ("POST /api/connections/{handle}/request", "", "unauthenticated 200 invalid_field 200 200 200 not_found"),
    ("POST /api/connections/{handle}/accept", "", "unauthenticated 200 invalid_field 200 200 conflict not_found"),
    ("POST /api/connections/{handle}/decline", "", "unauthenticated 200 invalid_field 200 200 200 not_found"),
    ("DELETE /api/connections/{handle}", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    ("GET /api/blocks", "", "unauthenticated 200 200 200 200 200 200"),
    ("PUT /api/blocks/{handle}", "", "unauthenticated 204 invalid_field 204 204 204 204"),
    ("DELETE /api/blocks/{handle}", "", "unauthenticated 204 invalid_field 204 204 204 204"),
    // list
    ("GET /api/lists", "", "unauthenticated 200 200 200 200 200 200"),
    ("POST /api/lists", r#"{"name":"New"}"#, "unauthenticated 201 201 201 201 201 201"),
    ("GET /api/lists/{list_id}/posts", "", "unauthenticated not_found 200 not_found not_found not_found not_found"),
    ("GET /api/lists/{list_id}", "", "unauthenticated not_found 200 not_found not_found not_found not_found"),
    (
        "PATCH /api/lists/{list_id}",
        r#"{"name":"New"}"#,
        "unauthenticated not_found 200 not_found not_found not_found not_found",
    ),
    (
        "POST /api/lists/{list_id}/members",
        "{}",
        "unauthenticated not_found 200 not_found not_found not_found not_found",
    ),
    ("DELETE /api/lists/{list_id}", "", "unauthenticated not_found 204 not_found not_found not_found not_found"),
    // post
    ("GET /api/feed", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "POST /api/posts",
        r#"{"post_id":"{new_id}","text":"Hello","audience":{"kind":"public"}}"#,
        "unauthenticated 200 200 200 200 200 200",
    ),
    ("GET /api/posts/{post_id}", "", "unauthenticated 200 200 200 200 not_found not_found"),
    (
        "PATCH /api/posts/{post_id}",
        r#"{"text":"Hello again"}"#,
        "unauthenticated forbidden 200 forbidden forbidden not_found not_found",
    ),
    ("POST /api/posts/{post_id}/close", "{}", "unauthenticated forbidden 200 forbidden forbidden not_found not_found"),
    ("DELETE /api/posts/{post_id}", "", "unauthenticated forbidden 204 forbidden forbidden not_found not_found"),
    // story: the owner's for connections, which `{post_id}` is in these routes
    ("GET /api/stories", "", "unauthenticated 200 200 200 200 200 200"),
    ("POST /api/stories/seen", r#"{"post_ids":[]}"#, "unauthenticated 204 204 204 204 204 204"),
    ("GET /api/stories/archive", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/accounts/{handle}/stories", "", "unauthenticated 200 200 200 200 200 not_found"),
    ("GET /api/accounts/{handle}/highlights", "", "unauthenticated 200 200 200 200 200 not_found"),
    ("PUT /api/posts/{post_id}/vote", r#"{"choice":0}"#, "unauthenticated 200 forbidden 200 200 not_found not_found"),
    ("GET /api/posts/{post_id}/viewers", "", "unauthenticated forbidden 200 forbidden forbidden not_found not_found"),
    (
        "PUT /api/highlights/{highlight_id}",
        r#"{"name":"Mine","post_ids":[]}"#,
        "unauthenticated not_found 204 not_found not_found not_found not_found",
    ),
    (
        "DELETE /api/highlights/{highlight_id}",
        "",
        "unauthenticated not_found 204 not_found not_found not_found not_found",
    ),
    // question: the owner's story asks; nobody has answered
    (
        "PUT /api/posts/{post_id}/answer",
        r#"{"text":"Leeks"}"#,
        "unauthenticated 200 forbidden 200 200 not_found not_found",
    ),
    ("DELETE /api/posts/{post_id}/answer", "", "unauthenticated 200 forbidden 200 200 not_found not_found"),
    ("GET /api/posts/{post_id}/answers", "", "unauthenticated 200 200 200 200 not_found not_found"),
    (
        "PUT /api/posts/{post_id}/answers/{account_id}/published",
        "",
        "unauthenticated forbidden not_found forbidden forbidden not_found not_found",
    ),
    (
        "DELETE /api/posts/{post_id}/answers/{account_id}/published",
        "",
        "unauthenticated forbidden not_found forbidden forbidden not_found not_found",
    ),
    // comment, reaction: the owner's comment under the owner's post for connections
    ("GET /api/posts/{post_id}/comments", "", "unauthenticated 200 200 200 200 not_found not_found"),
    (
        "POST /api/posts/{post_id}/comments",
        r#"{"comment_id":"{new_id}","text":"Well said"}"#,
        "unauthenticated 200 200 200 200 not_found not_found",
    ),
    (
        "PUT /api/posts/{post_id}/comments/closed",
        "",
        "unauthenticated forbidden 200 forbidden forbidden not_found not_found",
    ),
    (
        "DELETE /api/posts/{post_id}/comments/closed",
        "",
        "unauthenticated forbidden 200 forbidden forbidden not_found not_found",
    ),
    ("GET /api/comments/{comment_id}/replies", "", "unauthenticated 200 200 200 200 not_found not_found"),
    (
        "PATCH /api/comments/{comment_id}",
        r#"{"text":"Better said"}"#,
        "unauthenticated forbidden 200 forbidden forbidden not_found not_found",
    ),
    ("DELETE /api/comments/{comment_id}", "", "unauthenticated forbidden 204 forbidden forbidden not_found not_found"),
    ("PUT /api/posts/{post_id}/reaction", r#"{"emoji":"👍"}"#, "unauthenticated 200 200 200 200 not_found not_found"),
    ("DELETE /api/posts/{post_id}/reaction", "", "unauthenticated 200 200 200 200 not_found not_found"),
    ("GET /api/posts/{post_id}/reactions", "", "unauthenticated 200 200 200 200 not_found not_found"),
    (
        "PUT /api/comments/{comment_id}/reaction",
        r#"{"emoji":"👍"}"#,
        "unauthenticated 200 200 200 200 not_found not_found",
    ),
    ("DELETE /api/comments/{comment_id}/reaction", "", "unauthenticated 200 200 200 200 not_found not_found"),
    ("GET /api/comments/{comment_id}/reactions", "", "unauthenticated 200 200 200 200 not_found not_found"),
    ("GET /api/hidden-words", "", "unauthenticated 200 200 200 200 200 200"),
    ("PUT /api/hidden-words", r#"{"words":["weeds"]}"#, "unauthenticated 200 200 200 200 200 200"),
    // page: the owner's, of which the member is an editor; the owner's blocks are not the page's
    ("GET /api/pages", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/pages/followed", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/pages/find", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "POST /api/pages",
        r#"{"handle":"gardeners","name":"Gardeners"}"#,
        "unauthenticated 201 handle_taken handle_taken handle_taken handle_taken handle_taken",
    ),
    ("GET /api/pages/{page}", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "PATCH /api/pages/{page}",
        r#"{"name":"Rowers"}"#,
        "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden",
    ),
    ("DELETE /api/pages/{page}", "", "unauthenticated forbidden 204 forbidden forbidden forbidden forbidden"),
    ("PUT /api/pages/{page}/follow", "", "unauthenticated 200 200 200 200 200 200"),
    ("DELETE /api/pages/{page}/follow", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/pages/{page}/staff", "", "unauthenticated forbidden 200 200 forbidden forbidden forbidden"),
    (
        "PUT /api/pages/{page}/staff/{person}",
        r#"{"role":"editor"}"#,
        "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden",
    ),
    (
        "DELETE /api/pages/{page}/staff/{person}",
        "",
        "unauthenticated forbidden not_found 204 forbidden forbidden forbidden",
    ),
    ("GET /api/pages/{page}/archive", "", "unauthenticated forbidden 200 200 forbidden forbidden forbidden"),
    ("GET /api/pages/{page}/numbers", "", "unauthenticated forbidden 200 200 forbidden forbidden forbidden"),
    (
        "POST /api/pages/{page}/links/verify",
        "",
        "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden",
    ),
    (
        "PUT /api/groups/{group_id}/page",
        r#"{}"#,
        "unauthenticated not_found 200 forbidden not_found not_found not_found",
    ),
    // group: a secret one of the owner's that the member is in; the post is in none
    ("GET /api/groups", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/groups/invitations", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/groups/find", "", "unauthenticated 200 200 200 200 200 200"),
    ("POST /api/groups", r#"{"name":"Rowers","kind":"secret"}"#, "unauthenticated 201 201 201 201 201 201"),
    ("GET /api/groups/{group_id}", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    (
        "PATCH /api/groups/{group_id}",
        r#"{"name":"Rowers"}"#,
        "unauthenticated not_found 200 forbidden not_found not_found not_found",
    ),
    ("DELETE /api/groups/{group_id}", "", "unauthenticated not_found 204 forbidden not_found not_found not_found"),
    ("POST /api/groups/{group_id}/join", r#"{}"#, "unauthenticated not_found 200 200 not_found not_found not_found"),
    ("DELETE /api/groups/{group_id}/join", "", "unauthenticated not_found 204 204 not_found not_found not_found"),
    ("POST /api/groups/{group_id}/leave", r#"{}"#, "unauthenticated not_found 204 204 not_found not_found not_found"),
    ("GET /api/groups/{group_id}/feed", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    ("GET /api/groups/{group_id}/pins", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    ("GET /api/groups/{group_id}/pending", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    ("GET /api/groups/{group_id}/members", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    (
        "PUT /api/groups/{group_id}/members/{account_id}/role",
        r#"{"role":"owner"}"#,
        "unauthenticated not_found 204 forbidden not_found not_found not_found",
    ),
    (
        "POST /api/groups/{group_id}/members/{account_id}/remove",
        r#"{}"#,
        "unauthenticated not_found forbidden forbidden not_found not_found not_found",
    ),
    ("GET /api/groups/{group_id}/bans", "", "unauthenticated not_found 200 forbidden not_found not_found not_found"),
    (
        "DELETE /api/groups/{group_id}/bans/{account_id}",
        "",
        "unauthenticated not_found 204 forbidden not_found not_found not_found",
    ),
    (
        "GET /api/groups/{group_id}/requests",
        "",
        "unauthenticated not_found 200 forbidden not_found not_found not_found",
    ),
    (
        "POST /api/groups/{group_id}/requests/decide",
        r#"{"account_ids":[],"accept":true}"#,
        "unauthenticated not_found 204 forbidden not_found not_found not_found",
    ),
    (
        "POST /api/groups/{group_id}/invitations",
        r#"{"handles":[]}"#,
        "unauthenticated not_found 204 forbidden not_found not_found not_found",
    ),
    (
        "POST /api/posts/{post_id}/let-through",
        "",
        "unauthenticated forbidden forbidden forbidden forbidden not_found not_found",
    ),
    ("PUT /api/posts/{post_id}/pin", "", "unauthenticated not_found not_found not_found not_found not_found not_found"),
    (
        "DELETE /api/posts/{post_id}/pin",
        "",
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    // invite
    ("GET /api/invites/{invite_id}", "", "unauthenticated 200 200 200 200 not_found not_found"),
    ("GET /api/invites/{invite_id}/door", "", "unauthenticated 200 200 200 200 not_found not_found"),
    ("GET /api/invites/copies-missing", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "PUT /api/invites/{invite_id}/copies",
        r#"{"join_key":"AAAA","copies":[]}"#,
        "unauthenticated forbidden conflict forbidden forbidden not_found not_found",
    ),
    ("GET /api/chats/{chat_id}/doors", "", "unauthenticated not_found 200 not_host not_found not_found not_found"),
    (
        "POST /api/invites/{invite_id}/close",
        "{}",
        "unauthenticated forbidden 200 forbidden forbidden not_found not_found",
    ),
    (
        "POST /api/invites/{invite_id}/join",
        r#"{"key_package":"AAAA"}"#,
        "unauthenticated device_required already_member already_member key_package_invalid not_found not_found",
    ),
    // request
    ("GET /api/requests/{request_id}", "", "unauthenticated not_found not_found 200 not_found not_found not_found"),
    (
        "POST /api/requests/{request_id}/withdraw",
        "{}",
        "unauthenticated not_found not_found conflict not_found not_found not_found",
    ),
    ("GET /api/chats/{chat_id}/requests", "", "unauthenticated not_found 200 not_host not_found not_found not_found"),
    (
        "POST /api/chats/{chat_id}/requests/admit",
        r#"{"admit":[]}"#,
        "unauthenticated not_found 200 not_host not_found not_found not_found",
    ),
    ("GET /api/chats/{chat_id}/hosts-key", "", "unauthenticated not_found 200 not_host not_found not_found not_found"),
    (
        "PUT /api/chats/{chat_id}/hosts-key",
        r#"{"key":{"version":1,"public_key":"AAAA","host_account_id":"00000000-0000-4000-8000-000000000000","host_identity_key":"AAAA","signature":"AAAA","door_tag":"AAAA"},"copies":[]}"#,
        "unauthenticated not_found invalid_field not_host not_found not_found not_found",
    ),
    (
        "POST /api/chats/{chat_id}/requests/decline",
        r#"{"request_ids":[]}"#,
        "unauthenticated not_found 200 not_host not_found not_found not_found",
    ),
    (
        "POST /api/link-preview",
        r#"{"url":"file:///"}"#,
        "unauthenticated invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    // report
    (
        "POST /api/reports",
        r#"{"report_id":"{new_id}","chat_id":"11111111-1111-4111-8111-111111111111","reason":"spam","messages":[]}"#,
        "unauthenticated invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    ("GET /api/operator/reports", "", "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden"),
    (
        "POST /api/operator/reports/{report_id}/close",
        r#"{"outcome":"dismissed"}"#,
        "unauthenticated forbidden conflict forbidden forbidden forbidden forbidden",
    ),
    ("GET /api/chats/{chat_id}/reports/key", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    ("GET /api/chats/{chat_id}/reports", "", "unauthenticated not_found 200 not_host not_found not_found not_found"),
    (
        "POST /api/chats/{chat_id}/reports",
        r#"{"report_id":"{new_id}","key_version":1,"sealed":"AAAA"}"#,
        "unauthenticated not_found 204 204 not_found not_found not_found",
    ),
    (
        "DELETE /api/chats/{chat_id}/reports/{report_id}",
        "",
        "unauthenticated not_found not_found not_host not_found not_found not_found",
    ),
    (
        "POST /api/chats/{chat_id}/franking",
        r#"{"messages":[]}"#,
        "unauthenticated not_found 200 not_host not_found not_found not_found",
    ),
    // mute, hidden
    ("GET /api/mutes", "", "unauthenticated 200 200 200 200 200 200"),
    ("PUT /api/accounts/{handle}/mute", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    ("DELETE /api/accounts/{handle}/mute", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    ("PUT /api/accounts/{handle}/watch", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    ("DELETE /api/accounts/{handle}/watch", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    ("PUT /api/posts/{post_id}/hidden", "", "unauthenticated 204 204 204 204 not_found not_found"),
    ("DELETE /api/posts/{post_id}/hidden", "", "unauthenticated 204 204 204 204 not_found not_found"),
    ("PUT /api/people/suggestions/{handle}/hidden", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    ("DELETE /api/people/suggestions/{handle}/hidden", "", "unauthenticated 204 invalid_field 204 204 204 not_found"),
    // moderation: a case about the stranger's account, which the member has reported
    (
        "POST /api/reports/public",
        r#"{"report_id":"{new_id}","target":{"kind":"post","post_id":"{post_id}"},"reason":"spam"}"#,
        "unauthenticated 204 invalid_field 204 204 not_found not_found",
    ),
    ("GET /api/moderation/reports", "", "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden"),
    (
        "GET /api/moderation/reports/{case_id}",
        "",
        "unauthenticated not_found 200 not_found not_found not_found not_found",
    ),
    (
        "POST /api/moderation/reports/{case_id}/decide",
        r#"{"action":"dismiss"}"#,
        "unauthenticated not_found 204 not_found not_found not_found not_found",
    ),
    ("GET /api/moderation/log", "", "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden"),
    ("GET /api/moderation/moderators", "", "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden"),
    (
        "PUT /api/moderation/moderators/{handle}",
        "",
        "unauthenticated forbidden invalid_field forbidden forbidden forbidden forbidden",
    ),
    (
        "DELETE /api/moderation/moderators/{handle}",
        "",
        "unauthenticated forbidden invalid_field forbidden forbidden forbidden forbidden",
    ),
    ("GET /api/moderation/domains", "", "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden"),
    (
        "PUT /api/moderation/domains",
        r#"{"domain":"evil.example"}"#,
        "unauthenticated forbidden 200 forbidden forbidden forbidden forbidden",
    ),
    (
        "DELETE /api/moderation/domains/{domain}",
        "",
        "unauthenticated forbidden not_found forbidden forbidden forbidden forbidden",
    ),
    ("GET /api/notices", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "POST /api/notices/{notice_id}/seen",
        "",
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    (
        "POST /api/notices/{notice_id}/appeal",
        r#"{"text":"No"}"#,
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    ("GET /api/groups/{group_id}/reports", "", "unauthenticated not_found 200 forbidden not_found not_found not_found"),
    (
        "POST /api/groups/{group_id}/reports/{case_id}/close",
        r#"{"remove":false}"#,
        "unauthenticated not_found not_found forbidden not_found not_found not_found",
    ),
    // chat, log, commit
    ("GET /api/chats", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/chats/{chat_id}", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    ("GET /api/chats/{chat_id}/members", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    (
        "PUT /api/chats/{chat_id}/read",
        r#"{"seq":1}"#,
        "unauthenticated not_found 204 204 not_found not_found not_found",
    ),
    (
        "POST /api/chats/{chat_id}/leave",
        r#"{"note":{"account_id":"11111111-1111-4111-8111-111111111111","nonces":[],"signature":"AAAA"}}"#,
        "unauthenticated not_found ticket_invalid ticket_invalid not_found not_found not_found",
    ),
    ("GET /api/chats/{chat_id}/log", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    // What is no message is told before the chat is looked for, so nobody learns of the chat from it.
    (
        "POST /api/chats/{chat_id}/messages",
        r#"{"client_seq":1,"payload":"AAAA"}"#,
        "unauthenticated device_required message_invalid message_invalid message_invalid message_invalid message_invalid",
    ),
    (
        "POST /api/chats/{chat_id}/commits",
        r#"{"epoch":1,"commit":"AAAA","group_info":"AAAA"}"#,
        "unauthenticated device_required message_invalid message_invalid not_found not_found not_found",
    ),
    (
        "POST /api/chats/{chat_id}/commits/{seq}/report",
        r#"{"outcome":"refused"}"#,
        "unauthenticated device_required 200 200 not_found not_found not_found",
    ),
    (
        "GET /api/chats/{chat_id}/suspensions",
        "",
        "unauthenticated not_found 200 not_host not_found not_found not_found",
    ),
    (
        "DELETE /api/chats/{chat_id}/suspensions/{account_id}",
        "",
        "unauthenticated not_found not_found not_host not_found not_found not_found",
    ),
    ("GET /api/chats/{chat_id}/group-info", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    (
        "GET /api/chats/{chat_id}/welcome",
        "",
        "unauthenticated device_required not_found not_found not_found not_found not_found",
    ),
    // direct: the chat is none of two
    ("GET /api/direct/{account_id}", "", "unauthenticated 200 invalid_field 200 200 200 not_found"),
    (
        "POST /api/direct/{account_id}",
        r#"{"chat":{"chat_id":"{new_id}","title":"direct","group_info":"AAAA","ratchet_tree":"AAAA"},"sealed_door":"AAAA"}"#,
        "unauthenticated device_required invalid_field message_invalid message_invalid message_invalid not_found",
    ),
    (
        "POST /api/chats/{chat_id}/direct",
        r#"{"accept":true}"#,
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    (
        "GET /api/chats/{chat_id}/direct/door",
        "",
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    (
        "POST /api/chats/{chat_id}/direct/key-packages",
        "",
        "unauthenticated device_required not_found not_found not_found not_found not_found",
    ),
    ("GET /api/key-packages", "", "unauthenticated device_required 200 200 200 200 200"),
    ("POST /api/key-packages", r#"{"one_time":[]}"#, "unauthenticated device_required 200 200 200 200 200"),
    // file
    (
        "POST /api/chats/{chat_id}/files",
        r#"{"file_id":"{new_id}","size_bytes":20}"#,
        "unauthenticated not_found 200 200 not_found not_found not_found",
    ),
    (
        "PUT /api/chats/{chat_id}/files/{file_id}/parts/{offset}",
        "12345",
        "unauthenticated not_found 200 not_found not_found not_found not_found",
    ),
    ("GET /api/chats/{chat_id}/files/{file_id}", "", "unauthenticated not_found 200 200 not_found not_found not_found"),
    // media: the owner's, in the post for connections; one of the owner's in no post is nobody else's
    ("POST /api/media", r#"{"media_id":"{new_id}","size_bytes":20}"#, "unauthenticated 200 200 200 200 200 200"),
    (
        "PUT /api/media/{media_id}/parts/{offset}",
        "12345",
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    (
        "POST /api/media/{media_id}/finish",
        "",
        "unauthenticated not_found not_found not_found not_found not_found not_found",
    ),
    ("GET /api/media/{media_id}", "", "unauthenticated not_found not_found not_found not_found not_found not_found"),
    ("DELETE /api/media/{media_id}", "", "unauthenticated not_found not_found not_found not_found not_found not_found"),
    ("GET /api/media/{media_id}/{size}", "", "unauthenticated 200 200 200 200 not_found not_found"),
    ("GET /api/media/{media_id}/video", "", "unauthenticated 200 200 200 200 not_found not_found"),
    // notification
    ("GET /api/notifications", "", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/notifications/unread", "", "unauthenticated 200 200 200 200 200 200"),
    ("POST /api/notifications/read", r#"{"up_to":1}"#, "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/notification-settings", "", "unauthenticated 200 200 200 200 200 200"),
    ("PUT /api/notification-settings", "{}", "unauthenticated 200 200 200 200 200 200"),
    ("GET /api/push/key", "", "unauthenticated 200 200 200 200 200 200"),
    (
        "POST /api/push/subscriptions",
        r#"{"endpoint":"https://localhost/","p256dh":"AAAA","auth":"AAAA"}"#,
        "unauthenticated invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    (
        "DELETE /api/push/subscriptions",
        r#"{"endpoint":"https://push.door.net/1"}"#,
        "unauthenticated 204 204 204 204 204 204",
    ),
    // email: the server has a relay, and the viewers no address yet
    ("GET /api/email", "", "unauthenticated 200 200 200 200 200 200"),
    ("DELETE /api/email", "", "unauthenticated 204 204 204 204 204 204"),
    (
        "POST /api/email/address",
        r#"{"address":"{new_id}@door.example","time_zone":"UTC"}"#,
        "unauthenticated 200 200 200 200 200 200",
    ),
    (
        "POST /api/email/address/confirm",
        r#"{"code":"123456"}"#,
        "unauthenticated invalid_field invalid_field invalid_field invalid_field invalid_field invalid_field",
    ),
    (
        "PUT /api/email/digest",
        r#"{"frequency":"daily","hour":8,"time_zone":"UTC"}"#,
        "unauthenticated conflict conflict conflict conflict conflict conflict",
    ),
    ("GET /api/email/unsubscribe/{token}", "", "303 303 303 303 303 303 303"),
    ("POST /api/email/unsubscribe/{token}", "", "204 204 204 204 204 204 204"),
    // realtime: these requests are good but for the upgrade
    (
        "GET /api/socket",
        "",
        "unauthenticated device_required malformed_request malformed_request malformed_request malformed_request malformed_request",
    ),
];

/// How routes end in which `{post_id}` is a story.
const STORY_ROUTES: [&str; 4] = ["{post_id}/vote", "{post_id}/answer", "{post_id}/viewers", "{post_id}/answers"];

/// The owner, the others, and the owner's things.
struct World {
    server: TestServer,
    tokens: [Option<String>; KINDS.len()],
    /// What stands for a placeholder in a path.
    things: Vec<(&'static str, String)>,
}

impl World {
    /// All that `route` names.
    async fn make(route: &str) -> Self {
        // Nothing is sent: the job does not run.
        let server = TestServer::with(Settings {
            smtp_url: Some("smtp://localhost:9".to_owned()),
            mail_from: Some("digest@door.example".to_owned()),
            ..Settings::default()
        })
        .await;
        let mut tokens = [const { None }; KINDS.len()];
        let mut sign_up_kind = async |kind: Kind| {
            let (person, session_id) = sign_up(&server, kind).await;
            tokens[kind as usize] = Some(person.token.clone());
            (person, session_id)
        };
        // The owner first: the first account is the operator.
        let (owner, session_id) = sign_up_kind(Kind::Owner).await;
        let mut others = Vec::new();
        for kind in [Kind::NoDevice, Kind::Member, Kind::Friend, Kind::Stranger, Kind::Blocked] {
            others.push((kind, sign_up_kind(kind).await.0));
        }
        for (kind, person) in &others {
            match kind {
                Kind::NoDevice | Kind::Member | Kind::Friend => server.connect(&owner, person).await,
                Kind::Blocked => server.block(&owner, person).await,
                _ => {}
            }
        }
        let list = server.post("/api/lists").by(&owner).json(json!({ "name": "Hiking" })).send().await.json();
        let member = others.iter().find(|(kind, _)| *kind == Kind::Member).expect("made").1.clone();
        let (post, request_id) = make_chat(&server, owner.clone(), member).await;
        let file_id = upload_file(&server, &owner, &post).await;
        for (kind, person) in &others {
            if matches!(kind, Kind::Friend | Kind::Stranger | Kind::Blocked) {
                with_device(&server, person.clone()).await;
            }
        }
        let post_id = match STORY_ROUTES.iter().any(|end| route.ends_with(end)) {
            true => write_story(&server, &owner).await,
            false => post.post_id,
        };
        let mut things = vec![
            ("{handle}", "ada".to_owned()),
            ("{account_id}", owner.me["account_id"].as_str().expect("id").to_owned()),
            ("{seq}", "1".to_owned()),
            ("{session_id}", session_id),
            ("{list_id}", list["list_id"].as_str().expect("id").to_owned()),
            ("{post_id}", post_id),
            ("{invite_id}", post.invite_id.to_string()),
            ("{chat_id}", post.chat_id.to_string()),
            ("{request_id}", request_id.to_string()),
            ("{file_id}", file_id),
            ("{offset}", "0".to_owned()),
            ("{number}", "0".to_owned()),
            ("{size}", "small".to_owned()),
        ];
        if route.contains("{comment_id}") {
            let post_id = &things.iter().find(|(name, _)| *name == "{post_id}").expect("made").1;
            things.push(("{comment_id}", server.comment(&owner, post_id, "Hello", None).await));
        }
        if route.contains("{highlight_id}") {
            things.push(("{highlight_id}", server.highlight(&owner, "Garden", &[]).await));
        }
        if route.contains("{group_id}") {
            let member = others.iter().find(|(kind, _)| *kind == Kind::Member).expect("made").1.clone();
            things.push(("{group_id}", make_group(&server, &owner, &member).await));
        }
        if route.contains("{page}") {
            let member = others.iter().find(|(kind, _)| *kind == Kind::Member).expect("made").1.clone();
            server.page(&owner, "rowers").await;
            server.on_staff(&owner, "rowers", &member, "editor").await;
            things.extend([("{page}", "rowers".to_owned()), ("{person}", member.handle)]);
        }
        if route.contains("{case_id}") {
            let of = |kind: Kind| &others.iter().find(|(other, _)| *other == kind).expect("made").1;
            things.push(("{case_id}", report_account(&server, &owner, of(Kind::Member), of(Kind::Stranger)).await));
        }
        if route.contains("{media_id}") {
            let media_id =
                if route.ends_with("/video") { server.video(&owner).await } else { server.photo(&owner).await };
            post_photo(&server, &owner, &media_id).await;
            things.push(("{media_id}", media_id));
        }
        Self { server, tokens, things }
    }

    async fn ask(&self, kind: Kind, route: &str, body: &str) -> String {
        let (method, template) = route.split_once(' ').expect("method and path");
        let mut path = template.to_owned();
        for (placeholder, value) in &self.things {
            path = path.replace(placeholder, value);
        }
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            path.replace_range(open..=close, "11111111-1111-4111-8111-111111111111");
        }
        let mut call = self.server.call(method, &path);
        if let Some(token) = &self.tokens[kind as usize] {
            call = call.bearer(token);
        }
        if !body.is_empty() {
            let mut body = body.replace("{new_id}", &self.server.app.entropy.uuid_v4().to_string());
            for (placeholder, value) in &self.things {
                body = body.replace(placeholder, value);
            }
            call = call.raw_json(body);
        }
        call.send().await.code()
    }
}

/// An account with a session, straight into the store: hashing a password for each would take most of
/// the test's time.
async fn sign_up(server: &TestServer, kind: Kind) -> (Person, String) {
    let account_id = AccountId(server.app.entropy.uuid_v4());
    let handle = if kind == Kind::Owner { "ada".to_owned() } else { format!("{kind:?}").to_lowercase() };
    let session = NewSession::make(&server.app);
    let person = Person {
        handle: handle.clone(),
        token: session.token.to_text(),
        me: json!({ "account_id": account_id.to_string() }),
    };
    let session_id = session.session_id.to_string();
    let account = NewAccount {
        account_id,
        handle,
        name: "Somebody".to_owned(),
        is_operator: kind == Kind::Owner,
        password_hash: None,
        created_at: session.begun_at,
    };
    server
        .app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                assert!(store::account::insert(tx, &account).await?);
                begin_in_tx(tx, account.account_id, &session).await?;
                Ok(())
            })
        })
        .await
        .expect("account");
    (person, session_id)
}

/// A post for the owner's connections that leads into a chat the member is in.
async fn make_chat(server: &TestServer, owner: Person, member: Person) -> (ChatPost, RequestId) {
    let mut host = with_device(server, owner).await;
    let mut member = with_device(server, member).await;
    let post = server.chat_post(&mut host, json!({ "kind": "connections" }), open_terms()).await;
    let (answer, ticket) = server.ask(&mut member, &post, &[]).await;
    let status: JoinStatus = answer.into();
    let upload = server.external_commit(&mut member, &post, &ticket, None).await;
    let answer = server.upload(&member, post.chat_id, Some(status.request_id), &upload).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    (post, status.request_id)
}

/// A file of the owner's in the chat.
async fn upload_file(server: &TestServer, owner: &Person, post: &ChatPost) -> String {
    let file_id = server.app.entropy.uuid_v4().to_string();
    let path = format!("/api/chats/{}/files", post.chat_id);
    let begun = server.post(&path).by(owner).json(json!({ "file_id": file_id, "size_bytes": 5 })).send().await;
    assert_eq!(begun.code(), "200", "{:?}", begun.json());
    let part = server.call("PUT", &format!("{path}/{file_id}/parts/0")).by(owner).body("12345").send().await;
    assert_eq!(part.code(), "200", "{:?}", part.json());
    file_id
}

/// A story of the owner's for connections that asks and has a poll.
async fn write_story(server: &TestServer, owner: &Person) -> String {
    server.write_story(owner, json!({ "kind": "connections" }), json!([poll(), question()])).await
}

/// A photo in a post of the owner's for connections.
async fn post_photo(server: &TestServer, owner: &Person, media_id: &str) {
    let post = json!({ "post_id": server.new_id(), "text": "", "audience": { "kind": "connections" },
        "media": [{ "media_id": media_id }] });
    let answer = server.post("/api/posts").by(owner).json(post).send().await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
}

/// A secret group of the owner's that the member is in.
async fn make_group(server: &TestServer, owner: &Person, member: &Person) -> String {
    let group = server.group(owner, json!({ "name": "Rowers", "kind": "secret" })).await;
    server.bring_in(owner, member, &group).await;
    group
}

/// A case: somebody reports somebody else to the operator.
async fn report_account(server: &TestServer, operator: &Person, by: &Person, whom: &Person) -> String {
    let target = json!({ "kind": "account", "account_id": whom.me["account_id"] });
    let report = json!({ "report_id": server.new_id(), "target": target, "reason": "spam" });
    let answer = server.post("/api/reports/public").by(by).json(report).send().await;
    assert_eq!(answer.code(), "204", "{:?}", answer.json());
    let queue = server.get("/api/moderation/reports").by(operator).send().await.json();
    queue["items"][0]["case_id"].as_str().expect("a case").to_owned()
}

async fn with_device(server: &TestServer, person: Person) -> ChatHost {
    let secrets = devices::secrets(server);
    let device = devices::new_device(server, &secrets, devices::account_of(&person));
    let request = devices::with_identity(devices::request(&device), &secrets);
    assert_eq!(devices::register(server, &person.token, request).await.code(), "200");
    ChatHost { person, device, secrets, groups: Groups::new(), keys: Keys::default() }
}

#[test]
fn every_route_has_a_row() {
    let described: BTreeSet<String> =
        operations().into_iter().map(|(method, path, _): (_, _, Value)| format!("{method} {path}")).collect();
    let expected: BTreeSet<String> = TABLE.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let missing: Vec<_> = described.difference(&expected).collect();
    let stale: Vec<_> = expected.difference(&described).collect();
    assert!(missing.is_empty(), "say who may do this, in TABLE: {missing:#?}");
    assert!(stale.is_empty(), "these routes are no more: {stale:#?}");
}

#[tokio::test]
async fn every_kind_of_viewer_gets_what_the_table_says() {
    let mut wrong = Vec::new();
    for (route, body, expected) in TABLE {
        let world = World::make(route).await;
        let expected: Vec<&str> = expected.split(' ').collect();
        assert_eq!(expected.len(), KINDS.len(), "{route}");
        // The owner last, who may take away what the others ask for.
        let in_turn = KINDS.into_iter().filter(|kind| *kind != Kind::Owner).chain([Kind::Owner]);
        for kind in in_turn {
            let answer = world.ask(kind, route, body).await;
            let expected = expected[kind as usize];
            if answer != expected {
                wrong.push(format!("{route} by {kind:?}: {answer} instead of {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
