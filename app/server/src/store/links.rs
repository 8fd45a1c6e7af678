//! Access links.

use std::collections::BTreeSet;

use desk::ClientId;
use jiff::Timestamp;
use pairing::link::{
    Id,
    server::{Issued, Terms},
};

use super::{Deed, Screen, Store, StoreError, instant, screens};

/// An access link, and what administrators know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) issued: Issued,
    /// Its name, and the name of the screens that join by it.
    pub(crate) name: String,
    pub(crate) purpose: Purpose,
    pub(crate) created_at: Timestamp,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Screens join by it.
    Screens {
        /// The board that they show.
        board: String,
    },
    /// Browsers look at boards by it.
    Browsers(Sight),
}

/// What the holder of a link may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// These boards, the first of them first.
    pub(crate) boards: Vec<String>,
    /// These clients' tickets only.
    pub(crate) clients: Option<BTreeSet<ClientId>>,
}

impl Purpose {
    fn kind(&self) -> &'static str {
        match self {
            Self::Screens { .. } => "screens",
            Self::Browsers(_) => "browsers",
        }
    }

    /// The boards, with commas between: none of their names has one.
    fn boards(&self) -> String {
        match self {
            Self::Screens { board } => board.clone(),
            Self::Browsers(sight) => sight.boards.join(","),
        }
    }

    fn clients(&self) -> Result<Option<String>, StoreError> {
        let Self::Browsers(Sight { clients: Some(clients), .. }) = self else { return Ok(None) };
        serde_json::to_string(clients).map(Some).map_err(|_| WRONG)
    }

    fn read(kind: &str, boards: String, clients: Option<String>) -> Option<Self> {
        match kind {
            "screens" => Some(Self::Screens { board: boards }),
            "browsers" => {
                let boards = boards.split(',').map(str::to_owned).collect();
                let clients = clients.map(|clients| serde_json::from_str(&clients)).transpose().ok()?;
                Some(Self::Browsers(Sight { boards, clients }))
            }
            _ => None,
        }
    }
}

const WRONG: StoreError = StoreError::Row { what: "access link" };

type Row = (String, String, String, String, String, i64, i64, i64, i64, Option<i64>, String, Option<String>);

impl Store {
    /// Every link, newest first.
    pub(crate) async fn links(&self) -> Result<Vec<Link>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, key_hash, name, board, networks, created_at, expires_at, uses, used, revoked_at,
                 kind, clients
             FROM access_links ORDER BY created_at DESC, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| link(row).ok_or(WRONG)).collect()
    }

    /// The link of this id, if there is one.
    pub(crate) async fn link(&self, id: &Id) -> Result<Option<Link>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, key_hash, name, board, networks, created_at, expires_at, uses, used, revoked_at,
                 kind, clients
             FROM access_links WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| link(row).ok_or(WRONG)).transpose()
    }

    pub(crate) async fn add_link(&self, link: &Link, deed: &Deed) -> Result<(), StoreError> {
        let Issued { id, key_hash, terms, used, .. } = &link.issued;
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO access_links (id, key_hash, name, board, networks, created_at, expires_at, uses, used,
                 kind, clients)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id.to_string())
        .bind(key_hash.to_string())
        .bind(&link.name)
        .bind(link.purpose.boards())
        .bind(terms.networks.to_string())
        .bind(link.created_at.as_millisecond())
        .bind(terms.expires_at)
        .bind(i64::from(terms.uses))
        .bind(i64::from(*used))
        .bind(link.purpose.kind())
        .bind(link.purpose.clients()?)
        .execute(&mut *transaction)
        .await?;
        deed.commit(transaction).await
    }

    /// Ends a link: nobody joins by it any more.
    pub(crate) async fn revoke_link(&self, id: &Id, deed: &Deed) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("UPDATE access_links SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(id.to_string())
            .bind(deed.at.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        deed.commit(transaction).await
    }

    /// Takes a use of a link and adds the screen that took it, both or neither. Says whether there was a use left:
    /// of two devices that come at once for the last one, this decides.
    pub(crate) async fn join(&self, id: &Id, screen: &Screen, deed: &Deed) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let taken =
            sqlx::query("UPDATE access_links SET used = used + 1 WHERE id = $1 AND used < uses AND revoked_at IS NULL")
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        screens::insert(screen).execute(&mut *transaction).await?;
        deed.commit(transaction).await?;
        Ok(true)
    }
}

fn link(row: Row) -> Option<Link> {
    let (id, key_hash, name, board, networks, created_at, expires_at, uses, used, revoked_at, kind, clients) = row;
    let terms = Terms { networks: networks.parse().ok()?, expires_at, uses: uses.try_into().ok()? };
    let issued = Issued {
        id: id.parse().ok()?,
        key_hash: key_hash.parse().ok()?,
        terms,
        used: used.try_into().ok()?,
        revoked: revoked_at.is_some(),
    };
    let purpose = Purpose::read(&kind, board, clients)?;
    Some(Link { issued, name, purpose, created_at: instant(created_at).ok()? })
}
