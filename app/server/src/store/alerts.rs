//! Alerts, what the rules remember, and the outbox.

use desk::alert::{Mark, Rule};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Store, StoreError, instant};
use crate::settings;

/// For how long alerts are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How far the delivery of an alert has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It is to be sent, or to be sent again.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was tried for as long as it is, or the receiver is gone.
    GivenUp,
    /// There was no webhook.
    Unsent,
}

impl Delivery {
    const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::GivenUp, Self::Unsent];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Unsent => "unsent",
        }
    }
}

/// An alert in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// The same at every try.
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    /// The rule's name, or `test`.
    pub(crate) rule: String,
    /// What it says, without a customer's words.
    pub(crate) summary: String,
    /// What is sent.
    pub(crate) body: String,
    pub(crate) delivery: Delivery,
    pub(crate) tries: u32,
    pub(crate) next_at: Timestamp,
    /// What the last try brought, in words.
    pub(crate) told: String,
}

type Row = (String, i64, String, String, String, String, i64, i64, String);

const COLUMNS: &str = "id, at, rule, summary, body, delivery, tries, next_at, told";

impl Store {
    /// Since when this desk is watched, and what was told of it. Another desk than before is watched from `now` on.
    pub(crate) async fn alert_watch(
        &self,
        desk: &settings::Desk,
        now: Timestamp,
    ) -> Result<(Timestamp, Vec<Mark>), StoreError> {
        let desk = serde_json::to_string(&desk.identity()).map_err(|_| wrong())?;
        let mut transaction = self.pool.begin().await?;
        let known: Option<(String, i64)> =
            sqlx::query_as("SELECT desk, since FROM alert_watch").fetch_optional(&mut *transaction).await?;
        if let Some((_, since)) = known.filter(|(known, _)| *known == desk) {
            let rows: Vec<(String, String, i64)> =
                sqlx::query_as("SELECT rule, subject, told_at FROM alert_marks").fetch_all(&mut *transaction).await?;
            return Ok((instant(since)?, rows.into_iter().map(mark).collect::<Result<_, _>>()?));
        }
        for statement in ["DELETE FROM alert_watch", "DELETE FROM alert_marks"] {
            sqlx::query(statement).execute(&mut *transaction).await?;
        }
        sqlx::query("INSERT INTO alert_watch (desk, since) VALUES ($1, $2)")
            .bind(desk)
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok((now, Vec::new()))
    }

    /// Puts alerts into the outbox and remembers what was told: both or neither, so that nothing is told twice or lost.
    pub(crate) async fn raise(&self, alerts: &[Outgoing], marks: &[Mark], now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM alert_marks").execute(&mut *transaction).await?;
        for mark in marks {
            sqlx::query("INSERT INTO alert_marks (rule, subject, told_at) VALUES ($1, $2, $3)")
                .bind(rule_name(mark.rule)?)
                .bind(&mark.subject)
                .bind(mark.told_at.as_millisecond())
                .execute(&mut *transaction)
                .await?;
        }
        for alert in alerts {
            insert(alert).execute(&mut *transaction).await?;
        }
        let oldest = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        sqlx::query("DELETE FROM alerts WHERE at < $1")
            .bind(oldest.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts one alert into the outbox that no rule raised.
    pub(crate) async fn enqueue(&self, alert: &Outgoing) -> Result<(), StoreError> {
        insert(alert).execute(&self.pool).await?;
        Ok(())
    }

    /// The newest alerts, newest first.
    pub(crate) async fn newest_alerts(&self, count: u32) -> Result<Vec<Outgoing>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM alerts ORDER BY number DESC LIMIT $1");
        let rows: Vec<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(i64::from(count)).fetch_all(&self.pool).await?;
        rows.into_iter().map(outgoing).collect()
    }

    /// The alert that is to be sent now: the oldest of those that were not tried yet, else the oldest whose time has come
    /// again. So none waits for another that cannot be delivered.
    pub(crate) async fn next_due(&self, now: Timestamp) -> Result<Option<Outgoing>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM alerts WHERE delivery = 'pending' AND next_at <= $1
             ORDER BY CASE WHEN tries = 0 THEN 0 ELSE 1 END, number LIMIT 1"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(now.as_millisecond());
        let row: Option<Row> = query.fetch_optional(&self.pool).await?;
        row.map(outgoing).transpose()
    }

    /// Records what a try brought.
    pub(crate) async fn record_try(&self, alert: &Outgoing) -> Result<(), StoreError> {
        sqlx::query("UPDATE alerts SET delivery = $2, tries = $3, next_at = $4, told = $5 WHERE id = $1")
            .bind(alert.id.to_string())
            .bind(alert.delivery.name())
            .bind(i64::from(alert.tries))
            .bind(alert.next_at.as_millisecond())
            .bind(&alert.told)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The revision of the webhook that said that it is gone.
    pub(crate) async fn gone_webhook(&self) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT revision FROM webhook_gone").fetch_optional(&self.pool).await?;
        Ok(row.map(|(revision,)| revision))
    }

    /// Remembers that a webhook is gone.
    pub(crate) async fn webhook_is_gone(&self, revision: &str) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM webhook_gone").execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO webhook_gone (revision) VALUES ($1)")
            .bind(revision)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The statement that puts an alert into the outbox.
pub(super) fn insert(alert: &Outgoing) -> sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    sqlx::query(
        "INSERT INTO alerts (number, id, at, rule, summary, body, delivery, tries, next_at, told)
         VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM alerts), $1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(alert.id.to_string())
    .bind(alert.at.as_millisecond())
    .bind(&alert.rule)
    .bind(&alert.summary)
    .bind(&alert.body)
    .bind(alert.delivery.name())
    .bind(i64::from(alert.tries))
    .bind(alert.next_at.as_millisecond())
    .bind(&alert.told)
}

fn outgoing((id, at, rule, summary, body, delivery, tries, next_at, told): Row) -> Result<Outgoing, StoreError> {
    Ok(Outgoing {
        id: id.parse().map_err(|_| wrong())?,
        at: instant(at)?,
        rule,
        summary,
        body,
        delivery: Delivery::ALL.into_iter().find(|one| one.name() == delivery).ok_or_else(wrong)?,
        tries: tries.try_into().map_err(|_| wrong())?,
        next_at: instant(next_at)?,
        told,
    })
}

fn mark((rule, subject, told_at): (String, String, i64)) -> Result<Mark, StoreError> {
    let rule = Rule::ALL.into_iter().find(|one| rule_name(*one).is_ok_and(|name| name == rule)).ok_or_else(wrong)?;
    Ok(Mark { rule, subject, told_at: instant(told_at)? })
}

/// The rule's name in JSON and in the database.
pub(crate) fn rule_name(rule: Rule) -> Result<String, StoreError> {
    match serde_json::to_value(rule) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(wrong()),
    }
}

fn wrong() -> StoreError {
    StoreError::Row { what: "alert" }
}
