//! Passwords, hashed with Argon2id off the threads that serve requests. Hashing takes a core and megabytes for
//! milliseconds on purpose, so only so many run at once, and only so many wait.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::attempts::{self, Attempts};
use crate::config::access::Argon2 as Cost;

/// Hashes that may wait for each that runs: with OWASP's minimum, half a second's worth.
const WAITING_PER_RUNNING: usize = 32;

/// Hashes and verifies.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// Running and waiting.
    places: Arc<Semaphore>,
    places_max: usize,
    /// Running.
    cores: Arc<Semaphore>,
    of_account: Arc<Attempts>,
    of_address: Arc<Attempts>,
    /// The hash that stands in for that of an account which does not exist.
    decoy: Arc<str>,
}

/// Leave to hash or verify one password.
pub struct Place {
    _held: OwnedSemaphorePermit,
}

/// Why a password was not hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many passwords wait to be checked")]
    Overloaded,
    /// The hash could not be computed, or the stored one cannot be read.
    #[error("a password could not be hashed: {0}")]
    Failed(password_hash::Error),
    /// The work was thrown away: the process is stopping.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl Passwords {
    /// With the configured cost. Fails where Argon2 has no such parameters.
    pub fn new(cost: &Cost) -> Result<Self, argon2::Error> {
        let params = Params::new(cost.memory_kib, cost.iterations, 1, None)?;
        let (salt, output) = ("c3RlcHdlbGxkZWNveQ", "A".repeat(43));
        let decoy = format!("$argon2id$v=19$m={},t={},p=1${salt}${output}", cost.memory_kib, cost.iterations);
        let places_max = cost.concurrency * (1 + WAITING_PER_RUNNING);
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            places: Arc::new(Semaphore::new(places_max)),
            places_max,
            cores: Arc::new(Semaphore::new(cost.concurrency)),
            of_account: Arc::new(Attempts::new(attempts::OF_ACCOUNT)),
            of_address: Arc::new(Attempts::new(attempts::OF_ADDRESS)),
            decoy: decoy.into(),
        })
    }

    /// How often each account's password may be guessed.
    pub fn of_account(&self) -> &Arc<Attempts> {
        &self.of_account
    }

    /// How often each network may guess.
    pub fn of_address(&self) -> &Arc<Attempts> {
        &self.of_address
    }

    /// A place among those who wait, or [`PasswordError::Overloaded`] at once. To be asked for before any other work, so
    /// that a flood costs nothing more.
    pub fn enter(&self) -> Result<Place, PasswordError> {
        let place = self.places.clone().try_acquire_owned().map_err(|refused| match refused {
            TryAcquireError::NoPermits => PasswordError::Overloaded,
            TryAcquireError::Closed => PasswordError::Interrupted,
        })?;
        Ok(Place { _held: place })
    }

    /// The hash to store, in PHC form with its parameters and a salt of its own.
    pub async fn hash(&self, place: Place, password: SecretString) -> Result<String, PasswordError> {
        let argon2 = self.argon2.clone();
        self.run(place, move || {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
            let hash = argon2.hash_password_with_salt(password.expose_secret().as_bytes(), &salt)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was stored. `None`, an account that does not exist, costs the same and is
    /// never right.
    pub async fn verify(
        &self,
        place: Place,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let (argon2, decoy) = (self.argon2.clone(), Arc::clone(&self.decoy));
        self.run(place, move || {
            let known = stored.is_some();
            let hash = PasswordHash::new(stored.as_deref().unwrap_or(&decoy))?;
            match argon2.verify_password(password.expose_secret().as_bytes(), &hash) {
                Ok(()) => Ok(known),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// How many are hashed at the moment or wait for it.
    pub fn under_way(&self) -> usize {
        self.places_max.saturating_sub(self.places.available_permits())
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let core = self.cores.clone().acquire_owned().await.map_err(|_| PasswordError::Interrupted)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also when the caller has gone.
            let _held = (place, core);
            work()
        });
        done.await.map_err(|_| PasswordError::Interrupted)?.map_err(PasswordError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Below OWASP's minimum, which configuration refuses: tests need not be slow.
    fn passwords() -> Passwords {
        Passwords::new(&Cost { memory_kib: 64, iterations: 1, concurrency: 1 }).unwrap()
    }

    async fn hash(passwords: &Passwords, password: &str) -> String {
        passwords.hash(passwords.enter().unwrap(), password.into()).await.unwrap()
    }

    async fn verify(
        passwords: &Passwords,
        password: &str,
        stored: Option<&str>,
    ) -> Result<bool, PasswordError> {
        passwords.verify(passwords.enter()?, password.into(), stored.map(str::to_owned)).await
    }

    #[tokio::test]
    async fn the_right_password_alone_is_right() {
        let passwords = passwords();
        let stored = hash(&passwords, "correct horse").await;
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert_ne!(hash(&passwords, "correct horse").await, stored);
        assert_eq!(verify(&passwords, "correct horse", Some(&stored)).await, Ok(true));
        assert_eq!(verify(&passwords, "battery staple", Some(&stored)).await, Ok(false));
    }

    #[tokio::test]
    async fn an_unknown_account_is_never_right_and_its_stand_in_costs_what_others_do() {
        let passwords = passwords();
        assert_eq!(verify(&passwords, "correct horse", None).await, Ok(false));
        let stored = hash(&passwords, "x").await;
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&passwords.decoy), cost(&stored));
        let lengths = |hash: &str| hash.split('$').next_back().map(str::len);
        assert_eq!(lengths(&passwords.decoy), lengths(&stored));
    }

    #[tokio::test]
    async fn who_is_unknown_waits_for_a_core_to_hash_on_as_everybody_does() {
        let passwords = passwords();
        let stored = hash(&passwords, "x").await;
        for stored in [None, Some(&*stored)] {
            let held = passwords.cores.acquire().await.unwrap();
            let mut verifying = Box::pin(verify(&passwords, "y", stored));
            assert!(futures_util::FutureExt::now_or_never(&mut verifying).is_none());
            drop(held);
            assert_eq!(verifying.await, Ok(false));
        }
    }

    #[tokio::test]
    async fn a_flood_is_refused_at_once() {
        let passwords = passwords();
        let held = passwords.cores.acquire().await.unwrap();
        let verify = || verify(&passwords, "x", None);
        let mut waiting: Vec<_> = (0..=WAITING_PER_RUNNING).map(|_| Box::pin(verify())).collect();
        for one in &mut waiting {
            assert!(futures_util::FutureExt::now_or_never(one).is_none());
        }
        assert_eq!(verify().await, Err(PasswordError::Overloaded));
        drop(held);
        for one in waiting {
            assert_eq!(one.await, Ok(false));
        }
    }
}
