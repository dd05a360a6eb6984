//! Signing up and in.

use std::path::Path;

use doorpost_client::Command;
use doorpost_model::{ApiError, ErrorCode, account::Me};
use serde_json::json;

use super::{
    args::{LoginArgs, RegisterArgs},
    ask,
    home::Home,
    rows,
};

pub async fn register(home: &Home, args: RegisterArgs) -> Result<(), ApiError> {
    let command = Command::Register {
        handle: args.handle,
        name: args.name,
        password: password(&args.password_file)?,
        registration_code: args.code,
    };
    let me: Me = ask(home, command).await?;
    // Others can write to the account from now on; the next command makes up for what fails here.
    let _ = home.client.tell_server().await;
    rows::print(&rows::me(&me));
    Ok(())
}

pub async fn login(home: &Home, args: LoginArgs) -> Result<(), ApiError> {
    let command = Command::Login { handle: args.handle, password: password(&args.password_file)? };
    let me: Me = ask(home, command).await?;
    // Into the account's chats at once; the next command makes up for what fails here.
    let _ = home.client.call(Command::Sync).await;
    let mut row = rows::me(&me);
    if home.opened.store_was_corrupt {
        row["store_was_corrupt"] = json!(true);
    }
    rows::print(&row);
    Ok(())
}

pub async fn whoami(home: &Home) -> Result<(), ApiError> {
    let me = match home.client.refresh_me().await {
        Ok(me) => me,
        Err(error) if error.code() == ErrorCode::Offline => match &home.opened.me {
            Some(me) => me.clone(),
            None => return Err(error),
        },
        Err(error) => return Err(error),
    };
    rows::print(&rows::me(&me));
    Ok(())
}

pub async fn logout(home: &Home) -> Result<(), ApiError> {
    home.client.call(Command::Logout).await?;
    rows::print(&json!({ "signed_out": true }));
    Ok(())
}

pub async fn registration_code(home: &Home) -> Result<(), ApiError> {
    let code = home.client.create_registration_code().await?;
    rows::print(&json!(code));
    Ok(())
}

/// The first line of a file.
fn password(file: &Path) -> Result<String, ApiError> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        ApiError::new(ErrorCode::Usage, format!("The password file {} cannot be read: {error}.", file.display()))
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
