//! Every statement there is, by noun.

use crate::Statement;

/// The statements of all nouns. A noun's line is added with its module; a test compares.
pub static STATEMENTS: &[&[&Statement]] = &[
    crate::account::STATEMENTS,
    crate::backup::STATEMENTS,
    crate::block::STATEMENTS,
    crate::ceremony::STATEMENTS,
    crate::chat::STATEMENTS,
    crate::comment::STATEMENTS,
    crate::commit_report::STATEMENTS,
    crate::connection::STATEMENTS,
    crate::device::STATEMENTS,
    crate::device_link::STATEMENTS,
    crate::device_removal::STATEMENTS,
    crate::direct::STATEMENTS,
    crate::email::STATEMENTS,
    crate::file::STATEMENTS,
    crate::franking::STATEMENTS,
    crate::chat_group::STATEMENTS,
    crate::group::STATEMENTS,
    crate::group::admission::STATEMENTS,
    crate::group::member::STATEMENTS,
    crate::group::post::STATEMENTS,
    crate::hanging::STATEMENTS,
    crate::hidden_word::STATEMENTS,
    crate::hidden::STATEMENTS,
    crate::hosts_key::STATEMENTS,
    crate::invite::STATEMENTS,
    crate::invite::card::STATEMENTS,
    crate::invite::copy::STATEMENTS,
    crate::key_package::STATEMENTS,
    crate::keyring::STATEMENTS,
    crate::leaving::STATEMENTS,
    crate::leaving::written::STATEMENTS,
    crate::leaving::kept::STATEMENTS,
    crate::list::STATEMENTS,
    crate::log::STATEMENTS,
    crate::media::STATEMENTS,
    crate::member::STATEMENTS,
    crate::mention::STATEMENTS,
    crate::page::STATEMENTS,
    crate::page::link::STATEMENTS,
    crate::page::staff::STATEMENTS,
    crate::moderation::case::STATEMENTS,
    crate::moderation::domain::STATEMENTS,
    crate::moderation::log::STATEMENTS,
    crate::moderation::notice::STATEMENTS,
    crate::moderation::role::STATEMENTS,
    crate::mute::STATEMENTS,
    crate::notification::STATEMENTS,
    crate::passkey::STATEMENTS,
    crate::picture::STATEMENTS,
    crate::post::STATEMENTS,
    crate::post::audience::STATEMENTS,
    crate::post::feed::STATEMENTS,
    crate::push::STATEMENTS,
    crate::question::STATEMENTS,
    crate::reaction::STATEMENTS,
    crate::realm::STATEMENTS,
    crate::registration_code::STATEMENTS,
    crate::report::STATEMENTS,
    crate::request::STATEMENTS,
    crate::search::STATEMENTS,
    crate::session::STATEMENTS,
    crate::story::STATEMENTS,
    crate::story::bar::STATEMENTS,
    crate::story::highlight::STATEMENTS,
    crate::suspension::STATEMENTS,
    crate::vault::STATEMENTS,
    crate::video::STATEMENTS,
    crate::welcome::STATEMENTS,
];

/// How many statements read differently on the two databases. Each needs a reason beside it.
pub const DIALECT_EXCEPTIONS: usize = 0;

/// Every statement of every noun.
#[must_use]
pub fn all() -> Vec<&'static Statement> {
    STATEMENTS.concat()
}
