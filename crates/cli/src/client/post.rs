//! Posts and the feed.

use doorpost_client::{Command, Platform as _, PostChat, view::InviteLink};
use doorpost_model::{
    ApiError, ErrorCode, PostId,
    invite::{Admission, InviteTerms, InviteTermsChange},
    limits,
    post::{Audience, PostView},
};
use serde_json::json;

use super::{
    args::{PostArgs, PostEditArgs},
    ask,
    home::Home,
    parse::{AudienceArg, Lifetime, Seats},
    people, rows,
};

pub async fn post(home: &Home, args: PostArgs) -> Result<(), ApiError> {
    let chat = match (args.chat, args.chat_id) {
        (Some(title), _) => Some(PostChat::New { title }),
        (None, Some(chat_id)) => {
            // The chat may have moved on, or this device may not be in it yet.
            home.client.call(Command::Sync).await?;
            Some(PostChat::Existing { chat_id })
        }
        (None, None) => None,
    };
    let has_terms = args.admission.is_some()
        || args.seats.is_some()
        || args.expires.is_some()
        || !args.questions.is_empty()
        || args.ends_with_post;
    if chat.is_none() && has_terms {
        return Err(ApiError::new(ErrorCode::Usage, "Terms need a chat: add --chat TITLE or --chat-id ID."));
    }
    let terms = chat.is_some().then(|| InviteTerms {
        admission: args.admission.map_or(Admission::Open, Into::into),
        questions: args.questions,
        seats: args.seats,
        expires_at: args.expires.map(|duration_ms| home.platform.now().plus(duration_ms)),
        ends_with_post: args.ends_with_post,
    });
    let audience = audience(home, args.audience).await?;
    let command =
        Command::Post { post_id: None, text: args.text, media: Vec::new(), audience, question: None, chat, terms };
    let view: PostView = ask(home, command).await?;
    rows::print(&rows::post(&view));
    Ok(())
}

pub async fn edit(home: &Home, args: PostEditArgs) -> Result<(), ApiError> {
    let questions = match (args.no_questions, args.questions.is_empty()) {
        (true, _) => Some(Vec::new()),
        (false, false) => Some(args.questions),
        (false, true) => None,
    };
    let (seats, clear_seats) = match args.seats {
        None => (None, false),
        Some(Seats::None) => (None, true),
        Some(Seats::Some(seats)) => (Some(seats), false),
    };
    let (expires_at, clear_expiry) = match args.expires {
        None => (None, false),
        Some(Lifetime::None) => (None, true),
        Some(Lifetime::Ms(duration_ms)) => (Some(home.platform.now().plus(duration_ms)), false),
    };
    let terms = InviteTermsChange {
        admission: args.admission.map(Into::into),
        questions,
        seats,
        clear_seats,
        expires_at,
        clear_expiry,
        ends_with_post: args.ends_with_post,
    };
    let terms = (terms != InviteTermsChange::default()).then_some(terms);
    if terms.is_some() {
        home.client.call(Command::Sync).await?;
    }
    let audience = match args.audience {
        Some(arg) => Some(audience(home, arg).await?),
        None => None,
    };
    let view: PostView =
        ask(home, Command::PostEdit { post_id: args.post_id, text: args.text, audience, terms }).await?;
    rows::print(&rows::post(&view));
    Ok(())
}

async fn audience(home: &Home, arg: AudienceArg) -> Result<Audience, ApiError> {
    Ok(match arg {
        AudienceArg::Public => Audience::Public,
        AudienceArg::Connections => Audience::Connections,
        AudienceArg::People(handles) => Audience::People { handles },
        AudienceArg::Group(group_id) => Audience::Group { group_id },
        AudienceArg::Page(page_id) => Audience::Page { page_id },
        AudienceArg::Lists(names) => {
            let lists = home.client.lists().await?;
            let list_ids = names.iter().map(|name| people::find(&lists, name)).collect::<Result<_, _>>()?;
            Audience::Lists { list_ids }
        }
    })
}

pub async fn close(home: &Home, post_id: PostId) -> Result<(), ApiError> {
    home.client.call(Command::Sync).await?;
    let view: PostView = ask(home, Command::PostClose { post_id }).await?;
    rows::print(&rows::post(&view));
    Ok(())
}

pub async fn delete(home: &Home, post_id: PostId) -> Result<(), ApiError> {
    home.client.call(Command::PostDelete { post_id }).await?;
    rows::print(&json!({ "post_id": post_id, "deleted": true }));
    Ok(())
}

pub async fn feed(home: &Home, limit: u32) -> Result<(), ApiError> {
    let mut left = limit;
    let mut cursor = None;
    while left > 0 {
        let page = home.client.feed(cursor, Some(left.min(limits::PAGE_MAX as u32))).await?;
        for post in page.items.iter().take(left as usize) {
            rows::print(&rows::post(post));
        }
        left = left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

pub async fn show(home: &Home, post_id: PostId) -> Result<(), ApiError> {
    rows::print(&rows::post(&home.client.post_view(post_id).await?));
    Ok(())
}

pub async fn link(home: &Home, post_id: PostId) -> Result<(), ApiError> {
    let link: InviteLink = ask(home, Command::Link { post_id }).await?;
    rows::print(&json!({ "post_id": post_id, "url": link.url, "link": link.url }));
    Ok(())
}
