//! The keys of devices, from one generation to the next, and screens that two devices claim.

use jiff::Timestamp;
use pairing::rotation::server::Keys;
use uuid::Uuid;

use super::{Outgoing, Store, StoreError, alerts};

impl Store {
    /// Brings the keys of a screen's device from `before` to `after`, all of it or nothing. Says whether they still were
    /// as before.
    pub(crate) async fn change_keys(&self, id: Uuid, before: &Keys, after: &Keys) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let changed = sqlx::query(
            "UPDATE screens SET device_key = $2, next_key = $3, generation = $4, key_since = $5
             WHERE id = $1 AND device_key = $6 AND generation = $7 AND suspended_at IS NULL",
        )
        .bind(id.to_string())
        .bind(after.present().to_string())
        .bind(after.next().map(ToString::to_string))
        .bind(i64::from(after.generation()))
        .bind(after.since())
        .bind(before.present().to_string())
        .bind(i64::from(before.generation()))
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        if after.generation() != before.generation() {
            sqlx::query("INSERT INTO replaced_keys (screen, generation, device_key) VALUES ($1, $2, $3)")
                .bind(id.to_string())
                .bind(i64::from(before.generation()))
                .bind(before.present().to_string())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Suspends a screen and puts the alert about it into the outbox, both or neither. Says whether it was not suspended
    /// before.
    pub(crate) async fn suspend_screen(&self, id: Uuid, now: Timestamp, alert: &Outgoing) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let suspended = sqlx::query("UPDATE screens SET suspended_at = $2 WHERE id = $1 AND suspended_at IS NULL")
            .bind(id.to_string())
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        if suspended.rows_affected() == 0 {
            return Ok(false);
        }
        alerts::insert(alert).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
