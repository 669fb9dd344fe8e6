//! Parts of an answer that is stored whole.

use http::Method;

use crate::bench::Bench;

/// A bench that has stored `0123456789` under `/`, changed 100 s before it was sent.
async fn stored(etag: &str) -> Bench {
    let bench = Bench::start().await;
    let (changed, date) = (bench.date_s_ago(100), bench.date_s_ago(0));
    let fields =
        [("cache-control", "max-age=10"), ("etag", etag), ("last-modified", &changed), ("date", &date)];
    bench.origin.says(200, &fields, "0123456789");
    bench.get("/").await;
    bench
}

#[tokio::test]
async fn one_range_is_cut_out() {
    let bench = stored("\"one\"").await;
    for (range, of, text) in [
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-30", "bytes 0-9/10", "0123456789"),
        ("bytes=8-99", "bytes 8-9/10", "89"),
        ("Bytes= 8-9 ,", "bytes 8-9/10", "89"),
    ] {
        let part = bench.get_with("/", &[("range", range)]).await;
        assert_eq!((part.status, part.text()), (206, text), "{range}");
        assert_eq!(part.field("content-range"), Some(of), "{range}");
        assert_eq!(part.field("content-length"), Some(&*text.len().to_string()), "{range}");
        assert_eq!((part.field("etag"), part.field("age")), (Some("\"one\""), Some("0")), "{range}");
        assert_eq!(part.cache_status(), "hit; ttl=10");
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_range_without_a_byte_is_refused() {
    let bench = stored("\"one\"").await;
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        let part = bench.get_with("/", &[("range", range)]).await;
        assert_eq!((part.status, part.text()), (416, ""), "{range}");
        assert_eq!(part.field("content-range"), Some("bytes */10"), "{range}");
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn what_is_not_one_range_of_bytes_is_answered_whole() {
    let bench = stored("\"one\"").await;
    for range in ["bytes=0-1,4-5", "lines=1-2", "bytes=4-2", "bytes=", "bytes=a-b", "2-4"] {
        let whole = bench.get_with("/", &[("range", range)]).await;
        assert_eq!((whole.status, whole.text()), (200, "0123456789"), "{range}");
        assert_eq!(whole.field("content-range"), None, "{range}");
    }
    let head = bench.send(Method::HEAD, "/", &[("range", "bytes=2-4")]).await;
    assert_eq!((head.status, head.field("content-length")), (200, Some("10")), "only GET knows ranges");
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_range_may_be_wanted_of_one_representation_alone() {
    let bench = stored("\"one\"").await;
    let (changed, other) = (bench.date_s_ago(100), bench.date_s_ago(99));
    for (if_range, status) in [
        ("\"one\"", 206),
        ("\"two\"", 200),
        ("W/\"one\"", 200),
        (&*changed, 206),
        (&*other, 200),
        ("something", 200),
    ] {
        let answer = bench.get_with("/", &[("range", "bytes=2-4"), ("if-range", if_range)]).await;
        assert_eq!(answer.status, status, "{if_range}");
        assert_eq!(answer.text(), if status == 206 { "234" } else { "0123456789" }, "{if_range}");
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_weak_validator_vouches_for_no_range() {
    let bench = stored("W/\"one\"").await;
    let fields = [("range", "bytes=2-4"), ("if-range", "W/\"one\"")];
    assert_eq!(bench.get_with("/", &fields).await.status, 200);
    assert_eq!(bench.get_with("/", &fields[..1]).await.status, 206, "who names none gets the range");
}

#[tokio::test]
async fn whoever_has_the_answer_needs_no_range_of_it() {
    let bench = stored("\"one\"").await;
    let fields = [("range", "bytes=2-4"), ("if-none-match", "\"one\"")];
    let answer = bench.get_with("/", &fields).await;
    assert_eq!((answer.status, answer.field("content-range")), (304, None));
    let fields = [("range", "bytes=2-4"), ("if-none-match", "\"two\"")];
    assert_eq!(bench.get_with("/", &fields).await.status, 206);
}
