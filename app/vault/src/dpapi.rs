//! `dpapi:`, the scheme of Windows: the system keeps the key, for one account of one machine.
#![expect(unsafe_code, reason = "the data protection interface of Windows is C, and std has no way to it")]

use std::{io, ptr, slice};

use secrecy::{ExposeSecret, SecretString};
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use zeroize::{Zeroize, Zeroizing};

use crate::{Cost, Error, Name, Passphrase};

pub(crate) const PREFIX: &str = "dpapi:";

/// The bytes of the blob. There is no cost to record: the key is the system's.
pub(crate) fn seal(
    name: &Name,
    secret: &SecretString,
    _: Option<&Passphrase>,
    _: Cost,
) -> Result<(Vec<u8>, Option<Cost>), Error> {
    let sealed = call(Call::Protect, secret.expose_secret().as_bytes(), name)
        .map_err(|reason| Error::DataProtection { name: name.clone(), reason })?;
    Ok((sealed.to_vec(), None))
}

pub(crate) fn open(
    name: &Name,
    bytes: &[u8],
    _: Option<&Passphrase>,
    _: Option<Cost>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    call(Call::Unprotect, bytes, name).map_err(|_| Error::SealedForAnotherAccount(name.clone()))
}

#[derive(Clone, Copy)]
enum Call {
    Protect,
    Unprotect,
}

/// Has the system seal or open `bytes`, with the setting's name as entropy: a blob opens under no other name.
fn call(call: Call, bytes: &[u8], name: &Name) -> io::Result<Zeroizing<Vec<u8>>> {
    let input = blob(bytes)?;
    let entropy = blob(name.as_str().as_bytes())?;
    let mut output = CRYPT_INTEGER_BLOB { cbData: 0, pbData: ptr::null_mut() };
    // SAFETY: the two inputs are slices that outlive the call, which only reads them in spite of its types; `output` is
    // ours to be written, and everything else may be null. No window is ever opened.
    let done = unsafe {
        match call {
            Call::Protect => CryptProtectData(
                &input,
                ptr::null(),
                &entropy,
                ptr::null(),
                ptr::null(),
                CRYPTPROTECT_UI_FORBIDDEN,
                &mut output,
            ),
            Call::Unprotect => CryptUnprotectData(
                &input,
                ptr::null_mut(),
                &entropy,
                ptr::null(),
                ptr::null(),
                CRYPTPROTECT_UI_FORBIDDEN,
                &mut output,
            ),
        }
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    if output.pbData.is_null() {
        return Ok(Zeroizing::new(Vec::new()));
    }
    // SAFETY: the call succeeded, so `output` names that many bytes, which are ours alone until they are freed below.
    let system_copy = unsafe { slice::from_raw_parts_mut(output.pbData, output.cbData as usize) };
    let bytes = Zeroizing::new(system_copy.to_vec());
    system_copy.zeroize();
    // SAFETY: the call allocated it with LocalAlloc, and nothing refers to it any more.
    unsafe { LocalFree(output.pbData.cast()) };
    Ok(bytes)
}

fn blob(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    Ok(CRYPT_INTEGER_BLOB { cbData: length, pbData: bytes.as_ptr().cast_mut() })
}
