//! Addresses that somebody would like the server to fetch. None is: no connection is opened.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use doorpost_fetch::{FetchError, Fetcher, address::is_public, target::Target};
use futures_util::FutureExt as _;

/// Refused as they stand, or by the address in them.
const HOSTILE: &[&str] = &[
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://93.184.215.14/",
    "gopher://93.184.215.14:70/_x",
    "dict://93.184.215.14/",
    "ldap://93.184.215.14/",
    "ssh://93.184.215.14/",
    "telnet://93.184.215.14/",
    "data:text/html,<title>x</title>",
    "javascript:alert(1)",
    "about:blank",
    "blob:https://site.com/1",
    "ws://site.com/",
    "wss://site.com/",
    "jar:https://site.com!/x",
    "mailto:a@site.com",
    "tel:123",
    "view-source:https://site.com",
    "unix:/run/docker.sock",
    "http+unix://%2Frun%2Fdocker.sock/",
    "sftp://site.com",
    "smb://site.com/x",
    "tftp://site.com/x",
    "netdoc:///etc/passwd",
    "php://filter",
    "expect://id",
    "chrome://version",
    "x://site.com",
    "",
    "/",
    "//",
    "///",
    "http:",
    "http://",
    "https://",
    "http:///",
    "http://?",
    "http://#",
    "http:// ",
    "site.com",
    "www.site.com/path",
    "//site.com",
    "?x",
    "#x",
    " ",
    "http://[",
    "http://[::1",
    "http://]",
    "http://%",
    "http://%00/",
    "http://a b.com/",
    "http://site.com:99999/",
    "http://:80/",
    "http://@/",
    "http://user@/",
    "http:\\\\\\\\",
    "http://user@site.com/",
    "http://user:pass@site.com/",
    "https://:pass@site.com/",
    "http://site.com@127.0.0.1/",
    "http://127.0.0.1@site.com/",
    "http://site.com:80@169.254.169.254/",
    "https://a%40b@site.com/",
    "http://site.com%2f@127.0.0.1/",
    "http://site.com:0/",
    "http://site.com:1/",
    "http://site.com:21/",
    "http://site.com:22/",
    "http://site.com:23/",
    "http://site.com:25/",
    "http://site.com:53/",
    "http://site.com:110/",
    "http://site.com:111/",
    "http://site.com:135/",
    "http://site.com:139/",
    "http://site.com:143/",
    "http://site.com:389/",
    "http://site.com:443/",
    "http://site.com:445/",
    "http://site.com:465/",
    "http://site.com:587/",
    "http://site.com:873/",
    "http://site.com:993/",
    "http://site.com:2049/",
    "http://site.com:2375/",
    "http://site.com:2379/",
    "http://site.com:3000/",
    "http://site.com:3128/",
    "http://site.com:3306/",
    "http://site.com:3389/",
    "http://site.com:4001/",
    "http://site.com:5000/",
    "http://site.com:5432/",
    "http://site.com:5601/",
    "http://site.com:5984/",
    "http://site.com:6379/",
    "http://site.com:6443/",
    "http://site.com:7001/",
    "http://site.com:8000/",
    "http://site.com:8008/",
    "http://site.com:8080/",
    "http://site.com:8081/",
    "http://site.com:8443/",
    "http://site.com:8500/",
    "http://site.com:8888/",
    "http://site.com:9000/",
    "http://site.com:9090/",
    "http://site.com:9200/",
    "http://site.com:9300/",
    "http://site.com:10250/",
    "http://site.com:11211/",
    "http://site.com:27017/",
    "http://site.com:50000/",
    "http://site.com:65535/",
    "https://site.com:80/",
    "https://site.com:8443/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://foo.localhost/",
    "http://printer.local/",
    "http://router.lan/",
    "http://nas.home/",
    "http://db.internal/",
    "http://metadata.google.internal/",
    "http://intra.corp/",
    "http://wiki.intranet/",
    "http://a.test/",
    "http://a.invalid/",
    "http://a.example/",
    "http://x.onion/",
    "http://1.0.0.127.in-addr.arpa/",
    "http://kubernetes/",
    "http://redis/",
    "http://postgres/",
    "http://host/",
    "http://router/",
    "http://foo.local./",
    "http://ip6-localhost/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://127.255.255.254/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://203.0.113.1/",
    "http://198.51.100.1/",
    "http://192.0.2.1/",
    "http://0.1.2.3/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    "http://127%2E0%2E0%2E1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[2002:c0a8:1::1]/",
    "http://[2001::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[fc00::1]/",
    "http://[fd00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe90::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[ff05::1:3]/",
    "http://[100::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://127.0.0.1/%2e%2e/",
    "http://127.0.0.1/?x=http://site.com",
    "http://127.0.0.1#site.com",
    "http://127.0.0.1\\@site.com/",
    "http:/127.0.0.1/",
    "http:127.0.0.1",
    "http:\\/\\/127.0.0.1",
    "\thttp://127.0.0.1/",
    "http://127.0.0.1\t/",
    "ht\ntp://127.0.0.1/",
    "http://127.0.0.1:80/",
    "https://127.0.0.1:443/",
];

#[tokio::test]
async fn hostile_addresses_are_refused_before_a_connection() {
    assert!(HOSTILE.len() >= 200, "{}", HOSTILE.len());
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    // Names would resolve to an address that is public; nothing listens on the port.
    let resolve = move |_: String, _: u16| {
        noted.store(true, Ordering::Relaxed);
        async { vec![IpAddr::from([93, 184, 215, 14])] }.boxed()
    };
    let fetcher = Fetcher::for_tests(resolve, is_public, 1);
    for url in HOSTILE {
        let result = fetcher.page(url).await;
        assert!(matches!(result, Err(FetchError::Target(_) | FetchError::NotPublic)), "{url:?}: {result:?}");
    }
    assert!(!asked.load(Ordering::Relaxed), "no name of these is looked up");
    Target::parse(&format!("https://site.com/{}", "x".repeat(2_100))).expect_err("too long");
    Target::parse("https://site.com/a?b#c").expect("a good one");
}

#[tokio::test]
async fn a_name_with_one_address_inside_is_refused() {
    for hidden in ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1"] {
        let hidden: IpAddr = hidden.parse().expect("an address");
        let resolve = move |_: String, _: u16| async move { vec![IpAddr::from([93, 184, 215, 14]), hidden] }.boxed();
        let fetcher = Fetcher::for_tests(resolve, is_public, 1);
        assert_eq!(fetcher.page("https://site.com/").await, Err(FetchError::NotPublic), "{hidden}");
    }
    let many = |_: String, _: u16| async { vec![IpAddr::from([93, 184, 215, 14]); 17] }.boxed();
    assert_eq!(Fetcher::for_tests(many, is_public, 1).page("https://site.com/").await, Err(FetchError::NotPublic));
    let none = |_: String, _: u16| async { Vec::new() }.boxed();
    assert_eq!(Fetcher::for_tests(none, is_public, 1).page("https://site.com/").await, Err(FetchError::Unreachable));
}

#[test]
fn redirects_are_checked_as_well() {
    let from = Target::parse("https://site.com/a/b").expect("good");
    assert_eq!(from.redirected("../c?d").expect("good").url.as_str(), "https://site.com/c?d");
    for bad in
        ["http://site.com/", "//user@site.com/", "file:///etc/passwd", "https://site.com:8080/", "https://localhost/"]
    {
        from.redirected(bad).expect_err(bad);
    }
}
