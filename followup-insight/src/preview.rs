//! The preview of a playbook: what it would do with a silent, an answering and a buying prospect.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind, Request};
use followup_core::plan::{Action, plan};
use followup_core::policy::Policy;
use followup_core::purpose::{Purpose, Reason};
use followup_core::pursuit::{Answers, Did, Now, Pursuit, Step};
use followup_core::stage::{Outcome, text_enum};
use followup_core::state::ProspectState;

text_enum! {
    /// The behaviour of a prospect in a preview.
    Behaviour, "behaviour" {
        /// The prospect never gives a sign.
        Silent = "silent",
        /// The prospect asks for information at the start, and replies to each action an hour later.
        Answering = "answering",
        /// The prospect asks for information at the start, and takes the next step an hour after each action: after
        /// the information they ask for an appointment, then set it a week ahead, confirm it, and buy after the
        /// discussion of the proposal.
        Buying = "buying",
    }
}

/// The preview of a playbook for one prospect.
///
/// # Examples
/// ```
/// use followup_core::{Channel, Policy};
/// use followup_insight::preview;
/// use followup_insight::preview::{Behaviour, Preview, PreviewStep};
///
/// let previews: Vec<Preview> = preview(&Policy::default(), "2026-03-02T09:00:00Z".parse()?);
/// let answering = previews.iter().find(|preview| preview.behaviour == Behaviour::Answering);
/// let PreviewStep { what, channel, plan, .. } = &answering.expect("every behaviour has a preview").steps[0];
/// assert_eq!((what.as_str(), *channel), ("inform", Some(Channel::EMAIL)));
/// assert!(plan.starts_with("inform by email from Mon 2 Mar 2026"), "{plan}");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Preview {
    /// The behaviour of the prospect.
    #[serde(rename = "prospect")]
    pub behaviour: Behaviour,
    /// The steps, in order.
    pub steps: Vec<PreviewStep>,
}

/// A step of a preview: an action of ours or a wake-up.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct PreviewStep {
    /// The time.
    pub at: DateTime<Utc>,
    /// The purpose of the action, or the name of the wake-up event.
    pub what: String,
    /// The channel of the action.
    pub channel: Option<Channel>,
    /// The reason of the action.
    pub reason: Option<Reason>,
    /// The plan before the step, in words.
    pub plan: String,
}

/// The length of a preview.
const AHEAD: TimeDelta = TimeDelta::days(365);

/// The maximum number of steps.
const STEPS_MAX: usize = 40;

/// Returns what a playbook would do with a silent, an answering and a buying prospect from an instant on, until it
/// rests, for at most a year and 40 steps.
///
/// A pure function. It assumes that the prospect has an email address and a phone number, is in the playbook's zone
/// and has a medium value, that actions are done at their target instant, and that automatic messages are sent.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_insight::preview;
///
/// let previews = preview(&Policy::default(), "2026-03-02T09:00:00Z".parse()?);
/// let silent = &previews[0].steps;
/// assert_eq!(silent[0].what, "inform");
/// assert_eq!(silent[0].at.to_rfc3339(), "2026-03-02T09:00:00+00:00");
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn preview(policy: &Policy, start: DateTime<Utc>) -> Vec<Preview> {
    let of =
        |behaviour: &Behaviour| Preview { behaviour: *behaviour, steps: steps(policy, start, *behaviour) };
    Behaviour::ALL.iter().map(of).collect()
}

fn steps(policy: &Policy, start: DateTime<Utc>, behaviour: Behaviour) -> Vec<PreviewStep> {
    let mut state = ProspectState::new(policy.zone());
    let mut added = Event::added(start).with_key("added");
    if let EventKind::Added { email, phone, .. } = added.kind_mut() {
        (*email, *phone) = (Some("known".to_owned()), Some("known".to_owned()));
    }
    state.apply(&added);
    if behaviour != Behaviour::Silent {
        let request =
            EventKind::Requested { request: Request::AskedInformation, channel: Some(Channel::EMAIL) };
        state.apply(&Event::new(start, request).with_key("asked").with_seq(1));
    }
    let end = start.checked_add_signed(AHEAD).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let mut pursuit = Pursuit::new(state, policy, behaviour, (start, end), |nth| format!("step-{nth}"));
    let mut steps = Vec::new();
    while steps.len() < STEPS_MAX {
        let plan = plan(pursuit.state(), policy).to_string();
        let Some(Step { event, did, .. }) = pursuit.next() else { break };
        let (what, channel, reason) = match did {
            Did::Act(action) => (action.purpose.to_string(), action.channel, Some(action.reason)),
            Did::Woke(_) => (event.name().to_owned(), None, None),
            Did::Answered => continue,
        };
        steps.push(PreviewStep { at: event.at(), what, channel, reason, plan });
    }
    steps
}

impl Answers for Behaviour {
    type Answer = EventKind;

    fn answer(&mut self, action: &Action, _done: &Event, now: &Now<'_>) -> Option<(EventKind, TimeDelta)> {
        let asks = |request| EventKind::Requested { request, channel: action.channel };
        let answer = match self {
            Behaviour::Silent => None,
            Behaviour::Answering => (action.purpose != Purpose::HOLD).then(|| asks(Request::Replied)),
            Behaviour::Buying => match action.purpose {
                Purpose::INFORM => Some(asks(Request::AskedAppointment)),
                Purpose::ASK_APPOINTMENT | Purpose::REBOOK => Some(EventKind::AppointmentSet {
                    starts_at: now.at + TimeDelta::days(7),
                    minutes: now.policy.settings().appointment.minutes.max(1),
                }),
                Purpose::CONFIRM => Some(EventKind::AppointmentConfirmed),
                Purpose::DISCUSS => {
                    Some(EventKind::Decided { outcome: Outcome::Won, until: None, why: None })
                }
                Purpose::HOLD | Purpose::PROPOSE | Purpose::ACKNOWLEDGE => None,
                _ => Some(asks(Request::AskedInformation)),
            },
        };
        answer.map(|answer| (answer, TimeDelta::hours(1)))
    }

    fn say(&self, answer: EventKind, _now: &Now<'_>) -> Option<EventKind> {
        Some(answer)
    }
}

#[cfg(test)]
mod tests {
    use followup_core::Playbook;

    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-03-02T09:00:00Z".parse().expect("the text is an instant")
    }

    fn words(policy: &Policy, behaviour: Behaviour) -> Vec<String> {
        let previews = preview(policy, start());
        let preview = previews
            .into_iter()
            .find(|preview| preview.behaviour == behaviour)
            .expect("the preview has each behaviour");
        preview.steps.into_iter().map(|step| format!("{:.10} {}", step.at.to_string(), step.what)).collect()
    }

    #[test]
    fn a_silent_prospect_is_informed_and_asked_until_the_last_message() {
        let silent = words(&Policy::default(), Behaviour::Silent);
        let dates = ["2026-03-02 inform", "2026-03-10 check_in", "2026-03-31 ask_appointment"];
        assert_eq!(silent[..3], dates, "C2; C8; the middle of two and four weeks");
        assert_eq!(
            silent.last().map(String::as_str),
            Some("2027-02-01 check_in"),
            "for a year and no longer"
        );
        let brief = Playbook::parse("[stop]\nmedium = 3\n").expect("a playbook");
        let brief = words(&brief.into(), Behaviour::Silent);
        let ends: Vec<_> = brief.iter().rev().take(2).map(|word| &word[11..]).collect();
        assert_eq!(ends, ["gave_up", "last_message"]);
    }

    #[test]
    fn a_buyer_passes_through_all_stages() {
        let words = words(&Policy::default(), Behaviour::Buying);
        let whats: Vec<_> = words.iter().map(|word| &word[11..]).collect();
        assert_eq!(whats, ["inform", "ask_appointment", "confirm", "hold", "propose", "discuss"]);
    }

    #[test]
    fn a_prospect_who_answers_is_never_given_up() {
        let words = words(&Policy::default(), Behaviour::Answering);
        assert_eq!(words.len(), STEPS_MAX, "{words:?}");
    }

    #[test]
    fn every_shipped_playbook_can_be_previewed_and_steps_come_in_order() {
        for (name, _) in followup_core::playbook::SHIPPED {
            let policy = Playbook::shipped(name).expect("the playbook ships with the library").into();
            for preview in preview(&policy, start()) {
                assert!(!preview.steps.is_empty(), "{name}, {}", preview.behaviour);
                assert!(preview.steps.is_sorted_by_key(|step| step.at), "{name}, {:?}", preview.steps);
            }
        }
    }
}
