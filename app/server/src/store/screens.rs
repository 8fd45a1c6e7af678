//! Registered screens.

use std::net::IpAddr;

use jiff::Timestamp;
use pairing::{
    link,
    message::{self, PublicKey},
};
use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

use super::{Deed, Store, StoreError, instant};

/// A registered place on a wall, and the device that fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) board: String,
    pub(crate) device: Uuid,
    pub(crate) device_key: PublicKey,
    pub(crate) model: String,
    pub(crate) serial: String,
    pub(crate) software: String,
    pub(crate) address: IpAddr,
    pub(crate) added_at: Timestamp,
    /// The access link by which it joined.
    pub(crate) link: Option<link::Id>,
}

impl Screen {
    /// The place as devices know it.
    pub(crate) fn place(&self) -> Result<message::Screen, StoreError> {
        let wrong = |_| StoreError::Row { what: "screen" };
        let (name, board) = (self.name.parse().map_err(wrong)?, self.board.parse().map_err(wrong)?);
        Ok(message::Screen { id: self.id, name, board })
    }
}

type Row = (String, String, String, String, String, String, String, String, String, i64, Option<String>);

impl Store {
    /// Every screen, oldest first.
    pub(crate) async fn screens(&self) -> Result<Vec<Screen>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, name, board, device, device_key, model, serial, software, address, added_at, link
             FROM screens ORDER BY added_at, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| screen(row).ok_or(StoreError::Row { what: "screen" })).collect()
    }

    /// Adds a screen; says whether it was not there before.
    pub(crate) async fn add_screen(&self, screen: &Screen, deed: &Deed) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        if insert(screen).execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        deed.commit(transaction).await?;
        Ok(true)
    }

    /// Gives a screen another name and board.
    pub(crate) async fn change_screen(&self, id: Uuid, name: &str, board: &str, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("UPDATE screens SET name = $2, board = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(name)
            .bind(board)
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }

    /// Removes a screen.
    pub(crate) async fn remove_screen(&self, id: Uuid, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM screens WHERE id = $1").bind(id.to_string()).execute(&mut *transaction).await?;
        deed.commit(transaction).await
    }
}

/// The statement that adds a screen, unless it is there: a button that is pressed twice adds it once.
pub(super) fn insert(screen: &Screen) -> Query<'_, Sqlite, SqliteArguments> {
    sqlx::query(
        "INSERT INTO screens (id, name, board, device, device_key, model, serial, software, address, added_at, link)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
    )
    .bind(screen.id.to_string())
    .bind(&screen.name)
    .bind(&screen.board)
    .bind(screen.device.to_string())
    .bind(screen.device_key.to_string())
    .bind(&screen.model)
    .bind(&screen.serial)
    .bind(&screen.software)
    .bind(screen.address.to_string())
    .bind(screen.added_at.as_millisecond())
    .bind(screen.link.map(|link| link.to_string()))
}

fn screen(row: Row) -> Option<Screen> {
    let (id, name, board, device, device_key, model, serial, software, address, added_at, link) = row;
    Some(Screen {
        id: id.parse().ok()?,
        name,
        board,
        device: device.parse().ok()?,
        device_key: device_key.parse().ok()?,
        model,
        serial,
        software,
        address: address.parse().ok()?,
        added_at: instant(added_at).ok()?,
        link: link.map(|link| link.parse()).transpose().ok()?,
    })
}
