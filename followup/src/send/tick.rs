//! Sending what is due without a person, at most once.

use std::borrow::Cow;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, StreamExt};

use super::dispatch::{Delivery, Dispatcher, Message};
use crate::book::Book;
use crate::book::journal::Journal;
use crate::book::record::Manner;
use crate::error::DeskError;
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind};
use followup_core::plan::{self, ActionId, Decision, planned_by};
use followup_core::prospect::ProspectId;
use followup_core::store::{Append, Claim, Claimed, Fence, Renewal, Revision, StoreErrorKind, UnderClaim};

/// How much one [`Desk::tick`](crate::Desk::tick) does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TickLimits {
    /// At most so many messages. 64 unless it is set.
    pub messages: usize,
    /// How many of them are under way at once. 8 unless it is set; 1 at least.
    pub at_once: usize,
    /// How long nobody else is given the same: longer than sending all of them may take. 5 minutes unless it is set.
    pub lease: TimeDelta,
    /// How long to leave a message that was deferred. 15 minutes unless it is set.
    pub retry_after: TimeDelta,
}

impl Default for TickLimits {
    fn default() -> TickLimits {
        let (lease, retry_after) = (TimeDelta::minutes(5), TimeDelta::minutes(15));
        TickLimits { messages: 64, at_once: 8, lease, retry_after }
    }
}

impl TickLimits {
    /// At most so many messages.
    #[must_use]
    pub fn messages(mut self, messages: usize) -> TickLimits {
        self.messages = messages;
        self
    }

    /// So many of them under way at once, 1 at least.
    #[must_use]
    pub fn at_once(mut self, at_once: usize) -> TickLimits {
        self.at_once = at_once;
        self
    }

    /// How long nobody else is given the same.
    #[must_use]
    pub fn lease(mut self, lease: TimeDelta) -> TickLimits {
        self.lease = lease;
        self
    }

    /// How long to leave a message that was deferred.
    #[must_use]
    pub fn retry_after(mut self, retry_after: TimeDelta) -> TickLimits {
        self.retry_after = retry_after;
        self
    }
}

/// What came of one claimed action.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ticked {
    /// Whose.
    pub prospect: ProspectId,
    /// The decision that was claimed.
    pub revision: Revision,
    /// What came of it.
    pub outcome: TickOutcome,
}

/// What came of a claimed action.
#[derive(Debug)]
#[non_exhaustive]
pub enum TickOutcome {
    /// It is out, and on record.
    Sent,
    /// It did not go out, and is tried again.
    Deferred {
        /// Why not.
        why: String,
    },
    /// It did not go out and is to be done by hand.
    Rejected {
        /// Why not.
        why: String,
    },
    /// Nobody knows whether it went out: a person is asked.
    Unknown,
    /// It was not begun: what is next is another thing by now, or planned by another playbook, and is on record.
    Replanned,
    /// It was not begun: whoever has the address has opted out, or said stop (S6). It is looked at again after a day:
    /// they may have opted in.
    Suppressed,
    /// It was not begun: this desk does not have the playbook that was set for them. It is handed out again when the
    /// lease ends, to a desk that has it.
    PlaybookMissing {
        /// What it is called.
        name: String,
    },
    /// It was not begun: it is outside their hours (C16). It is handed out again then.
    OutsideHours {
        /// When they are open.
        until: DateTime<Utc>,
    },
    /// It was not begun: the newest event lies after `now`, so that clock is not to be relied on.
    ClockBehind {
        /// When the newest event is.
        newest: DateTime<Utc>,
    },
    /// Somebody else has been given the same meanwhile. If it was begun, `delivery` is what became of it, which is not
    /// on record: it is for a person to say what holds.
    Late {
        /// What became of the message, if it was begun.
        delivery: Option<Delivery>,
    },
    /// The desk or its store failed. If the message was begun it counts as unknown after a while.
    Failed {
        /// What became of the message, if it was begun.
        delivery: Option<Delivery>,
        /// What failed.
        error: DeskError,
    },
}

/// A message whose intent is on record, or may be.
#[derive(Clone)]
struct Intent {
    message: Message,
    /// The `seq` of the intent.
    seq: i64,
    /// What their addresses were suppressed for when it was decided.
    out: Vec<(Channel, DateTime<Utc>)>,
}

/// How long a suppressed action is left before it is looked at again: the suppression may have been lifted.
const SUPPRESSED_FOR: TimeDelta = TimeDelta::days(1);

/// What the last check before sending finds.
enum Checked {
    /// The message, and the `seq` of its intent. The intent is on record.
    Begun(Message, i64),
    Not(TickOutcome),
}

/// How often a step is taken again after somebody else's append, or when nobody knows whether it was written.
const TRIES_MAX: usize = 64;

impl Book {
    pub(crate) async fn tick(
        &self,
        now: DateTime<Utc>,
        dispatcher: &dyn Dispatcher,
        limits: TickLimits,
    ) -> Result<Vec<Ticked>, DeskError> {
        let until = now.checked_add_signed(limits.lease).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let claimed = self.store.claim(Claim::new(now, until, limits.messages)).await?;
        let work = claimed.into_iter().map(|claimed| self.carry_out(claimed, now, dispatcher, limits));
        Ok(stream::iter(work).buffer_unordered(limits.at_once.max(1)).collect().await)
    }

    async fn carry_out(
        &self,
        claimed: Claimed,
        now: DateTime<Utc>,
        dispatcher: &dyn Dispatcher,
        limits: TickLimits,
    ) -> Ticked {
        let Claimed { due, fence, .. } = claimed;
        let (prospect, revision) = (due.prospect, due.revision);
        let (mut delivery, tried) = (None, Mutex::new(None));
        let outcome = match again(|| self.begin(&prospect, &due.planned_by, fence, now, &tried)).await {
            Ok(Checked::Not(outcome)) => Ok(outcome),
            Ok(Checked::Begun(message, seq)) => {
                let became = dispatcher.send(&message).await;
                let settled = again(|| self.settle(&message, seq, &became, fence, now, limits)).await;
                delivery = Some(became.clone());
                settled.map(|()| match became {
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

    /// The last check, and the intent. What was tried before, and may or may not be on record, stands in `tried`.
    async fn begin(
        &self,
        prospect: &ProspectId,
        stored_by: &str,
        fence: Fence,
        now: DateTime<Utc>,
        tried: &Mutex<Option<Intent>>,
    ) -> Result<Checked, DeskError> {
        let not = |outcome| Ok(Checked::Not(outcome));
        let head = self.head(prospect).await?;
        let journal = self.with_suppressed(self.journal(&head).await?).await?;
        let before = tried.lock().expect("nothing panics under the lock").take();
        if let Some(intent) =
            before.filter(|intent| journal.state.is_sending(&intent.message.action().to_string()))
        {
            return self.look_once_more(intent, fence, now).await;
        }
        if let Some(newest) = journal.state.last_event_at().filter(|newest| *newest > now) {
            return not(TickOutcome::ClockBehind { newest });
        }
        if self.policies.of(&journal.state).is_none() {
            let version =
                journal.state.playbook_version().map_or(String::new(), |version| format!("/{version}"));
            let name = format!("{}{version}", self.policies.name_of(&journal.state));
            return not(TickOutcome::PlaybookMissing { name });
        }
        let policy = self.policy_of(&journal.state);
        let state = journal.state.clone();
        let (journal, woken, wake_ups) = self.woken(journal, state, now).await?;
        if !wake_ups.is_empty() {
            let change = self.change(&journal, wake_ups, None, &woken, now);
            self.append_under(change, UnderClaim::Ends(fence)).await?;
            return not(TickOutcome::Replanned);
        }
        let planner = planned_by(policy);
        if stored_by != planner {
            let event = last(&journal, now, EventKind::Replanned { planned_by: Some(planner) });
            let key = format!("replanned-{}", journal.revision);
            self.record_under(&journal, event.key(key), now, UnderClaim::Ends(fence)).await?;
            return not(TickOutcome::Replanned);
        }
        let out = self.out_of(&journal.suppressed, &journal.profile, now);
        let effective = journal.state.suppressed(&out);
        let decided = plan::decide(&effective, policy);
        let next = match &decided.decision {
            Decision::Act { next, .. } if next.form.automatic && next.window().earliest <= now => next,
            _ if matches!(effective, Cow::Owned(_)) => {
                let until = now.checked_add_signed(SUPPRESSED_FOR).unwrap_or(DateTime::<Utc>::MAX_UTC);
                self.store.renew(Renewal::new(prospect.clone(), fence, until)).await?;
                return not(TickOutcome::Suppressed);
            }
            _ => {
                self.store.renew(Renewal::new(prospect.clone(), fence, now)).await?;
                return not(TickOutcome::Replanned);
            }
        };
        let Some(channel) = next.form.channel else {
            return self.give_to_a_person(&journal, "no channel is left".to_owned(), fence, now).await;
        };
        let until = plan::first_open(&effective, policy, next, now);
        if until > now {
            self.store.renew(Renewal::new(prospect.clone(), fence, until)).await?;
            return not(TickOutcome::OutsideHours { until });
        }
        let to = journal.profile.address(channel).map(str::to_owned);
        if to.is_none() && has_address(channel) {
            let why = format!("no address is known for {channel}");
            return self.give_to_a_person(&journal, why, fence, now).await;
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
        let event = last(&journal, now, intent).key(key);
        let seq = event.seq;
        let intent = Intent { message, seq, out };
        *tried.lock().expect("nothing panics under the lock") = Some(intent.clone());
        self.record_under(&journal, event, now, UnderClaim::GoesOn(fence)).await?;
        self.look_once_more(intent, fence, now).await
    }

    /// Looks at the addresses again, now that the intent is on record: an opting out under another id that was
    /// acknowledged before it holds the message back, and one that comes later finds it in flight.
    async fn look_once_more(
        &self,
        intent: Intent,
        fence: Fence,
        now: DateTime<Utc>,
    ) -> Result<Checked, DeskError> {
        let Intent { message, seq, out } = intent;
        let head = self.head(&message.prospect).await?;
        let journal = self.with_suppressed(self.journal(&head).await?).await?;
        if self.out_of(&journal.suppressed, &journal.profile, now) == out {
            return Ok(Checked::Begun(message, seq));
        }
        let why = Some("an opting out of the address came first".to_owned());
        let kind = EventKind::SendFailed { action: message.action().to_string(), why, permanent: false };
        let key = format!("settled-{}", message.action());
        self.record_under(&journal, last(&journal, now, kind).key(key), now, UnderClaim::Ends(fence)).await?;
        Ok(Checked::Not(TickOutcome::Suppressed))
    }

    /// Puts on record what became of a message.
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
        let event = Event::new(now, kind).key(key).seq(intent_seq + 1);
        let (event, hash) = self.keyed(&message.prospect, event);
        let prepared = self.prepare_once(&message.prospect, event, hash, now, Manner::Observed).await?;
        for change in prepared.into_changes() {
            self.append_under(change, claim).await?;
        }
        if let Delivery::Deferred { .. } = delivery {
            let until = now.checked_add_signed(limits.retry_after).unwrap_or(DateTime::<Utc>::MAX_UTC);
            self.store.renew(Renewal::new(message.prospect.clone(), fence, until)).await?;
        }
        Ok(())
    }

    /// What cannot be sent is a failure for good: the same is to be done by hand (row 2).
    async fn give_to_a_person(
        &self,
        journal: &Journal,
        why: String,
        fence: Fence,
        now: DateTime<Utc>,
    ) -> Result<Checked, DeskError> {
        let action = ActionId::new(journal.prospect.clone(), journal.revision).to_string();
        let key = format!("settled-{action}");
        let kind = EventKind::SendFailed { action, why: Some(why.clone()), permanent: true };
        self.record_under(journal, last(journal, now, kind).key(key), now, UnderClaim::Ends(fence)).await?;
        Ok(Checked::Not(TickOutcome::Rejected { why }))
    }

    /// Records an event that comes after all others.
    async fn record_under(
        &self,
        journal: &Journal,
        event: Event,
        now: DateTime<Utc>,
        claim: UnderClaim,
    ) -> Result<(), DeskError> {
        let taken = journal.take(self, event, &[], now);
        let change = self.change(journal, taken.events, None, &taken.state, now);
        self.append_under(change, claim).await
    }

    async fn append_under(&self, mut change: Append, claim: UnderClaim) -> Result<(), DeskError> {
        change.claim = Some(claim);
        Ok(self.store.append(vec![change]).await?)
    }
}

/// An event that comes after all that is on record.
fn last(journal: &Journal, now: DateTime<Utc>, kind: EventKind) -> Event {
    Event::new(now, kind).seq(journal.state.seq_after(now))
}

/// Whether a message on a channel needs an address that the profile keeps.
fn has_address(channel: Channel) -> bool {
    matches!(channel, Channel::EMAIL | Channel::PHONE | Channel::TEXT)
}

/// Takes a step again after a conflict, and where nobody knows whether it was written: each step looks first.
async fn again<T, F: Future<Output = Result<T, DeskError>>>(
    mut step: impl FnMut() -> F,
) -> Result<T, DeskError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match step().await {
            Err(error) if (error.is_conflict() || error.is_unknown()) && tries < TRIES_MAX => {}
            done => return done,
        }
    }
}
