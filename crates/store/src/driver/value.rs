//! Values into statements ([`Value`]) and out of rows ([`Cell`], [`FromCell`]).

use doorpost_model::{
    AccountId, Binary, CaseId, CeremonyId, ChatId, CommentId, DeviceId, FileId, GroupId, HighlightId, InviteId,
    LeaseId, LinkId, ListId, LogEntryId, MediaId, NoticeId, NotificationId, PasskeyId, PostId, RealmId, ReportId,
    RequestId, SessionId, TargetId, TimeMs,
};

/// A parameter of a statement. Neither database casts between kinds: an id goes into an `ID` column,
/// bytes into a `BYTES` column, and so on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
    Id([u8; 16]),
}

/// Parameters of a statement: anything that is `Into<Value>`, in the order of `$1`, `$2`, …
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::Int(i64::from(value))
            }
        }

        impl FromCell for $type {
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Int(value) => Self::try_from(value).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i64, i32, u32, u16, u8);

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a> From<&'a Binary> for Value<'a> {
    fn from(value: &'a Binary) -> Self {
        Self::Bytes(&value.0)
    }
}

impl From<TimeMs> for Value<'_> {
    fn from(value: TimeMs) -> Self {
        Self::Int(value.0)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One column of one row, as the database gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A type that a column can become.
pub trait FromCell: Sized {
    /// `None` when the column holds something else.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

impl FromCell for bool {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bool(value) => Some(value),
            // SQLite has no booleans.
            Cell::Int(0) => Some(false),
            Cell::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(value) => Some(value.to_owned()),
            _ => None,
        }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(value) => Some(value.to_owned()),
            _ => None,
        }
    }
}

impl FromCell for Binary {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        Vec::from_cell(cell).map(Self)
    }
}

impl<const N: usize> FromCell for [u8; N] {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(value) => value.try_into().ok(),
            _ => None,
        }
    }
}

impl FromCell for TimeMs {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        i64::from_cell(cell).map(Self)
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

macro_rules! ids {
    ($($id:ty),* $(,)?) => {$(
        impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self {
                Self::Id(*id.as_bytes())
            }
        }

        impl From<&$id> for Value<'_> {
            fn from(id: &$id) -> Self {
                Self::Id(*id.as_bytes())
            }
        }

        impl FromCell for $id {
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Bytes(bytes) => Self::from_slice(bytes),
                    _ => None,
                }
            }
        }
    )*};
}
ids!(
    AccountId,
    CaseId,
    LogEntryId,
    NoticeId,
    TargetId,
    CeremonyId,
    ChatId,
    CommentId,
    DeviceId,
    FileId,
    GroupId,
    HighlightId,
    InviteId,
    LeaseId,
    LinkId,
    ListId,
    MediaId,
    NotificationId,
    PasskeyId,
    PostId,
    RealmId,
    ReportId,
    RequestId,
    SessionId,
);

/// Keeps an enum as a short text: `stored_as_text!(VaultMethod { Password = "password", … });`
#[macro_export]
macro_rules! stored_as_text {
    ($type:ty { $($variant:ident = $text:literal),* $(,)? }) => {
        impl From<$type> for $crate::Value<'_> {
            fn from(value: $type) -> Self {
                Self::Text(match value { $(<$type>::$variant => $text),* })
            }
        }

        impl $crate::FromCell for $type {
            fn from_cell(cell: $crate::Cell<'_>) -> Option<Self> {
                match cell {
                    $($crate::Cell::Text($text) => Some(<$type>::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
