//! A history's secret: for the devices it is sealed to, as the sender's own group has them, and for nobody else.

use doorpost_mls::history::HistorySecret;
use doorpost_model::{Binary, ChatId, DeviceId, FileId};

use crate::world::{Person, Seeded, World};

const PAGE: FileId = FileId::from_bytes([3; 16]);

fn secret() -> HistorySecret {
    HistorySecret::generate(&Seeded::new(7))
}

fn seal(by: &mut Person, chat_id: ChatId, to: DeviceId) -> Option<Binary> {
    secret().seal_to(&mut by.groups, &by.keys, &by.device, chat_id, to).unwrap()
}

#[test]
fn the_device_it_is_sealed_to_opens_it_and_no_other() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    let mut ben = world.join(&mut [&mut anna]);
    let cleo = world.join(&mut [&mut anna, &mut ben]);
    let sealed = seal(&mut anna, world.chat_id, ben.device.device_id()).unwrap().0;
    let opened = HistorySecret::open(&ben.device, world.chat_id, anna.account(), &sealed).unwrap();
    assert_eq!(opened.page_key(PAGE).as_bytes(), secret().page_key(PAGE).as_bytes());
    assert!(HistorySecret::open(&cleo.device, world.chat_id, anna.account(), &sealed).is_err());
    assert!(HistorySecret::open(&ben.device, world.chat_id, cleo.account(), &sealed).is_err(), "another sender");
    assert!(HistorySecret::open(&ben.device, ChatId::from_bytes([9; 16]), anna.account(), &sealed).is_err());
}

#[test]
fn a_device_that_is_not_in_the_group_gets_nothing_sealed() {
    let mut world = World::open();
    let mut anna = world.join(&mut []);
    assert_eq!(seal(&mut anna, world.chat_id, DeviceId::from_bytes([9; 16])), None);
}
