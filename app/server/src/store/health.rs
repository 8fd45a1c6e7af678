//! How screens are, and which of them get no updates.

use device::fleet::Health;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Deed, Store, StoreError, instant};

impl Store {
    /// What each screen said last. What a newer version wrote and this one does not read is left out.
    pub(crate) async fn health(&self) -> Result<Vec<(Uuid, Health, Timestamp)>, StoreError> {
        let rows: Vec<(String, i64, String)> =
            sqlx::query_as("SELECT screen, told_at, health FROM device_health").fetch_all(&self.pool).await?;
        let mut told = Vec::new();
        for (screen, told_at, health) in rows {
            let screen = screen.parse().map_err(|_| StoreError::Row { what: "device's health" })?;
            if let Ok(health) = serde_json::from_str(&health) {
                told.push((screen, health, instant(told_at)?));
            }
        }
        Ok(told)
    }

    /// A screen says how it is.
    pub(crate) async fn tell_health(&self, screen: Uuid, health: &Health, at: Timestamp) -> Result<(), StoreError> {
        let health = serde_json::to_string(health).map_err(|_| StoreError::Row { what: "device's health" })?;
        sqlx::query(
            "INSERT INTO device_health (screen, told_at, health) VALUES ($1, $2, $3)
             ON CONFLICT (screen) DO UPDATE SET told_at = $2, health = $3",
        )
        .bind(screen.to_string())
        .bind(at.as_millisecond())
        .bind(health)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The screens from which updates are held back.
    pub(crate) async fn held_screens(&self) -> Result<Vec<Uuid>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT screen FROM held_screens").fetch_all(&self.pool).await?;
        let read = |(screen,): (String,)| screen.parse().map_err(|_| StoreError::Row { what: "screen" });
        rows.into_iter().map(read).collect()
    }

    /// Holds updates back from a screen, or does so no longer.
    pub(crate) async fn hold_screen(&self, screen: Uuid, held: bool, deed: &Deed) -> Result<(), StoreError> {
        let statement = match held {
            true => "INSERT INTO held_screens (screen) VALUES ($1) ON CONFLICT (screen) DO NOTHING",
            false => "DELETE FROM held_screens WHERE screen = $1",
        };
        let mut transaction = self.pool.begin().await?;
        sqlx::query(statement).bind(screen.to_string()).execute(&mut *transaction).await?;
        deed.commit(transaction).await
    }
}
