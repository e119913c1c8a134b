//! What a button does. Who presses is allowed or not as who asks is, and a button is good for nothing where it was not shown.

use super::asked::{Asked, Wanted};
use super::choice::{Choice, Choices};
use super::talk::Talk;
use super::{Desk, Job, say};
use crate::allow::Scope;
use crate::audit::Line;
use crate::platform::{Message, Place, SendError, Sent};
use crate::source::Trouble;
use crate::store::{KeptReport, Store};
use crate::words::{self, Named, Question};
use ecs_why_core::render::{evidence_card, fix_card};
use ecs_why_core::report::{Report, TargetKind};
use std::sync::Arc;

/// A report that a button is about.
struct Pressed {
    kept: KeptReport,
    report: Report,
    asked: Asked,
}

impl Desk {
    /// Does what a button says.
    pub(super) async fn press(
        &self,
        job: &Job,
        scope: &Arc<Scope>,
        value: &str,
        on: &Sent,
        line: &mut Line,
    ) -> Result<(), SendError> {
        let mut parts = value.splitn(3, ':');
        let (verb, id, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
        line.asked = match verb {
            "pick" => "press-pick",
            "evidence" => "press-evidence",
            "fix" => "press-fix",
            "again" => "press-again",
            "wrong" => "press-wrong",
            _ => return self.old(job, line).await,
        };
        if verb == "pick" {
            return self.pick(job, scope, (id, number.unwrap_or_default()), on, line).await;
        }
        if number.is_some() {
            return self.old(job, line).await;
        }
        line.report = is_id(id).then(|| id.to_owned());
        let Some(pressed) = self.pressed(id).await else { return self.old(job, line).await };
        if !self.may_press(scope, &pressed, &job.heard.place).await {
            return self.foreign(job, line).await;
        }
        let Pressed { kept, report, asked } = pressed;
        line.about = report.target.task.clone().or_else(|| report.target.service.clone());
        line.outcome = report.outcome.as_str().to_owned();
        match (verb, asked.what) {
            ("evidence", _) => self.beside(job, on, Message::of(evidence_card(&report))).await,
            ("fix", _) => self.beside(job, on, Message::of(fix_card(&report))).await,
            ("again", Wanted::Why(spot, target)) => {
                let talk = match asked.shown {
                    Some(shown) => self.in_its_place(job, shown.key).await?,
                    None => self.in_thread(job, on).await?,
                };
                self.again((&job.heard, &talk), scope, (&spot, &target), &report, line).await
            }
            ("wrong", _) => {
                let to = self.keep_case(&kept, asked.of.as_deref()).await;
                line.outcome = if to.is_some() { "kept" } else { "nobody" }.to_owned();
                self.whisper(&job.heard, &say::thanks(to)).await
            }
            _ => self.old(job, line).await,
        }
    }

    async fn pressed(&self, id: &str) -> Option<Pressed> {
        if !is_id(id) {
            return None;
        }
        let kept = self.store.report(id).await.ok()??;
        Some(Pressed { report: Report::parse(&kept.report).ok()?, asked: Asked::parse(&kept.asked)?, kept })
    }

    /// Answers what somebody chose.
    async fn pick(
        &self,
        job: &Job,
        scope: &Arc<Scope>,
        (id, number): (&str, &str),
        on: &Sent,
        line: &mut Line,
    ) -> Result<(), SendError> {
        let kept = match is_id(id) {
            true => self.store.choices(id).await.ok().flatten(),
            false => None,
        };
        let choices: Option<Choices> = kept.and_then(|text| serde_json::from_str(&text).ok());
        let Some(Choices { shown, instead, all }) = choices else { return self.old(job, line).await };
        if !shown.is_in(&job.heard.place) {
            return self.foreign(job, line).await;
        }
        let chosen = number.parse::<usize>().ok().and_then(|number| all.into_iter().nth(number));
        let Some(choice) = chosen else { return self.old(job, line).await };
        let talk = match instead {
            true => self.in_its_place(job, shown.key).await?,
            false => self.in_thread(job, on).await?,
        };
        let question = match choice {
            Choice::Found(spot, target) => return self.why(&talk, scope, &spot, &target, line).await,
            Choice::Named { name, cluster, account, region } => Question::Why(Named { name, cluster, account, region }),
            Choice::Failing { clusters, account, region } => {
                Question::Failing(words::Scope { clusters, account, region })
            }
            Choice::Explain(text) => Question::Explain(text),
            Choice::Help => Question::Help,
        };
        Box::pin(self.question(&talk, scope, question, line)).await
    }

    /// Says something in the thread under the message.
    async fn beside(&self, job: &Job, on: &Sent, message: Message) -> Result<(), SendError> {
        self.in_thread(job, on).await?.say(&message).await.map(|_| ())
    }

    /// What takes the place of the message with the button.
    async fn in_its_place(&self, job: &Job, key: String) -> Result<Talk, SendError> {
        self.talk_under(&job.heard, key, job.heard.place.clone(), job.heard.route.clone()).await
    }

    /// A message in the thread under the one with the button.
    async fn in_thread(&self, job: &Job, on: &Sent) -> Result<Talk, SendError> {
        let heard = &job.heard;
        let key = job.begun.clone().unwrap_or_else(Store::key);
        let place = match (&heard.place.thread, self.outbox.platform(heard.place.kind)) {
            (None, Some(platform)) if !heard.place.direct => {
                let made = platform.thread(&heard.place, on, "Why it stopped").await;
                // Where no thread can be made, the place itself has to do.
                made.unwrap_or_else(|_| heard.place.clone())
            }
            _ => heard.place.clone(),
        };
        self.talk_under(heard, key, place, heard.route.clone()).await
    }

    async fn old(&self, job: &Job, line: &mut Line) -> Result<(), SendError> {
        line.outcome = "gone".to_owned();
        self.whisper(&job.heard, &say::old_button()).await
    }

    /// A button that was not shown here, or shows what may not be asked about here (any more).
    async fn foreign(&self, job: &Job, line: &mut Line) -> Result<(), SendError> {
        line.refused = Some("target");
        self.whisper(&job.heard, &say::refused(&Trouble::outside().text)).await
    }

    /// Whether a report may be shown in a place, and its buttons can have been pressed there.
    async fn may_press(&self, scope: &Scope, pressed: &Pressed, place: &Place) -> bool {
        let Pressed { kept, report, asked } = pressed;
        if asked.shown.as_ref().is_some_and(|shown| !shown.is_in(place)) {
            return false;
        }
        // What a text says is nobody's secret where it was pasted.
        let pasted = report.target.kind == TargetKind::Message && asked.shown.is_some() && asked.of.is_none();
        pasted || self.may_know(scope, kept, report).await
    }
}

/// As the store makes them: everything else is not looked up.
fn is_id(id: &str) -> bool {
    id.len() == 21 && id.starts_with('r') && id.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_store_made_is_looked_up() {
        assert!(is_id(&Store::id()));
        for other in ["", "r", "../../../../etc/passwd", "r0123456789012345678'", "r01234567890123456789x"] {
            assert!(!is_id(other), "{other}");
        }
    }
}
