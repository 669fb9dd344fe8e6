use super::*;

#[test]
fn what_is_not_said_is_denied() {
    assert_eq!(Class::default(), Class::NoStore);
    assert_eq!(Access::default(), Access::Operator);
    assert!(!Class::NoStore.may_store() && !Class::Pass.may_store());
}

#[test]
fn head_follows_get() {
    let route = Route::at("/x").with(Verb::Get, Access::Anyone, Class::Public);
    assert!(route.rule(&http::Method::HEAD).is_some());
    assert!(route.rule(&http::Method::POST).is_none());
}

#[test]
fn whoever_needs_no_token_to_change_something_is_limited_as_one_who_signs_in() {
    for route in RouteTable::fixed().routes {
        for rule in &route.rules {
            let is_open_change = rule.access == Access::Anyone && rule.verb != Verb::Get;
            assert_eq!(rule.rate == Rate::SignIns, is_open_change, "{} {:?}", route.pattern, rule.verb);
            assert_eq!(
                rule.rate == Rate::Unlimited,
                rule.access == Access::Operator || rule.class == Class::Pass && !is_open_change,
                "{} {:?}",
                route.pattern,
                rule.verb
            );
        }
    }
}

#[test]
fn no_fixed_route_is_both_public_and_behind_a_token() {
    for route in RouteTable::fixed().routes {
        for rule in route.rules {
            assert!(!rule.class.may_store() || rule.access == Access::Anyone, "{}", route.pattern);
        }
    }
}
