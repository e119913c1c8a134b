//! Accounts and regions that are asked at once, and one line that tells how far they are.

use crate::args::AskArgs;
use crate::commands::triage::Wanted;
use crate::config;
use crate::connection;
use crate::failure::Usage;
use crate::status::Board;
use crate::view::View;
use ecs_why_aws::{Accounts, AskedPlace, Live};
use ecs_why_core::diagnosis::Engine;
use ecs_why_core::evidence::GapReason;
use ecs_why_core::model::Moment;
use ecs_why_core::settings::Settings;
use ecs_why_core::triage::{Triage, TriageGap, TriageWish};
use futures_util::future::join_all;
use std::sync::Arc;
use tokio::sync::watch;

/// How far back "the last hour" goes.
const HOUR: i64 = 3600;

/// Asks every place, and tells all of it as one.
pub fn triage(wanted: &Wanted<'_>, ask: &AskArgs, view: &View) -> anyhow::Result<Triage> {
    let settings = config::settings(ask.config.as_deref())?;
    let places = places(wanted, ask, &settings)?;
    let wish = TriageWish {
        clusters: wanted.clusters.to_vec(),
        since: wanted.recent.then(an_hour_ago),
        rules: settings.fixes,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let triage = runtime.block_on(async {
        let (interrupt, interrupted) = watch::channel(false);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                let _ = interrupt.send(true);
            }
            // Dropping the sender would look like an interruption.
            std::future::pending::<()>().await;
        });
        let board = Board::new(view, places.len());
        let each = places.iter().enumerate().map(|(number, place)| {
            let (mut interrupted, board, wish) = (interrupted.clone(), &board, &wish);
            async move {
                let account = Live::open(&place.options).await?;
                let region = account.region().to_owned();
                let engine = Engine::new(Arc::new(account.in_background()), region);
                let enough = async {
                    let _ = interrupted.wait_for(|interrupted| *interrupted).await;
                };
                anyhow::Ok(engine.triage(wish, &board.place(number), enough).await?)
            }
        });
        together(&places, join_all(each).await)
    });
    // Requests that are still out are not waited for.
    runtime.shutdown_background();
    triage
}

fn an_hour_ago() -> Moment {
    Moment::from_second(Moment::now().as_second() - HOUR).unwrap_or(Moment::UNIX_EPOCH)
}

/// One triage of all; a place that cannot be read is a gap, unless none can.
fn together(places: &[AskedPlace], told: Vec<anyhow::Result<Triage>>) -> anyhow::Result<Triage> {
    let (mut all, mut first, mut gaps) = (None::<Triage>, None, vec![]);
    for (place, told) in places.iter().zip(told) {
        match told {
            Ok(triage) => {
                all = Some(match all {
                    Some(all) => Triage::and(all, triage),
                    None => triage,
                });
            }
            Err(error) => {
                let region = place.options.region.as_deref().unwrap_or("the region that is set");
                let name = place.account.as_ref().map(|name| format!("account {name}, ")).unwrap_or_default();
                gaps.push(TriageGap {
                    cluster: None,
                    action: "ecs:ListTasks".to_owned(),
                    reason: GapReason::Unreachable,
                    detail: format!("{name}{region}: {error:#}"),
                });
                first.get_or_insert(error);
            }
        }
    }
    match (all, first) {
        (Some(mut all), _) => {
            all.gaps.append(&mut gaps);
            Ok(all)
        }
        (None, Some(error)) => Err(error),
        (None, None) => Ok(Triage::default()),
    }
}

/// Every account in every region that is wanted of it.
fn places(wanted: &Wanted<'_>, ask: &AskArgs, settings: &Settings) -> Result<Vec<AskedPlace>, Usage> {
    let accounts = Accounts::new(connection::options(ask), settings.clone());
    let places = accounts.places(wanted.accounts, wanted.regions);
    places.map_err(|none| Usage::NoAccount { name: none.name, near: none.near })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs_why_aws::Options;

    const HOUSE: &str = "[accounts.prod]\nrole = 'arn:aws:iam::111122223333:role/r'\n";

    #[test]
    fn an_account_that_nobody_named_is_told_with_those_like_it() {
        let settings = Settings::parse(HOUSE).expect("well formed");
        let typed = ["prdo".to_owned()];
        let wanted = Wanted { clusters: &[], regions: &[], accounts: &typed, recent: false };
        let error = places(&wanted, &AskArgs::default(), &settings).expect_err("it is not there");
        assert_eq!(error.to_string(), "the settings name no account `prdo`. Is it prod?");
    }

    #[test]
    fn a_place_that_cannot_be_read_is_a_gap_unless_none_can() {
        let place = |region: &str| AskedPlace {
            account: None,
            options: Options { region: Some(region.to_owned()), ..Options::default() },
        };
        let places = [place("a"), place("b")];
        let told =
            together(&places, vec![Ok(Triage::default()), Err(anyhow::anyhow!("no way"))]).expect("one was read");
        assert_eq!(told.gaps.iter().map(|gap| gap.detail.as_str()).collect::<Vec<_>>(), ["b: no way"]);
        let none = together(&places, vec![Err(anyhow::anyhow!("no way")), Err(anyhow::anyhow!("none"))]);
        assert_eq!(none.expect_err("nothing was read").to_string(), "no way");
    }
}
