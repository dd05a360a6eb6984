//! What accounts want to be told of.

use std::collections::{BTreeSet, HashMap};

use doorpost_model::{
    AccountId, TimeMs,
    limits::{NOTIFICATION_MUTES_MAX, PUSHES_PER_HOUR},
    notification::NotificationKind,
    push::{KindSettings, NotificationSettings},
};
use doorpost_store::{StoreError, Tx, push as rows};

use super::quiet;
use crate::http::{Error, Result};

/// What each of these accounts wants to be told of.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_accounts(
    tx: &mut Tx,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, NotificationSettings>, StoreError> {
    let rows = rows::settings(tx, accounts).await?;
    let chosen: HashMap<AccountId, String> = rows.into_iter().collect();
    let settings = |account: &AccountId| (*account, parse(chosen.get(account).map(String::as_str)));
    Ok(accounts.iter().map(settings).collect())
}

/// What was kept; what is usual where nothing was.
pub(super) fn parse(kept: Option<&str>) -> NotificationSettings {
    kept.and_then(|text| serde_json::from_str(text).ok().or_else(|| of_known_kinds(text))).unwrap_or_default()
}

/// What was kept when there was a kind that is no more: without that kind.
fn of_known_kinds(kept: &str) -> Option<NotificationSettings> {
    let mut kept: serde_json::Value = serde_json::from_str(kept).ok()?;
    let kinds = kept.get_mut("kinds")?.as_array_mut()?;
    kinds.retain(|kind| serde_json::from_value::<KindSettings>(kind.clone()).is_ok());
    serde_json::from_value(kept).ok()
}

/// An account's settings, with all kinds.
///
/// # Errors
/// As every statement.
pub(super) async fn get(tx: &mut Tx, account: AccountId) -> Result<NotificationSettings, StoreError> {
    let settings = of_accounts(tx, &[account]).await?.remove(&account);
    Ok(settings.unwrap_or_default().complete())
}

/// Keeps an account's settings, and gives them with all kinds.
///
/// # Errors
/// `invalid_field`.
pub(super) async fn put(
    tx: &mut Tx,
    account: AccountId,
    mut settings: NotificationSettings,
    now: TimeMs,
) -> Result<NotificationSettings> {
    settings.muted.retain(|mute| mute.until.is_none_or(|until| until > now));
    settings.muted.sort_unstable();
    settings.muted.dedup();
    let text = serde_json::to_string(&settings).map_err(Error::internal)?;
    rows::put_settings(tx, account, &text).await?;
    Ok(settings.complete())
}

/// # Errors
/// `invalid_field`.
pub(super) fn check(settings: &NotificationSettings) -> Result<()> {
    let kinds: BTreeSet<NotificationKind> = settings.kinds.iter().map(|settings| settings.kind).collect();
    if kinds.len() != settings.kinds.len() {
        return Err(Error::invalid("kinds", "Name each kind once."));
    }
    if settings.quiet.as_ref().is_some_and(|quiet| !quiet::is_good(quiet)) {
        return Err(Error::invalid("quiet", "Quiet hours are minutes of a day in a time zone like Europe/Berlin."));
    }
    if !PUSHES_PER_HOUR.contains(&settings.pushes_per_hour) {
        let (least, most) = (PUSHES_PER_HOUR.start(), PUSHES_PER_HOUR.end());
        return Err(Error::invalid("pushes_per_hour", format!("Choose {least} to {most} pushes in an hour.")));
    }
    if settings.muted.len() > NOTIFICATION_MUTES_MAX {
        return Err(Error::invalid("muted", format!("At most {NOTIFICATION_MUTES_MAX} can be muted.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_outlasts_a_kind_that_is_no_more() {
        let kept = r#"{"kinds":[{"kind":"story_reaction","in_app":true,"push":false},
            {"kind":"comment","in_app":false,"push":false}],"messages":false,"pushes_per_hour":2}"#;
        let settings = parse(Some(kept));
        assert!(!settings.messages && !settings.of(NotificationKind::Comment).in_app);
        assert_eq!((settings.kinds.len(), settings.pushes_per_hour), (1, 2));
        assert_eq!(parse(Some("[]")), NotificationSettings::default());
    }
}
