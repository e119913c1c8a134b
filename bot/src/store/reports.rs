//! Reports, found again by their id, their task and their service.

use super::clean::clean;
use super::{KeptReport, Store, StoreError, millis, moment};
use ecs_why_core::model::{CauseId, Moment};
use ecs_why_core::report::{Report, Status};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str = "id, made, account, region, report, evidence, asked";
/// An evidence file beyond that is not kept: few would be left of the others.
const LARGEST_EVIDENCE: usize = 8 << 20;

/// When the same stopped the same service before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// When the report was made.
    pub made: Moment,
    /// The task that it is about, by its id.
    pub task: Option<String>,
}

impl Store {
    /// Keeps a report.
    ///
    /// # Errors
    /// When it is none, or the file does not take it.
    pub async fn keep(&self, report: &KeptReport) -> Result<(), StoreError> {
        let mut kept = report.clone();
        kept.report = clean(&kept.report);
        kept.evidence = kept.evidence.as_deref().map(clean);
        let read = Report::parse(&kept.report).map_err(|error| StoreError(error.to_string()))?;
        self.with(move |file| insert(file, &kept, &read)).await
    }

    /// A report by its id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn report(&self, id: &str) -> Result<Option<KeptReport>, StoreError> {
        self.one("id = ?1 AND ?2 = ''", [id, ""]).await
    }

    /// The newest report about a task that determined something, else the newest: by its id, or by the first digits of it if there is but
    /// one such task.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn of_task(&self, task: &str) -> Result<Option<KeptReport>, StoreError> {
        let whole = "task = ?1 AND ?2 = '' ORDER BY outcome = 'undetermined', made DESC";
        if let Some(found) = self.one(whole, [task, ""]).await? {
            return Ok(Some(found));
        }
        let Some(end) = end_of_prefix(task) else { return Ok(None) };
        let begins = "task >= ?1 AND task < ?2 \
                      AND (SELECT count(DISTINCT task) FROM reports WHERE task >= ?1 AND task < ?2) = 1 \
                      ORDER BY outcome = 'undetermined', made DESC";
        self.one(begins, [task, &end]).await
    }

    /// The newest report about a service whose outcome was a failure.
    #[cfg(test)]
    pub async fn of_service(&self, cluster: &str, service: &str) -> Result<Option<KeptReport>, StoreError> {
        let failed = "cluster = ?1 AND service = ?2 AND outcome IN ('failed', 'hanging') ORDER BY made DESC";
        self.one(failed, [cluster, service]).await
    }

    /// Earlier reports that found the same cause for the same service, the oldest first; at most 200.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn alike(&self, report: &Report, before: Moment) -> Result<Vec<Before>, StoreError> {
        let target = &report.target;
        let (Some(cluster), Some(service), Some(cause)) = (&target.cluster, &target.service, cause(report)) else {
            return Ok(vec![]);
        };
        let values = [cluster.clone(), service.clone(), cause.to_string()];
        let (account, region, before) = (target.account.clone(), target.region.clone(), millis(before));
        self.with(move |file| {
            let [cluster, service, cause] = values;
            let mut all = file.prepare_cached(
                "SELECT made, task FROM reports WHERE cluster = ?1 AND service = ?2 AND cause = ?3 AND made < ?4 \
                 AND of_account IS ?5 AND of_region IS ?6 AND outcome IN ('failed', 'hanging') \
                 ORDER BY made DESC LIMIT 200",
            )?;
            let row = |row: &Row<'_>| Ok(Before { made: moment(row.get(0)?), task: row.get(1)? });
            let rows = all.query_map(params![cluster, service, cause, before, account, region], row)?;
            let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
            rows.reverse();
            Ok(rows)
        })
        .await
    }

    async fn one(&self, condition: &'static str, values: [&str; 2]) -> Result<Option<KeptReport>, StoreError> {
        let values = values.map(str::to_owned);
        self.with(move |file| {
            let mut one = file.prepare_cached(&format!("SELECT {COLUMNS} FROM reports WHERE {condition} LIMIT 1"))?;
            Ok(one.query_row(values, read).optional()?)
        })
        .await
    }
}

/// Keeps a report inside of what else is done with the file.
pub fn insert(file: &Connection, kept: &KeptReport, read: &Report) -> Result<(), StoreError> {
    let target = &read.target;
    let evidence = kept.evidence.as_ref().filter(|text| text.len() <= LARGEST_EVIDENCE);
    let task = target.task.as_deref().map(|arn| arn.rsplit('/').next().unwrap_or(arn));
    file.prepare_cached(
        "INSERT OR REPLACE INTO reports (id, made, account, region, of_account, of_region, cluster, service, task, \
         outcome, cause, report, evidence, asked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        kept.id,
        millis(kept.made),
        kept.account,
        kept.region,
        target.account,
        target.region,
        target.cluster,
        target.service,
        task,
        read.outcome.as_str(),
        cause(read).map(|cause| cause.to_string()),
        kept.report,
        evidence,
        kept.asked,
    ])?;
    Ok(())
}

/// The cause that answers the question of a report, if one is known.
pub fn cause(report: &Report) -> Option<CauseId> {
    let first = report.causes.iter().find(|one| !one.latent && one.status != Status::RuledOut)?;
    (first.id != CauseId::Unknown && first.status <= Status::Likely).then_some(first.id)
}

fn read(row: &Row<'_>) -> rusqlite::Result<KeptReport> {
    Ok(KeptReport {
        id: row.get(0)?,
        made: moment(row.get(1)?),
        account: row.get(2)?,
        region: row.get(3)?,
        report: row.get(4)?,
        evidence: row.get(5)?,
        asked: row.get(6)?,
    })
}

/// What no id that begins so reaches: only for hexadecimal digits, and enough of them to mean one.
pub fn end_of_prefix(task: &str) -> Option<String> {
    let hex = (6..32).contains(&task.len()) && task.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| format!("{task}g"))
}
