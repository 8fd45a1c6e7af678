//! The administrator's password and the view passcode (`auth.json`), and the setup code that sets the first password.

mod epoch;
mod hashed;
mod setup_code;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use tokio::sync::Semaphore;

use crate::folder::{Folder, FolderError};

pub(crate) use epoch::Epoch;
pub(crate) use hashed::Hashed;
pub use setup_code::SetupCode;

/// The file's name within the data folder.
const FILE: &str = "auth.json";

/// Characters of the shortest password: what NIST SP 800-63B-4, section 3.1.1.2, asks for where it is the only factor. So
/// it is with one-time codes too: before they are set up, and after they are taken off on the console. A shorter one of
/// before goes on.
const SHORTEST: usize = 15;
/// Bytes of the longest.
const LONGEST: usize = 1024;
/// Shortest passcode: it opens numbers to be looked at, and many people type it.
const SHORTEST_PASSCODE: usize = 8;

/// Passwords that are hashed at once, at most.
const AT_ONCE: usize = 2;

/// Why the credential could not be read or set.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The file is not what it should be.
    #[error(
        "{file}, line {line}, column {column}: {reason}. Nothing was changed. Put the file back from a backup; or move it \
         away, and the next start prints a setup code with which to set a new password"
    )]
    Malformed {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The password is too short or too long.
    #[error("a password has {SHORTEST} to {LONGEST} characters")]
    Length,
    /// The passcode is too short or too long.
    #[error("a passcode has {SHORTEST_PASSCODE} to {LONGEST} characters")]
    PasscodeLength,
    /// There is no administrator yet.
    #[error("the administrator's password has to be set first")]
    NotSetUp,
    /// The setup code is wrong, or was used.
    #[error("that is not the setup code which this server printed when it started")]
    SetupCode,
    /// scrypt failed.
    #[error("the password could not be hashed")]
    Hashing,
}

/// What `auth.json` holds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    admin: Hashed,
    #[serde(default, skip_serializing_if = "Epoch::is_none")]
    sessions_epoch: Epoch,
    /// Whether the administrator types a one-time code too. Its key is the Broker's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    one_time_codes: bool,
    /// What people type to look at boards, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passcode: Option<Hashed>,
}

/// The administrator's credential.
pub(crate) struct Credential {
    folder: Folder,
    state: Mutex<State>,
    /// scrypt takes 32 MiB each time: strangers must not run many at once.
    hashing: Arc<Semaphore>,
    hashes: Arc<Hashes>,
}

/// What scrypt did and does.
#[derive(Default)]
struct Hashes {
    begun: AtomicUsize,
    under_way: AtomicUsize,
}

enum State {
    /// No password yet.
    Setup(SetupCode),
    Set(Stored),
}

/// Whether the installation in `folder` has an administrator's password.
///
/// # Errors
/// `auth.json` is there but does not read: it is not touched.
pub fn has_password(folder: &Folder) -> Result<bool, CredentialError> {
    Ok(Credential::open(folder)?.setup_code().is_none())
}

/// Ends every session of the installation in `folder`, whose server does not run: none of them is one of its sessions any
/// more. There are none where there is no administrator's password.
///
/// # Errors
/// `auth.json` does not read, or cannot be written.
pub fn end_sessions(folder: &Folder) -> Result<(), CredentialError> {
    let credential = Credential::open(folder)?;
    match credential.amend(|stored| stored.sessions_epoch = Epoch::draw()) {
        Err(CredentialError::NotSetUp) => Ok(()),
        amended => amended,
    }
}

/// From here on nobody is asked for a one-time code, whether the server runs or not. Says whether somebody was before.
///
/// # Errors
/// `auth.json` does not read, or cannot be written.
pub fn remove_one_time_codes(folder: &Folder) -> Result<bool, CredentialError> {
    let credential = Credential::open(folder)?;
    let asked = credential.needs_one_time_code();
    if asked {
        credential.set_one_time_codes(false)?;
    }
    Ok(asked)
}

impl Credential {
    /// Reads the credential. Without one, a setup code is drawn.
    ///
    /// # Errors
    /// The file is there but does not read: it is not touched.
    pub(crate) fn open(folder: &Folder) -> Result<Self, CredentialError> {
        let state = match folder.read(FILE)? {
            None => State::Setup(SetupCode::draw()),
            Some(json) => {
                let stored: Stored = serde_json::from_slice(&json).map_err(|error| malformed(folder, &error))?;
                State::Set(stored)
            }
        };
        let hashing = Arc::new(Semaphore::new(AT_ONCE));
        Ok(Self { folder: folder.clone(), state: Mutex::new(state), hashing, hashes: Arc::default() })
    }

    /// The setup code, for as long as there is no password.
    pub(crate) fn setup_code(&self) -> Option<SetupCode> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(code) => Some(code.clone()),
            State::Set(_) => None,
        }
    }

    /// Whether this is the password; if so, what is kept of it. That may be another one by then: see
    /// [`Credential::epoch_under`].
    pub(crate) async fn verify(&self, password: SecretString) -> Result<Option<Hashed>, CredentialError> {
        let stored = match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(_) => return Ok(None),
            State::Set(stored) => stored.admin.clone(),
        };
        if password.expose_secret().len() > LONGEST {
            return Ok(None);
        }
        self.hash(move || Ok(stored.verify(&password)?.then_some(stored))).await
    }

    /// The epoch of sessions; none where there is no password, and so no session.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(_) => None,
            State::Set(stored) => Some(stored.sessions_epoch.clone()),
        }
    }

    /// The epoch of a session that somebody begins who knew this password, if it still is the password.
    pub(crate) fn epoch_under(&self, password: &Hashed) -> Option<Epoch> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Set(stored) if stored.admin == *password => Some(stored.sessions_epoch.clone()),
            _ => None,
        }
    }

    /// The same for somebody who knew this passcode.
    pub(crate) fn epoch_under_passcode(&self, passcode: &Hashed) -> Option<Epoch> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Set(stored) if stored.passcode.as_ref() == Some(passcode) => Some(stored.sessions_epoch.clone()),
            _ => None,
        }
    }

    /// Sets the first password, and answers what is kept of it. The code is dead afterwards, and so is every session that
    /// there was under an earlier password.
    pub(crate) async fn set_up(&self, code: &str, password: SecretString) -> Result<Hashed, CredentialError> {
        let is_right = |state: &State| matches!(state, State::Setup(right) if right.is(code));
        if !is_right(&self.state.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Err(CredentialError::SetupCode);
        }
        if !is_long_enough(&password, SHORTEST) {
            return Err(CredentialError::Length);
        }
        let admin = self.hash(move || Hashed::of(&password)).await?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have used the code while this one was hashing.
        if !is_right(&state) {
            return Err(CredentialError::SetupCode);
        }
        self.keep(
            &mut state,
            Stored { admin: admin.clone(), sessions_epoch: Epoch::draw(), one_time_codes: false, passcode: None },
        )?;
        Ok(admin)
    }

    /// Gives the administrator another password.
    pub(crate) async fn change(&self, password: SecretString) -> Result<(), CredentialError> {
        if !is_long_enough(&password, SHORTEST) {
            return Err(CredentialError::Length);
        }
        let admin = self.hash(move || Hashed::of(&password)).await?;
        self.amend(|stored| stored.admin = admin)
    }

    /// What is kept of the passcode, if there is one.
    pub(crate) fn passcode(&self) -> Option<Hashed> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(_) => None,
            State::Set(stored) => stored.passcode.clone(),
        }
    }

    /// Whether a one-time code has to be typed beside the password.
    pub(crate) fn needs_one_time_code(&self) -> bool {
        match &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(_) => false,
            State::Set(stored) => {
                self.follow_console(stored);
                stored.one_time_codes
            }
        }
    }

    /// Has one-time codes be asked for, or not.
    pub(crate) fn set_one_time_codes(&self, asked: bool) -> Result<(), CredentialError> {
        self.amend(|stored| stored.one_time_codes = asked)
    }

    /// Takes over from the file that one-time codes were removed on the console, beside a running server. Nothing else is.
    fn follow_console(&self, stored: &mut Stored) {
        let on_disk = || serde_json::from_slice::<Stored>(&self.folder.read(FILE).ok()??).ok();
        if stored.one_time_codes && on_disk().is_some_and(|on_disk| !on_disk.one_time_codes) {
            stored.one_time_codes = false;
        }
    }

    /// Whether people have to type a passcode to look at boards.
    pub(crate) fn has_passcode(&self) -> bool {
        self.passcode().is_some()
    }

    /// Whether this is the passcode; if so, what is kept of it.
    pub(crate) async fn verify_passcode(&self, passcode: SecretString) -> Result<Option<Hashed>, CredentialError> {
        let Some(stored) = self.passcode() else { return Ok(None) };
        if passcode.expose_secret().len() > LONGEST {
            return Ok(None);
        }
        self.hash(move || Ok(stored.verify(&passcode)?.then_some(stored))).await
    }

    /// Sets another passcode, or the first.
    pub(crate) async fn set_passcode(&self, passcode: SecretString) -> Result<(), CredentialError> {
        if !is_long_enough(&passcode, SHORTEST_PASSCODE) {
            return Err(CredentialError::PasscodeLength);
        }
        let passcode = self.hash(move || Hashed::of(&passcode)).await?;
        self.amend(|stored| stored.passcode = Some(passcode))
    }

    /// Nobody has to type a passcode any more.
    pub(crate) fn remove_passcode(&self) -> Result<(), CredentialError> {
        self.amend(|stored| stored.passcode = None)
    }

    fn amend(&self, change: impl FnOnce(&mut Stored)) -> Result<(), CredentialError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State::Set(stored) = &*state else { return Err(CredentialError::NotSetUp) };
        let mut stored = stored.clone();
        self.follow_console(&mut stored);
        change(&mut stored);
        self.keep(&mut state, stored)
    }

    /// The file first: what it does not hold does not count.
    fn keep(&self, state: &mut State, stored: Stored) -> Result<(), CredentialError> {
        self.folder.write_json(FILE, &stored)?;
        *state = State::Set(stored);
        Ok(())
    }

    async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let permit = self.hashing.clone().acquire_owned().await.map_err(|_| CredentialError::Hashing)?;
        let hashes = self.hashes.clone();
        let hashing = move || {
            // Held to the end of the work, which goes on where whoever asked for it went away.
            let _permit = permit;
            hashes.begun.fetch_add(1, Ordering::Relaxed);
            hashes.under_way.fetch_add(1, Ordering::Relaxed);
            let worked = work();
            hashes.under_way.fetch_sub(1, Ordering::Relaxed);
            worked
        };
        tokio::task::spawn_blocking(hashing).await.map_err(|_| CredentialError::Hashing)?
    }

    /// How many passwords and passcodes were hashed since the start, and how many are now.
    pub(crate) fn hashes(&self) -> (usize, usize) {
        (self.hashes.begun.load(Ordering::Relaxed), self.hashes.under_way.load(Ordering::Relaxed))
    }
}

/// Whether it has so many characters, as people count them, and is not too long to be hashed.
fn is_long_enough(password: &SecretString, shortest: usize) -> bool {
    let password = password.expose_secret();
    password.chars().count() >= shortest && password.len() <= LONGEST
}

fn malformed(folder: &Folder, error: &serde_json::Error) -> CredentialError {
    // The parser's own words quote what they met, which may be the hash.
    let reason = match error.classify() {
        Category::Data => {
            "no password as this version of Nexus keeps it, or a cost of scrypt that no machine has the memory for"
        }
        Category::Eof => "it is cut short",
        Category::Syntax | Category::Io => "it is no JSON",
    };
    CredentialError::Malformed {
        file: folder.path(FILE).display().to_string(),
        line: error.line(),
        column: error.column(),
        reason: reason.to_owned(),
    }
}
