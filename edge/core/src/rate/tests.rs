use std::num::NonZero;

use stepwell_shared::time::Timestamp;

use super::*;

#[test]
fn who_has_a_token_counts_for_themselves_and_all_others_for_their_network() {
    let client: IpAddr = "2001:db8:1:2:3:4:5:6".parse().unwrap();
    let network = Subject::Network("2001:db8:1:2::".parse().unwrap());
    let of = |class, claimant, taken| match Subject::of(class, claimant, client, |_| taken) {
        Subject::Key(_) => "key",
        Subject::Account(_) => "account",
        Subject::Network(found) => {
            assert_eq!(Subject::Network(found), network);
            "network"
        }
    };
    let (account, key) = (Claimant::Account(Id::from_column(7).unwrap()), Claimant::Key("swk_x"));
    for class in [Class::Reads, Class::Writes] {
        assert_eq!(of(class, None, true), "network");
        assert_eq!(of(class, Some(account), false), "account");
        assert_eq!((of(class, Some(key), true), of(class, Some(key), false)), ("key", "network"));
    }
    for class in [Class::SignIns, Class::Http] {
        assert_eq!((of(class, Some(account), true), of(class, Some(key), true)), ("network", "network"));
    }
}

#[test]
fn who_is_refused_hears_when_to_come_back_in_fields_of_the_draft() {
    let quota = Quota { requests: NonZero::new(1).unwrap(), window_s: NonZero::new(60).unwrap() };
    let now = Timestamp::from_ms(1_800_000_000_000);
    let Decision::Admitted { bucket, .. } = quota.decide(gcra::Bucket::default(), now) else { panic!() };
    let decision = quota.decide(bucket, now.plus_ms(1));
    let subject = Subject::Network([192, 0, 2, 7].into());
    let answer = refused(Class::SignIns, quota, decision, &subject);
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()[RETRY_AFTER], "60");
    assert_eq!(answer.headers()[RATELIMIT_POLICY], "\"sign-ins\";q=1;w=60");
    assert_eq!(answer.headers()[RATELIMIT], "\"sign-ins\";r=0;t=60");
    let body = std::str::from_utf8(answer.body()).unwrap();
    assert!(body.contains("too-many-requests") && body.contains("one network address"), "{body}");
    // Whose network it is stays out of what others may come to see.
    assert!(!body.contains("192.0.2"));
}

#[test]
fn the_fields_are_structured_fields() {
    let quota =
        Quota { requests: NonZero::new(u32::MAX).unwrap(), window_s: NonZero::new(u32::MAX).unwrap() };
    let decision = quota.decide(gcra::Bucket::default(), Timestamp::from_ms(0));
    for class in Class::ALL {
        let mut headers = HeaderMap::new();
        put_on(&mut headers, class, quota, decision);
        for (field, members) in [(RATELIMIT_POLICY, ["q", "w"]), (RATELIMIT, ["r", "t"])] {
            let text = headers[field].to_str().unwrap();
            let list = sfv::Parser::new(text).parse::<sfv::List>().unwrap();
            let sfv::ListEntry::Item(item) = &list[0] else { panic!("{text}") };
            assert_eq!(item.bare_item.as_string().unwrap().as_str(), class.name());
            assert!(members.iter().all(|member| item.params[*member].as_integer().is_some()), "{text}");
        }
    }
}
