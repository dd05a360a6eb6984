//! Who lives on a demo server, and what they say.

use doorpost_model::story::Gradient;

/// Somebody of the community.
pub struct Person {
    pub handle: &'static str,
    pub name: &'static str,
}

/// The first one signs up first, and so is the operator.
pub const PEOPLE: [Person; 7] = [
    Person { handle: "robin", name: "Robin Ames" },
    Person { handle: "ada", name: "Ada Lindqvist" },
    Person { handle: "jonas", name: "Jonas Weber" },
    Person { handle: "mira", name: "Mira Okafor" },
    Person { handle: "tom", name: "Tom Hargreaves" },
    Person { handle: "leyla", name: "Leyla Demir" },
    Person { handle: "nils", name: "Nils Aalto" },
];

/// Who has a picture; the others have the letters of their names.
pub const PICTURES: [&str; 4] = ["robin", "ada", "mira", "leyla"];

/// Who is connected with whom; the first one asked.
pub const CONNECTIONS: [(&str, &str); 13] = [
    ("robin", "ada"),
    ("robin", "jonas"),
    ("robin", "mira"),
    ("robin", "tom"),
    ("robin", "leyla"),
    ("ada", "jonas"),
    ("ada", "mira"),
    ("ada", "tom"),
    ("jonas", "leyla"),
    ("mira", "tom"),
    ("mira", "leyla"),
    ("tom", "leyla"),
    ("jonas", "tom"),
];

/// Asked, and not yet answered.
pub const OPEN_REQUESTS: [(&str, &str); 1] = [("nils", "robin")];

/// Whom the operator, who is the first to sign up, asks to moderate.
pub const MODERATOR: &str = "mira";

/// What somebody reports to who runs the server.
pub struct Report {
    pub by: &'static str,
    /// Their posts, the first of them.
    pub author: &'static str,
    pub comment: &'static str,
}

pub const REPORTS: [Report; 1] = [Report {
    by: "tom",
    author: "nils",
    comment: "The account is from today and nobody knows them. Is this an advert?",
}];

/// Somebody's list.
pub struct List {
    pub owner: &'static str,
    pub name: &'static str,
    pub members: &'static [&'static str],
}

pub const LISTS: [List; 3] = [
    List { owner: "robin", name: "Close friends", members: &["ada", "leyla"] },
    List { owner: "mira", name: "Book circle", members: &["robin", "ada", "tom"] },
    List { owner: "robin", name: "Sunday cyclists", members: &["jonas", "tom", "mira"] },
];

/// Who sees a post.
pub enum Audience {
    Public,
    Connections,
    /// A list of the author's, by name.
    List(&'static str),
    /// Handles.
    People(&'static [&'static str]),
    /// A group of [`GROUPS`], by name.
    Group(&'static str),
    /// As a page of [`PAGES`], by handle.
    Page(&'static str),
}

/// What speaks in its own name.
pub struct Page {
    pub admin: &'static str,
    pub handle: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    /// Who writes for it, too.
    pub editors: &'static [&'static str],
    pub followers: &'static [&'static str],
}

pub const PAGES: [Page; 1] = [Page {
    admin: "tom",
    handle: "old_ferry",
    name: "The Old Ferry",
    about: "Café and repair bench by the bridge. Wednesday to Sunday, nine to six. Bring what squeaks.",
    editors: &["leyla"],
    followers: &["robin", "ada", "jonas", "nils"],
}];

/// A community within it.
pub struct Group {
    pub owner: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub rules: &'static str,
    pub question: &'static str,
    /// Who comes in, with the answer to the question.
    pub members: &'static [(&'static str, &'static str)],
    /// Who asks and waits.
    pub waiting: &'static [(&'static str, &'static str)],
}

/// All of them closed: seen by everybody, read by members.
pub const GROUPS: [Group; 1] = [Group {
    owner: "mira",
    name: "Mill Lane allotments",
    description: "Thirty plots, one water pump, and far too many courgettes. For plot holders and those on the list.",
    rules: "Say which plot you mean. No hosepipes before seven. Whoever borrows the big wheelbarrow brings it back clean.",
    question: "Which plot is yours, or are you on the list?",
    members: &[
        ("tom", "Plot 12, the one with the blue shed."),
        ("leyla", "Plot 7, since spring."),
        ("jonas", "On the list. Number four!"),
    ],
    waiting: &[("nils", "No plot yet. I can dig, though.")],
}];

/// The chat behind a post.
pub struct Chat {
    pub title: &'static str,
    pub by_approval: bool,
    pub question: Option<&'static str>,
    pub seats: Option<u32>,
    pub open_hours: Option<i64>,
    /// Who comes in, and is let in where that takes an approval.
    pub joiners: &'static [&'static str],
    /// Who asks and waits, with the answer to the question.
    pub waiting: &'static [(&'static str, &'static str)],
    /// Who says what, in order.
    pub lines: &'static [(&'static str, &'static str)],
}

pub struct Post {
    pub author: &'static str,
    pub text: &'static str,
    pub audience: Audience,
    pub chat: Option<Chat>,
    /// Oldest first.
    pub comments: &'static [Comment],
    /// Who puts which emoji on it.
    pub reactions: &'static [(&'static str, &'static str)],
}

/// What somebody says under a post.
pub struct Comment {
    pub author: &'static str,
    pub text: &'static str,
    /// Who says what to it.
    pub replies: &'static [(&'static str, &'static str)],
}

/// Words on colours, and below them a join sticker.
pub struct Story {
    pub author: &'static str,
    pub gradient: Gradient,
    pub text: &'static str,
    pub audience: Audience,
    pub chat: Chat,
}

/// Oldest first.
pub const STORIES: [Story; 2] = [
    Story {
        author: "tom",
        gradient: Gradient::Ember,
        text: "Chestnuts are down along the canal. Sunday at three, bring a bag?",
        audience: Audience::Public,
        chat: Chat {
            title: "Chestnut Sunday",
            by_approval: false,
            question: None,
            seats: Some(10),
            open_hours: None,
            joiners: &["jonas"],
            waiting: &[],
            lines: &[
                ("tom", "Meet at the lock. Gloves help."),
                ("jonas", "I have a spare pair. One of them is small and red."),
            ],
        },
    },
    Story {
        author: "mira",
        gradient: Gradient::Dusk,
        text: "Two tickets over for the organ concert on Friday",
        audience: Audience::Connections,
        chat: Chat {
            title: "Organ on Friday",
            by_approval: true,
            question: None,
            seats: Some(2),
            open_hours: Some(20),
            joiners: &[],
            waiting: &[("ada", "")],
            lines: &[("mira", "Doors open at seven, we sit upstairs on the left.")],
        },
    },
];

/// Oldest first.
pub const POSTS: [Post; 12] = [
    Post {
        author: "robin",
        text: "Welcome to our own little place. No ads, no strangers in your messages, and it runs on the box under \
               my desk. Post something!",
        audience: Audience::Public,
        chat: None,
        comments: &[],
        reactions: &[("ada", "❤️"), ("mira", "❤️"), ("tom", "👍"), ("leyla", "❤️")],
    },
    Post {
        author: "tom",
        text: "The bakery on Mill Street has its stone oven back. Sourdough from seven, gone by nine.",
        audience: Audience::Public,
        chat: None,
        comments: &[
            Comment {
                author: "leyla",
                text: "Seven! Some of us have a dog that only wakes at eight.",
                replies: &[("tom", "I will put one aside for you, @leyla."), ("leyla", "You are a good man, Tom.")],
            },
            Comment { author: "ada", text: "Are the poppy seed ones back, too?", replies: &[] },
        ],
        reactions: &[("robin", "❤️"), ("ada", "👍"), ("leyla", "❤️"), ("jonas", "👍")],
    },
    Post {
        author: "mira",
        text: "The next book: something short this time, please. Come in and vote before Thursday.",
        audience: Audience::List("Book circle"),
        chat: Some(Chat {
            title: "Book circle",
            by_approval: false,
            question: None,
            seats: Some(8),
            open_hours: None,
            joiners: &["ada", "tom"],
            waiting: &[],
            lines: &[
                ("mira", "Two on the table: the one with the lighthouse, or the one with the bees."),
                ("ada", "Bees. I gave up on the lighthouse once already."),
                ("tom", "How many pages have the bees?"),
                ("mira", "190. Large print, Tom."),
                ("tom", "Bees it is."),
            ],
        }),
        comments: &[],
        reactions: &[],
    },
    Post {
        author: "jonas",
        text: "Found on the towpath: one very small red glove. It sits on the fence by the lock and waits.",
        audience: Audience::Public,
        chat: None,
        comments: &[Comment {
            author: "mira",
            text: "That is my niece's. She has been mourning it since Tuesday.",
            replies: &[("jonas", "Tell her that it was very brave, all alone on its fence.")],
        }],
        reactions: &[("mira", "🙏"), ("ada", "😢"), ("robin", "👍")],
    },
    Post {
        author: "leyla",
        text: "I am moving on the 30th. Two strong arms and one van would make me very happy. There will be börek.",
        audience: Audience::Connections,
        chat: Some(Chat {
            title: "Moving day",
            by_approval: true,
            question: Some("Which hours could you help?"),
            seats: Some(6),
            open_hours: Some(14 * 24),
            joiners: &["jonas"],
            waiting: &[("mira", "After two, until it is done."), ("tom", "Morning only, but I bring the van.")],
            lines: &[
                ("leyla", "Third floor, no lift. I am sorry in advance."),
                ("jonas", "I have carried a piano. Once. What is the heaviest thing?"),
                ("leyla", "The washing machine, and my books."),
                ("jonas", "I will bring straps."),
            ],
        }),
        comments: &[],
        reactions: &[],
    },
    Post {
        author: "robin",
        text: "Leyla's birthday is two days after her move and she will pretend it is not. Cake? Who bakes, who sings?",
        audience: Audience::People(&["ada", "jonas", "tom"]),
        chat: Some(Chat {
            title: "Cake for Leyla",
            by_approval: false,
            question: None,
            seats: None,
            open_hours: None,
            joiners: &["ada"],
            waiting: &[],
            lines: &[
                ("ada", "I bake. Lemon or chocolate?"),
                ("robin", "She once called lemon cake a waste of a lemon."),
                ("ada", "Chocolate, then."),
            ],
        }),
        comments: &[],
        reactions: &[],
    },
    Post {
        author: "mira",
        text: "The pump is mended. It squeaks now, but it pumps. Thank you, whoever left the grease by my shed.",
        audience: Audience::Group("Mill Lane allotments"),
        chat: None,
        comments: &[],
        reactions: &[],
    },
    Post {
        author: "leyla",
        text: "I have eleven tomato plants and room for six. Plot 7, take what you like, bring a pot.",
        audience: Audience::Group("Mill Lane allotments"),
        chat: None,
        comments: &[Comment {
            author: "jonas",
            text: "Two for the balcony, please. I bring a pot and a bucket.",
            replies: &[],
        }],
        reactions: &[("mira", "❤️"), ("tom", "👍")],
    },
    Post {
        author: "tom",
        text: "Compost day on Sunday: the lorry comes at eight and tips four cubic metres by the gate. Who shovels?",
        audience: Audience::Group("Mill Lane allotments"),
        chat: Some(Chat {
            title: "Compost day",
            by_approval: false,
            question: None,
            seats: None,
            open_hours: Some(5 * 24),
            joiners: &["leyla"],
            waiting: &[],
            lines: &[
                ("tom", "Three wheelbarrows so far. The big one has a flat tyre."),
                ("leyla", "I have a pump. For tyres, I mean, not the other pump."),
                ("tom", "That is the second-best pump news this week."),
            ],
        }),
        comments: &[],
        reactions: &[],
    },
    Post {
        author: "leyla",
        text: "Repair evening on Thursday. Two soldering irons, one sewing machine, and Tom, who can mend almost any toaster. Coffee is on the house for whoever fixes somebody else's thing.",
        audience: Audience::Page("old_ferry"),
        chat: Some(Chat {
            title: "Repair evening",
            by_approval: false,
            question: None,
            seats: Some(16),
            open_hours: Some(4 * 24),
            joiners: &["jonas", "nils"],
            waiting: &[],
            lines: &[
                ("leyla", "Say what you bring, then we know which spare parts to look for."),
                ("nils", "A radio from 1974. It hums, which it should not."),
                ("jonas", "A bicycle lamp. It does nothing, which it should not either."),
                ("leyla", "Both are coming home in working order. I have a good feeling."),
            ],
        }),
        comments: &[Comment {
            author: "ada",
            text: "Does a zip count as a thing?",
            replies: &[("leyla", "A zip is why we have the sewing machine.")],
        }],
        reactions: &[("robin", "❤️"), ("jonas", "👍")],
    },
    Post {
        author: "nils",
        text: "New here, and new in town. Is there a place to play table tennis that is not my kitchen?",
        audience: Audience::Public,
        chat: None,
        comments: &[Comment {
            author: "robin",
            text: "The sports hall has tables on Mondays. Welcome, @nils!",
            replies: &[("nils", "Thank you! Mondays it is."), ("tom", "@nils I have bats for two.")],
        }],
        reactions: &[("robin", "👍"), ("tom", "👍")],
    },
    Post {
        author: "ada",
        text: "Who is in for Saturday? A long walk to the reservoir, then soup at mine. Dogs welcome, rain likely.",
        audience: Audience::Public,
        chat: Some(Chat {
            title: "Saturday walk",
            by_approval: false,
            question: None,
            seats: Some(12),
            open_hours: Some(72),
            joiners: &["tom", "jonas", "leyla"],
            waiting: &[],
            lines: &[
                ("ada", "Half past nine at the old bridge. It is about 14 km, mostly flat."),
                ("tom", "Mostly?"),
                ("ada", "There is one hill. It has a bench on top."),
                ("leyla", "I will be the one with the very excited dog."),
                ("jonas", "Can I bring bread for the soup?"),
                ("ada", "You can always bring bread."),
            ],
        }),
        comments: &[],
        reactions: &[],
    },
];

/// What the host of a chat says when somebody new comes in; `{name}` is their first name.
pub const GREETINGS: [&str; 3] =
    ["Hello {name}, good to have you here!", "{name}! Lovely, come in.", "Welcome, {name}. Ask anything."];
pub const GREETING_WITHOUT_NAME: &str = "Welcome! Good to have you here.";
