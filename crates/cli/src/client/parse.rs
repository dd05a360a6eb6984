//! Values on the command line.

use doorpost_model::{AccountId, Binary, GroupId, InviteId, PostId};
use serde::de::DeserializeOwned;

/// An audience, lists by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudienceArg {
    Public,
    Connections,
    Lists(Vec<String>),
    People(Vec<String>),
    Group(GroupId),
    Page(AccountId),
}

/// What to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Post(PostId),
    Link { invite_id: InviteId, secret: Option<Binary> },
}

/// A bound on seats, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seats {
    None,
    Some(u32),
}

/// Milliseconds from now, or no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    None,
    Ms(i64),
}

/// One of the words that the API knows a thing by.
pub fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

/// `public`, `connections`, `list:NAME` (or `lists:NAME,NAME`), `people:HANDLE,HANDLE`, `group:ID`, `page:ID`.
pub fn audience(text: &str) -> Result<AudienceArg, String> {
    let words = |list: &str| -> Vec<String> {
        list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let wrong = || "use public, connections, list:NAME, people:HANDLE,HANDLE, group:ID or page:ID".to_owned();
    match text.split_once(':') {
        None if text == "public" => Ok(AudienceArg::Public),
        None if text == "connections" => Ok(AudienceArg::Connections),
        // One list: its name may have a comma in it.
        Some(("list", name)) if !name.trim().is_empty() => Ok(AudienceArg::Lists(vec![name.trim().to_owned()])),
        Some(("lists", names)) if !words(names).is_empty() => Ok(AudienceArg::Lists(words(names))),
        Some(("people", handles)) if !words(handles).is_empty() => Ok(AudienceArg::People(words(handles))),
        Some(("group", id)) => id.parse().map(AudienceArg::Group).map_err(|_| wrong()),
        Some(("page", id)) => id.parse().map(AudienceArg::Page).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// A number and s, m, h or d, in milliseconds.
pub fn duration_ms(text: &str) -> Result<i64, String> {
    let wrong = || "use a number and s, m, h or d, such as 2h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let unit_ms = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 24 * 3_600_000,
        _ => return Err(wrong()),
    };
    let count: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    if count <= 0 {
        return Err(wrong());
    }
    count.checked_mul(unit_ms).ok_or_else(wrong)
}

/// As [`duration_ms`], or `none`.
pub fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text == "none" { Ok(Lifetime::None) } else { duration_ms(text).map(Lifetime::Ms) }
}

/// A number, or `none`.
pub fn seats(text: &str) -> Result<Seats, String> {
    if text == "none" {
        return Ok(Seats::None);
    }
    text.parse().map(Seats::Some).map_err(|_| "use a number, or none".to_owned())
}

/// A post's id, or a link `…/j/INVITE_ID#SECRET`.
pub fn place(text: &str) -> Result<Place, String> {
    if let Ok(post_id) = text.parse() {
        return Ok(Place::Post(post_id));
    }
    let wrong = || "use a post's id, or a link with /j/ in it".to_owned();
    let (address, secret) = match text.split_once('#') {
        Some((address, secret)) => (address, Some(Binary::from_base64url(secret).ok_or_else(wrong)?)),
        None => (text, None),
    };
    let (_, invite_id) = address.rsplit_once("/j/").ok_or_else(wrong)?;
    let invite_id = invite_id.trim_end_matches('/').parse().map_err(|_| wrong())?;
    Ok(Place::Link { invite_id, secret })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences() {
        assert_eq!(audience("public"), Ok(AudienceArg::Public));
        assert_eq!(audience("list:Close, friends"), Ok(AudienceArg::Lists(vec!["Close, friends".to_owned()])));
        assert_eq!(audience("people:ann, bea"), Ok(AudienceArg::People(vec!["ann".to_owned(), "bea".to_owned()])));
        let group = GroupId::from_bytes([7; 16]);
        assert_eq!(audience(&format!("group:{group}")), Ok(AudienceArg::Group(group)));
        let page = AccountId::from_bytes([7; 16]);
        assert_eq!(audience(&format!("page:{page}")), Ok(AudienceArg::Page(page)));
        for wrong in ["", "everyone", "list:", "people:,", "group:x"] {
            audience(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration_ms("90s"), Ok(90_000));
        assert_eq!(duration_ms("2h"), Ok(7_200_000));
        assert_eq!(lifetime("none"), Ok(Lifetime::None));
        for wrong in ["", "h", "2", "-1h", "0m", "2w", "9999999999999999d", "2ö"] {
            duration_ms(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn places() {
        let id = "6f8d1a52-3c1b-4d1e-9a57-0a3c6f1b2d4e";
        assert_eq!(place(id), Ok(Place::Post(id.parse().expect("an id"))));
        let link = place(&format!("https://door.example/j/{id}#AAEC")).expect("a link");
        assert_eq!(link, Place::Link { invite_id: id.parse().expect("an id"), secret: Some(Binary(vec![0, 1, 2])) });
        for wrong in ["", "nonsense", "https://door.example/j/", "https://door.example/p/x#AA"] {
            place(wrong).expect_err(wrong);
        }
    }
}
