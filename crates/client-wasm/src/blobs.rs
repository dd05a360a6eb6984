//! The core's own files, one for each id, in a folder of the origin's private file system.

use std::str::FromStr as _;

use doorpost_model::FileId;
use js_sys::IteratorNext;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle, WorkerGlobalScope,
};

use crate::lent::bytes_of;

const DIRECTORY: &str = "doorpost-files";

/// Bytes of a file; none when there is no such file.
pub(crate) async fn size(file_id: FileId) -> Result<Option<u64>, JsValue> {
    let Some(handle) = existing(file_id).await? else { return Ok(None) };
    Ok(Some(snapshot(&handle).await?.size() as u64))
}

/// Up to `length` bytes from `offset` on.
pub(crate) async fn read(file_id: FileId, offset: u64, length: usize) -> Result<Vec<u8>, JsValue> {
    let handle = existing(file_id).await?.ok_or_else(|| JsValue::from_str("there is no such file"))?;
    let file = snapshot(&handle).await?;
    bytes_of(&file.slice_with_f64_and_f64(offset as f64, offset as f64 + length as f64)?).await
}

/// Writes at `offset`, where the file is made to end.
pub(crate) async fn write(file_id: FileId, offset: u64, bytes: &[u8]) -> Result<(), JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let promise = folder().await?.get_file_handle_with_options(&name(file_id), &options);
    let handle: FileSystemFileHandle = JsFuture::from(promise).await?.dyn_into()?;
    let access: FileSystemSyncAccessHandle = JsFuture::from(handle.create_sync_access_handle()).await?.dyn_into()?;
    let written = write_all(&access, offset, bytes);
    // Nobody else gets at the file before.
    access.close();
    written
}

fn write_all(access: &FileSystemSyncAccessHandle, offset: u64, bytes: &[u8]) -> Result<(), JsValue> {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(offset as f64);
    access.truncate_with_f64(offset as f64)?;
    let written = access.write_with_u8_array_and_options(bytes, &options)?;
    if written as usize != bytes.len() {
        return Err(JsValue::from_str("there is no room left"));
    }
    access.flush()
}

/// Deletes a file, where it is there.
pub(crate) async fn remove(file_id: FileId) -> Result<(), JsValue> {
    match JsFuture::from(folder().await?.remove_entry(&name(file_id))).await {
        Err(error) if !is_missing(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Every file there is.
pub(crate) async fn list() -> Result<Vec<FileId>, JsValue> {
    let names = folder().await?.keys();
    let mut all = Vec::new();
    loop {
        let next: IteratorNext = JsFuture::from(names.next()?).await?.unchecked_into();
        if next.done() {
            return Ok(all);
        }
        all.extend(next.value().as_string().and_then(|name| FileId::from_str(&name).ok()));
    }
}

fn name(file_id: FileId) -> String {
    file_id.to_string()
}

async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    let scope: WorkerGlobalScope = js_sys::global().dyn_into()?;
    let root: FileSystemDirectoryHandle =
        JsFuture::from(scope.navigator().storage().get_directory()).await?.dyn_into()?;
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    JsFuture::from(root.get_directory_handle_with_options(DIRECTORY, &options)).await?.dyn_into()
}

async fn existing(file_id: FileId) -> Result<Option<FileSystemFileHandle>, JsValue> {
    match JsFuture::from(folder().await?.get_file_handle(&name(file_id))).await {
        Ok(handle) => Ok(Some(handle.dyn_into()?)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file as it is now; it can be read while others read it.
async fn snapshot(handle: &FileSystemFileHandle) -> Result<File, JsValue> {
    JsFuture::from(handle.get_file()).await?.dyn_into()
}

fn is_missing(error: &JsValue) -> bool {
    error.dyn_ref::<web_sys::DomException>().is_some_and(|error| error.name() == "NotFoundError")
}
