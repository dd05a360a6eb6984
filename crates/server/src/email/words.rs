//! What mails say: how much waits, of whom and of what not a word, for mail can be read on its way.

use doorpost_model::{email::MailLanguage, notification::NotificationKind};

use super::relay::Letter;

/// What is told as one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Told {
    Requests,
    Answers,
    Said,
    Posts,
    Invitations,
    Decided,
    Reactions,
}

impl Told {
    /// In the order in which they are told.
    const ALL: [Self; 7] =
        [Self::Requests, Self::Answers, Self::Said, Self::Posts, Self::Invitations, Self::Decided, Self::Reactions];

    pub(super) const fn of(kind: NotificationKind) -> Self {
        use NotificationKind as Kind;
        match kind {
            Kind::ConnectionRequest | Kind::JoinRequest | Kind::GroupRequest | Kind::GroupPostPending => Self::Requests,
            Kind::StoryAnswer | Kind::QuestionAnswer => Self::Answers,
            Kind::Comment | Kind::Reply | Kind::Mention => Self::Said,
            Kind::NewPost => Self::Posts,
            Kind::GroupInvited => Self::Invitations,
            Kind::ConnectionAccepted
            | Kind::RequestAdmitted
            | Kind::RequestDeclined
            | Kind::AnswerPublished
            | Kind::GroupAdmitted
            | Kind::GroupPostLetThrough => Self::Decided,
            Kind::Reaction => Self::Reactions,
        }
    }

    fn sentence(self, count: usize, language: MailLanguage) -> String {
        let (one, more) = match (language, self) {
            (MailLanguage::En, Self::Requests) => ("1 request waits for you", "requests wait for you"),
            (MailLanguage::En, Self::Answers) => ("1 person answered you", "people answered you"),
            (MailLanguage::En, Self::Said) => ("1 comment or mention", "comments and mentions"),
            (MailLanguage::En, Self::Posts) => ("1 new post by somebody you watch", "new posts by people you watch"),
            (MailLanguage::En, Self::Invitations) => ("1 invitation to a group", "invitations to groups"),
            (MailLanguage::En, Self::Decided) => ("1 of your requests has news", "of your requests have news"),
            (MailLanguage::En, Self::Reactions) => ("1 reaction", "reactions"),
            (MailLanguage::De, Self::Requests) => ("1 Anfrage wartet auf dich", "Anfragen warten auf dich"),
            (MailLanguage::De, Self::Answers) => ("1 Person hat dir geantwortet", "Leute haben dir geantwortet"),
            (MailLanguage::De, Self::Said) => ("1 Kommentar oder Erwähnung", "Kommentare und Erwähnungen"),
            (MailLanguage::De, Self::Posts) => {
                ("1 neuer Beitrag, über den du Bescheid wolltest", "neue Beiträge, über die du Bescheid wolltest")
            }
            (MailLanguage::De, Self::Invitations) => ("1 Einladung in eine Gruppe", "Einladungen in Gruppen"),
            (MailLanguage::De, Self::Decided) => {
                ("Zu 1 deiner Anfragen gibt es etwas Neues", "deiner Anfragen haben etwas Neues")
            }
            (MailLanguage::De, Self::Reactions) => ("1 Reaktion", "Reaktionen"),
        };
        if count == 1 { one.to_owned() } else { format!("{count} {more}") }
    }
}

/// Who writes: what the community is called and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'a> {
    pub(super) community: &'a str,
    /// Without a trailing slash.
    pub(super) url: &'a str,
}

/// That something waits. `counts` has each of [`Told`] that there is.
pub(super) fn digest(
    sender: Sender<'_>,
    to: String,
    language: MailLanguage,
    counts: &[(Told, usize)],
    token: &str,
) -> Letter {
    let Sender { community, url } = sender;
    let of = |told: Told| counts.iter().find(|(kind, count)| *kind == told && *count > 0);
    let lines: Vec<String> =
        Told::ALL.into_iter().filter_map(of).map(|(told, count)| told.sentence(*count, language)).collect();
    let (subject, open, stop) = match language {
        MailLanguage::En => {
            (format!("New for you on {community}"), "Open your notifications", "Send me no more of these")
        }
        MailLanguage::De => {
            (format!("Neues für dich auf {community}"), "Mitteilungen öffnen", "Solche Mails nicht mehr schicken")
        }
    };
    let notifications = format!("{url}/notifications");
    let ending = format!("{url}/unsubscribe#{token}");
    let list = lines.iter().map(|line| format!("- {line}\n")).collect::<String>();
    let rows = lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect::<String>();
    Letter {
        to,
        text: format!("{subject}\n\n{list}\n{open}: {notifications}\n\n{stop}: {ending}\n"),
        html: page(
            language,
            &format!(
                "<p>{}</p><ul>{rows}</ul><p><a href=\"{notifications}\">{open}</a></p><p><small><a href=\"{ending}\">{stop}</a></small></p>",
                escaped(&subject)
            ),
        ),
        subject,
        unsubscribe: Some(format!("{url}/api/email/unsubscribe/{token}")),
    }
}

/// The code that confirms an address.
pub(super) fn code(sender: Sender<'_>, to: String, language: MailLanguage, code: &str) -> Letter {
    let Sender { community, url } = sender;
    let (subject, lead, rest) = match language {
        MailLanguage::En => (
            format!("{code} is your code for {community}"),
            format!("Somebody gave this address at {url}. If that was you, type this code there:"),
            "It is good for an hour. If it was not you, do nothing: without the code no mail is sent here.",
        ),
        MailLanguage::De => (
            format!("{code} ist dein Code für {community}"),
            format!("Jemand hat diese Adresse bei {url} angegeben. Wenn du das warst, gib dort diesen Code ein:"),
            "Er gilt eine Stunde. Wenn du es nicht warst, tu nichts: Ohne den Code kommt keine Mail hierher.",
        ),
    };
    Letter {
        to,
        text: format!("{lead}\n\n{code}\n\n{rest}\n"),
        html: page(language, &format!("<p>{}</p><p><strong>{code}</strong></p><p>{rest}</p>", escaped(&lead))),
        subject,
        unsubscribe: None,
    }
}

fn page(language: MailLanguage, body: &str) -> String {
    let lang = match language {
        MailLanguage::En => "en",
        MailLanguage::De => "de",
    };
    format!("<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><body>{body}</body></html>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: Sender<'_> = Sender { community: "Rowers & <Co>", url: "https://door.example" };

    #[test]
    fn a_digest_says_how_much_and_where() {
        let counts = [(Told::Answers, 3), (Told::Requests, 2), (Told::Said, 0), (Told::Reactions, 1)];
        let letter = digest(SENDER, "ada@home.example".to_owned(), MailLanguage::En, &counts, "tok");
        let expected = "New for you on Rowers & <Co>\n\n- 2 requests wait for you\n- 3 people answered you\n\
                        - 1 reaction\n\nOpen your notifications: https://door.example/notifications\n\n\
                        Send me no more of these: https://door.example/unsubscribe#tok\n";
        assert_eq!(letter.text, expected);
        assert!(letter.html.contains("Rowers &amp; &lt;Co&gt;") && !letter.html.contains("<Co>"), "{}", letter.html);
        assert_eq!(letter.unsubscribe.as_deref(), Some("https://door.example/api/email/unsubscribe/tok"));
        let letter = digest(SENDER, "ada@home.example".to_owned(), MailLanguage::De, &counts, "tok");
        assert!(letter.text.contains("- 2 Anfragen warten auf dich\n- 3 Leute haben dir geantwortet\n- 1 Reaktion\n"));
    }

    #[test]
    fn every_kind_is_told_somehow() {
        for kind in NotificationKind::ALL {
            assert!(Told::ALL.contains(&Told::of(*kind)), "{kind:?}");
        }
    }
}
