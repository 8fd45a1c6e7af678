//! What the kernel takes for the same events: their bytes, written by one thread to as many connections, without TLS and
//! HTTP. Whatever serves events over TCP, one write for each event and stream, costs at least that.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    time::Duration,
};

use tokio::io::AsyncReadExt;

use crate::{WATCHED, milliseconds, process::Part};

/// Prints it for events of these sizes.
pub(crate) fn measure(streams: usize, sizes: impl Iterator<Item = usize>) {
    let streams = streams.to_string();
    let mut writer = Part::start(&["writes", &streams]);
    let mut readers = Part::start(&["readers", &writer.hear(), &streams]);
    readers.hear();
    writer.hear();
    for size in sizes {
        let before = writer.measure();
        writer.ask(&size.to_string());
        let cpu = (writer.measure().cpu - before.cpu) / WATCHED;
        println!("{:>9.1} ms of processor time an event: {size} bytes", milliseconds(cpu));
    }
    readers.end();
    writer.end();
}

/// The process that writes.
pub(crate) fn write(streams: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let streams: usize = streams.parse().unwrap();
    let mut open = listener.incoming().take(streams).collect::<Result<Vec<TcpStream>, _>>().unwrap();
    open.iter().for_each(|stream| stream.set_nodelay(true).unwrap());
    println!("open");
    for line in std::io::stdin().lines() {
        let event = vec![b'm'; line.unwrap().parse().unwrap()];
        for _ in 0..WATCHED {
            open.iter_mut().for_each(|stream| stream.write_all(&event).unwrap());
            std::thread::sleep(Duration::from_secs(1));
        }
        println!("written");
    }
}

/// The process that reads.
pub(crate) async fn read(address: &str, streams: &str) {
    for _ in 0..streams.parse().unwrap() {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        });
    }
    println!("open");
    for line in std::io::stdin().lines() {
        line.unwrap();
    }
}
