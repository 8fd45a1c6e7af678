//! Registered screens.

use std::{collections::HashMap, net::IpAddr};

use jiff::Timestamp;
use pairing::{
    link,
    message::{self, PublicKey},
    rotation::server::Keys,
};
use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

use super::{Deed, Store, StoreError, instant};
use crate::group::Group;

/// A registered place on a wall, and the device that fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) board: String,
    /// To which it belongs, for updates.
    pub(crate) group: Option<Group>,
    pub(crate) device: Uuid,
    /// By which the device is known.
    pub(crate) keys: Keys,
    pub(crate) model: String,
    pub(crate) serial: String,
    pub(crate) software: String,
    pub(crate) address: IpAddr,
    pub(crate) added_at: Timestamp,
    /// The access link by which it joined.
    pub(crate) link: Option<link::Id>,
    /// Since when it gets nothing, because two devices have its identity.
    pub(crate) suspended_at: Option<Timestamp>,
}

impl Screen {
    /// The place as devices know it.
    pub(crate) fn place(&self) -> Result<message::Screen, StoreError> {
        let wrong = |_| StoreError::Row { what: "screen" };
        let (name, board) = (self.name.parse().map_err(wrong)?, self.board.parse().map_err(wrong)?);
        Ok(message::Screen { id: self.id, name, board })
    }
}

type Row = (
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    i64,
    Option<String>,
    i64,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

impl Store {
    /// Every screen, oldest first.
    pub(crate) async fn screens(&self) -> Result<Vec<Screen>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, name, board, device, device_key, model, serial, software, address, added_at, link,
                 generation, next_key, key_since, suspended_at, screen_group
             FROM screens ORDER BY added_at, id",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut replaced = self.replaced_keys().await?;
        let mut read = |row: Row| {
            let replaced = replaced.remove(&row.0).unwrap_or_default();
            screen(row, replaced).ok_or(StoreError::Row { what: "screen" })
        };
        rows.into_iter().map(&mut read).collect()
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

    /// Gives a screen another name, board and group.
    pub(crate) async fn change_screen(
        &self,
        id: Uuid,
        name: &str,
        board: &str,
        group: Option<&Group>,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("UPDATE screens SET name = $2, board = $3, screen_group = $4 WHERE id = $1")
            .bind(id.to_string())
            .bind(name)
            .bind(board)
            .bind(group.map(Group::as_ref))
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }

    /// Removes a screen.
    pub(crate) async fn remove_screen(&self, id: Uuid, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for statement in [
            "DELETE FROM screens WHERE id = $1",
            "DELETE FROM replaced_keys WHERE screen = $1",
            "DELETE FROM device_health WHERE screen = $1",
            "DELETE FROM held_screens WHERE screen = $1",
            "DELETE FROM commands WHERE screen = $1",
        ] {
            sqlx::query(statement).bind(id.to_string()).execute(&mut *transaction).await?;
        }
        deed.commit(transaction).await
    }

    /// The keys of generations before, of each screen, the first one first.
    async fn replaced_keys(&self) -> Result<HashMap<String, Vec<PublicKey>>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT screen, device_key FROM replaced_keys ORDER BY screen, generation")
                .fetch_all(&self.pool)
                .await?;
        let mut replaced = HashMap::<_, Vec<_>>::new();
        for (screen, key) in rows {
            let key = key.parse().map_err(|_| StoreError::Row { what: "device key" })?;
            replaced.entry(screen).or_default().push(key);
        }
        Ok(replaced)
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
    .bind(screen.keys.present().to_string())
    .bind(&screen.model)
    .bind(&screen.serial)
    .bind(&screen.software)
    .bind(screen.address.to_string())
    .bind(screen.added_at.as_millisecond())
    .bind(screen.link.map(|link| link.to_string()))
}

fn screen(row: Row, replaced: Vec<PublicKey>) -> Option<Screen> {
    let (id, name, board, device, present, model, serial, software, address, added_at, link, ..) = row;
    let (.., generation, next, since, suspended_at, group) = row;
    let next = next.map(|next| next.parse()).transpose().ok()?;
    let keys = Keys::stored(replaced, present.parse().ok()?, next, since, suspended_at.is_some());
    if i64::from(keys.generation()) != generation {
        return None;
    }
    Some(Screen {
        id: id.parse().ok()?,
        name,
        board,
        group: group.map(Group::try_from).transpose().ok()?,
        device: device.parse().ok()?,
        keys,
        model,
        serial,
        software,
        address: address.parse().ok()?,
        added_at: instant(added_at).ok()?,
        link: link.map(|link| link.parse()).transpose().ok()?,
        suspended_at: suspended_at.map(instant).transpose().ok()?,
    })
}
