//! Accounts that are deleted: nobody's at once, then nothing; and no column that names accounts is forgotten.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, TimeMs,
    chat::Role,
    group::{GroupKind, GroupRole},
    page::PageRole,
    post::AudienceKind,
};
use doorpost_store::{
    Store, StoreConfig, account, block, chat as chats, connection, group, leaving, media, member, page,
    testing::TestDatabase,
};
use rusqlite::{Connection, params_from_iter, types::Value};

use crate::{
    chat::{a_chat, new_member},
    group::{group_id, new_group},
    harness::{account_id, accounts, on_both, read, tx, write},
    post::{new_post, posts},
};

on_both!(an_account_is_nobodys_and_then_nothing, what_others_need_is_named, newcomers_are_parted_from_who_is_leaving,);

const LIMIT: u32 = 2;

/// Marks an account as the server does, as far as it is the store's.
async fn mark(store: &Store, account: AccountId) {
    write(
        store,
        tx!(tx => {
            leaving::put_nobody(tx, account_id(0xEE), TimeMs(1)).await?;
            assert!(leaving::begin(tx, account, TimeMs(9)).await?);
            leaving::hide_posts(tx, account, TimeMs(9)).await?;
            leaving::hide(tx, account).await?;
            leaving::disguise(tx, account, "!gone").await?;
            leaving::part_from_all(tx, account).await
        }),
    )
    .await;
}

async fn erase(store: &Store, account: AccountId) {
    while !write(store, tx!(tx => leaving::take_media(tx, account, LIMIT).await)).await.is_empty() {
        write(
            store,
            tx!(tx => {
                for removed in media::removed(tx, LIMIT).await? {
                    media::delete_sizes(tx, removed).await?;
                    media::delete(tx, removed).await?;
                }
                Ok(())
            }),
        )
        .await;
    }
    for step in 0..leaving::steps() {
        while write(store, tx!(tx => leaving::erase(tx, account, step, LIMIT).await)).await > 0 {}
    }
    write(store, tx!(tx => leaving::forget(tx, account).await)).await;
}

async fn an_account_is_nobodys_and_then_nothing(store: Store) {
    let [ann, ben] = accounts(&store, [1, 2]).await;
    posts(&store, (1..=3).map(|number| new_post(number, ann, AudienceKind::Public)).collect()).await;
    write(&store, tx!(tx => connection::request(tx, ann, ben, TimeMs(1)).await)).await;
    assert!(!read(&store, tx!(tx => leaving::is_held(tx, &[7; 32]).await)).await);
    write(&store, tx!(tx => leaving::hold_handle(tx, &[7; 32]).await)).await;
    assert!(read(&store, tx!(tx => leaving::is_held(tx, &[7; 32]).await)).await);
    mark(&store, ann).await;
    assert!(read(&store, tx!(tx => block::between(tx, ann, ben).await)).await, "parted from everybody");
    assert_eq!(read(&store, tx!(tx => leaving::under_way(tx, 5).await)).await, [ann]);
    assert!(read(&store, tx!(tx => account::find_by_handle(tx, "person_1").await)).await.is_none());
    assert!(!write(&store, tx!(tx => leaving::begin(tx, ann, TimeMs(9)).await)).await, "twice is once");
    erase(&store, ann).await;
    assert!(read(&store, tx!(tx => account::find(tx, ann).await)).await.is_none());
    assert!(read(&store, tx!(tx => leaving::under_way(tx, 5).await)).await.is_empty());
    assert!(read(&store, tx!(tx => block::all(tx, ben).await)).await.is_empty());
}

async fn what_others_need_is_named(store: Store) {
    let [ann, ben] = accounts(&store, [1, 2]).await;
    let club = accounts(&store, [9]).await[0];
    write(&store, tx!(tx => page::insert(tx, club, false, TimeMs(1)).await)).await;
    write(&store, tx!(tx => page::staff::put(tx, club, ann, PageRole::Admin, TimeMs(1)).await)).await;
    let chat = a_chat(&store, 1).await;
    let guest = new_member(1, ben, Role::Member);
    write(&store, tx!(tx => member::insert(tx, &guest).await)).await;
    write(&store, tx!(tx => chats::count_members(tx, chat).await)).await;
    let group = new_group(1, GroupKind::Open);
    write(&store, tx!(tx => group::insert(tx, &group).await)).await;
    for (account, role) in [(ann, GroupRole::Owner), (ben, GroupRole::Member)] {
        write(&store, tx!(tx => group::member::insert(tx, group_id(1), account, role, TimeMs(1)).await)).await;
    }
    write(&store, tx!(tx => group::member::recount(tx, group_id(1)).await)).await;
    assert_eq!(read(&store, tx!(tx => leaving::lone_host(tx, ann, 5).await)).await.len(), 1);
    assert_eq!(read(&store, tx!(tx => leaving::lone_owner(tx, ann, 5).await)).await.len(), 1);
    assert_eq!(read(&store, tx!(tx => leaving::lone_admin(tx, ann, 5).await)).await, ["Person 9"]);
    assert_eq!(read(&store, tx!(tx => leaving::chats(tx, ben).await)).await, [chat]);
    assert_eq!(read(&store, tx!(tx => leaving::groups(tx, ben).await)).await, [group_id(1)]);
    assert_eq!(read(&store, tx!(tx => leaving::pages(tx, ann).await)).await, [club]);
    for other in [
        read(&store, tx!(tx => leaving::lone_host(tx, ben, 5).await)).await,
        read(&store, tx!(tx => leaving::lone_owner(tx, ben, 5).await)).await,
        read(&store, tx!(tx => leaving::lone_admin(tx, ben, 5).await)).await,
    ] {
        assert!(other.is_empty(), "{other:?}");
    }
    assert!(read(&store, tx!(tx => leaving::open_invites(tx, ann).await)).await.is_empty());
    assert!(read(&store, tx!(tx => leaving::requests(tx, ann).await)).await.is_empty());
}

async fn newcomers_are_parted_from_who_is_leaving(store: Store) {
    let [ann, _] = accounts(&store, [1, 2]).await;
    mark(&store, ann).await;
    let [cleo] = accounts(&store, [3]).await;
    assert!(!read(&store, tx!(tx => block::between(tx, ann, cleo).await)).await);
    write(&store, tx!(tx => leaving::part_from_leaving(tx, cleo).await)).await;
    assert!(read(&store, tx!(tx => block::between(tx, ann, cleo).await)).await);
}

/// Columns that name something else than an account.
const NO_ACCOUNTS: &[&str] = &[
    "bundle_id",
    "case_id",
    "ceremony_id",
    "chat_id",
    "comment_id",
    "credential_id",
    "device_id",
    "entry_id",
    "file_id",
    "group_id",
    "highlight_id",
    "invite_id",
    "link_id",
    "list_id",
    "media_id",
    "notice_id",
    "notification_id",
    "object_id",
    "page_id",
    "parent_id",
    "passkey_id",
    "post_id",
    "realm_id",
    "report_id",
    "request_id",
    "session_id",
    "sender_device",
    "unlock_id",
];

/// Where an account's id stays, and why.
const STAYS: &[(&str, &str, &str)] = &[
    ("log_entries", "sender_account", "members of the chat hold the same entry"),
    ("hosts_keys", "host_id", "members check by it who vouched for the hosts' key"),
    ("leave_notes", "account_id", "until a member's device has taken the leaves out"),
    ("chat_groups", "unconfirmed_by", "until the next commit"),
    ("moderation_log", "actor_id", "the log only grows; the id leads to nobody"),
    ("moderation_log", "subject_id", "the log only grows; the id leads to nobody"),
    ("moderation_log", "target_id", "the log only grows; the id leads to nobody"),
    ("mail_codes", "account_id", "for a day, as the count of codes for an address; the id leads to nobody"),
    ("cases", "target_id", "what a case was about; the id leads to nobody"),
];

/// What a column with a rule of its own has.
const VALUES: &[(&str, &str, &str)] = &[("connections", "state", "connected")];

struct Column {
    table: String,
    name: String,
    kind: String,
    required: bool,
}

fn columns(database: &Connection) -> Vec<Column> {
    let sql = "SELECT m.name, c.name, c.type, c.\"notnull\" OR c.pk > 0 FROM sqlite_master m \
               JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid";
    let mut statement = database.prepare(sql).expect("the catalogue");
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Column { table: row.get(0)?, name: row.get(1)?, kind: row.get(2)?, required: row.get(3)? })
    };
    statement.query_map([], row).expect("the catalogue").map(|column| column.expect("a column")).collect()
}

fn may_name_an_account(column: &Column) -> bool {
    let is_id = ["_id", "_by", "_account"].iter().any(|end| column.name.ends_with(end));
    column.kind == "BLOB" && is_id && !NO_ACCOUNTS.contains(&column.name.as_str())
}

/// A row in which one column names the account, and which is otherwise the least that the table takes.
fn put(database: &Connection, all: &[Column], place: &Column, account: AccountId, number: u8) {
    let given: Vec<&Column> = all
        .iter()
        .filter(|column| column.table == place.table && (column.required || column.name == place.name))
        .collect();
    let value = |column: &&Column| {
        let special = VALUES.iter().find(|(table, name, _)| (*table, *name) == (&*column.table, &*column.name));
        match (special, &*column.kind) {
            _ if column.name == place.name => Value::Blob(account.as_bytes().to_vec()),
            (Some((_, _, text)), _) => Value::Text((*text).to_owned()),
            (_, "BLOB") => Value::Blob(vec![number; 16]),
            (_, "TEXT") => Value::Text(format!("text {number}")),
            _ => Value::Integer(i64::from(number)),
        }
    };
    let names: Vec<&str> = given.iter().map(|column| column.name.as_str()).collect();
    let marks: Vec<String> = (1..=names.len()).map(|mark| format!("?{mark}")).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", place.table, names.join(", "), marks.join(", "));
    let put = database.execute(&sql, params_from_iter(given.iter().map(value)));
    assert!(put.is_ok(), "{}.{}: {put:?}", place.table, place.name);
}

fn found(database: &Connection, all: &[Column], account: AccountId) -> BTreeSet<(String, String)> {
    let has = |column: &&Column| {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {} = ?1)", column.table, column.name);
        database.query_row(&sql, [account.as_bytes().as_slice()], |row| row.get(0)).expect("a look")
    };
    all.iter()
        .filter(|column| column.kind == "BLOB")
        .filter(has)
        .map(|column| (column.table.clone(), column.name.clone()))
        .collect()
}

/// Reads the columns out of the database's own catalogue: a new one that can name an account fails this until it is erased, or
/// until it is said above why it stays or what else it names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_column_that_names_an_account_is_forgotten() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let [ann, _] = accounts(&store, [0xA1, 2]).await;
    let StoreConfig::Sqlite { path } = database.config() else { panic!("a file") };
    let raw = Connection::open(path).expect("the file");
    raw.pragma_update(None, "foreign_keys", false).expect("rows that hang on nothing");
    let all = columns(&raw);
    let places = all.iter().filter(|column| may_name_an_account(column));
    let places: Vec<_> = places.filter(|column| column.table != "accounts" && column.table != "leavings").collect();
    assert!(places.len() > 60, "{}", places.len());
    for (place, number) in places.iter().zip(10..) {
        put(&raw, &all, place, ann, number);
    }
    let before = found(&raw, &all, ann);
    assert!(places.iter().all(|place| before.contains(&(place.table.clone(), place.name.clone()))));
    mark(&store, ann).await;
    erase(&store, ann).await;
    let left = found(&raw, &all, ann);
    let stays = STAYS.iter().map(|(table, column, _)| ((*table).to_owned(), (*column).to_owned())).collect();
    let forgotten: Vec<_> = left.difference(&stays).collect();
    assert!(forgotten.is_empty(), "an account that is deleted is still in {forgotten:?}");
    let gone: Vec<_> = stays.difference(&left).collect();
    assert!(gone.is_empty(), "this does not stay: {gone:?}");
}
