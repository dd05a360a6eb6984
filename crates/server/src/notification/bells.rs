//! Letting those who are there look at what is new, once in a while.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use doorpost_model::{AccountId, frame::Hint, limits::BELL_MS};

use crate::app::App;

/// Bells that were rung within [`BELL_MS`], each with whether there was more news since. They are of accounts that have a
/// socket open.
#[derive(Default)]
pub struct Bells {
    rung: Mutex<HashMap<AccountId, bool>>,
}

impl Bells {
    /// Those whose bells are to ring now; those of the others will.
    fn ring(&self, accounts: Vec<AccountId>) -> Vec<AccountId> {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = |account: &AccountId| match rung.get_mut(account) {
            Some(again) => {
                *again = true;
                false
            }
            None => {
                rung.insert(*account, false);
                true
            }
        };
        accounts.into_iter().filter(is_quiet).collect()
    }

    /// Of those that rang a while ago, whose bells are to ring once more; the others are forgotten.
    fn again(&self, accounts: Vec<AccountId>) -> Vec<AccountId> {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let has_more = |account: &AccountId| match rung.remove(account) {
            Some(true) => {
                rung.insert(*account, false);
                true
            }
            _ => false,
        };
        accounts.into_iter().filter(has_more).collect()
    }
}

/// Lets these accounts' devices count what is unread: at once, and for what comes within [`BELL_MS`] once after it.
pub(super) fn ring(app: &App, accounts: Vec<AccountId>) {
    let there = accounts.into_iter().filter(|account| app.hub.is_there(*account)).collect();
    let mut ringing = app.bells.ring(there);
    if ringing.is_empty() {
        return;
    }
    app.hub.hint_accounts(&ringing, Hint::NotificationsChanged);
    let app = app.clone();
    tokio::spawn(async move {
        while !ringing.is_empty() {
            app.clock.sleep(BELL_MS).await;
            ringing = app.bells.again(ringing);
            app.hub.hint_accounts(&ringing, Hint::NotificationsChanged);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_rings_once_at_once_and_once_after_a_while() {
        let [ada, bob] = [1, 2].map(|number| AccountId::from_bytes([number; 16]));
        let bells = Bells::default();
        assert_eq!(bells.ring(vec![ada]), [ada]);
        for _ in 0..500 {
            assert_eq!(bells.ring(vec![ada]), []);
        }
        assert_eq!(bells.ring(vec![ada, bob]), [bob], "another's rings");
        assert_eq!(bells.again(vec![ada]), [ada]);
        assert_eq!(bells.again(vec![ada, bob]), [], "nothing since");
        assert_eq!(bells.ring(vec![ada]), [ada], "at once again");
    }
}
