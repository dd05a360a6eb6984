//! Rows as they are printed. People are named by handle, as on the command line.

use std::io::{self, Write as _};

use doorpost_client::{ChatSummary, MessageView, view::RequestView};
use doorpost_model::{
    ChatId,
    account::Me,
    chat::MemberView,
    invite::{InviteCard, JoinStatus},
    list::ListView,
    people::PersonView,
    post::PostView,
};
use serde_json::{Value, json};

/// Prints one row. A reader that has seen enough (`| head -1`) ends the program, as with other tools.
pub fn print(row: &Value) {
    if writeln!(io::stdout().lock(), "{row}").is_err() {
        std::process::exit(0);
    }
}

pub fn me(me: &Me) -> Value {
    json!({
        "account_id": me.account_id,
        "handle": me.handle,
        "name": me.name,
        "is_operator": me.is_operator,
        "device_id": me.device_id,
    })
}

pub fn person(person: &PersonView) -> Value {
    json!({
        "account_id": person.account.account_id,
        "handle": person.account.handle,
        "name": person.account.name,
        "relation": person.relation,
    })
}

pub fn list(list: &ListView) -> Value {
    json!({ "list_id": list.list_id, "name": list.name, "member_count": list.member_count })
}

pub fn post(post: &PostView) -> Value {
    let mut row = json!({
        "post_id": post.post_id,
        "author": post.author.handle,
        "author_name": post.author.name,
        "account_id": post.author.account_id,
        "text": post.text,
        "audience_kind": post.audience_kind,
        "created_at": post.created_at,
        "edited_at": post.edited_at,
        "invite_id": null,
        "chat_id": null,
        "button": null,
        "card": null,
    });
    if let Some(audience) = &post.audience {
        row["audience"] = json!(audience);
    }
    if let Some(terms) = &post.terms {
        row["terms"] = json!(terms);
    }
    if let Some(invite) = &post.invite {
        row["invite_id"] = json!(invite.invite_id);
        row["chat_id"] = json!(invite.chat_id);
        row["button"] = json!(invite.button);
        row["card"] = card(invite);
    }
    row
}

fn card(card: &InviteCard) -> Value {
    let mut row = json!(card);
    row["host"] = json!(card.host.handle);
    row["connections_in"] = card.connections_in.iter().map(|person| json!(person.handle)).collect();
    row
}

pub fn join(status: &JoinStatus) -> Value {
    json!({
        "request_id": status.request_id,
        "invite_id": status.invite_id,
        "chat_id": status.chat_id,
        "state": status.state,
    })
}

pub fn request(chat_id: ChatId, request: &RequestView) -> Value {
    json!({
        "request_id": request.request_id,
        "chat_id": chat_id,
        "invite_id": request.invite_id,
        "account_id": request.account.account_id,
        "handle": request.account.handle,
        "name": request.account.name,
        "is_connection": request.is_connection,
        "questions": request.questions,
        "answers": request.answers,
        "state": request.state,
        "asked_at": request.asked_at,
    })
}

pub fn chat(chat: &ChatSummary) -> Value {
    json!(chat)
}

pub fn member(chat_id: ChatId, member: &MemberView) -> Value {
    json!({
        "chat_id": chat_id,
        "account_id": member.account.account_id,
        "handle": member.account.handle,
        "name": member.account.name,
        "role": member.role,
        "joined_at": member.joined_at,
    })
}

pub fn message(chat_id: ChatId, message: &MessageView) -> Value {
    let sender = message.sender.as_ref();
    json!({
        "chat_id": chat_id,
        "seq": message.seq,
        "kind": message.kind,
        "sender": sender.map(|sender| &sender.handle),
        "sender_name": sender.map(|sender| &sender.name),
        "account_id": sender.map(|sender| sender.account_id),
        "people": message.people.iter().map(|person| &person.handle).collect::<Vec<_>>(),
        "text": message.text,
        "at": message.at,
        "state": message.state,
        "mine": message.mine,
        "local_id": message.local_id,
        "message_id": message.message_id,
        "files": message.files,
    })
}
