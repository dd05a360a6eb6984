//! The server's HTTP interface, from outside.

mod admission;
mod auth;
mod backup;
mod chat_door;
mod chat_host;
mod chat_leave;
mod chat_log;
mod chat_member;
mod chat_policy;
mod comment;
mod comment_harness;
mod comment_live;
mod comment_worlds;
mod device_link;
mod device_revoke;
mod devices;
mod direct;
mod direct_harness;
mod direct_key_packages;
mod email;
mod errors;
mod feed;
mod feed_worlds;
mod file;
mod group;
mod group_posts;
mod harness;
mod hidden_words;
mod identity_reset;
mod interleavings;
mod invite_card;
mod invite_copies;
mod invite_terms;
mod join_approval;
mod join_open;
mod leaving;
mod lifecycle;
mod media;
mod mention;
mod metrics;
mod moderation;
mod mute;
mod notification;
mod openapi;
mod page;
mod passkey;
mod people;
mod picture;
mod post_audience;
mod post_harness;
mod post_live;
mod post_sight;
mod post_write;
mod preview;
mod push;
mod question;
mod reaction;
mod report;
mod s3;
mod safety_limits;
mod search;
mod socket_client;
mod socket_life;
mod socket_signal;
mod story;
mod story_harness;
mod story_traces;
mod video;
mod video_harness;
mod viewers;
mod watch;
mod web;

/// What the product says about visibility; written for the policy's own tests.
#[path = "../../../policy/tests/it/slow_model.rs"]
#[expect(dead_code, reason = "only readers are asked about here")]
mod slow_model;
/// Small worlds to ask it about.
#[path = "../../../policy/tests/it/worlds.rs"]
#[expect(dead_code, reason = "only random worlds are used here")]
mod worlds;
