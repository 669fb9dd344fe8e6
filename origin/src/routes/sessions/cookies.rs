//! The cookies that carry a browser's tokens (RFC 6265bis).
//!
//! Scripts cannot read them (`HttpOnly`), no other host can plant them (`__Host-`), and they go over TLS alone (`Secure`;
//! Chrome and Firefox count `http://localhost` as safe, so that development needs no certificate). The access cookie is
//! `Lax`, so that a link from elsewhere opens a page signed in; the refresh cookie is `Strict`, since nothing but the
//! site's own pages ever needs it.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use stepwell_shared::credentials::{ACCESS_COOKIE, REFRESH_COOKIE};

/// Sets both, each for as long as its token is good.
pub fn set(headers: &mut HeaderMap, access: (&str, u64), refresh: (&str, u64)) {
    append(headers, ACCESS_COOKIE, access, "Lax");
    append(headers, REFRESH_COOKIE, refresh, "Strict");
}

/// Removes both.
pub fn clear(headers: &mut HeaderMap) {
    set(headers, ("", 0), ("", 0));
}

fn append(headers: &mut HeaderMap, name: &str, (token, max_age_s): (&str, u64), same_site: &str) {
    let cookie =
        format!("{name}={token}; Path=/; Secure; HttpOnly; SameSite={same_site}; Max-Age={max_age_s}");
    let mut value = HeaderValue::try_from(cookie).expect("tokens are letters, digits and punctuation");
    value.set_sensitive(true);
    headers.append(SET_COOKIE, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_have_every_guard_that_browsers_know() {
        let mut headers = HeaderMap::new();
        set(&mut headers, ("a.b.c", 900), ("swr_x", 1000));
        clear(&mut headers);
        let set: Vec<_> = headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(
            set,
            [
                "__Host-stepwell-access=a.b.c; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900",
                "__Host-stepwell-refresh=swr_x; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=1000",
                "__Host-stepwell-access=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
                "__Host-stepwell-refresh=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
            ]
        );
    }
}
