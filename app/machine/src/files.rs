//! Puts wishes where the programs that obey them look.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::wishes::{Connection, Wishes};

/// NetworkManager's keyfiles, below the root.
const CONNECTIONS: &str = "run/NetworkManager/system-connections";
/// systemd-timesyncd's settings, below the root.
const TIME: &str = "run/systemd/timesyncd.conf.d";
/// The proxy, as a file of variables that rauc.service has in its environment, below the root.
const PROXY: &str = "run/nexus-machine/proxy.env";
/// Marks of files that were made and that nobody has been told of yet, below the root.
const UNTOLD: &str = "run/nexus-machine";
/// The marks of the time servers and the proxy; those of connections have their names.
const TIME_UNTOLD: &str = "time";
const PROXY_UNTOLD: &str = "proxy";

/// What the programs that obey these files have to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Untold {
    /// Connections that are there now, new or other than they were told.
    pub connections: Vec<Connection>,
    /// Whether any connection is new, other than they were told, or gone.
    pub network: bool,
    /// Whether the time servers are others.
    pub time: bool,
    /// Whether the proxy is another one.
    pub proxy: bool,
}

/// Makes the files below `root` (`/`) what is wished for, and says what has to be told, which stays until
/// [`network_told`], [`time_told`] and [`proxy_told`].
///
/// # Errors
/// They cannot be written; what was written stays, and the next time goes on.
pub fn put(root: &Path, wishes: &Wishes) -> io::Result<Untold> {
    let mut untold = Untold::default();
    for connection in Connection::ALL {
        let keyfile = wishes.connection(connection);
        // NetworkManager passes over what others could read.
        let file = File {
            path: root.join(CONNECTIONS).join(format!("{}.nmconnection", connection.name())),
            mode: 0o600,
            untold: root.join(UNTOLD).join(connection.name()),
        };
        if file.make(keyfile.map(|keyfile| keyfile.as_bytes()))? {
            untold.network = true;
            untold.connections.extend(keyfile.map(|_| connection));
        }
    }
    let time =
        File { path: root.join(TIME).join("nexus.conf"), mode: 0o644, untold: root.join(UNTOLD).join(TIME_UNTOLD) };
    untold.time = time.make(wishes.time_servers.as_deref().map(str::as_bytes))?;
    // Updates come by TLS alone.
    let variables = wishes.proxy.as_ref().map(|proxy| format!("https_proxy={proxy}\n"));
    let proxy = File { path: root.join(PROXY), mode: 0o644, untold: root.join(UNTOLD).join(PROXY_UNTOLD) };
    untold.proxy = proxy.make(variables.as_deref().map(str::as_bytes))?;
    Ok(untold)
}

/// NetworkManager was told of the connections.
///
/// # Errors
/// The mark cannot be removed.
pub fn network_told(root: &Path) -> io::Result<()> {
    Connection::ALL.iter().try_for_each(|connection| remove(&root.join(UNTOLD).join(connection.name())))
}

/// systemd-timesyncd was told of the time servers.
///
/// # Errors
/// The mark cannot be removed.
pub fn time_told(root: &Path) -> io::Result<()> {
    remove(&root.join(UNTOLD).join(TIME_UNTOLD))
}

/// RAUC was told of the proxy.
///
/// # Errors
/// The mark cannot be removed.
pub fn proxy_told(root: &Path) -> io::Result<()> {
    remove(&root.join(UNTOLD).join(PROXY_UNTOLD))
}

/// A file, and the mark that says that its reader has not been told of it.
struct File {
    path: PathBuf,
    mode: u32,
    untold: PathBuf,
}

impl File {
    /// Makes it what it shall be; says whether its reader has to be told.
    fn make(&self, content: Option<&[u8]>) -> io::Result<bool> {
        let now = match fs::read(&self.path) {
            Ok(now) => Some(now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if now.as_deref() == content {
            return self.untold.try_exists();
        }
        // Before the file: what is changed and not told would never be told.
        write(&self.untold, 0o600, b"")?;
        match content {
            Some(content) => write(&self.path, self.mode, content)?,
            None => remove(&self.path)?,
        }
        Ok(true)
    }
}

/// Writes a file as a whole.
fn write(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    fs::create_dir_all(folder)?;
    // A name that neither program reads.
    let beside = folder.join(format!(".{}~", name.display()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(content)?;
    drop(file);
    fs::rename(&beside, path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
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
            proxy: Some("http://proxy.example:3128/".to_owned()),
            ..Wishes::default()
        };
        let untold = put(root.path(), &wishes).unwrap();
        assert_eq!(untold, Untold { connections: vec![Connection::Wired], network: true, time: true, proxy: true });
        assert_eq!(fs::read_to_string(root.path().join(PROXY)).unwrap(), "https_proxy=http://proxy.example:3128/\n");
        let keyfile = root.path().join(CONNECTIONS).join("nexus-wired.nmconnection");
        assert_eq!(fs::read_to_string(&keyfile).unwrap(), "[ipv4]\nmethod=auto\n");
        assert_eq!(fs::metadata(&keyfile).unwrap().permissions().mode() & 0o777, 0o600);
        told(root.path());
        assert_eq!(put(root.path(), &wishes).unwrap(), Untold::default());

        (wishes.wired, wishes.proxy) = (None, None);
        let untold = put(root.path(), &wishes).unwrap();
        assert_eq!(untold, Untold { connections: vec![], network: true, time: false, proxy: true });
        assert!(!root.path().join(PROXY).exists());
        assert_eq!(fs::read_dir(root.path().join(CONNECTIONS)).unwrap().count(), 0, "nothing is left lying about");
    }

    #[test]
    fn what_could_not_be_told_is_told_the_next_time() {
        let root = tempfile::tempdir().unwrap();
        let mut wishes = Wishes {
            wifi: Some(Zeroizing::new("[wifi]\nssid=65;\n".to_owned())),
            time_servers: Some("[Time]\nNTP=a.example\n".to_owned()),
            ..Wishes::default()
        };
        let all = Untold { connections: vec![Connection::Wifi], network: true, time: true, proxy: false };
        assert_eq!(put(root.path(), &wishes).unwrap(), all);
        assert_eq!(put(root.path(), &wishes).unwrap(), all, "nobody was told");
        time_told(root.path()).unwrap();
        assert_eq!(put(root.path(), &wishes).unwrap(), Untold { time: false, ..all });
        wishes.wifi = None;
        assert_eq!(put(root.path(), &wishes).unwrap().connections, []);
        told(root.path());
        assert_eq!(put(root.path(), &wishes).unwrap(), Untold::default());
    }

    fn told(root: &Path) {
        network_told(root).unwrap();
        time_told(root).unwrap();
        proxy_told(root).unwrap();
    }
}
