//! A server that answers well, and badly.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use doorpost_fetch::{BODY_BYTES_MAX, FetchError, Fetcher, Page, REDIRECTS_MAX};
use futures_util::FutureExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Answers each connection with `answer`'s bytes to what was asked; how many there were.
async fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((LOCAL, 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut request = vec![0; 4_096];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let bytes = answer(&String::from_utf8_lossy(&request[..length]));
            // Who asked may have gone before the end.
            let _gone = stream.write_all(&bytes).await;
        }
    });
    (port, count)
}

/// `site.com` is here; `inside.com` is where nobody may go.
fn fetcher(port: u16) -> Fetcher {
    let resolve = |name: String, _: u16| {
        let address = if name == "inside.com" { IpAddr::from([10, 0, 0, 1]) } else { LOCAL };
        async move { vec![address] }.boxed()
    };
    Fetcher::for_tests(resolve, |address| address == LOCAL, port)
}

fn html(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

async fn page(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (Result<Page, FetchError>, usize) {
    let (port, count) = serve(answer).await;
    let result = fetcher(port).page("http://site.com/a?b=c#d").await;
    (result, count.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_page_is_asked_for_politely() {
    let (result, _) = page(|request| {
        let lines: Vec<String> = request.lines().map(str::to_ascii_lowercase).collect();
        assert_eq!(lines[0], "get /a?b=c http/1.1");
        assert!(lines.iter().any(|line| line == "host: site.com"), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("user-agent: doorpost/")), "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("cookie") || line.starts_with("referer")), "{lines:?}");
        html("<title>Here</title>")
    })
    .await;
    assert_eq!(result.expect("a page").html, "<title>Here</title>");
}

#[tokio::test]
async fn redirects_are_followed_so_far() {
    let (result, count) = page(|request| match request.starts_with("GET /a") {
        true => redirect("/next"),
        false => html("there"),
    })
    .await;
    assert_eq!((result.expect("a page").html.as_ref(), count), (&b"there"[..], 2));
    let (result, count) = page(|_| redirect("/again")).await;
    assert_eq!((result, count), (Err(FetchError::TooManyRedirects), 1 + REDIRECTS_MAX as usize));
    for inside in ["http://inside.com/", "http://10.0.0.1/", "http://[::1]/"] {
        let (result, count) = page(move |_| redirect(inside)).await;
        assert_eq!((result, count), (Err(FetchError::NotPublic), 1), "{inside}");
    }
    let (result, _) = page(|_| redirect("file:///etc/passwd")).await;
    assert!(matches!(result, Err(FetchError::Target(_))), "{result:?}");
}

#[tokio::test]
async fn what_is_no_page_is_none() {
    for answer in [
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
    ] {
        assert_eq!(page(move |_| answer.into()).await.0, Err(FetchError::NoPage), "{answer}");
    }
    let endless_head = || format!("HTTP/1.1 200 OK\r\n{}", "x-filler: yyyyyyyyyyyyyyyyyyyy\r\n".repeat(10_000));
    for answer in ["nonsense\r\n\r\n".to_owned(), String::new(), endless_head()] {
        assert_eq!(page(move |_| answer.clone().into_bytes()).await.0, Err(FetchError::Unreachable));
    }
}

#[tokio::test]
async fn only_the_beginning_of_a_long_page_is_read() {
    let (result, _) = page(|_| html(&"x".repeat(BODY_BYTES_MAX + 70_000))).await;
    assert_eq!(result.expect("a page").html.len(), BODY_BYTES_MAX);
    let lies = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 900000\r\n\r\nshort";
    assert_eq!(page(move |_| lies.into()).await.0, Err(FetchError::Unreachable));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind((LOCAL, 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    assert_eq!(fetcher(port).page("http://site.com/").await, Err(FetchError::TimedOut));
}

#[tokio::test]
async fn what_is_posted_comes_whole_and_goes_nowhere_else() {
    let asked = Arc::new(std::sync::Mutex::new(String::new()));
    let heard = Arc::clone(&asked);
    let (port, count) = serve(move |request| {
        *heard.lock().expect("heard") = request.to_owned();
        redirect("http://site.com/elsewhere")
    })
    .await;
    let headers = [("ttl", "60".to_owned())];
    let status = fetcher(port).post("http://site.com/push?x=1", &headers, "sealed".into()).await;
    assert_eq!((status, count.load(Ordering::Relaxed)), (Ok(302), 1), "a redirect is an answer");
    let asked = asked.lock().expect("asked").to_ascii_lowercase();
    assert!(asked.starts_with("post /push?x=1 http/1.1\r\n") && asked.ends_with("\r\n\r\nsealed"), "{asked}");
    assert!(asked.contains("\r\nttl: 60\r\n") && asked.contains("\r\ncontent-length: 6\r\n"), "{asked}");
    let inside = fetcher(port).post("http://inside.com/", &[], "sealed".into()).await;
    assert_eq!(inside, Err(FetchError::NotPublic));
    assert_eq!(fetcher(port).check("http://inside.com/").await, Err(FetchError::NotPublic));
    assert_eq!(fetcher(port).check("http://site.com/").await, Ok(()));
    let plain = Fetcher::default().check("http://site.com/").await;
    assert!(matches!(plain, Err(FetchError::Target(_))), "not without https: {plain:?}");
}
