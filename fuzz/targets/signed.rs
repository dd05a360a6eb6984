//! What is signed or sealed, in postcard: policies, tickets, credentials, answers, reports, keys' entries.
#![no_main]

use doorpost_fuzz::comes_back;
use doorpost_model::{
    admission::{ChatPolicy, CommitAad, DeviceCredential, Ticket},
    hosts_key::Answers,
    report::ReportToHosts,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    comes_back::<ChatPolicy>(bytes);
    comes_back::<CommitAad>(bytes);
    comes_back::<DeviceCredential>(bytes);
    comes_back::<Ticket>(bytes);
    comes_back::<Answers>(bytes);
    comes_back::<ReportToHosts>(bytes);
});
