//! One round of sending: claims due actions, checks them again and sends them.

use std::borrow::Cow;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, StreamExt};

use super::dispatch::{Delivery, Dispatcher, Message};
use crate::book::Book;
use crate::book::journal::Journal;
use crate::book::record::Mode;
use crate::error::DeskError;
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind};
use followup_core::plan::{self, ActionId, Decision, planned_by};
use followup_core::prospect::ProspectId;
use followup_core::store::{
    Append, Claim, Claimed, DueOrder, DueQuery, Fence, Renewal, Revision, StoreErrorKind, UnderClaim,
};

/// The limits of one [`Desk::tick`](crate::Desk::tick).
///
/// # Examples
/// ```
/// use chrono::TimeDelta;
/// use followup::send::TickLimits;
///
/// let limits = TickLimits::default().messages(20).at_once(2).retry_after(TimeDelta::hours(1));
/// assert_eq!((limits.messages, limits.lease), (20, TimeDelta::minutes(5)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TickLimits {
    /// Maximum number of messages. The default is 64.
    pub messages: usize,
    /// Maximum number of messages that are sent at the same time, at least 1. The default is 8.
    pub at_once: usize,
    /// The time for which the claimed actions are not given to another worker. Set it longer than sending all of them
    /// may take. The default is 5 minutes.
    pub lease: TimeDelta,
    /// The time after which a deferred message is tried again. The default is 15 minutes.
    pub retry_after: TimeDelta,
}

impl Default for TickLimits {
    fn default() -> TickLimits {
        let (lease, retry_after) = (TimeDelta::minutes(5), TimeDelta::minutes(15));
        TickLimits { messages: 64, at_once: 8, lease, retry_after }
    }
}

impl TickLimits {
    /// Sets the maximum number of messages.
    #[must_use]
    pub fn messages(mut self, messages: usize) -> TickLimits {
        self.messages = messages;
        self
    }

    /// Sets the maximum number of messages that are sent at the same time; 0 counts as 1.
    #[must_use]
    pub fn at_once(mut self, at_once: usize) -> TickLimits {
        self.at_once = at_once;
        self
    }

    /// Sets the time for which the claimed actions are not given to another worker.
    #[must_use]
    pub fn lease(mut self, lease: TimeDelta) -> TickLimits {
        self.lease = lease;
        self
    }

    /// Sets the time after which a deferred message is tried again.
    #[must_use]
    pub fn retry_after(mut self, retry_after: TimeDelta) -> TickLimits {
        self.retry_after = retry_after;
        self
    }
}

/// The result of one claimed action.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Event, Playbook, Prospect, async_trait};
/// use followup::send::{Delivery, Dispatcher, Message, TickLimits, TickOutcome, Ticked};
/// use followup::store::Revision;
///
/// /// A mail server that is too busy.
/// struct Busy;
///
/// #[async_trait]
/// impl Dispatcher for Busy {
///     async fn send(&self, _: &Message) -> Delivery {
///         Delivery::Deferred { why: "try again later".to_owned() }
///     }
/// }
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// let acknowledging = Playbook::parse("[answers]\nacknowledge = true\n")?;
/// let desk = Desk::new(MemoryStore::new(), acknowledging);
/// desk.add(Prospect::new("p-17")?.email("ada@example.org")?, t).await?;
/// desk.record("p-17", Event::inquired(t, None)).await?;
/// let ticked: Vec<Ticked> = desk.tick(t, &Busy, TickLimits::default()).await?;
/// assert_eq!((ticked[0].prospect.as_str(), ticked[0].revision), ("p-17", Revision(2)));
/// assert!(matches!(&ticked[0].outcome, TickOutcome::Deferred { why } if why == "try again later"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Ticked {
    /// The prospect.
    pub prospect: ProspectId,
    /// The revision of the claimed action.
    pub revision: Revision,
    /// The outcome.
    pub outcome: TickOutcome,
}

/// The outcome of a claimed action.
#[derive(Debug)]
#[non_exhaustive]
pub enum TickOutcome {
    /// The message was sent and recorded.
    Sent,
    /// The message was not sent and is tried again.
    Deferred {
        /// The reason.
        why: String,
    },
    /// The message was not sent, and the action becomes one by hand.
    Rejected {
        /// The reason.
        why: String,
    },
    /// It is unknown whether the message was sent. A person is asked to find out.
    Unknown,
    /// The message was not begun because the next action has changed, or was planned by another playbook. The new
    /// plan is recorded.
    Replanned,
    /// The message was not begun because the address is suppressed (S6). It is checked again after a day, since the
    /// prospect may have opted in.
    Suppressed,
    /// The message was not begun because this desk does not have the prospect's playbook. The action can be claimed
    /// again when the lease ends, by a desk that has the playbook.
    PlaybookMissing {
        /// The name of the playbook, with the version if there is one, as in `services/2`.
        name: String,
    },
    /// The message was not begun because the prospect's hours are closed (C16). The action can be claimed again when
    /// they open.
    OutsideHours {
        /// The instant at which the hours open.
        until: DateTime<Utc>,
    },
    /// The message was not begun because the newest event is later than `now`, so that the clock cannot be trusted.
    ClockBehind {
        /// The time of the newest event.
        newest: DateTime<Utc>,
    },
    /// The lease ended and another worker has claimed the action. If the message was begun, its delivery is not
    /// recorded and a person has to find out the outcome.
    Late {
        /// The delivery, if the message was begun.
        delivery: Option<Delivery>,
    },
    /// The desk or its store failed. If the message was begun, its outcome counts as unknown after a while.
    Failed {
        /// The delivery, if the message was begun.
        delivery: Option<Delivery>,
        /// The error.
        error: DeskError,
    },
}

/// A message whose intent is recorded or may be.
#[derive(Clone)]
struct Intent {
    message: Message,
    /// The `seq` of the intent event.
    seq: i64,
    /// The suppressed channels at the time of the decision.
    suppressed: Vec<(Channel, DateTime<Utc>)>,
}

/// The time after which a suppressed action is checked again, since the suppression may have been lifted.
const SUPPRESSED_FOR: TimeDelta = TimeDelta::days(1);

/// The result of the last check before sending.
enum Checked {
    /// The message is begun: its intent is recorded, with this `seq`.
    Begun(Message, i64),
    /// The message is not begun.
    Skipped(TickOutcome),
}

/// The number of attempts of a step that ends in a conflict or with an unknown outcome.
const ATTEMPTS_MAX: usize = 64;

impl Book {
    pub(crate) async fn tick(
        &self,
        now: DateTime<Utc>,
        dispatcher: &dyn Dispatcher,
        limits: TickLimits,
    ) -> Result<Vec<Ticked>, DeskError> {
        let until = now.checked_add_signed(limits.lease).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let claimed = self.store.claim(Claim::new(now, until, limits.messages)).await?.claimed;
        let work = claimed.into_iter().map(|claimed| self.send_claimed(claimed, now, dispatcher, limits));
        Ok(stream::iter(work).buffer_unordered(limits.at_once.max(1)).collect().await)
    }

    pub(crate) async fn next_due(&self) -> Result<Option<DateTime<Utc>>, DeskError> {
        let waking = self.store.due(DueQuery::new(DueOrder::WakeAt, 1)).await?.entries;
        let wakes_at = waking.first().and_then(|due| due.wake_at);
        // A claim of no entries only says when the next can be claimed.
        let any = DateTime::<Utc>::MIN_UTC;
        let sends_at = self.store.claim(Claim::new(any, any, 0)).await?.next_at;
        Ok(wakes_at.into_iter().chain(sends_at).min())
    }

    async fn send_claimed(
        &self,
        claimed: Claimed,
        now: DateTime<Utc>,
        dispatcher: &dyn Dispatcher,
        limits: TickLimits,
    ) -> Ticked {
        let Claimed { due, fence, .. } = claimed;
        let (prospect, revision) = (due.prospect, due.revision);
        let (mut delivery, pending) = (None, Mutex::new(None));
        let outcome = match retry(|| self.begin(&prospect, &due.planned_by, fence, now, &pending)).await {
            Ok(Checked::Skipped(outcome)) => Ok(outcome),
            Ok(Checked::Begun(message, seq)) => {
                let reported = dispatcher.send(&message).await;
                let settled = retry(|| self.settle(&message, seq, &reported, fence, now, limits)).await;
                delivery = Some(reported.clone());
                settled.map(|()| match reported {
                    Delivery::Sent { .. } => TickOutcome::Sent,
                    Delivery::Deferred { why } => TickOutcome::Deferred { why },
                    Delivery::Rejected { why } => TickOutcome::Rejected { why },
                    Delivery::Unknown => TickOutcome::Unknown,
                })
            }
            Err(error) => Err(error),
        };
        let outcome = outcome.unwrap_or_else(|error| match error {
            DeskError::Store(error) if error.kind() == StoreErrorKind::Fenced => {
                TickOutcome::Late { delivery }
            }
            error => TickOutcome::Failed { delivery, error },
        });
        Ticked { prospect, revision, outcome }
    }

    /// Checks an action for the last time and records the intent to send it. `pending` is the intent of an earlier
    /// attempt, which may be recorded.
    async fn begin(
        &self,
        prospect: &ProspectId,
        stored_by: &str,
        fence: Fence,
        now: DateTime<Utc>,
        pending: &Mutex<Option<Intent>>,
    ) -> Result<Checked, DeskError> {
        let skipped = |outcome| Ok(Checked::Skipped(outcome));
        let head = self.head(prospect).await?;
        let journal = self.with_suppressed(self.journal(&head).await?).await?;
        let before = pending.lock().expect("nothing panics under the lock").take();
        if let Some(intent) =
            before.filter(|intent| journal.state.is_sending(&intent.message.action().to_string()))
        {
            return self.recheck_addresses(intent, fence, now).await;
        }
        if let Some(newest) = journal.state.last_event_at().filter(|newest| *newest > now) {
            return skipped(TickOutcome::ClockBehind { newest });
        }
        if self.policies.of(&journal.state).is_none() {
            let version =
                journal.state.playbook_version().map_or(String::new(), |version| format!("/{version}"));
            let name = format!("{}{version}", self.policies.name_of(&journal.state));
            return skipped(TickOutcome::PlaybookMissing { name });
        }
        let policy = self.policy_of(&journal.state);
        let state = journal.state.clone();
        let (journal, woken, wake_ups) = self.woken(journal, state, now).await?;
        if !wake_ups.is_empty() {
            let change = self.change(&journal, wake_ups, None, &woken, now);
            self.append_with_claim(change, UnderClaim::Ends(fence)).await?;
            return skipped(TickOutcome::Replanned);
        }
        let planner = planned_by(policy);
        if stored_by != planner {
            let event = newest_event(&journal, now, EventKind::Replanned { planned_by: Some(planner) });
            let key = format!("replanned-{}", journal.revision);
            self.record_with_claim(&journal, event.with_key(key), now, UnderClaim::Ends(fence)).await?;
            return skipped(TickOutcome::Replanned);
        }
        let suppressed = self.suppressed_channels(&journal.suppressed, &journal.profile, now);
        let effective = journal.state.suppressed(&suppressed);
        let decided = plan::decide(&effective, policy);
        let next = match &decided.decision {
            Decision::Act { next, .. } if next.form.automatic && next.window().earliest <= now => next,
            _ if matches!(effective, Cow::Owned(_)) => {
                let until = now.checked_add_signed(SUPPRESSED_FOR).unwrap_or(DateTime::<Utc>::MAX_UTC);
                self.store.renew(Renewal::new(prospect.clone(), fence, until)).await?;
                return skipped(TickOutcome::Suppressed);
            }
            _ => {
                self.store.renew(Renewal::new(prospect.clone(), fence, now)).await?;
                return skipped(TickOutcome::Replanned);
            }
        };
        let Some(channel) = next.form.channel else {
            return self.reject(&journal, "no channel can be used".to_owned(), fence, now).await;
        };
        let until = plan::first_open(&effective, policy, next, now);
        if until > now {
            self.store.renew(Renewal::new(prospect.clone(), fence, until)).await?;
            return skipped(TickOutcome::OutsideHours { until });
        }
        let to = journal.profile.address(channel).map(str::to_owned);
        if to.is_none() && has_address(channel) {
            let why = format!("no address is known for {channel}");
            return self.reject(&journal, why, fence, now).await;
        }
        let message = Message {
            prospect: prospect.clone(),
            revision: journal.revision,
            obligation: next.obligation(),
            channel,
            to,
            name: journal.profile.name.clone(),
            purpose: next.purpose,
            reason: next.form.reason,
            template: next.form.template.map(str::to_owned),
        };
        let action = message.action().to_string();
        let (purpose, reason) = (Some(message.purpose), Some(message.reason));
        let key = format!("intended-{action}");
        let intent = EventKind::SendIntended { action, channel: Some(channel), purpose, reason };
        let event = newest_event(&journal, now, intent).with_key(key);
        let seq = event.seq();
        let intent = Intent { message, seq, suppressed };
        *pending.lock().expect("nothing panics under the lock") = Some(intent.clone());
        self.record_with_claim(&journal, event, now, UnderClaim::GoesOn(fence)).await?;
        self.recheck_addresses(intent, fence, now).await
    }

    /// Checks the suppressions again after the intent is recorded. An opt-out under another id that was recorded
    /// before the intent prevents the message; one that comes later finds the message in flight.
    async fn recheck_addresses(
        &self,
        intent: Intent,
        fence: Fence,
        now: DateTime<Utc>,
    ) -> Result<Checked, DeskError> {
        let Intent { message, seq, suppressed } = intent;
        let head = self.head(&message.prospect).await?;
        let journal = self.with_suppressed(self.journal(&head).await?).await?;
        if self.suppressed_channels(&journal.suppressed, &journal.profile, now) == suppressed {
            return Ok(Checked::Begun(message, seq));
        }
        let why = Some("the address was suppressed before the message was begun".to_owned());
        let kind = EventKind::SendFailed { action: message.action().to_string(), why, permanent: false };
        let key = format!("settled-{}", message.action());
        self.record_with_claim(
            &journal,
            newest_event(&journal, now, kind).with_key(key),
            now,
            UnderClaim::Ends(fence),
        )
        .await?;
        Ok(Checked::Skipped(TickOutcome::Suppressed))
    }

    /// Records the delivery of a message.
    async fn settle(
        &self,
        message: &Message,
        intent_seq: i64,
        delivery: &Delivery,
        fence: Fence,
        now: DateTime<Utc>,
        limits: TickLimits,
    ) -> Result<(), DeskError> {
        let action = message.action().to_string();
        let key = format!("settled-{action}");
        let (kind, claim) = match delivery.clone() {
            Delivery::Sent { message_id } => {
                let (channel, purpose) = (Some(message.channel), Some(message.purpose));
                let reason = Some(message.reason);
                (EventKind::Sent { action, message_id, channel, purpose, reason }, UnderClaim::Ends(fence))
            }
            Delivery::Deferred { why } => (
                EventKind::SendFailed { action, why: Some(why), permanent: false },
                UnderClaim::GoesOn(fence),
            ),
            Delivery::Rejected { why } => {
                (EventKind::SendFailed { action, why: Some(why), permanent: true }, UnderClaim::Ends(fence))
            }
            Delivery::Unknown => (EventKind::SendUnknown { action }, UnderClaim::Ends(fence)),
        };
        let event = Event::new(now, kind).with_key(key).with_seq(intent_seq + 1);
        let (event, hash) = self.with_key_and_hash(&message.prospect, event);
        let prepared = self.prepare_once(&message.prospect, event, hash, now, Mode::Observed).await?;
        for change in prepared.into_changes() {
            self.append_with_claim(change, claim).await?;
        }
        if let Delivery::Deferred { .. } = delivery {
            let until = now.checked_add_signed(limits.retry_after).unwrap_or(DateTime::<Utc>::MAX_UTC);
            self.store.renew(Renewal::new(message.prospect.clone(), fence, until)).await?;
        }
        Ok(())
    }

    /// Records a permanent failure, so that the action becomes one by hand (row 2).
    async fn reject(
        &self,
        journal: &Journal,
        why: String,
        fence: Fence,
        now: DateTime<Utc>,
    ) -> Result<Checked, DeskError> {
        let action = ActionId::new(journal.prospect.clone(), journal.revision).to_string();
        let key = format!("settled-{action}");
        let kind = EventKind::SendFailed { action, why: Some(why.clone()), permanent: true };
        self.record_with_claim(
            journal,
            newest_event(journal, now, kind).with_key(key),
            now,
            UnderClaim::Ends(fence),
        )
        .await?;
        Ok(Checked::Skipped(TickOutcome::Rejected { why }))
    }

    /// Records an event that is later than all others, under a claim.
    async fn record_with_claim(
        &self,
        journal: &Journal,
        event: Event,
        now: DateTime<Utc>,
        claim: UnderClaim,
    ) -> Result<(), DeskError> {
        let applied = journal.apply(self, event, &[], now);
        let change = self.change(journal, applied.events, None, &applied.state, now);
        self.append_with_claim(change, claim).await
    }

    async fn append_with_claim(&self, mut change: Append, claim: UnderClaim) -> Result<(), DeskError> {
        change.claim = Some(claim);
        Ok(self.store.append(vec![change]).await?)
    }
}

/// Returns an event at `now` that is ordered after all recorded events.
fn newest_event(journal: &Journal, now: DateTime<Utc>, kind: EventKind) -> Event {
    Event::new(now, kind).with_seq(journal.state.seq_after(now))
}

/// Whether a message on a channel needs an address that the profile keeps.
fn has_address(channel: Channel) -> bool {
    matches!(channel, Channel::EMAIL | Channel::PHONE | Channel::TEXT)
}

/// Repeats a step after a conflict or an unknown outcome. Each step reads the journal first.
async fn retry<T, F: Future<Output = Result<T, DeskError>>>(
    mut step: impl FnMut() -> F,
) -> Result<T, DeskError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match step().await {
            Err(error) if (error.is_conflict() || error.is_unknown()) && attempts < ATTEMPTS_MAX => {}
            done => return done,
        }
    }
}
