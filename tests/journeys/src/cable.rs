//! A network cable between stick and server that a test can pull out, let go silent, or give a loose contact.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

const CONNECTED: u8 = 0;
const SILENT: u8 = 1;
const PULLED: u8 = 2;
const LOOSE: u8 = 3;

/// How long a connection over a loose contact lasts: long enough for a board to arrive on a busy machine.
const CONTACT: Duration = Duration::from_secs(3);

/// A TCP forwarder on loopback. Dropping it pulls the cable for good.
pub struct Cable {
    address: SocketAddr,
    state: Arc<AtomicU8>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    /// A cable to `server`, connected.
    pub fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(AtomicU8::new(CONNECTED));
        let open = Arc::new(Mutex::new(Vec::new()));
        let (accept_state, accept_open) = (Arc::clone(&state), Arc::clone(&open));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if accept_state.load(Ordering::SeqCst) == PULLED {
                    continue;
                }
                let Ok(far) = TcpStream::connect(server) else { continue };
                if accept_state.load(Ordering::SeqCst) == LOOSE {
                    near.try_clone().map(end_soon).ok();
                }
                for (mut from, mut to) in [(&near, &far), (&far, &near)].map(duplicate).into_iter().flatten() {
                    if let Ok(mut open) = accept_open.lock() {
                        open.extend(from.try_clone());
                    }
                    let state = Arc::clone(&accept_state);
                    thread::spawn(move || forward(&mut from, &mut to, &state));
                }
            }
        });
        Ok(Self { address, state, open })
    }

    /// The near end: where the stick connects.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on no byte passes, but nothing is closed: as when a switch loses power behind another one.
    pub fn let_go_silent(&self) {
        self.state.store(SILENT, Ordering::SeqCst);
    }

    /// Closes every connection and refuses new ones.
    pub fn pull(&self) {
        self.state.store(PULLED, Ordering::SeqCst);
        self.close_all();
    }

    /// Closes every connection; new ones are taken, and closed a moment later.
    pub fn come_loose(&self) {
        self.state.store(LOOSE, Ordering::SeqCst);
        self.close_all();
    }

    /// Connects it again. Connections that went silent are gone.
    pub fn mend(&self) {
        self.close_all();
        self.state.store(CONNECTED, Ordering::SeqCst);
    }

    fn close_all(&self) {
        if let Ok(mut open) = self.open.lock() {
            for stream in open.drain(..) {
                // A stream that the other side closed already needs no closing.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.pull();
    }
}

fn end_soon(stream: TcpStream) {
    thread::spawn(move || {
        thread::sleep(CONTACT);
        // Whoever closed it already saves us that.
        let _ = stream.shutdown(Shutdown::Both);
    });
}

fn duplicate((from, to): (&TcpStream, &TcpStream)) -> Option<(TcpStream, TcpStream)> {
    Some((from.try_clone().ok()?, to.try_clone().ok()?))
}

fn forward(from: &mut TcpStream, to: &mut TcpStream, state: &AtomicU8) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(length) if length > 0 => length,
            _ => break,
        };
        while state.load(Ordering::SeqCst) == SILENT {
            thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
