//! Counts of the past, for comparisons and trends.

use desk::{Sample, Scope, Series};
use jiff::Timestamp;

use super::{Store, StoreError, instant};
use crate::settings;

type Row = (String, String, i64, i64);

impl Store {
    /// The samples of this desk since `oldest`. Those of another one are forgotten: demo data must not outlive the demo.
    pub(crate) async fn history(&self, desk: &settings::Desk, oldest: Timestamp) -> Result<Vec<Sample>, StoreError> {
        let desk = text(&desk.identity())?;
        let mut transaction = self.pool.begin().await?;
        let known: Option<(String,)> =
            sqlx::query_as("SELECT desk FROM history").fetch_optional(&mut *transaction).await?;
        if known.is_none_or(|(known,)| known != desk) {
            for statement in ["DELETE FROM samples", "DELETE FROM history"] {
                sqlx::query(statement).execute(&mut *transaction).await?;
            }
            sqlx::query("INSERT INTO history (desk) VALUES ($1)").bind(desk).execute(&mut *transaction).await?;
        }
        let rows: Vec<Row> = sqlx::query_as("SELECT scope, series, at, count FROM samples WHERE at >= $1 ORDER BY at")
            .bind(oldest.as_millisecond())
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        rows.into_iter().map(sample).collect()
    }

    /// Keeps samples; one that is there already stays as it is. Forgets those before `oldest`.
    pub(crate) async fn keep_samples(&self, samples: &[Sample], oldest: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for sample in samples {
            sqlx::query(
                "INSERT INTO samples (scope, series, at, count) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(text(&sample.scope)?)
            .bind(text(&sample.series)?)
            .bind(sample.at.as_millisecond())
            .bind(i64::from(sample.count))
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query("DELETE FROM samples WHERE at < $1")
            .bind(oldest.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn sample((scope, series, at, count): Row) -> Result<Sample, StoreError> {
    let wrong = || StoreError::Row { what: "sample" };
    Ok(Sample {
        scope: serde_json::from_str::<Scope>(&scope).map_err(|_| wrong())?,
        series: serde_json::from_str::<Series>(&series).map_err(|_| wrong())?,
        at: instant(at)?,
        count: count.try_into().map_err(|_| wrong())?,
    })
}

fn text(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Row { what: "sample" })
}
