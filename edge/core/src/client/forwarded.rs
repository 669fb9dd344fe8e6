//! The field `Forwarded` (RFC 7239 §4).

use std::borrow::Cow;
use std::net::IpAddr;

/// What each element of a line says of `for`: an address, or `None` where it says none. `None` for a line that breaks the
/// field's form anywhere: quotes that do not pair may have been meant to swallow what a proxy has added.
pub(super) fn nodes(line: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut nodes = Vec::new();
    let mut node: Option<Option<IpAddr>> = None;
    let mut rest = line;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = read_value(after)?;
        let name = name.trim();
        if name.eq_ignore_ascii_case("for") {
            if node.is_some() {
                return None;
            }
            node = Some(super::address(&value));
        } else if name.is_empty() || !name.bytes().all(is_of_token) {
            return None;
        }
        let after = after.trim_start();
        let ends_element = !after.starts_with(';');
        if ends_element {
            nodes.push(node.take().flatten());
        }
        if after.is_empty() {
            return Some(nodes);
        }
        rest = after.strip_prefix([';', ','])?;
    }
}

/// A token or a quoted string (RFC 9110 §5.6.2, §5.6.4) at the beginning, and what follows it.
fn read_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.bytes().position(|byte| !is_of_node(byte)).unwrap_or(text.len());
        let (token, rest) = text.split_at_checked(end)?;
        return (!token.is_empty()).then_some((Cow::Borrowed(token), rest));
    };
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return Some((Cow::Owned(value), rest.as_str())),
            '\\' => value.push(rest.next()?),
            other => value.push(other),
        }
    }
}

const fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`'
        )
        || matches!(byte, b'|' | b'~')
}

/// Also what some proxies forget to quote: a port behind an address.
const fn is_of_node(byte: u8) -> bool {
    is_of_token(byte) || byte == b':'
}
