//! The browser as the core's platform: fetch, timers, the crypto module, the worker's task queue, files.

use doorpost_client::{
    FileAccessError, FilePlace, HttpRequest, HttpResponse, LocalFuture, NetworkError, Platform, REQUEST_TIMEOUT_MS,
    RESPONSE_BYTES_MAX, SessionMode, Socket,
};
use doorpost_model::{FileId, TimeMs};
use futures_util::future::{Either, select};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, RequestCredentials, RequestInit, RequestRedirect, Response, WorkerGlobalScope};

use crate::{blobs, lent::LentFiles, socket};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &js_sys::Function, timeout_ms: i32) -> i32;
}

/// One server, reached with the browser's cookies.
pub(crate) struct WebPlatform {
    base_url: String,
    lent: LentFiles,
}

impl WebPlatform {
    pub(crate) fn new(base_url: String, lent: LentFiles) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), lent }
    }

    fn request(&self, request: &HttpRequest) -> Result<Request, JsValue> {
        let init = RequestInit::new();
        init.set_method(request.method.as_str());
        init.set_credentials(RequestCredentials::SameOrigin);
        init.set_redirect(RequestRedirect::Error);
        if !request.body.is_empty() {
            init.set_body(&Uint8Array::from(request.body.as_slice()));
        }
        let headers = Headers::new()?;
        for (name, value) in &request.headers {
            headers.set(name, value)?;
        }
        init.set_headers(&headers);
        Request::new_with_str_and_init(&format!("{}{}", self.base_url, request.path), &init)
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, JsValue> {
        let scope: WorkerGlobalScope = js_sys::global().dyn_into()?;
        let response = JsFuture::from(scope.fetch_with_request(&self.request(&request)?)).await?;
        let response: Response = response.dyn_into()?;
        let body = Uint8Array::new(&JsFuture::from(response.array_buffer()?).await?);
        if body.length() as usize > RESPONSE_BYTES_MAX {
            return Err(JsValue::from_str("the answer is too large"));
        }
        Ok(HttpResponse { status: response.status(), body: body.to_vec() })
    }
}

impl Platform for WebPlatform {
    fn session_mode(&self) -> SessionMode {
        SessionMode::Cookie
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, NetworkError> {
        let answer = std::pin::pin!(self.fetch(request));
        let timeout = std::pin::pin!(self.sleep(REQUEST_TIMEOUT_MS));
        match select(answer, timeout).await {
            Either::Left((answer, _)) => answer.map_err(|error| failed(&error)),
            Either::Right(_) => Err(NetworkError("no answer in time".to_owned())),
        }
    }

    async fn connect(&self, path: &str, _bearer: Option<&str>) -> Result<Socket, NetworkError> {
        let url = match self.base_url.split_once("://") {
            Some(("https", rest)) => format!("wss://{rest}{path}"),
            Some((_, rest)) => format!("ws://{rest}{path}"),
            None => return Err(NetworkError("not an address of a server".to_owned())),
        };
        socket::connect(&url).await.map_err(|error| failed(&error))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the core's clock is the browser's")]
    fn now(&self) -> TimeMs {
        TimeMs(js_sys::Date::now() as i64)
    }

    async fn sleep(&self, duration_ms: u64) {
        let timeout_ms = i32::try_from(duration_ms).unwrap_or(i32::MAX);
        let promise = Promise::new(&mut |resolve, _| {
            set_timeout(&resolve, timeout_ms);
        });
        // It is never rejected.
        let _ = JsFuture::from(promise).await;
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the core's randomness is the browser's")]
    fn fill_random(&self, bytes: &mut [u8]) {
        getrandom03::fill(bytes).expect("a browser's crypto module gives random bytes without failing");
    }

    fn spawn_local(&self, future: LocalFuture) {
        wasm_bindgen_futures::spawn_local(future);
    }

    async fn file_size(&self, place: &FilePlace) -> Result<Option<u64>, FileAccessError> {
        match place {
            FilePlace::Own(file_id) => blobs::size(*file_id).await.map_err(|error| unusable(&error)),
            FilePlace::Named(path) => Ok(self.lent.size(path)),
        }
    }

    async fn read_file(&self, place: &FilePlace, offset: u64, length: usize) -> Result<Vec<u8>, FileAccessError> {
        let read = match place {
            FilePlace::Own(file_id) => blobs::read(*file_id, offset, length).await,
            FilePlace::Named(path) => self.lent.read(path, offset, length).await,
        };
        read.map_err(|error| unusable(&error))
    }

    async fn write_file(&self, place: &FilePlace, offset: u64, bytes: &[u8]) -> Result<(), FileAccessError> {
        let written = match place {
            FilePlace::Own(file_id) => blobs::write(*file_id, offset, bytes).await,
            FilePlace::Named(path) => self.lent.write(path, offset, bytes),
        };
        written.map_err(|error| unusable(&error))
    }

    async fn remove_file(&self, place: &FilePlace) -> Result<(), FileAccessError> {
        match place {
            FilePlace::Own(file_id) => blobs::remove(*file_id).await.map_err(|error| unusable(&error)),
            FilePlace::Named(path) => {
                self.lent.remove(path);
                Ok(())
            }
        }
    }

    async fn own_files(&self) -> Result<Vec<FileId>, FileAccessError> {
        blobs::list().await.map_err(|error| unusable(&error))
    }
}

fn failed(error: &JsValue) -> NetworkError {
    NetworkError(said(error, "no connection"))
}

fn unusable(error: &JsValue) -> FileAccessError {
    FileAccessError::Failed(said(error, "the browser gave no reason"))
}

/// What an exception says, or `otherwise`.
fn said(error: &JsValue, otherwise: &str) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.dyn_ref::<web_sys::DomException>().map(web_sys::DomException::message))
        .or_else(|| error.as_string())
        .unwrap_or_else(|| otherwise.to_owned())
}
