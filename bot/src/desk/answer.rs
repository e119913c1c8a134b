//! From what was heard to what is said about it.

use super::asked::{Shown, Spot};
use super::choice::{Choice, Choices};
use super::find::{Finder, Found};
use super::look::Look;
use super::talk::Talk;
use super::{Desk, Job, MOST_TRIES, say};
use crate::allow::Scope;
use crate::audit::Line;
use crate::memory;
use crate::platform::{Heard, Message, Place, Route, SendError, What};
use crate::source::{Trouble, What as Kind};
use crate::store::Store;
use crate::words::{self, Named, Question, Reading};
use ecs_why_core::brief::sentence;
use ecs_why_core::diagnosis;
use ecs_why_core::model::Moment;
use ecs_why_core::render::{CardWish, card};
use ecs_why_core::report::Report;
use ecs_why_core::symptom;
use ecs_why_core::target::Target;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long names may take that only help to read a question.
const NAMES: Duration = Duration::from_millis(1_500);
/// No stop reason has more; `describe-tasks` of a hundred tasks has less.
const LONGEST_TEXT: usize = 1 << 20;
/// More than that is for nobody to choose from.
const CHOICES: usize = 5;

impl Desk {
    /// Answers it.
    pub(super) async fn answer(&self, job: &Job, line: &mut Line) -> Result<(), SendError> {
        let heard = &job.heard;
        line.asked = match &heard.what {
            What::Press { .. } => "press",
            What::Command(_) | What::Words(_) => "unread",
        };
        let (kind, person) = (heard.place.kind, &heard.person);
        // What was begun before a restart was let in then.
        let late = job.begun.is_none();
        let allowed = self.allow.of(&heard.place, person);
        let too_many = match (late, &allowed) {
            (false, _) => Ok(()),
            (true, Ok(_)) => self.gate.person(kind, person).and_then(|()| self.gate.channel(&heard.place)),
            (true, Err(_)) => self.gate.person(kind, person),
        };
        if let Err(wait) = too_many {
            line.refused = Some("limit");
            // Who is told each time fills the channel with that instead.
            return match self.gate.may_tell(kind, person) {
                true => self.whisper(heard, &say::too_many(wait)).await,
                false => Ok(()),
            };
        }
        let scope = match allowed {
            Ok(scope) => scope,
            Err(refused) => {
                line.refused = Some(refused.as_str());
                return self.whisper(heard, &say::refused(refused.told())).await;
            }
        };
        if self.store.tried(&heard.id).await.is_ok_and(|tries| tries > MOST_TRIES) {
            line.outcome = "given-up".to_owned();
            return self.talk(job).await?.say(&say::given_up()).await.map(|_| ());
        }
        let reading = match &heard.what {
            What::Press { value, on } => return self.press(job, scope, value, on, line).await,
            What::Command(text) => words::command(text, &self.names.known(scope, NAMES).await),
            What::Words(text) => words::read(text, &self.names.known(scope, NAMES).await),
        };
        let talk = self.talk(job).await?;
        match reading {
            Reading::Clear(question) => self.question(&talk, scope, question, line).await,
            Reading::Unclear(questions) => {
                line.outcome = "choice".to_owned();
                let all = questions.into_iter().map(Choice::from).take(CHOICES).collect();
                self.offer(&talk, all, say::which).await
            }
            Reading::Unread => {
                line.outcome = "help".to_owned();
                talk.say(&say::unread()).await.map(|_| ())
            }
        }
    }

    /// Answers one question.
    pub(super) async fn question(
        &self,
        talk: &Talk,
        scope: &Arc<Scope>,
        question: Question,
        line: &mut Line,
    ) -> Result<(), SendError> {
        match question {
            Question::Why(named) => self.named(talk, scope, &named, line).await,
            Question::Failing(wanted) => self.failing(talk, scope, &wanted, line).await,
            Question::Explain(text) => self.explain(talk, text, line).await,
            Question::Help => {
                (line.asked, line.outcome) = ("help", "help".to_owned());
                talk.say(&say::help()).await.map(|_| ())
            }
        }
    }

    /// Why what is named so failed.
    async fn named(&self, talk: &Talk, scope: &Arc<Scope>, named: &Named, line: &mut Line) -> Result<(), SendError> {
        line.asked = "why";
        let finder = Finder { source: self.source.as_ref(), names: &self.names, scope };
        let about = shown_name(named);
        let found = talk.working(&about, tokio::time::timeout(self.limit, finder.find(named))).await;
        match found.unwrap_or_else(|_| Err(Trouble::time_over(self.limit))) {
            Ok(Found::One(one)) => self.why(talk, scope, &one.spot, &one.target, line).await,
            Ok(Found::Many(many)) => {
                line.outcome = "choice".to_owned();
                let all = many.iter().map(Choice::from).take(CHOICES).collect();
                self.offer(talk, all, say::which).await
            }
            Ok(Found::Near(near)) => {
                if let Some(told) = self.remembered(talk, scope, &named.name, line).await {
                    return told;
                }
                let spot = Spot { account: named.account.clone(), region: named.region.clone() };
                self.absent(talk, (&about, &spot), near, line).await
            }
            Err(trouble) => self.tell(talk, &trouble, line).await,
        }
    }

    /// Why a target failed.
    pub(super) async fn why(
        &self,
        talk: &Talk,
        scope: &Arc<Scope>,
        spot: &Spot,
        target: &Target,
        line: &mut Line,
    ) -> Result<(), SendError> {
        line.asked = "why";
        line.about = Some(about(spot, target));
        let shown = Shown::at(&talk.place, &talk.key);
        let looked = talk.working(&target.name(), self.look(scope, spot, target, false, &shown)).await;
        let look = match looked {
            Ok(look) => look,
            Err(trouble) if trouble.what == Kind::NotFound => {
                let finder = Finder { source: self.source.as_ref(), names: &self.names, scope };
                let near = finder.near(&target.name()).await;
                return self.absent(talk, (&target.name(), spot), near, line).await;
            }
            Err(trouble) if trouble.what == Kind::Forgotten => {
                return match self.remembered(talk, scope, &target.name(), line).await {
                    Some(told) => told,
                    None => self.tell(talk, &trouble, line).await,
                };
            }
            Err(trouble) => return self.tell(talk, &trouble, line).await,
        };
        // Where ECS has forgotten a task, what was seen of it is all there is.
        if matches!(target, Target::Task { .. })
            && memory::says_nothing(&look.report)
            && let Some(told) = self.remembered(talk, scope, &target.name(), line).await
        {
            return told;
        }
        // An answer that another message shows as well has buttons of its own.
        let mine = look.shown == shown;
        let id = if mine { look.id.clone() } else { self.keep_for(&look, spot, target, &shown).await };
        (line.outcome, line.report) = (look.report.outcome.as_str().to_owned(), Some(id.clone()));
        let said = memory::remembered(&self.store, &look.report, Moment::now()).await.into_iter().collect();
        talk.say(&answered(&look.report, said, &id)).await.map(|_| ())
    }

    /// Nothing has this name; those that have one like it are offered.
    async fn absent(
        &self,
        talk: &Talk,
        (name, spot): (&str, &Spot),
        near: Vec<String>,
        line: &mut Line,
    ) -> Result<(), SendError> {
        line.outcome = Kind::NotFound.as_str().to_owned();
        if near.is_empty() {
            return talk.say(&say::trouble(&Trouble::not_found(name))).await.map(|_| ());
        }
        let of = |name: String| Choice::Named {
            name,
            cluster: None,
            account: spot.account.clone(),
            region: spot.region.clone(),
        };
        let all = near.into_iter().map(of).collect();
        self.offer(talk, all, |id, choices| say::near(name, id, choices)).await
    }

    /// Asks anew, and says what has changed.
    pub(super) async fn again(
        &self,
        (heard, talk): (&Heard, &Talk),
        scope: &Arc<Scope>,
        (spot, target): (&Spot, &Target),
        before: &Report,
        line: &mut Line,
    ) -> Result<(), SendError> {
        line.about = Some(about(spot, target));
        let shown = Shown::at(&talk.place, &talk.key);
        let Look { report, id, .. } = match self.look(scope, spot, target, true, &shown).await {
            Ok(look) => look,
            // What was known stays known.
            Err(trouble) => {
                line.outcome = trouble.what.as_str().to_owned();
                return self.whisper(heard, &say::trouble(&trouble)).await;
            }
        };
        let mut report = report.as_ref().clone();
        report.since = diagnosis::since(before, &report).ok();
        (line.outcome, line.report) = (report.outcome.as_str().to_owned(), Some(id.clone()));
        talk.say(&answered(&report, vec![], &id)).await.map(|_| ())
    }

    /// What a text says; nobody is asked for it.
    async fn explain(&self, talk: &Talk, text: String, line: &mut Line) -> Result<(), SendError> {
        line.asked = "explain";
        if text.len() > LONGEST_TEXT {
            let trouble = Trouble::unreadable("That text is too long: paste the stop reason, or one task, alone.");
            return self.tell(talk, &trouble, line).await;
        }
        // A long text takes long: others are answered meanwhile.
        let explained =
            tokio::task::spawn_blocking(move || symptom::parse_pasted(&text).map(|stop| diagnosis::explain(&stop)));
        let report = match talk.working("that text", explained).await {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => {
                let text =
                    format!("Paste a stop reason, an event, log lines, or the JSON of describe-tasks ({error}).");
                return self.tell(talk, &Trouble::unreadable(text), line).await;
            }
            Err(_) => return self.tell(talk, &Trouble::ours(), line).await,
        };
        let id = self.keep_text(&report, &Shown::at(&talk.place, &talk.key)).await;
        (line.outcome, line.report) = (report.outcome.as_str().to_owned(), Some(id.clone()));
        talk.say(&answered(&report, vec![], &id)).await.map(|_| ())
    }

    /// Offers buttons, and keeps what they mean.
    pub(super) async fn offer(
        &self,
        talk: &Talk,
        all: Vec<Choice>,
        message: impl Fn(&str, &Choices) -> Message,
    ) -> Result<(), SendError> {
        let choices = Choices { shown: Shown::at(&talk.place, &talk.key), instead: true, all };
        let id = self.keep_choices(&choices).await;
        talk.say(&message(&id, &choices)).await.map(|_| ())
    }

    /// Keeps what buttons mean.
    pub(super) async fn keep_choices(&self, choices: &Choices) -> String {
        let id = Store::id();
        let text = serde_json::to_string(choices).unwrap_or_default();
        if let Err(error) = self.store.keep_choices(&id, &text).await {
            tracing::error!(%error, "choices could not be kept");
        }
        id
    }

    /// Why there is no answer.
    pub(super) async fn tell(&self, talk: &Talk, trouble: &Trouble, line: &mut Line) -> Result<(), SendError> {
        line.outcome = trouble.what.as_str().to_owned();
        if trouble.what == Kind::Outside {
            line.refused = Some("target");
        }
        if trouble.what == Kind::Ours {
            tracing::error!("a question met a fault of our own");
        }
        talk.say(&say::trouble(trouble)).await.map(|_| ())
    }

    /// The message of an answer: that which was begun, or a new one, noted before anything is said.
    pub(super) async fn talk(&self, job: &Job) -> Result<Talk, SendError> {
        let Job { heard, begun, .. } = job;
        let key = match begun {
            Some(key) => key.clone(),
            None => Store::key(),
        };
        self.talk_under(heard, key, heard.place.clone(), heard.route.clone()).await
    }

    /// The message of an answer under this key.
    pub(super) async fn talk_under(
        &self,
        heard: &Heard,
        key: String,
        place: Place,
        route: Route,
    ) -> Result<Talk, SendError> {
        // What is said and not noted would be said twice after a restart.
        let noted = self.store.answer_is(&heard.id, &key).await;
        noted.map_err(|error| SendError::Broken(error.to_string()))?;
        let entry = (key.clone(), place.clone(), route.clone());
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(heard.id.clone(), entry);
        Ok(Talk::new(self.outbox.clone(), place, route, key, Arc::clone(&self.waiting)))
    }

    /// Says what only who asked should read.
    pub(super) async fn whisper(&self, heard: &Heard, message: &Message) -> Result<(), SendError> {
        match self.outbox.platform(heard.place.kind) {
            Some(platform) => platform.whisper(heard, message).await,
            None => Ok(()),
        }
    }
}

/// An answer with its buttons.
pub(super) fn answered(report: &Report, said: Vec<String>, id: &str) -> Message {
    let wish = CardWish { now: Some(Moment::now()), said };
    Message { card: card(report, &wish), buttons: say::buttons(id, report) }
}

fn shown_name(named: &Named) -> String {
    let name = named.name.trim();
    // Of an ARN or a link the end is what people know.
    let short = if name.contains(':') { name.rsplit(['/', ':']).next().unwrap_or(name) } else { name };
    match &named.cluster {
        Some(cluster) if !short.contains('/') => sentence(&format!("{cluster}/{short}"), 120),
        _ => sentence(short, 120),
    }
}

fn about(spot: &Spot, target: &Target) -> String {
    let place: Vec<&str> = [&spot.account, &spot.region].into_iter().flatten().map(String::as_str).collect();
    if place.is_empty() { target.name() } else { format!("{} ({})", target.name(), place.join(", ")) }
}
