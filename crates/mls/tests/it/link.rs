//! Linking a device by its code.

use doorpost_mls::link::{HandOver, LinkCode, LinkSecret};
use doorpost_model::{Binary, LinkId, admission::Versioned as _};

use crate::world::{Person, Seeded};

fn code(entropy: &Seeded) -> (LinkSecret, LinkCode) {
    let secret = LinkSecret::generate(entropy);
    let code = secret.code(LinkId::from_bytes(entropy.id()), "Kitchen tablet".to_owned());
    (secret, code)
}

#[test]
fn what_is_sealed_to_a_code_opens_with_its_secret_alone() {
    let entropy = Seeded::new(3);
    let person = Person::new(&entropy);
    let (secret, code) = code(&entropy);
    let shown = LinkCode::parse(&format!(" https://door.example/link#{} ", code.to_text())).unwrap();
    assert_eq!(shown, code);
    let sealed = shown.seal(&HandOver::new(person.account(), person.secrets.clone())).unwrap();
    let opened = secret.open(&code, &sealed).unwrap();
    assert_eq!(opened.account_id, person.account());
    assert_eq!(opened.secrets.to_bytes(), person.secrets.to_bytes());

    // Another code of another device, of this secret, or a byte of the letter.
    let (other_secret, other_code) = self::code(&entropy);
    other_secret.open(&other_code, &sealed).unwrap_err();
    let renamed = secret.code(code.link_id, "Somebody's phone".to_owned());
    secret.open(&renamed, &sealed).unwrap_err();
    let mut changed = sealed.0.clone();
    *changed.last_mut().unwrap() ^= 1;
    secret.open(&code, &Binary(changed)).unwrap_err();
    secret.open(&code, &Binary(vec![1; 8])).unwrap_err();
}

#[test]
fn what_is_no_code_is_told_apart() {
    let (_, code) = code(&Seeded::new(3));
    let text = code.to_text();
    for bad in ["", "#", "hello", &text[..text.len() - 2], &format!("{text}AA"), &"A".repeat(600)] {
        assert_eq!(LinkCode::parse(bad), None, "{bad}");
    }
}
