//! The agent's socket: its newest word, and the TV's reports to it. Comes back by itself.

use std::{io, path::Path, time::Duration};

use device::{MAX_LINE, Report, Said, lines};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    sync::mpsc,
    time::sleep,
};

/// What comes from the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Its newest word.
    Said(Box<Said>),
    /// It does not answer; it is tried again.
    Lost,
}

/// Between two attempts. The socket is on the same machine and costs nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows the agent and hands it the reports, until nobody listens.
///
/// Only the newest word about the connection waits for an agent that is away; what else it missed is old.
pub async fn follow<E: From<Event>>(socket: &Path, mut reports: mpsc::Receiver<Report>, events: mpsc::Sender<E>) {
    let mut connection = None;
    loop {
        let error = match UnixStream::connect(socket).await {
            Ok(stream) => match converse(stream, &mut reports, &mut connection, &events).await {
                Some(error) => error,
                None => return,
            },
            Err(error) => error,
        };
        tracing::debug!("no agent at {}: {error}", socket.display());
        if events.send(Event::Lost.into()).await.is_err() {
            return;
        }
        let pause = sleep(PAUSE);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                report = reports.recv() => match report {
                    Some(report @ Report::Connection { .. }) => connection = Some(report),
                    Some(_) => {}
                    None => return,
                }
            }
        }
    }
}

/// One connection; `None` once nobody listens.
async fn converse<E: From<Event>>(
    mut stream: UnixStream,
    reports: &mut mpsc::Receiver<Report>,
    connection: &mut Option<Report>,
    events: &mpsc::Sender<E>,
) -> Option<io::Error> {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read);
    let mut line = Vec::new();
    if let Some(Err(error)) = async { Some(send(&mut write, connection.as_ref()?).await) }.await {
        return Some(error);
    }
    loop {
        let room = (MAX_LINE + 1).saturating_sub(line.len());
        let mut bounded = (&mut read).take(room as u64);
        tokio::select! {
            // `read_until` keeps what it has read in `line` when it is cancelled.
            length = bounded.read_until(b'\n', &mut line) => {
                match length {
                    Ok(0) => return Some(io::ErrorKind::UnexpectedEof.into()),
                    Ok(_) if line.ends_with(b"\n") => {}
                    Ok(_) if line.len() > MAX_LINE => {
                        return Some(io::Error::other(lines::LineError::TooLong(line.len())));
                    }
                    Ok(_) => continue,
                    Err(error) => return Some(error),
                }
                match lines::decode::<Said>(&line) {
                    Ok(said) => events.send(Event::Said(Box::new(said)).into()).await.ok()?,
                    Err(error) => tracing::warn!("{error}; it is skipped"),
                }
                line.clear();
            }
            report = reports.recv() => {
                let report = report?;
                if matches!(report, Report::Connection { .. }) {
                    *connection = Some(report);
                }
                if let Err(error) = send(&mut write, &report).await {
                    return Some(error);
                }
            }
        }
    }
}

async fn send(write: &mut (impl AsyncWriteExt + Unpin), report: &Report) -> io::Result<()> {
    write.write_all(&lines::encode(report).map_err(io::Error::other)?).await
}

#[cfg(test)]
mod tests;
