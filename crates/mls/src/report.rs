//! Reports that only a chat's hosts can read.

use doorpost_model::{
    Binary,
    admission::{FORMAT_VERSION, PublicKey, Versioned as _, signed_bytes},
    hosts_key::HostsKey,
    report::{LABEL_REPORT, ReportBody, ReportPlace, ReportToHosts, SealedReport},
};
use doorpost_policy::membership::verify_signature;

use crate::{
    answers::{HostsSecret, verify_hosts_key},
    hpke,
    identity::AccountSecrets,
    sealed::SealError,
};

/// Seals a report to a chat's hosts. Whether `key` is by a host of the chat, the caller has seen to.
///
/// # Errors
/// [`SealError`] when the key is not signed by the host it names.
pub fn seal_report(
    place: &ReportPlace,
    reporter: &AccountSecrets,
    key: &HostsKey,
    body: ReportBody,
) -> Result<SealedReport, SealError> {
    let public_key = verify_hosts_key(key, place.chat_id)?;
    let signature = reporter.sign(&message(place, &body));
    let plaintext = ReportToHosts { version: FORMAT_VERSION, body, signature }.to_bytes();
    let sealed = hpke::seal(&public_key, LABEL_REPORT.as_bytes(), &aad(place, key.version), &plaintext)?;
    Ok(SealedReport { report_id: place.report_id, key_version: key.version, sealed: Binary(sealed) })
}

/// Opens the report of a reporter with this identity key. That its messages were sent is not checked here.
///
/// # Errors
/// [`SealError`] when it is for another key, or not by the reporter.
pub fn open_report(
    place: &ReportPlace,
    secret: &HostsSecret,
    identity_key: &PublicKey,
    sealed: &SealedReport,
) -> Result<ReportBody, SealError> {
    let aad = aad(place, sealed.key_version);
    let bytes = hpke::open(secret.as_bytes(), LABEL_REPORT.as_bytes(), &aad, &sealed.sealed.0)?;
    let report = ReportToHosts::from_bytes(&bytes).map_err(|_| SealError)?;
    let is_theirs = verify_signature(identity_key, &message(place, &report.body), report.signature.as_ref());
    if is_theirs { Ok(report.body) } else { Err(SealError) }
}

fn aad(place: &ReportPlace, key_version: u32) -> Vec<u8> {
    signed_bytes(LABEL_REPORT, &(place.chat_id, place.reporter_id, place.report_id, key_version))
}

fn message(place: &ReportPlace, body: &ReportBody) -> Vec<u8> {
    signed_bytes(LABEL_REPORT, &(place.chat_id, place.reporter_id, place.report_id, body))
}

#[cfg(test)]
mod tests {
    use doorpost_model::{AccountId, ChatId, ReportId, report::ReportReason};

    use super::*;
    use crate::{Entropy, door::DoorSecret};

    struct Counting(std::cell::Cell<u8>);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            self.0.set(self.0.get() + 1);
            bytes.fill(self.0.get());
        }
    }

    #[test]
    fn hosts_read_a_report_and_nobody_passes_one_off_as_anothers() {
        let entropy = Counting(std::cell::Cell::new(0));
        let chat_id = ChatId::from_bytes([1; 16]);
        let (host_id, host) = (AccountId::from_bytes([4; 16]), AccountSecrets::generate(&entropy));
        let reporter = AccountSecrets::generate(&entropy);
        let (secret, door) = (HostsSecret::generate(&entropy), DoorSecret::generate(&entropy));
        let key = secret.vouch(1, chat_id, &host, host_id, &door);
        let place = ReportPlace {
            chat_id,
            reporter_id: AccountId::from_bytes([5; 16]),
            report_id: ReportId::from_bytes([6; 16]),
        };
        let body = ReportBody { reason: ReportReason::Spam, comment: "again".to_owned(), messages: vec![] };
        let sealed = seal_report(&place, &reporter, &key, body.clone()).expect("sealed");
        assert_eq!(open_report(&place, &secret, &reporter.identity_key(), &sealed), Ok(body.clone()));
        for (place, secret, identity) in [
            (place, HostsSecret::generate(&entropy), reporter.identity_key()),
            (place, secret.clone(), host.identity_key()),
            (ReportPlace { reporter_id: host_id, ..place }, secret.clone(), reporter.identity_key()),
            (ReportPlace { report_id: ReportId::from_bytes([7; 16]), ..place }, secret, reporter.identity_key()),
        ] {
            open_report(&place, &secret, &identity, &sealed).expect_err("of another");
        }
        let unsigned = HostsKey { public_key: Binary(vec![9; 32]), ..key };
        seal_report(&place, &reporter, &unsigned, body).expect_err("no host's key");
    }
}
