//! Puts wishes where the programs that obey them look.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use crate::wishes::{Connection, Wishes};

/// NetworkManager's keyfiles, below the root.
const CONNECTIONS: &str = "run/NetworkManager/system-connections";
/// systemd-timesyncd's settings, below the root.
const TIME: &str = "run/systemd/timesyncd.conf.d";

/// What became different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Connections that are there now, new or other than before.
    pub connections: Vec<Connection>,
    /// Whether any connection is new, other than before, or gone.
    pub network: bool,
    /// Whether the time servers are others.
    pub time: bool,
}

/// Makes the files below `root` (`/`) what is wished for.
///
/// # Errors
/// They cannot be written; what was written stays, and the next time goes on.
pub fn put(root: &Path, wishes: &Wishes) -> io::Result<Changed> {
    let mut changed = Changed::default();
    for connection in Connection::ALL {
        let keyfile = wishes.connection(connection);
        let folder = root.join(CONNECTIONS);
        // NetworkManager passes over what others could read.
        let file = format!("{}.nmconnection", connection.name());
        if make(&folder, &file, 0o600, keyfile.map(|keyfile| keyfile.as_bytes()))? {
            changed.network = true;
            changed.connections.extend(keyfile.map(|_| connection));
        }
    }
    let servers = wishes.time_servers.as_deref().map(str::as_bytes);
    changed.time = make(&root.join(TIME), "nexus.conf", 0o644, servers)?;
    Ok(changed)
}

/// Makes a file what it shall be, as a whole; says whether it was something else.
fn make(folder: &Path, name: &str, mode: u32, content: Option<&[u8]>) -> io::Result<bool> {
    let path = folder.join(name);
    let now = match fs::read(&path) {
        Ok(now) => Some(now),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if now.as_deref() == content {
        return Ok(false);
    }
    let Some(content) = content else {
        fs::remove_file(&path)?;
        return Ok(true);
    };
    fs::create_dir_all(folder)?;
    // A name that neither program reads.
    let beside = folder.join(format!(".{name}~"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(content)?;
    drop(file);
    fs::rename(&beside, &path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn only_what_is_different_is_told_and_what_is_not_wished_for_goes() {
        let root = tempfile::tempdir().unwrap();
        let mut wishes = Wishes {
            wired: Some(Zeroizing::new("[ipv4]\nmethod=auto\n".to_owned())),
            time_servers: Some("[Time]\nNTP=a.example\n".to_owned()),
            ..Wishes::default()
        };
        let changed = put(root.path(), &wishes).unwrap();
        assert_eq!(changed, Changed { connections: vec![Connection::Wired], network: true, time: true });
        let keyfile = root.path().join(CONNECTIONS).join("nexus-wired.nmconnection");
        assert_eq!(fs::read_to_string(&keyfile).unwrap(), "[ipv4]\nmethod=auto\n");
        assert_eq!(fs::metadata(&keyfile).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(put(root.path(), &wishes).unwrap(), Changed::default());

        wishes.wired = None;
        let changed = put(root.path(), &wishes).unwrap();
        assert_eq!(changed, Changed { connections: vec![], network: true, time: false });
        assert_eq!(fs::read_dir(root.path().join(CONNECTIONS)).unwrap().count(), 0, "nothing is left lying about");
    }
}
