//! Brings the script onto the server.

use doorpost_client::{
    ChatState, ChatSummary, Command, Platform as _, PostChat, native::NativePlatform, view::RequestView,
};
use doorpost_model::{
    ChatId, InviteId, PostId, ReportId,
    invite::{Admission, Decided, InviteTerms, JoinStatus, RequestState},
    moderation::{NewPublicReport, ReportDesk, ReportTarget},
    people::Page,
    post::{Audience, PostView},
    report::ReportReason,
    story::{Background, CANVAS_VERSION, Canvas, Ink, Layer, LayerBody},
};

use futures_util::StreamExt as _;

use super::{
    DemoError,
    person::{PATIENCE, Person},
    picture,
    script::{self, Chat},
};

const MS_PER_HOUR: i64 = 3_600_000;

/// Everybody signs up and does what the script says.
pub async fn set(platform: &NativePlatform, password: &str) -> Result<Vec<Person>, DemoError> {
    let mut people = Vec::new();
    for person in &script::PEOPLE {
        println!("  {} moves in", person.name);
        people.push(Person::sign_up(platform, person, password).await?);
    }
    for (number, handle) in script::PICTURES.iter().enumerate() {
        find(&people, handle).client.set_picture(None, picture::draw(number)?).await?;
    }
    for (one, other) in script::CONNECTIONS {
        find(&people, one).connect(other).await?;
        find(&people, other).accept(one).await?;
    }
    for (one, other) in script::OPEN_REQUESTS {
        find(&people, one).connect(other).await?;
    }
    for list in &script::LISTS {
        find(&people, list.owner).make_list(list.name, list.members).await?;
    }
    for group in &script::GROUPS {
        gather(&people, group).await?;
    }
    for page in &script::PAGES {
        found(&people, page).await?;
    }
    let mut posted = Vec::new();
    for post in &script::POSTS {
        posted.push((post.author, publish(&people, post).await?));
    }
    moderate(platform, &people, &posted).await?;
    for story in &script::STORIES {
        publish_story(&people, story).await?;
    }
    Ok(people)
}

/// The person with that handle; the script names nobody else.
fn find<'a>(people: &'a [Person], handle: &str) -> &'a Person {
    people.iter().find(|person| person.handle == handle).expect("the script names people it has")
}

/// Makes a page with its staff and its followers.
async fn found(people: &[Person], page: &script::Page) -> Result<(), DemoError> {
    println!("  {} makes the page of {}", page.admin, page.name);
    let admin = find(people, page.admin);
    admin.make_page(page).await?;
    admin.client.set_picture(Some(page.handle), picture::draw(script::PICTURES.len())?).await?;
    for handle in page.followers {
        find(people, handle).client.follow_page(page.handle).await?;
    }
    Ok(())
}

/// Makes a group; those who ask are let in but for those who wait.
async fn gather(people: &[Person], group: &script::Group) -> Result<(), DemoError> {
    let owner = find(people, group.owner);
    println!("  {} starts {}", group.owner, group.name);
    let group_id = owner.make_group(group).await?;
    let mut asking = Vec::new();
    for (handle, answer) in group.members {
        asking.push(find(people, handle).ask_into(group_id, answer).await?);
    }
    owner.client.decide_group_requests(group_id, asking, true).await?;
    for (handle, answer) in group.waiting {
        find(people, handle).ask_into(group_id, answer).await?;
    }
    Ok(())
}

/// Somebody moderates, and has something to look at.
async fn moderate(platform: &NativePlatform, people: &[Person], posted: &[(&str, PostId)]) -> Result<(), DemoError> {
    people[0].client.name_moderator(script::MODERATOR).await?;
    for report in &script::REPORTS {
        let post = posted.iter().find(|(author, _)| *author == report.author);
        let post_id = post.map(|(_, post_id)| *post_id).ok_or(DemoError::Late("a post"))?;
        let mut id = [0; 16];
        platform.fill_random(&mut id);
        let new = NewPublicReport {
            report_id: ReportId::from_bytes(id),
            target: ReportTarget::Post { post_id },
            reason: ReportReason::Spam,
            comment: report.comment.to_owned(),
            desk: ReportDesk::Server,
        };
        find(people, report.by).client.report_public(&new).await?;
    }
    Ok(())
}

async fn publish(people: &[Person], post: &script::Post) -> Result<PostId, DemoError> {
    let author = find(people, post.author);
    println!("  {} posts{}", post.author, post.chat.as_ref().map_or(String::new(), |chat| format!(": {}", chat.title)));
    let view: PostView = author
        .ask(Command::Post {
            question: None,
            post_id: None,
            text: post.text.to_owned(),
            media: Vec::new(),
            audience: audience(author, &post.audience).await?,
            chat: post.chat.as_ref().map(|chat| PostChat::New { title: chat.title.to_owned() }),
            terms: post.chat.as_ref().map(|chat| terms(author, chat)),
        })
        .await?;
    if let (Some(chat), Some(card)) = (&post.chat, view.invite) {
        let chat_id = card.chat_id.ok_or(DemoError::Late("a chat"))?;
        fill_chat(people, author, chat, card.invite_id, chat_id).await?;
    }
    talk(people, post, view.post_id).await?;
    Ok(view.post_id)
}

/// What is said under a post, and put on it.
async fn talk(people: &[Person], post: &script::Post, post_id: PostId) -> Result<(), DemoError> {
    for comment in post.comments {
        let said = find(people, comment.author).client.comment(post_id, comment.text, None).await?;
        for (handle, text) in comment.replies {
            find(people, handle).client.comment(post_id, text, Some(said.comment_id)).await?;
        }
    }
    for (handle, emoji) in post.reactions {
        find(people, handle).client.react_to_post(post_id, emoji).await?;
    }
    Ok(())
}

async fn publish_story(people: &[Person], story: &script::Story) -> Result<(), DemoError> {
    let author = find(people, story.author);
    println!("  {} shares a story: {}", story.author, story.chat.title);
    let words = LayerBody::Text { text: story.text.to_owned(), ink: Ink::Light };
    let layer = |y, body| Layer { x: 500, y, scale: 1_000, rotation: 0, body };
    let view: PostView = author
        .ask(Command::Story {
            post_id: None,
            canvas: Canvas {
                version: CANVAS_VERSION,
                background: Background::Gradient { gradient: story.gradient },
                layers: vec![layer(340, words), layer(680, LayerBody::Join)],
            },
            media: Vec::new(),
            audience: audience(author, &story.audience).await?,
            chat: Some(PostChat::New { title: story.chat.title.to_owned() }),
            terms: Some(terms(author, &story.chat)),
        })
        .await?;
    let card = view.invite.ok_or(DemoError::Late("a join sticker"))?;
    let chat_id = card.chat_id.ok_or(DemoError::Late("a chat"))?;
    fill_chat(people, author, &story.chat, card.invite_id, chat_id).await
}

async fn audience(author: &Person, audience: &script::Audience) -> Result<Audience, DemoError> {
    Ok(match audience {
        script::Audience::Public => Audience::Public,
        script::Audience::Connections => Audience::Connections,
        script::Audience::List(name) => Audience::Lists { list_ids: vec![author.list_id(name).await?] },
        script::Audience::People(handles) => {
            Audience::People { handles: handles.iter().map(|handle| (*handle).to_owned()).collect() }
        }
        script::Audience::Group(name) => Audience::Group { group_id: author.group_id(name).await? },
        script::Audience::Page(handle) => Audience::Page { page_id: author.page_id(handle).await? },
    })
}

fn terms(author: &Person, chat: &Chat) -> InviteTerms {
    InviteTerms {
        admission: if chat.by_approval { Admission::Approval } else { Admission::Open },
        questions: chat.question.iter().map(|question| (*question).to_owned()).collect(),
        seats: chat.seats,
        expires_at: chat.open_hours.map(|hours| author.now().plus(hours * MS_PER_HOUR)),
        ends_with_post: true,
    }
}

async fn fill_chat(
    people: &[Person],
    host: &Person,
    chat: &Chat,
    invite_id: InviteId,
    chat_id: ChatId,
) -> Result<(), DemoError> {
    for handle in chat.joiners {
        let joiner = find(people, handle);
        ask_to_join(joiner, invite_id, chat, "Any time.").await?;
        if chat.by_approval {
            admit_all(host, chat_id).await?;
        }
        wait_until_in(joiner, chat_id).await?;
    }
    for (handle, answer) in chat.waiting {
        ask_to_join(find(people, handle), invite_id, chat, answer).await?;
    }
    for (handle, text) in chat.lines {
        find(people, handle).say(chat_id, text).await?;
    }
    Ok(())
}

async fn ask_to_join(person: &Person, invite_id: InviteId, chat: &Chat, answer: &str) -> Result<(), DemoError> {
    let answers = chat.question.iter().map(|_| answer.to_owned()).collect();
    let status: JoinStatus = person.ask(Command::Join { invite_id, secret: None, answers }).await?;
    let expected = if chat.by_approval { RequestState::Requested } else { RequestState::Joined };
    if status.state == expected { Ok(()) } else { Err(DemoError::Late("coming into a chat")) }
}

async fn admit_all(host: &Person, chat_id: ChatId) -> Result<(), DemoError> {
    let queue: Page<RequestView> = host.ask(Command::Requests { chat_id, cursor: None, limit: None }).await?;
    let request_ids = queue.items.iter().map(|request| request.request_id).collect();
    let _: Vec<Decided> = host.ask(Command::Admit { chat_id: Some(chat_id), request_ids }).await?;
    Ok(())
}

/// After an approval the chat comes by itself; this looks for it.
async fn wait_until_in(person: &Person, chat_id: ChatId) -> Result<(), DemoError> {
    let mut events = person.client.subscribe();
    let arrival = async {
        loop {
            let chats: Vec<ChatSummary> = person.ask(Command::Chats).await?;
            if chats.iter().any(|chat| chat.chat_id == chat_id && chat.state == ChatState::Ready) {
                return Ok(());
            }
            let _ = events.next().await;
        }
    };
    tokio::time::timeout(PATIENCE, arrival).await.unwrap_or(Err(DemoError::Late("coming into a chat")))
}
