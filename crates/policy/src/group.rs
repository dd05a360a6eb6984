//! What may become of somebody's part in a group, once the gate lets them act at all.

use doorpost_model::group::{GroupButton, GroupKind, GroupRole};

use crate::gate::GroupPart;

/// What joining makes of somebody who is not in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Joining {
    AtOnce,
    /// They wait for a moderator.
    ByRequest,
}

/// How somebody with this part comes into a group of this kind.
#[must_use]
pub const fn joining(kind: GroupKind, part: GroupPart) -> Joining {
    match (kind, part) {
        (GroupKind::Open, _) | (_, GroupPart::Invited | GroupPart::In(_)) => Joining::AtOnce,
        _ => Joining::ByRequest,
    }
}

/// The word on the group's button. `has_asked`: a request of the viewer's waits.
#[must_use]
pub const fn button(kind: GroupKind, part: GroupPart, has_asked: bool) -> GroupButton {
    match (part, joining(kind, part)) {
        (GroupPart::In(_), _) => GroupButton::Member,
        (GroupPart::Banned, _) => GroupButton::Banned,
        (GroupPart::Invited, _) => GroupButton::Accept,
        (GroupPart::None, Joining::AtOnce) => GroupButton::Join,
        (GroupPart::None, Joining::ByRequest) if has_asked => GroupButton::Requested,
        (GroupPart::None, Joining::ByRequest) => GroupButton::Ask,
    }
}

/// Whether somebody may take another member out: moderators take out members, owners everybody.
#[must_use]
pub const fn may_remove(actor: GroupRole, member: GroupRole) -> bool {
    match actor {
        GroupRole::Owner => true,
        GroupRole::Moderator => matches!(member, GroupRole::Member),
        GroupRole::Member => false,
    }
}

/// Whether a group of one kind may become one of another: those who read it may become fewer, never more.
#[must_use]
pub fn may_become(from: GroupKind, to: GroupKind) -> bool {
    from <= to
}

/// Whether a post of somebody with this role waits for a moderator, where members' posts do.
#[must_use]
pub const fn waits(posts_wait: bool, role: GroupRole) -> bool {
    posts_wait && matches!(role, GroupRole::Member)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [GroupKind; 3] = [GroupKind::Open, GroupKind::Closed, GroupKind::Secret];
    const ROLES: [GroupRole; 3] = [GroupRole::Member, GroupRole::Moderator, GroupRole::Owner];

    #[test]
    fn the_button_says_what_joining_does() {
        for (part, buttons) in [
            (GroupPart::None, [GroupButton::Join, GroupButton::Ask, GroupButton::Ask]),
            (GroupPart::Invited, [GroupButton::Accept; 3]),
            (GroupPart::Banned, [GroupButton::Banned; 3]),
            (GroupPart::In(GroupRole::Member), [GroupButton::Member; 3]),
        ] {
            assert_eq!(KINDS.map(|kind| button(kind, part, false)), buttons, "{part:?}");
        }
        assert_eq!(button(GroupKind::Closed, GroupPart::None, true), GroupButton::Requested);
        assert_eq!(button(GroupKind::Closed, GroupPart::Invited, true), GroupButton::Accept);
        assert_eq!(
            KINDS.map(|kind| joining(kind, GroupPart::None)),
            [Joining::AtOnce, Joining::ByRequest, Joining::ByRequest]
        );
    }

    #[test]
    fn moderators_take_out_members_and_owners_everybody() {
        let removes = |actor| ROLES.map(|member| may_remove(actor, member));
        assert_eq!(removes(GroupRole::Member), [false; 3]);
        assert_eq!(removes(GroupRole::Moderator), [true, false, false]);
        assert_eq!(removes(GroupRole::Owner), [true; 3]);
    }

    #[test]
    fn a_group_is_never_opened_again() {
        for (at, from) in KINDS.into_iter().enumerate() {
            let becomes = KINDS.map(|to| may_become(from, to));
            assert_eq!(becomes.iter().position(|may| *may), Some(at), "{from:?}");
            assert!(becomes[at..].iter().all(|may| *may), "{from:?}");
        }
    }

    #[test]
    fn only_members_posts_wait() {
        assert_eq!(ROLES.map(|role| waits(true, role)), [true, false, false]);
        assert_eq!(ROLES.map(|role| waits(false, role)), [false; 3]);
    }
}
