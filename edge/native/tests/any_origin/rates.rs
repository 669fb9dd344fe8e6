//! How often one network may have the origin asked, where the operator says so.

use std::num::NonZero;

use stepwell_edge_core::rate::Limits;
use stepwell_edge_core::rate::gcra::Quota;

use crate::bench::Bench;

#[tokio::test]
async fn hits_are_not_counted_and_what_reaches_the_origin_is() {
    let quota = Quota { requests: NonZero::new(2).unwrap(), window_s: NonZero::new(10).unwrap() };
    let bench = Bench::limited(Limits { http: Some(quota), ..Limits::default() }).await;
    bench.origin.says(200, &[("cache-control", "max-age=100")], "one");
    for _ in 0..9 {
        assert_eq!(bench.get("/").await.status, 200);
    }
    assert_eq!(bench.get("/2").await.status, 200);
    let refused = bench.get("/3").await;
    assert_eq!((refused.status, refused.field("ratelimit")), (429, Some("\"requests\";r=0;t=5")));
    assert_eq!((bench.asked(), bench.get("/").await.status), (2, 200));
    bench.pass_s(5);
    assert_eq!(bench.get("/3").await.status, 200);
}
