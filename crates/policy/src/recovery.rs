//! What becomes of a commit that somebody cannot follow.
//!
//! The server cannot see whether a commit's secrets are right: a wrong door key or a path secret that does not open is
//! noticed by the members alone. They report it, and the server takes the commit back where nothing speaks for it.
//! Nobody has to believe the server in this: a device goes back only behind a commit that it refused itself.

use doorpost_model::{AccountId, DeviceId, limits::COMMIT_WITNESSES};

use crate::membership::MembershipChange;

/// What speaks for and against a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The server has the state before it: it is the first of those that nobody but their makers has confirmed.
    pub is_kept: bool,
    /// A device of another account than the maker's, in the chat since before it, is in the epoch that it began.
    pub is_confirmed: bool,
    /// Accounts but the maker's with a device in the chat since before it.
    pub others: u32,
    /// Those of them that reported it.
    pub reporters: Vec<Reporter>,
    /// The time for taking it back is over.
    pub is_over: bool,
}

/// An account that reported a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reporter {
    pub account_id: AccountId,
    pub is_host: bool,
}

/// What is done about a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The group goes back to before it.
    TakeBack,
    /// Somebody else may still speak for or against it.
    Wait,
    /// It stays; whoever cannot follow comes in again.
    Stays,
}

/// Accounts whose word is enough where no host says so: as many, or all there are.
const REPORTERS_ENOUGH: u32 = 2;

/// What becomes of a commit that was reported.
#[must_use]
pub fn decide(dispute: &Dispute) -> Verdict {
    if !dispute.is_kept || dispute.is_confirmed {
        return Verdict::Stays;
    }
    let enough = REPORTERS_ENOUGH.min(dispute.others);
    let reporters = u32::try_from(dispute.reporters.len()).unwrap_or(u32::MAX);
    if reporters > 0 && (reporters >= enough || dispute.reporters.iter().any(|reporter| reporter.is_host)) {
        Verdict::TakeBack
    } else if dispute.is_over {
        Verdict::Stays
    } else {
        Verdict::Wait
    }
}

/// Who is the reason that nobody could follow a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Culprit {
    /// Whoever made it.
    Maker,
    /// The member who signed the GroupInfo it was made for, with an external key that the group does not have.
    Publisher,
    /// Those who report it do not say the same.
    Unknown,
}

/// Who is to blame for a commit that is taken back. `published`: the external key in the GroupInfo of the epoch before
/// it; `reported`: that key by the GroupInfo of each reporter who sent one.
#[must_use]
pub fn culprit(is_external: bool, published: &[u8], reported: &[&[u8]]) -> Culprit {
    match reported {
        // Whoever is in the group commits by its own secrets.
        _ if !is_external => Culprit::Maker,
        [] => Culprit::Unknown,
        [first, others @ ..] if others.iter().any(|other| other != first) => Culprit::Unknown,
        [first, ..] if *first == published => Culprit::Maker,
        _ => Culprit::Publisher,
    }
}

/// Whether a commit is one that may be taken back at all: by no host, and without consequences that must stay. A removed
/// member or device must not come back by what others report.
#[must_use]
pub fn may_be_taken_back(change: &MembershipChange, by_host: bool) -> bool {
    let has_left = |account: &AccountId| {
        change.removed.iter().any(|removed| removed.account_id == *account && removed.by.is_none())
    };
    let takes_nobody_out =
        change.devices_removed.iter().all(|gone| change.devices_added.contains(gone) || has_left(&gone.0));
    !by_host && change.policy.is_none() && change.identity_changed.is_empty() && takes_nobody_out
}

/// Whether the commit brought its own maker's device in (RFC 9420 section 12.4.3.2).
#[must_use]
pub fn is_external(change: &MembershipChange) -> bool {
    change.devices_added.contains(&(change.committer_account, change.committer_device))
}

/// Whether this device tells the server that it took the commit in entry `seq`: some do, so that it counts as
/// confirmed without a word from everybody.
#[must_use]
pub fn is_witness(device_id: DeviceId, seq: u64, members: u32) -> bool {
    // FNV-1a: spreads evenly, and others cannot choose it, for ids are random and sequences given.
    let bytes = device_id.as_bytes().iter().copied().chain(seq.to_be_bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The last bytes have reached few of the upper bits yet.
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed >> 32) % u64::from(members.max(1)) < u64::from(COMMIT_WITNESSES)
}
