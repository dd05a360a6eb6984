//! The client core in a browser's worker: bindings alone.
//!
//! One `Core` owns the origin's store; the worker that holds it is chosen by a Web Lock outside of here.

#![cfg(target_family = "wasm")]

mod blobs;
mod files;
mod lent;
mod platform;
mod socket;

use doorpost_client::{Client, ClientConfig, LocalStore, Platform as _};
use doorpost_model::{ApiError, ErrorCode};
use futures_util::StreamExt;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::{files::OpfsFiles, lent::LentFiles, platform::WebPlatform};

/// What `Core.open` takes, as JSON.
#[derive(Deserialize)]
struct OpenOptions {
    /// The server's origin, such as `https://door.example`.
    base_url: String,
    /// What this browser calls itself in the list of sessions.
    #[serde(default)]
    device_name: Option<String>,
}

/// The client core. Everything goes in and out as JSON; see the crate `doorpost-client`.
#[wasm_bindgen]
pub struct Core {
    client: Client<WebPlatform>,
    files: OpfsFiles,
    lent: LentFiles,
}

#[wasm_bindgen]
impl Core {
    /// Opens the store of this origin and the core on it. `options` is JSON: `{"base_url":…,"device_name"?:…}`.
    ///
    /// # Errors
    /// An error in the API's shape, as JSON text: the store is open elsewhere, or of a newer version.
    pub async fn open(options: String) -> Result<Core, JsValue> {
        let options: OpenOptions = serde_json::from_str(&options)
            .map_err(|error| thrown(&ApiError::new(ErrorCode::MalformedRequest, format!("Not options: {error}."))))?;
        let lent = LentFiles::default();
        let platform = WebPlatform::new(options.base_url, lent.clone());
        let files = OpfsFiles::install().await.map_err(|error| thrown(&ApiError::from(error)))?;
        let store = LocalStore::open(&files, platform.now()).map_err(|error| thrown(&ApiError::from(error)))?;
        let device_name = options.device_name.unwrap_or_else(|| "Browser".to_owned());
        let client = Client::new(platform, store, ClientConfig { device_name });
        Ok(Core { client, files, lent })
    }

    /// Does a command and gives its answer, both JSON. Rejects with an error in the API's shape, as JSON text.
    ///
    /// # Errors
    /// As the command says.
    pub async fn call(&self, command: String) -> Result<String, JsValue> {
        self.client.clone().call_json(&command).await.map_err(|error| JsValue::from_str(&error))
    }

    /// Names a file of the page for commands that take the path of one to be read.
    pub fn lend_file(&self, path: String, file: web_sys::Blob) {
        self.lent.lend(path, file);
    }

    /// What a command wrote to `path`; none when it wrote nothing.
    pub fn take_file(&self, path: &str, media_type: &str) -> Option<web_sys::Blob> {
        self.lent.take(path, media_type)
    }

    /// Forgets what stands under `path`.
    pub fn forget_file(&self, path: &str) {
        self.lent.remove(path);
    }

    /// Calls back with every event, as JSON text, from now on.
    pub fn on_event(&self, callback: js_sys::Function) {
        let mut events = self.client.subscribe();
        wasm_bindgen_futures::spawn_local(async move {
            while let Some(event) = events.next().await {
                let Ok(event) = serde_json::to_string(&event) else { continue };
                // What the callback throws is its own affair, and shows in the console.
                let _ = callback.call1(&JsValue::NULL, &JsValue::from_str(&event));
            }
        });
    }

    /// Keeps a socket open from now on.
    pub fn start(&self) {
        self.client.start();
    }

    /// Ends the core and frees the store for another worker. The object cannot be used after it.
    pub async fn close(self) {
        let Core { client, files, .. } = self;
        client.close().await;
        files.release();
    }
}

fn thrown(error: &ApiError) -> JsValue {
    JsValue::from_str(&serde_json::to_string(error).unwrap_or_default())
}
