//! Signals: readable in their epoch, chat and sender's name alone.

use doorpost_model::{AccountId, ChatId};

use crate::world::{Person, Seeded, World};

const SIGNAL: &[u8] = b"typing";

fn seal(person: &mut Person, chat_id: ChatId) -> Vec<u8> {
    person.groups.seal_signal(&person.keys, &person.device, chat_id, SIGNAL, &Seeded::new(7)).unwrap()
}

fn open(person: &mut Person, chat_id: ChatId, sender: AccountId, sealed: &[u8]) -> Option<Vec<u8>> {
    person.groups.open_signal(&person.keys, &person.device, chat_id, sender, sealed).unwrap()
}

#[test]
fn members_read_a_signal_and_nothing_moves() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let before = (anna.keys.0.clone(), ben.keys.0.clone());
    let sealed = seal(&mut anna, world.chat_id);
    assert!(!sealed.windows(SIGNAL.len()).any(|window| window == SIGNAL));
    assert_eq!(open(&mut ben, world.chat_id, anna.account(), &sealed).as_deref(), Some(SIGNAL));
    assert_eq!((anna.keys.0.clone(), ben.keys.0.clone()), before);
    world.say("the ratchets are where they were", &mut anna, &mut [&mut ben]);
}

#[test]
fn a_signal_under_another_name_or_changed_does_not_open() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let mut sealed = seal(&mut anna, world.chat_id);
    assert_eq!(open(&mut ben, world.chat_id, world.host.account(), &sealed), None);
    assert_eq!(open(&mut ben, world.chat_id, anna.account(), &sealed[..20]), None);
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    assert_eq!(open(&mut ben, world.chat_id, anna.account(), &sealed), None);
}

#[test]
fn a_signal_of_another_epoch_does_not_open() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let sealed = seal(&mut anna, world.chat_id);
    let mut cleo = world.join(&mut [&mut anna, &mut ben]);
    for person in [&mut ben, &mut cleo] {
        assert_eq!(open(person, world.chat_id, anna.account(), &sealed), None);
    }
    let later = seal(&mut anna, world.chat_id);
    assert_eq!(open(&mut cleo, world.chat_id, anna.account(), &later).as_deref(), Some(SIGNAL));
}
