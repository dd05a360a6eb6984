//! What is copied when something is reported: what its reporter saw, and no more.

use doorpost_model::{
    AccountId, CommentId, ErrorCode, GroupId, PostId, TargetId, TimeMs,
    group::GroupRole,
    moderation::{CaseTarget, ReportTarget, ReportedCopy},
    people::AccountRef,
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx};

use crate::{
    comment, group,
    http::{Error, Result},
    page,
    people::find_any_id_in_tx,
    post::view,
};

/// Something that somebody reports.
pub(super) struct Reported {
    pub(super) target: CaseTarget,
    pub(super) target_id: TargetId,
    /// Who answers for it.
    pub(super) subject_id: AccountId,
    /// The group that the post is in.
    pub(super) group_id: Option<GroupId>,
    pub(super) copy: ReportedCopy,
}

/// What is reported, as its reporter sees it now.
///
/// # Errors
/// `not_found` for what they may not see; `invalid_field` for what is their own.
pub(super) async fn of_target(tx: &mut Tx, reporter: AccountId, target: ReportTarget, now: TimeMs) -> Result<Reported> {
    let reported = match target {
        ReportTarget::Post { post_id } => of_post(tx, reporter, post_id, now).await?,
        ReportTarget::Account { account_id } => of_account(tx, reporter, account_id).await?,
        ReportTarget::Group { group_id } => of_group(tx, reporter, group_id).await?,
        ReportTarget::Comment { comment_id } => of_comment(tx, reporter, comment_id, now).await?,
    };
    if reported.subject_id == reporter {
        return Err(Error::invalid("target", "That is your own."));
    }
    Ok(reported)
}

async fn of_post(tx: &mut Tx, reporter: AccountId, post_id: PostId, now: TimeMs) -> Result<Reported> {
    let post = view::one(tx, reporter, post_id, now).await?;
    let group_id = post.group.as_ref().map(|group| group.group_id);
    let row = store::post::get(tx, post_id).await?.ok_or(ErrorCode::NotFound)?;
    let copy = ReportedCopy {
        author: post.author,
        name: String::new(),
        text: post.text,
        photos: post.media.into_iter().map(|photo| photo.alt).collect(),
        story: post.story.map(|story| story.canvas),
        audience: Some(post.audience_kind),
        group: post.group.map(|group| group.name),
        created_at: Some(post.created_at),
    };
    Ok(Reported {
        target: if copy.story.is_some() { CaseTarget::Story } else { CaseTarget::Post },
        target_id: TargetId(post_id.0),
        // For what a page said answers whoever spoke.
        subject_id: row.writer(),
        group_id,
        copy,
    })
}

async fn of_comment(tx: &mut Tx, reporter: AccountId, comment_id: CommentId, now: TimeMs) -> Result<Reported> {
    let comment = comment::check(tx, reporter, comment_id, Action::SeeComment, now).await?;
    let author = AccountRef { account_id: comment.author_id, handle: comment.author_handle, name: comment.author_name };
    let copy = plain(author, String::new(), comment.text, Some(comment.created_at));
    Ok(Reported {
        target: CaseTarget::Comment,
        target_id: TargetId(comment_id.0),
        subject_id: copy.author.account_id,
        group_id: None,
        copy,
    })
}

async fn of_account(tx: &mut Tx, reporter: AccountId, account_id: AccountId) -> Result<Reported> {
    let account = find_any_id_in_tx(tx, reporter, account_id).await?;
    // For a page answers whoever has been its admin the longest.
    let subject_id = page::first_admin(tx, account_id).await?.unwrap_or(account_id);
    let copy = plain(account.to_ref(), String::new(), account.about, None);
    Ok(Reported { target: CaseTarget::Account, target_id: TargetId(account_id.0), subject_id, group_id: None, copy })
}

async fn of_group(tx: &mut Tx, reporter: AccountId, group_id: GroupId) -> Result<Reported> {
    let row = group::find(tx, reporter, group_id, Action::SeeGroup).await?.row;
    if row.role == Some(GroupRole::Owner) {
        return Err(Error::invalid("target", "That is your own."));
    }
    let members = store::group::member::roles(tx, group_id).await?;
    let owner = members.into_iter().filter(|(_, role)| *role == GroupRole::Owner).map(|(account, _)| account).min();
    let owner = owner.ok_or(ErrorCode::NotFound)?;
    let author = store::account::find(tx, owner).await?.ok_or(ErrorCode::NotFound)?.to_ref();
    let text =
        [row.description, row.rules].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let copy = plain(author, row.name, text, Some(row.created_at));
    Ok(Reported { target: CaseTarget::Group, target_id: TargetId(group_id.0), subject_id: owner, group_id: None, copy })
}

/// A copy of words alone.
pub(super) const fn plain(author: AccountRef, name: String, text: String, created_at: Option<TimeMs>) -> ReportedCopy {
    ReportedCopy { author, name, text, photos: Vec::new(), story: None, audience: None, group: None, created_at }
}
