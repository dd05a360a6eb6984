//! Rate limits: a token bucket for each kind of action, per account and per address.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use doorpost_model::{
    AccountId, ApiError, ErrorCode, TimeMs,
    limits::{
        CONNECTS_TO_ONE, MAIL_CODES_FROM_ONE, MAIL_CODES_FROM_ONE_PER_HOUR, MENTIONS_OF_ONE, NEW_ACCOUNT_CONNECTS,
        NEW_ACCOUNT_INVITES, NEW_ACCOUNT_MS, NEW_ACCOUNT_PER_HOUR, NEW_ACCOUNT_POSTS, NEW_ACCOUNT_STRANGERS,
        REPORTS_OF_ONE, TO_ONE_PER_HOUR,
    },
};

use super::error::Error;
use crate::app::Clock;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Any request that changes nothing.
    Read,
    /// Any request that changes something.
    Write,
    /// A request from an address, whoever makes it.
    Request,
    /// Proving who one is, from one address.
    SignIn,
    /// Proving to be one certain handle, from anywhere. Wider than from one address, so that nobody
    /// alone can keep somebody else out.
    SignInAs,
    /// A new account.
    SignUp,
    /// A new post.
    Post,
    /// A comment, new or changed.
    Comment,
    /// A new group.
    Group,
    /// Making a photo anew.
    Photo,
    /// A chat message, over HTTP or the socket.
    Message,
    /// Asking to come into a chat.
    Join,
    /// A commit to a chat's group.
    Commit,
    /// A word on somebody's commit.
    ReportCommit,
    /// Asking somebody to connect.
    Connect,
    /// Looking somebody up by handle.
    Lookup,
    /// Looking for people by parts of their names.
    Search,
    /// Looking up a link.
    Preview,
    /// Letting a browser get pushes.
    Push,
    /// Having a code mailed, from one address.
    Mail,
    /// Reporting messages.
    Report,
    /// Opening a socket.
    Socket,
    /// Asking one certain person to connect, whoever does.
    ConnectTo,
    /// Reporting one certain person or what they wrote, whoever does.
    ReportOf,
    /// Naming one certain person in a story, whoever does.
    MentionOf,
    /// What new accounts do less often: asking to connect.
    NewConnect,
    /// Posts.
    NewPost,
    /// Invites, be it into a chat or a group.
    NewInvite,
    /// Writing to people one is not connected with.
    NewStranger,
}

impl Action {
    /// What is said when there were too many.
    const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::ConnectTo | Self::ReportOf | Self::MentionOf => {
                Some("Many people do that to them just now. Try again later.")
            }
            Self::NewConnect | Self::NewPost | Self::NewInvite | Self::NewStranger => {
                Some("On its first day an account can do a little less of this. Try again later.")
            }
            _ => None,
        }
    }

    /// How many may come at once, and how many in a time after that.
    const fn quota(self) -> Quota {
        match self {
            Self::Read => Quota::a_minute(600, 1_800),
            Self::Write => Quota::a_minute(300, 900),
            // Addresses are shared (mobile networks, offices), so this only stops floods.
            Self::Request => Quota::a_minute(6_000, 30_000),
            Self::SignIn => Quota::a_minute(30, 30),
            Self::SignInAs => Quota::a_minute(120, 120),
            Self::SignUp => Quota::a_minute(30, 10),
            Self::Post => Quota::a_minute(30, 10),
            Self::Comment => Quota::a_minute(60, 30),
            Self::Group => Quota::a_minute(10, 2),
            Self::Photo => Quota::a_minute(60, 30),
            Self::Message => Quota::a_minute(200, 600),
            Self::Join => Quota::a_minute(60, 60),
            Self::Commit => Quota::a_minute(120, 300),
            Self::ReportCommit => Quota::a_minute(120, 60),
            Self::Connect => Quota::a_minute(100, 30),
            Self::Lookup => Quota::a_minute(120, 120),
            Self::Search => Quota::a_minute(60, 30),
            Self::Preview => Quota::a_minute(20, 20),
            Self::Push => Quota::a_minute(20, 10),
            Self::Mail => Quota { burst: MAIL_CODES_FROM_ONE, per_hour: MAIL_CODES_FROM_ONE_PER_HOUR },
            Self::Report => Quota::a_minute(20, 5),
            Self::Socket => Quota::a_minute(60, 60),
            Self::ConnectTo => Quota { burst: CONNECTS_TO_ONE, per_hour: TO_ONE_PER_HOUR },
            Self::ReportOf => Quota { burst: REPORTS_OF_ONE, per_hour: TO_ONE_PER_HOUR },
            Self::MentionOf => Quota { burst: MENTIONS_OF_ONE, per_hour: TO_ONE_PER_HOUR },
            Self::NewConnect => Quota { burst: NEW_ACCOUNT_CONNECTS, per_hour: NEW_ACCOUNT_PER_HOUR },
            Self::NewPost => Quota { burst: NEW_ACCOUNT_POSTS, per_hour: NEW_ACCOUNT_PER_HOUR },
            Self::NewInvite => Quota { burst: NEW_ACCOUNT_INVITES, per_hour: NEW_ACCOUNT_PER_HOUR },
            Self::NewStranger => Quota { burst: NEW_ACCOUNT_STRANGERS, per_hour: NEW_ACCOUNT_PER_HOUR },
        }
    }
}

struct Quota {
    burst: u32,
    per_hour: u32,
}

impl Quota {
    const fn a_minute(burst: u32, per_minute: u32) -> Self {
        Self { burst, per_hour: per_minute * 60 }
    }
}

/// Whose actions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Account(AccountId),
    /// Whom something is done to.
    Target(AccountId),
    /// An IPv4 address, or an IPv6 network of 64 bits: one subscriber has at least that.
    Address(IpAddr),
    /// A handle somebody signs in with, whether it exists or not, so that many addresses together
    /// cannot guess its password. Hashed with a random key: it is for telling apart alone.
    Handle(u64),
}

struct Bucket {
    /// Thousandths of a token.
    milli_tokens: u64,
    filled_at_ms: u64,
}

/// Buckets kept before full ones are thrown away, which changes no answer.
const BUCKETS_MAX: usize = 100_000;

/// All token buckets. Off, it lets everything through.
pub struct Limiter {
    enabled: bool,
    clock: Arc<dyn Clock>,
    handle_hasher: RandomState,
    buckets: Mutex<HashMap<(Subject, Action), Bucket>>,
}

impl Limiter {
    #[must_use]
    pub fn new(enabled: bool, clock: Arc<dyn Clock>) -> Self {
        Self { enabled, clock, handle_hasher: RandomState::new(), buckets: Mutex::default() }
    }

    /// Counts one `action` of an account.
    ///
    /// # Errors
    /// `rate_limited`, with the time until the next is allowed.
    pub fn charge_account(&self, account: AccountId, action: Action) -> Result<(), Error> {
        self.charge(Subject::Account(account), action)
    }

    /// Counts one `action` of an account that was made at `joined_at`, as long as it is new.
    ///
    /// # Errors
    /// As [`Limiter::charge_account`].
    pub fn charge_new(&self, account: AccountId, joined_at: TimeMs, action: Action) -> Result<(), Error> {
        if self.clock.now() >= joined_at.plus(NEW_ACCOUNT_MS) {
            return Ok(());
        }
        self.charge(Subject::Account(account), action)
    }

    /// Counts one `action` done to an account, whoever does it.
    ///
    /// # Errors
    /// As [`Limiter::charge_account`].
    pub fn charge_target(&self, target: AccountId, action: Action) -> Result<(), Error> {
        self.charge(Subject::Target(target), action)
    }

    /// Counts one `action` from an address.
    ///
    /// # Errors
    /// As [`Limiter::charge_account`].
    pub fn charge_address(&self, address: IpAddr, action: Action) -> Result<(), Error> {
        self.charge(Subject::Address(network_of(address)), action)
    }

    /// Counts one `action` that names a handle.
    ///
    /// # Errors
    /// As [`Limiter::charge_account`].
    pub fn charge_handle(&self, handle: &str, action: Action) -> Result<(), Error> {
        self.charge(Subject::Handle(self.handle_hasher.hash_one(handle)), action)
    }

    fn charge(&self, subject: Subject, action: Action) -> Result<(), Error> {
        if !self.enabled {
            return Ok(());
        }
        let now_ms = self.clock.monotonic_ms();
        let quota = action.quota();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|(_, action), bucket| !bucket.is_full(&action.quota(), now_ms));
            if buckets.len() >= BUCKETS_MAX {
                // Only a flood from that many addresses at once gets here: start over rather than grow.
                buckets.clear();
            }
        }
        buckets.entry((subject, action)).or_insert_with(|| Bucket::full(&quota, now_ms)).take(&quota, now_ms).map_err(
            |retry_after_ms| {
                metrics::counter!("doorpost_rate_limited_total").increment(1);
                too_many(action, retry_after_ms)
            },
        )
    }
}

fn too_many(action: Action, retry_after_ms: u64) -> Error {
    let Some(sentence) = action.sentence() else {
        return Error::retry_after(ErrorCode::RateLimited, retry_after_ms);
    };
    let mut error = ApiError::new(ErrorCode::RateLimited, sentence);
    error.error.retry_after_ms = Some(retry_after_ms);
    error.into()
}

impl Bucket {
    fn full(quota: &Quota, now_ms: u64) -> Self {
        Self { milli_tokens: u64::from(quota.burst) * 1_000, filled_at_ms: now_ms }
    }

    fn level(&self, quota: &Quota, now_ms: u64) -> u64 {
        let elapsed_ms = now_ms.saturating_sub(self.filled_at_ms);
        // per_hour tokens in 3,600,000 ms is per_hour / 3,600 thousandths a millisecond.
        let gained = elapsed_ms.saturating_mul(u64::from(quota.per_hour)) / 3_600;
        self.milli_tokens.saturating_add(gained).min(u64::from(quota.burst) * 1_000)
    }

    fn is_full(&self, quota: &Quota, now_ms: u64) -> bool {
        self.level(quota, now_ms) >= u64::from(quota.burst) * 1_000
    }

    /// Takes one token, or says in how many milliseconds there will be one.
    fn take(&mut self, quota: &Quota, now_ms: u64) -> Result<(), u64> {
        let level = self.level(quota, now_ms);
        let Some(rest) = level.checked_sub(1_000) else {
            return Err(((1_000 - level) * 3_600).div_ceil(u64::from(quota.per_hour)));
        };
        self.milli_tokens = rest;
        self.filled_at_ms = now_ms;
        Ok(())
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota::a_minute(2, 60);

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate() {
        let mut bucket = Bucket::full(&QUOTA, 0);
        assert_eq!(bucket.take(&QUOTA, 0), Ok(()));
        assert_eq!(bucket.take(&QUOTA, 0), Ok(()));
        assert_eq!(bucket.take(&QUOTA, 0), Err(1_000));
        assert_eq!(bucket.take(&QUOTA, 400), Err(600));
        assert_eq!(bucket.take(&QUOTA, 1_000), Ok(()));
        assert_eq!(bucket.take(&QUOTA, 1_000), Err(1_000));
    }

    #[test]
    fn waiting_fills_a_bucket_to_its_burst_and_no_further() {
        let mut bucket = Bucket::full(&QUOTA, 0);
        assert_eq!(bucket.take(&QUOTA, 0), Ok(()));
        assert!(bucket.is_full(&QUOTA, 1_000_000));
        assert_eq!(bucket.level(&QUOTA, 1_000_000), 2_000);
    }

    #[test]
    fn one_ipv6_network_is_one_subject() {
        let a = network_of("2001:db8:1:2::1".parse().expect("address"));
        assert_eq!(a, network_of("2001:db8:1:2:ffff::9".parse().expect("address")));
        assert_ne!(a, network_of("2001:db8:1:3::1".parse().expect("address")));
        assert_eq!(
            network_of("::ffff:192.0.2.1".parse().expect("address")),
            "192.0.2.1".parse::<IpAddr>().expect("address")
        );
    }
}
