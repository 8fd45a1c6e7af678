//! A proxy on this host (RFC 9110, CONNECT) that knows a name which nobody else knows: whatever comes to the server by that
//! name has come through the proxy.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    thread,
};

/// The name of this host behind the proxy. No DNS server has it (RFC 6761).
pub const NAME: &str = "nexus.test";

/// The proxy, for as long as this process lives.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
}

impl Proxy {
    /// Starts one on loopback, where guests of QEMU's user network reach it as they reach the host.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that goes, or wants to go elsewhere, has no connection.
                thread::spawn(move || serve(client).ok());
            }
        });
        Ok(Self { port })
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

#[expect(clippy::disallowed_methods, reason = "it leads on to a server of the test")]
fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let port = request
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next())
        .and_then(|place| place.strip_prefix(NAME)?.strip_prefix(':')?.parse::<u16>().ok());
    let Some(port) = port else {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    };
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut back_from, mut back_to) = (server.try_clone()?, client);
    thread::spawn(move || carry(&mut back_from, &mut back_to));
    // What was read too far belongs to the connection.
    carry(&mut reader, &mut server);
    Ok(())
}

/// Carries bytes until one end has no more.
fn carry(from: &mut impl Read, to: &mut TcpStream) {
    // An end that is gone has heard all that it will hear.
    let _ = io::copy(from, to);
    let _ = to.shutdown(Shutdown::Write);
}
