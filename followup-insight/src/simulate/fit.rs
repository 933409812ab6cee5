//! Fitting of a response model to past events.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::model::{Likelihood, Response, ResponseModel, Responses};
use followup_core::event::{Event, EventKind, Request};
use followup_core::purpose::Purpose;
use followup_core::stage::{By, Outcome};
use followup_core::time::{DAY, HOUR, MINUTE, Micros, to_micros};

/// A response model that was fitted to past events, with the counts it is based on.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Channel, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::simulate::{FittedResponses, Response};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let replied_at = "2026-03-06T16:00:00Z".parse()?;
/// desk.observe("p-17", Event::touched(t, Channel::EMAIL)).await?;
/// desk.observe("p-17", Event::replied(replied_at, Channel::EMAIL)).await?;
/// let fitted: FittedResponses = Insight::new(&desk).fit_responses(replied_at).await?;
/// assert_eq!((fitted.touches, fitted.responses[&Response::Replied]), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct FittedResponses {
    /// The model.
    pub model: ResponseModel,
    /// Number of prospects whose history was read.
    pub prospects: u64,
    /// Number of touches that were counted.
    pub touches: u64,
    /// Number of each response to them.
    pub responses: BTreeMap<Response, u64>,
}

/// The weight of the prior share, in touches. With this many touches, the prior and the observed share count equally.
const PRIOR_TOUCHES: f64 = 20.0;

/// The minimum number of observed delays for using them instead of the prior delays.
const DELAYS_MIN: u64 = 5;

/// The minimum age of a last touch without a response for it to count as silence. A response may still come before.
const SILENCE_AFTER: Micros = 14 * DAY;

/// The maximum number of purposes with counts of their own. Touches with further purposes only count for all touches.
const PURPOSES_MAX: usize = 64;

/// Counts the responses to our touches, in bounded memory.
#[derive(Default)]
pub(crate) struct Fit {
    prospects: u64,
    all: Counts,
    by_purpose: BTreeMap<Purpose, Counts>,
}

/// The responses to a group of touches.
#[derive(Default)]
struct Counts {
    touches: u64,
    answers: BTreeMap<Response, Delays>,
}

/// The number of delays in each bucket of half a power of two of minutes.
#[derive(Clone)]
struct Delays {
    count: u64,
    buckets: [u64; BUCKETS],
}

const BUCKETS: usize = 44;

impl Default for Delays {
    fn default() -> Delays {
        Delays { count: 0, buckets: [0; BUCKETS] }
    }
}

/// A touch that is waiting for a response.
struct OpenTouch {
    at: Micros,
    purpose: Purpose,
    answer: Option<(Response, Micros)>,
}

impl Fit {
    /// Counts the touches and responses of one prospect up to an instant. The events are in the order of the fold.
    pub(crate) fn read(&mut self, events: &[Event], now: DateTime<Utc>) {
        self.prospects += 1;
        let mut open: Option<OpenTouch> = None;
        for event in events.iter().take_while(|event| event.at() <= now) {
            let at = event.at_micros();
            if let Some(purpose) = purpose_of_ours(event) {
                self.close(open.take(), None);
                let answer = immediate_response(event).map(|response| (response, 0));
                open = Some(OpenTouch { at, purpose, answer });
            } else if let (Some(open), Some(response)) = (&mut open, response_of(event)) {
                // Only the strongest response before the next touch counts.
                if open.answer.is_none_or(|(before, _)| strength(response) > strength(before)) {
                    open.answer = Some((response, at - open.at));
                }
            }
        }
        self.close(open, Some(to_micros(now)));
    }

    fn close(&mut self, open: Option<OpenTouch>, still_open_at: Option<Micros>) {
        let Some(open) = open else { return };
        if open.answer.is_none() && still_open_at.is_some_and(|now| now - open.at < SILENCE_AFTER) {
            return;
        }
        if !has_own_answers(open.purpose) {
            // A response that only one purpose can get says nothing about the others.
            self.all.count(open.answer.filter(|(response, _)| !is_of_one_purpose(*response)));
        }
        let known = self.by_purpose.len() < PURPOSES_MAX || self.by_purpose.contains_key(&open.purpose);
        if known {
            self.by_purpose.entry(open.purpose).or_default().count(open.answer);
        }
    }

    /// Returns the model, each share smoothed by its prior.
    pub(crate) fn finish(self) -> FittedResponses {
        let assumed = ResponseModel::assumed();
        let all = self.all.responses(assumed.all());
        let purposes = assumed.by_purpose().keys().chain(self.by_purpose.keys()).copied();
        let of_purpose = |purpose: Purpose| {
            let assumed = assumed.of(purpose);
            let prior = if has_own_answers(purpose) { assumed.clone() } else { self.all.responses(assumed) };
            let responses = match self.by_purpose.get(&purpose) {
                Some(counted) => counted.responses(&prior),
                None => prior,
            };
            (purpose, responses)
        };
        let by_purpose: BTreeMap<Purpose, Responses> = purposes.map(of_purpose).collect();
        let (mut touches, mut responses) = (0, BTreeMap::new());
        for counted in self.by_purpose.values() {
            touches += counted.touches;
            for (response, delays) in &counted.answers {
                *responses.entry(*response).or_default() += delays.count;
            }
        }
        let model = ResponseModel::new(all, by_purpose).expect("the shares are from 0 to 1");
        FittedResponses { model, prospects: self.prospects, touches, responses }
    }
}

impl Counts {
    fn count(&mut self, answer: Option<(Response, Micros)>) {
        self.touches += 1;
        if let Some((response, delay)) = answer {
            self.answers.entry(response).or_default().count(delay);
        }
    }

    /// Returns the share of each response, smoothed by a prior.
    fn responses(&self, prior: &Responses) -> Responses {
        if self.touches == 0 {
            return prior.clone();
        }
        let weight = self.touches as f64 + PRIOR_TOUCHES;
        let known = self.answers.keys().chain(prior.keys()).copied();
        let likelihood = |response: Response| {
            let counted = self.answers.get(&response);
            let before = prior.get(&response);
            let times = counted.map_or(0, |delays| delays.count) as f64;
            let probability =
                (times + before.map_or(0.0, |before| before.probability) * PRIOR_TOUCHES) / weight;
            let enough = counted.filter(|delays| delays.count >= DELAYS_MIN || before.is_none());
            let delay_hours = match (enough, before) {
                (Some(delays), _) => delays.deciles(),
                (None, Some(before)) => before.delay_hours.clone(),
                (None, None) => vec![0.0],
            };
            (response, Likelihood { probability: probability.min(1.0), delay_hours })
        };
        known.map(likelihood).collect()
    }
}

impl Delays {
    fn count(&mut self, delay: Micros) {
        let minutes = (delay.max(0) / MINUTE) as f64;
        let bucket = ((minutes + 1.0).log2() * 2.0) as usize;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        self.count += 1;
    }

    /// Returns the deciles of the delays in hours, from the minimum to the maximum.
    fn deciles(&self) -> Vec<f64> {
        let lower = |bucket: usize| (2_f64.powf(bucket as f64 / 2.0) - 1.0) * MINUTE as f64 / HOUR as f64;
        let at = |tenth: u64| {
            let rank = self.count as f64 * tenth as f64 / 10.0;
            let mut before = 0.0;
            for (bucket, count) in self.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
                let count = *count as f64;
                if before + count >= rank {
                    let share = ((rank - before) / count).clamp(0.0, 1.0);
                    return lower(bucket) + (lower(bucket + 1) - lower(bucket)) * share;
                }
                before += count;
            }
            lower(BUCKETS)
        };
        (0..=10).map(at).collect()
    }
}

/// Returns the purpose of a touch of ours; `None` for events of the prospect and for results of a touch, as a booking
/// or an agreement.
fn purpose_of_ours(event: &Event) -> Option<Purpose> {
    match event.kind() {
        EventKind::AppointmentHeld | EventKind::AppointmentMissed { .. } => Some(Purpose::HOLD),
        EventKind::ProposalDiscussed => Some(Purpose::DISCUSS),
        EventKind::AppointmentSet { .. } | EventKind::NextStepAgreed { .. } | EventKind::NextStepDeclined => {
            None
        }
        _ => {
            let purpose = event.touch()?.purpose.unwrap_or(Purpose::CHECK_IN);
            (purpose != Purpose::ACKNOWLEDGE).then_some(purpose)
        }
    }
}

/// Returns the response that a touch itself records.
pub(super) fn immediate_response(event: &Event) -> Option<Response> {
    match event.kind() {
        EventKind::Touched { reached: true, .. } => Some(Response::Reached),
        EventKind::AppointmentMissed { .. } => Some(Response::AppointmentMissed),
        _ => None,
    }
}

/// Returns the response that an event is, if it is one.
pub(super) fn response_of(event: &Event) -> Option<Response> {
    Some(match event.kind() {
        EventKind::Requested { request, .. } => match request {
            Request::Inquired | Request::Replied => Response::Replied,
            Request::AskedInformation => Response::AskedInformation,
            Request::AskedAppointment => Response::AskedAppointment,
            Request::AskedProposal => Response::AskedProposal,
            Request::ReadyToBuy => Response::ReadyToBuy,
        },
        EventKind::AppointmentSet { .. } => Response::Booked,
        EventKind::AppointmentConfirmed => Response::AppointmentConfirmed,
        EventKind::NextStepAgreed { .. } => Response::NextStepAgreed,
        EventKind::NextStepDeclined => Response::NextStepDeclined,
        EventKind::InputReceived { .. } => Response::InputReceived,
        EventKind::AutoReplied { .. } => Response::AutoReplied,
        EventKind::Bounced { permanent: true, .. } => Response::Bounced,
        EventKind::OptedOut { channels } if channels.is_empty() => Response::OptedOut,
        EventKind::Stopped { .. } if !matches!(event.by(), Some(By::Us | By::System)) => Response::Stopped,
        EventKind::Decided { outcome, .. } => match outcome {
            Outcome::Won => Response::Won,
            Outcome::Lost => Response::Lost,
            Outcome::Later => Response::Later,
        },
        _ => return None,
    })
}

/// Returns the strength of a response: the order of declaration, except that automatic ones are weakest.
fn strength(response: Response) -> u32 {
    match response {
        Response::AutoReplied | Response::Bounced => 0,
        other => 1 + other as u32,
    }
}

/// Whether only one purpose can get this response.
fn is_of_one_purpose(response: Response) -> bool {
    matches!(response, Response::AppointmentConfirmed | Response::AppointmentMissed | Response::InputReceived)
}

/// Whether the purpose has responses of its own. With little history, the assumed shares of the purpose fit it better
/// than the shares for all touches.
fn has_own_answers(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::CONFIRM | Purpose::HOLD | Purpose::CHASE_INPUTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use followup_core::channel::Channel;
    use followup_core::event::Touch;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn touched(day: u32, purpose: Purpose) -> Event {
        let on = at(&format!("2026-03-{day:02}T09:00:00Z"));
        Event::touched(on, Touch::on(Channel::EMAIL).purpose(purpose))
    }

    #[test]
    fn without_a_history_the_fit_is_the_assumed_model() {
        let fitted = Fit::default().finish();
        assert_eq!(&fitted.model, ResponseModel::assumed());
        assert_eq!((fitted.touches, fitted.prospects), (0, 0));
    }

    #[test]
    fn much_history_outweighs_the_assumed_model_and_little_does_not() {
        let mut fit = Fit::default();
        for day in [2, 9] {
            for _ in 0..500 {
                let replied = Event::replied(at(&format!("2026-03-{day:02}T12:00:00Z")), None);
                fit.read(&[touched(day, Purpose::INFORM), replied], at("2026-04-30T00:00:00Z"));
                fit.read(&[touched(day, Purpose::INFORM)], at("2026-04-30T00:00:00Z"));
            }
        }
        fit.read(&[touched(2, Purpose::CLOSE)], at("2026-04-30T00:00:00Z"));
        let fitted = fit.finish();
        let of = |purpose| &fitted.model.of(purpose)[&Response::Replied];
        let inform = of(Purpose::INFORM);
        assert!((inform.probability - 0.5).abs() < 0.01, "{inform:?}");
        assert!(inform.delay_hours.iter().all(|hours| (2.0..4.5).contains(hours)), "{inform:?}");
        let (all, close) = (&fitted.model.all()[&Response::Replied], of(Purpose::CLOSE));
        assert!((close.probability - all.probability * 20.0 / 21.0).abs() < 1e-3, "{close:?}");
        assert_eq!((fitted.touches, fitted.responses[&Response::Replied]), (2_001, 1_000));
    }

    #[test]
    fn the_furthest_of_several_answers_before_the_next_touch_counts() {
        let mut fit = Fit::default();
        let events = [
            touched(2, Purpose::INFORM),
            Event::replied(at("2026-03-02T10:00:00Z"), None),
            Event::decided(at("2026-03-03T10:00:00Z"), Outcome::Won),
            Event::replied(at("2026-03-04T10:00:00Z"), None),
        ];
        fit.read(&events, at("2026-04-30T00:00:00Z"));
        assert_eq!(fit.finish().responses, BTreeMap::from([(Response::Won, 1)]));
    }

    #[test]
    fn each_answer_is_read_as_its_response() {
        let later = "2026-03-20T10:00:00Z";
        let requested = |request| EventKind::Requested { request, channel: None };
        let decided = |outcome| EventKind::Decided { outcome, until: None, why: None };
        let input = || "floor plan".to_owned();
        for (response, kind) in [
            (Response::Replied, requested(Request::Replied)),
            (Response::AskedInformation, requested(Request::AskedInformation)),
            (Response::AskedAppointment, requested(Request::AskedAppointment)),
            (Response::AskedProposal, requested(Request::AskedProposal)),
            (Response::ReadyToBuy, requested(Request::ReadyToBuy)),
            (Response::Booked, EventKind::AppointmentSet { starts_at: at(later), minutes: 60 }),
            (Response::NextStepDeclined, EventKind::NextStepDeclined),
            (
                Response::NextStepAgreed,
                EventKind::NextStepAgreed { due_at: at(later), channel: None, purpose: None },
            ),
            (Response::InputReceived, EventKind::InputReceived { input: input() }),
            (Response::AutoReplied, EventKind::AutoReplied { until: None }),
            (Response::Bounced, EventKind::Bounced { permanent: true, address: None }),
            (Response::OptedOut, EventKind::OptedOut { channels: Vec::new() }),
            (Response::Stopped, EventKind::Stopped { why: None }),
            (Response::Won, decided(Outcome::Won)),
            (Response::Lost, decided(Outcome::Lost)),
            (Response::Later, decided(Outcome::Later)),
        ] {
            let mut fit = Fit::default();
            let purpose =
                if response == Response::InputReceived { Purpose::CHASE_INPUTS } else { Purpose::INFORM };
            let answer = Event::new(at("2026-03-03T10:00:00Z"), kind);
            fit.read(&[touched(2, purpose), answer], at("2026-04-30T00:00:00Z"));
            assert_eq!(fit.finish().responses, BTreeMap::from([(response, 1)]));
        }
    }

    #[test]
    fn a_touch_of_last_week_does_not_count_as_silence_yet() {
        let touches = |now: &str| {
            let mut fit = Fit::default();
            fit.read(&[touched(2, Purpose::INFORM), touched(9, Purpose::INFORM)], at(now));
            fit.finish().touches
        };
        assert_eq!(touches("2026-03-16T00:00:00Z"), 1);
        assert_eq!(touches("2026-03-24T00:00:00Z"), 2);
        assert_eq!(touches("2026-03-01T00:00:00Z"), 0, "only what is known by then counts");
    }

    #[test]
    fn a_missed_appointment_does_not_count_for_other_touches() {
        let mut fit = Fit::default();
        for _ in 0..100 {
            let kind = EventKind::AppointmentMissed { by: Some(By::Prospect) };
            let missed = Event::new(at("2026-03-03T10:00:00Z"), kind);
            fit.read(&[touched(2, Purpose::CONFIRM), missed], at("2026-04-30T00:00:00Z"));
        }
        let fitted = fit.finish();
        assert!(fitted.model.of(Purpose::HOLD)[&Response::AppointmentMissed].probability > 0.8);
        assert!(!fitted.model.all().contains_key(&Response::AppointmentMissed));
    }
}
