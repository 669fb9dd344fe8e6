//! The status of an answer out of its header block, where the header table was set to no size at all: the first field,
//! as every server writes it.

/// Statuses that HPACK has numbers for, from 8 on (RFC 7541, appendix A).
const NUMBERED: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
/// The number of the first.
const STATUS: u8 = 8;

/// Reads it; `None` where the block begins otherwise.
pub(super) fn read(block: &[u8]) -> Option<u16> {
    let (first, rest) = after_sizes(block)?.split_first()?;
    if first & 0x80 != 0 {
        return NUMBERED.get(usize::from((first & 0x7f).checked_sub(STATUS)?)).copied();
    }
    let name = if first & 0x40 == 0 { first & 0x0f } else { first & 0x3f };
    let (length, rest) = rest.split_first()?;
    let value = rest.get(..usize::from(length & 0x7f))?;
    let digits = if length & 0x80 == 0 { value.to_vec() } else { decode_digits(value)? };
    let status = std::str::from_utf8(&digits).ok()?.parse().ok()?;
    (STATUS..STATUS + 7).contains(&name).then_some(status)
}

/// What comes after the table's sizes, which are said before any field (RFC 7541 §6.3).
fn after_sizes(mut block: &[u8]) -> Option<&[u8]> {
    while let [first @ 0x20..=0x3f, rest @ ..] = block {
        let more = if *first == 0x3f { 1 + rest.iter().position(|byte| byte & 0x80 == 0)? } else { 0 };
        block = rest.get(more..)?;
    }
    Some(block)
}

/// Three digits in the Huffman code of RFC 7541, appendix B: 0 to 2 take five bits, and the others six.
fn decode_digits(coded: &[u8]) -> Option<Vec<u8>> {
    let bit = |at: usize| coded.get(at / 8).map(|byte| byte >> (7 - at % 8) & 1);
    let mut at = 0;
    let mut digits = Vec::new();
    while digits.len() < 3 {
        let mut code = 0;
        for _ in 0..5 {
            code = code << 1 | bit(at)?;
            at += 1;
        }
        if code > 2 {
            // 011001 is 3, and so on to 011111.
            code = (code << 1 | bit(at)?).checked_sub(0b01_1001 - 3)?;
            at += 1;
        }
        digits.push(b'0' + code);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_in_each_form() {
        for (block, status) in [
            (&[0x88, 0x5f][..], 200),
            (&[0x20, 0x8d], 404),
            (&[0x20, 0x3f, 0xe1, 0x1f, 0x89], 204),
            (&[0x48, 3, b'4', b'2', b'1'], 421),
            // 302, 307 and 431: RFC 7541 §C.6.1 and §C.6.2 have the first two.
            (&[0x48, 0x82, 0x64, 0x02], 302),
            (&[0x48, 0x83, 0x64, 0x0e, 0xff], 307),
            (&[0x08, 0x83, 0x69, 0x90, 0xff], 431),
        ] {
            assert_eq!(read(block), Some(status), "{block:x?}");
        }
        for block in [&[][..], &[0x20], &[0x82], &[0x48, 0x82]] {
            assert_eq!(read(block), None, "{block:x?}");
        }
    }
}
