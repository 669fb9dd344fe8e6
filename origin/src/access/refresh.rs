//! Refresh tokens: one is good once, and what it was exchanged for shows what became of it.
//!
//! A session is a family of tokens, each made from the one before (rotation, RFC 9700 §4.14.2). A token that comes after
//! it was replaced is in two hands, nobody knows which of them is a thief's, and so the whole family ends. One case is
//! no theft: a client that lost the answer to its refresh and asks again. For [`GRACE_MS`] it gets the very answer that
//! it lost, since the successor follows from its token and a stored salt: no second line of tokens ever exists, and
//! nothing is gained by whoever holds the token before, since the next refresh of either makes the other's a replaced one.

use std::io;
use std::sync::Arc;

use secrecy::SecretString;
use stepwell_shared::credentials::REFRESH_TOKEN_PREFIX;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::opaque::{Hash, Opaque};

/// How long after a refresh the token before may be repeated, in milliseconds: two tries of a client that waits some
/// seconds for an answer.
pub const GRACE_MS: u64 = 10_000;

/// A refresh token: which session, what the family shares, and its own part.
#[derive(Debug)]
pub struct RefreshToken {
    /// The session.
    pub session: Id,
    family: Arc<Opaque>,
    own: Opaque,
}

/// What is stored of a family.
#[derive(Clone, Debug)]
pub struct Family {
    /// Of what its tokens share.
    pub shared: Hash,
    /// Of the current token's own part.
    pub current: Hash,
    /// Of the token before, once there is one.
    pub previous: Option<Previous>,
}

/// What is stored of the token before the current one.
#[derive(Clone, Debug)]
pub struct Previous {
    /// Of its own part.
    pub hash: Hash,
    /// When it was replaced.
    pub replaced_at: Timestamp,
    /// With it, it makes the current one.
    pub salt: Vec<u8>,
}

/// What a token that comes is to its family.
#[derive(Debug)]
pub enum Verdict {
    /// The current one: it may be replaced.
    Current,
    /// The one before, repeated in time: its successor is the current one.
    Repeated(RefreshToken),
    /// Replaced longer ago: somebody else has used it.
    Replaced,
    /// Not of this family: made up.
    Foreign,
}

impl RefreshToken {
    /// The first token of a new family.
    pub fn generate(session: Id) -> io::Result<Self> {
        Ok(Self { session, family: Arc::new(Opaque::generate()?), own: Opaque::generate()? })
    }

    /// Reads `swr_SESSION_FAMILY_OWN`.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(REFRESH_TOKEN_PREFIX)?;
        // The base64 of the other parts may hold an underscore, so that their lengths say where they end.
        let (session, rest) = rest.split_once('_')?;
        let (family, own) = rest.split_at_checked(43)?;
        let own = own.strip_prefix('_')?;
        let (family, own) = (Arc::new(Opaque::parse(family)?), Opaque::parse(own)?);
        Some(Self { session: session.parse().ok()?, family, own })
    }

    /// Its text, to be handed out once.
    pub fn expose(&self) -> SecretString {
        let (family, own) = (self.family.expose(), self.own.expose());
        format!("{REFRESH_TOKEN_PREFIX}{}_{family}_{own}", self.session).into()
    }

    /// The family that begins with it.
    pub fn family(&self) -> Family {
        Family { shared: self.family.hash(), current: self.own.hash(), previous: None }
    }

    /// What it is to a stored family.
    pub fn judge(&self, family: &Family, now: Timestamp) -> Verdict {
        if !self.family.hash().is(&family.shared) {
            Verdict::Foreign
        } else if self.own.hash().is(&family.current) {
            Verdict::Current
        } else {
            let in_time = |previous: &&Previous| now.since_ms(previous.replaced_at) <= GRACE_MS;
            let repeats = |previous: &&Previous| self.own.hash().is(&previous.hash);
            match family.previous.as_ref().filter(in_time).filter(repeats) {
                Some(previous) => Verdict::Repeated(self.successor(&previous.salt)),
                None => Verdict::Replaced,
            }
        }
    }

    /// Replaces it: the token that follows, and the family as it is then. `salt` is random, and new each time.
    pub fn rotate(&self, salt: &[u8], now: Timestamp) -> (Self, Family) {
        let next = self.successor(salt);
        let previous = Previous { hash: self.own.hash(), replaced_at: now, salt: salt.to_vec() };
        let family = Family { previous: Some(previous), ..next.family() };
        (next, family)
    }

    fn successor(&self, salt: &[u8]) -> Self {
        Self { session: self.session, family: Arc::clone(&self.family), own: self.own.successor(salt) }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    fn first() -> RefreshToken {
        RefreshToken::generate(Id::from_column(7).unwrap()).unwrap()
    }

    fn text(token: &RefreshToken) -> String {
        token.expose().expose_secret().to_owned()
    }

    #[test]
    fn a_token_is_current_until_it_is_replaced() {
        let first = first();
        assert!(matches!(first.judge(&first.family(), NOW), Verdict::Current));
        let (second, family) = first.rotate(b"salt", NOW);
        assert!(matches!(second.judge(&family, NOW), Verdict::Current));
        let later = NOW.plus_ms(GRACE_MS + 1);
        assert!(matches!(first.judge(&family, later), Verdict::Replaced));
        let (third, family) = second.rotate(b"more", later);
        assert!(matches!(third.judge(&family, later), Verdict::Current));
        // Whoever has the first one still is not taken for somebody who made one up, and has no grace left.
        assert!(matches!(first.judge(&family, later), Verdict::Replaced));
    }

    #[test]
    fn a_client_that_lost_the_answer_gets_the_same_one_for_a_while() {
        let first = first();
        let (second, family) = first.rotate(b"salt", NOW);
        for at in [NOW, NOW.plus_ms(GRACE_MS)] {
            let Verdict::Repeated(again) = first.judge(&family, at) else { panic!("it is not repeated") };
            assert_eq!(text(&again), text(&second));
        }
    }

    #[test]
    fn what_is_made_up_ends_no_session() {
        let (ours, other) = (first(), first());
        assert!(matches!(other.judge(&ours.family(), NOW), Verdict::Foreign));
    }

    #[test]
    fn the_text_is_read_back_and_no_other_is_read() {
        let token = first();
        let text = text(&token);
        assert!(text.starts_with("swr_0000000000007_") && text.len() == 105, "{text}");
        assert!(matches!(RefreshToken::parse(&text).unwrap().judge(&token.family(), NOW), Verdict::Current));
        let wrong = [
            &text[1..],
            &text[..104],
            &text.replace("swr_", "swk_"),
            &format!("{text}A"),
            "swr_",
            "",
            "swr_ä_ä_ä",
        ];
        for wrong in wrong {
            assert!(RefreshToken::parse(wrong).is_none(), "{wrong}");
        }
        assert!(RefreshToken::parse(&text.replacen("0000000000007_", "0000000000007_ä", 1)).is_none());
    }
}
