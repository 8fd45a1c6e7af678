//! The administrator's password (`auth.json`), and the setup code that sets it on a new installation.

use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::folder::{Folder, FolderError};

/// The file's name within the data folder.
const FILE: &str = "auth.json";

/// Shortest password (NIST SP 800-63B-4, section 3.1.1.2, asks for 15 where it is the only factor, 8 at least).
const SHORTEST: usize = 10;
const LONGEST: usize = 1024;
/// Crockford base 32: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Ten characters are 50 bits, far beyond what the throttle lets anybody try.
const CODE: usize = 10;

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
    /// The setup code is wrong, or was used.
    #[error("that is not the setup code which this server printed when it started")]
    SetupCode,
    /// scrypt failed.
    #[error("the password could not be hashed")]
    Hashing,
}

/// The setup code: printed to the console of a server that has no password yet, and nowhere else.
#[derive(Clone)]
pub struct SetupCode(SecretString);

impl SetupCode {
    fn draw() -> Self {
        let bytes = crate::random::bytes::<CODE>();
        let text = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect::<String>();
        Self(SecretString::from(format!("{}-{}", &text[..5], &text[5..])))
    }

    /// The code as a person types it. For the console only.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    fn is(&self, typed: &str) -> bool {
        // Lower case, spaces and the letters that look like digits are what people type.
        let normal = |text: &str| -> Zeroizing<Vec<u8>> {
            Zeroizing::new(
                text.bytes()
                    .filter(u8::is_ascii_alphanumeric)
                    .map(|byte| match byte.to_ascii_uppercase() {
                        b'O' => b'0',
                        b'I' | b'L' => b'1',
                        byte => byte,
                    })
                    .collect(),
            )
        };
        normal(typed).ct_eq(&normal(self.expose())).into()
    }
}

/// What `auth.json` holds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    admin: Hashed,
}

/// A password as scrypt leaves it, with its cost, so that the cost can rise.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Written")]
struct Hashed {
    log_n: u8,
    r: u32,
    p: u32,
    salt: String,
    hash: String,
}

/// The same as it stands in the file, before its cost was looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    log_n: u8,
    r: u32,
    p: u32,
    salt: String,
    hash: String,
}

impl TryFrom<Written> for Hashed {
    type Error = &'static str;

    fn try_from(Written { log_n, r, p, salt, hash }: Written) -> Result<Self, Self::Error> {
        vault::Cost::new(log_n, r, p).ok_or("no machine has the memory for this cost of scrypt")?;
        Ok(Self { log_n, r, p, salt, hash })
    }
}

/// The administrator's credential.
pub(crate) struct Credential {
    folder: Folder,
    state: Mutex<State>,
    /// scrypt takes 32 MiB each time: strangers must not run many at once.
    hashing: Arc<Semaphore>,
}

enum State {
    /// No password yet.
    Setup(SetupCode),
    Set(Hashed),
}

/// Whether the installation in `folder` has an administrator's password.
///
/// # Errors
/// `auth.json` is there but does not read: it is not touched.
pub fn has_password(folder: &Folder) -> Result<bool, CredentialError> {
    Ok(Credential::open(folder)?.setup_code().is_none())
}

impl Credential {
    /// Reads the credential. Without one, a setup code is drawn.
    ///
    /// # Errors
    /// The file is there but does not read: it is not touched.
    pub(crate) fn open(folder: &Folder) -> Result<Self, CredentialError> {
        let state = match folder.read(FILE)? {
            None => State::Setup(SetupCode::draw()),
            Some(text) => {
                let stored: Stored = serde_json::from_str(&text).map_err(|error| malformed(folder, &error))?;
                State::Set(stored.admin)
            }
        };
        Ok(Self { folder: folder.clone(), state: Mutex::new(state), hashing: Arc::new(Semaphore::new(2)) })
    }

    /// The setup code, for as long as there is no password.
    pub(crate) fn setup_code(&self) -> Option<SetupCode> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(code) => Some(code.clone()),
            State::Set(_) => None,
        }
    }

    /// Whether this is the password.
    pub(crate) async fn verify(&self, password: SecretString) -> Result<bool, CredentialError> {
        let stored = match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Setup(_) => return Ok(false),
            State::Set(stored) => stored.clone(),
        };
        if password.expose_secret().len() > LONGEST {
            return Ok(false);
        }
        self.hash(move || stored.verify(&password)).await
    }

    /// Sets the first password. The code is dead afterwards.
    pub(crate) async fn set_up(&self, code: &str, password: SecretString) -> Result<(), CredentialError> {
        let is_right = |state: &State| matches!(state, State::Setup(right) if right.is(code));
        if !is_right(&self.state.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Err(CredentialError::SetupCode);
        }
        if !(SHORTEST..=LONGEST).contains(&password.expose_secret().len()) {
            return Err(CredentialError::Length);
        }
        let admin = self.hash(move || Hashed::of(&password)).await?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have used the code while this one was hashing.
        if !is_right(&state) {
            return Err(CredentialError::SetupCode);
        }
        self.folder.write_json(FILE, &Stored { admin: admin.clone() })?;
        *state = State::Set(admin);
        Ok(())
    }

    async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let _permit = self.hashing.acquire().await.map_err(|_| CredentialError::Hashing)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| CredentialError::Hashing)?
    }
}

impl Hashed {
    const LOG_N: u8 = 15;
    const R: u32 = 8;
    const P: u32 = 1;

    fn of(password: &SecretString) -> Result<Self, CredentialError> {
        let salt = crate::random::bytes::<16>();
        let hash = stretch(password, &salt, Self::LOG_N, Self::R, Self::P)?;
        let (salt, hash) = (BASE64.encode(&salt), BASE64.encode(&hash));
        Ok(Self { log_n: Self::LOG_N, r: Self::R, p: Self::P, salt, hash })
    }

    fn verify(&self, password: &SecretString) -> Result<bool, CredentialError> {
        let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| CredentialError::Hashing);
        let hash = stretch(password, &decode(&self.salt)?, self.log_n, self.r, self.p)?;
        Ok(decode(&self.hash)?.ct_eq(&hash).into())
    }
}

fn stretch(password: &SecretString, salt: &[u8], log_n: u8, r: u32, p: u32) -> Result<[u8; 32], CredentialError> {
    let params = scrypt::Params::new(log_n, r, p).map_err(|_| CredentialError::Hashing)?;
    let mut hash = [0; 32];
    scrypt::scrypt(password.expose_secret().as_bytes(), salt, &params, &mut hash)
        .map_err(|_| CredentialError::Hashing)?;
    Ok(hash)
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
