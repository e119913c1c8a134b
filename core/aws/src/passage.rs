//! How a request of the SDK passes the limiter, and how often it is tried again.
//!
//! A request waits for its turn where the SDK looks for the identity to sign with: each attempt passes there, it may take its time,
//! and what is signed after the wait is not too old for AWS. The SDK's own timeouts would run meanwhile; so there is none for a
//! request as a whole, and the patience that takes its place does not count the wait.

use crate::limiter::{Limiter, Ticket, Urgency};
use aws_sdk_ecs::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
    InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::{ErrorKind, RetryConfig};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;

/// Attempts of a request that AWS does not answer, or answers with a fault of its own.
const ATTEMPTS: u32 = 4;
/// Attempts of a request that AWS throttles, for a person.
const THROTTLED: u32 = 8;
/// The same in the background.
const THROTTLED_IN_BACKGROUND: u32 = 30;
/// How much longer than for a person background work goes on trying.
const LONGER: u32 = 8;

/// What a client needs to pass the limiter.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    limiter: Arc<Limiter>,
    region: String,
    /// How long a person's request may take with all attempts.
    patience: Duration,
}

/// One request with all its attempts. It lives as long as the SDK works on it.
#[derive(Debug)]
struct Request {
    ticket: Ticket,
    patience: Duration,
    /// What it is called, for the log.
    action: String,
    /// When it was first its turn: patience counts from then on.
    began: OnceLock<Instant>,
}

impl Storable for Request {
    type Storer = StoreReplace<Self>;
}

/// When patience ends: the transport hears of it by the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until(pub(crate) Instant);

/// What is asked for, as in `DescribeTasks`: not every protocol says so in the request itself.
#[derive(Debug, Clone)]
pub(crate) struct Action(pub(crate) String);

impl Passage {
    pub(crate) fn new(limiter: Arc<Limiter>, region: &str, patience: Duration) -> Self {
        Passage { limiter, region: region.to_owned(), patience }
    }

    /// What a client asks for its identity: it lets the request wait first.
    pub(crate) fn before(&self, identities: SharedIdentityCache) -> SharedIdentityCache {
        SharedIdentityCache::new(Turnstile(identities))
    }

    /// The SDK stops to retry when much has failed, for a whole process: 500 tokens, five for each retry. What is left to us needs none.
    pub(crate) fn retries() -> RetryPartition {
        RetryPartition::custom("ecs-why").token_bucket(TokenBucket::unlimited()).build()
    }
}

impl Request {
    async fn turn(&self) {
        self.ticket.turn().await;
        self.began.get_or_init(Instant::now);
    }

    fn until(&self) -> Instant {
        *self.began.get_or_init(Instant::now) + self.patience
    }

    /// Whether a further attempt makes no sense.
    fn is_over(&self, attempts: u32, throttled: Option<Option<Duration>>) -> bool {
        let left = self.until().saturating_duration_since(Instant::now());
        match throttled {
            Some(pause) => left <= pause.unwrap_or_default(),
            None => left.is_zero() || attempts >= ATTEMPTS,
        }
    }
}

#[derive(Debug)]
struct Turnstile(SharedIdentityCache);

impl ResolveCachedIdentity for Turnstile {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            let Some(request) = bag.load::<Request>() else {
                return self.0.resolve_cached_identity(resolver, components, bag).await;
            };
            // Credentials may take seconds when they are fetched: turns that came meanwhile would all be taken at once afterwards. After
            // the wait they are in the cache, or have to be fetched anew.
            self.0.resolve_cached_identity(resolver.clone(), components, bag).await?;
            request.turn().await;
            self.0.resolve_cached_identity(resolver, components, bag).await
        })
    }
}

impl Intercept for Passage {
    fn name(&self) -> &'static str {
        "Passage"
    }

    /// The first step at which the action is known.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(metadata) = bag.load::<Metadata>() else { return Ok(()) };
        let urgency = Urgency::here();
        let action = metadata.name().to_owned();
        let ticket = self.limiter.ticket(metadata.service(), metadata.name(), &self.region, urgency);
        let (attempts, patience) = match urgency {
            Urgency::Person => (THROTTLED, self.patience),
            Urgency::Background => (THROTTLED_IN_BACKGROUND, self.patience * LONGER),
        };
        let retries = bag.load::<RetryConfig>().cloned().unwrap_or_else(RetryConfig::standard);
        bag.interceptor_state().store_put(retries.with_max_attempts(attempts));
        bag.interceptor_state().store_put(Request { ticket, patience, action, began: OnceLock::new() });
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(request) = bag.load::<Request>() {
            context.request_mut().add_extension(Until(request.until()));
            context.request_mut().add_extension(Action(request.action.clone()));
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempts = bag.load::<RequestAttempts>().map_or(1, |made| made.attempts()).max(1);
        let Some(request) = bag.load::<Request>() else { return Ok(()) };
        let throttled = throttled(context.inner(), components);
        match throttled {
            Some(pause) => request.ticket.throttled(pause),
            None => request.ticket.done(),
        }
        if request.is_over(attempts, throttled) {
            // The SDK looks at this after each attempt, and has nothing else to be told by.
            let retries = bag.load::<RetryConfig>().cloned().unwrap_or_else(RetryConfig::standard);
            bag.interceptor_state().store_put(retries.with_max_attempts(attempts));
        }
        Ok(())
    }
}

/// Whether an attempt was one too many, and how long AWS says to wait, by the SDK's classifiers and ours.
fn throttled(context: &InterceptorContext, components: &RuntimeComponents) -> Option<Option<Duration>> {
    let classified = components.retry_classifiers().fold(RetryAction::NoActionIndicated, |before, classifier| {
        match classifier.classify_retry_v2(context, &before) {
            RetryAction::NoActionIndicated => before,
            after => after,
        }
    });
    match classified {
        RetryAction::RetryIndicated(RetryReason::RetryableError { kind: ErrorKind::ThrottlingError, retry_after }) => {
            Some(retry_after)
        }
        _ => None,
    }
}

/// Throttling that the SDK does not see: ECS also says it as a `ClientException`, some answers with the status alone; and when to come
/// back is said by the header of HTTP as well as by AWS's own.
#[derive(Debug)]
pub(crate) struct RateExceeded;

impl ClassifyRetry for RateExceeded {
    fn name(&self) -> &'static str {
        "RateExceeded"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, before: &RetryAction) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let status = response.status().as_u16();
        let (known, asked) = match before {
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind, retry_after }) => {
                (*kind == ErrorKind::ThrottlingError, *retry_after)
            }
            _ => (false, None),
        };
        let says = |body: &[u8]| body.windows(b"Rate exceeded".len()).any(|words| words == b"Rate exceeded");
        if !(known || status == 429 || status >= 400 && response.body().bytes().is_some_and(says)) {
            return RetryAction::NoActionIndicated;
        }
        let seconds = || response.headers().get("retry-after")?.trim().parse().ok().map(Duration::from_secs);
        match asked.or_else(seconds) {
            Some(pause) => RetryAction::retryable_error_with_explicit_delay(ErrorKind::ThrottlingError, pause),
            None => RetryAction::throttling_error(),
        }
    }
}

#[cfg(test)]
mod tests;
