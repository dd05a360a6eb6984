//! Events as they come.

use std::io::Read;

use doorpost_model::{ApiError, ErrorCode};
use futures_util::StreamExt;
use serde_json::json;

use super::{home::Home, rows};

/// Prints events until the input ends, or the session does. Lets people in meanwhile, when the server asks.
pub async fn watch(home: &Home) -> Result<(), ApiError> {
    let mut events = home.client.subscribe();
    home.client.start();
    let mut input_ended = end_of_input();
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(doorpost_client::Event::SignedOut) => {
                    rows::print(&json!(doorpost_client::Event::SignedOut));
                    home.client.stop().await;
                    return Err(ApiError::new(ErrorCode::SignedOut, "The session has ended. Sign in again."));
                }
                Some(event) => rows::print(&json!(event)),
                None => break,
            },
            _ = &mut input_ended => break,
        }
    }
    home.client.stop().await;
    Ok(())
}

/// Resolves at the end of the input. On a thread of its own, because such a read cannot be given up.
fn end_of_input() -> tokio::sync::oneshot::Receiver<()> {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1_024];
        let mut input = std::io::stdin().lock();
        while matches!(input.read(&mut buffer), Ok(count) if count > 0) {}
        // The receiver may be gone: the session ended first.
        let _ = ended.send(());
    });
    end
}
