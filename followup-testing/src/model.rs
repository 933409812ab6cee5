//! All sequences of a few events: few enough to check each of them.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::broken::Broken;
use super::history::History;
use super::vocabulary::{HOUR, event};
use followup_core::channel::Channel;
use followup_core::event::{Event, Touch};
use followup_core::policy::Policy;
use followup_core::purpose::Purpose;
use followup_core::state::ProspectState;

/// A step of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Letter {
    /// An event of this name, with as few fields as possible.
    Event(&'static str),
    /// The last message (S2).
    LastMessage,
    /// No event for 40 days, in which wake-ups become due.
    Silence,
}

/// All letters, in order.
pub const ALPHABET: [Letter; 11] = [
    Letter::Event("touched"),
    Letter::Event("replied"),
    Letter::Event("information_sent"),
    Letter::Event("proposal_sent"),
    Letter::Event("appointment_set"),
    Letter::Event("appointment_held"),
    Letter::Event("next_step_agreed"),
    Letter::Event("decided"),
    Letter::Event("opted_out"),
    Letter::LastMessage,
    Letter::Silence,
];

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Letter::Event(name) => name,
            Letter::LastMessage => "last_message",
            Letter::Silence => "silence",
        })
    }
}

/// The time from one event to the next: 3 days and 5 hours.
const SPACING: TimeDelta = TimeDelta::seconds(77 * HOUR);

/// The length of the silence.
const SILENCE: TimeDelta = TimeDelta::days(40);

/// Calls a check with every sequence of letters that begins with `beginning` and is not longer than `depth`, shorter
/// ones first. Returns the number of sequences, without those that are shorter than the beginning.
///
/// # Examples
/// ```
/// use followup_core::{Policy, plan};
/// use followup_testing::{invariants, model::walk};
///
/// let policy = Policy::default();
/// let sequences = walk(&[], 2, &policy, |history| invariants::check_end(&plan, history, &policy))?;
/// assert_eq!(sequences, 1 + 11 + 11 * 11);
/// # Ok::<(), followup_testing::Broken>(())
/// ```
///
/// # Errors
/// The error of the check, for the first sequence that fails it.
pub fn walk(
    beginning: &[Letter],
    depth: usize,
    policy: &Policy,
    mut check: impl FnMut(&History) -> Result<(), Broken>,
) -> Result<u64, Broken> {
    let mut walker = Walker {
        history: History::numbered(policy.zone(), []),
        state: ProspectState::new(policy.zone()),
        at: DateTime::UNIX_EPOCH + TimeDelta::days(20_514) + TimeDelta::hours(9),
        letters: 0,
        policy,
    };
    beginning.iter().for_each(|letter| walker = walker.clone().with(*letter));
    walker.walk(depth, &mut check)
}

#[derive(Clone)]
struct Walker<'a> {
    history: History,
    state: ProspectState,
    at: DateTime<Utc>,
    letters: usize,
    policy: &'a Policy,
}

impl Walker<'_> {
    fn walk(
        &self,
        depth: usize,
        check: &mut impl FnMut(&History) -> Result<(), Broken>,
    ) -> Result<u64, Broken> {
        let mut count = 1;
        if !self.history.events().is_empty() {
            check(&self.history)?;
        }
        if self.letters < depth {
            for letter in ALPHABET {
                count += self.clone().with(letter).walk(depth, check)?;
            }
        }
        Ok(count)
    }

    fn with(mut self, letter: Letter) -> Self {
        match letter {
            Letter::Event(name) => self.happens(|at| event(name, at, [0; 3])),
            Letter::LastMessage => {
                self.happens(|at| {
                    Event::touched(at, Touch::on(Channel::EMAIL).purpose(Purpose::LAST_MESSAGE))
                });
            }
            Letter::Silence => {
                self.at += SILENCE;
                self.wake(self.at);
            }
        }
        self.letters += 1;
        self
    }

    fn happens(&mut self, what: impl FnOnce(DateTime<Utc>) -> Event) {
        self.at += SPACING;
        self.wake(self.at - TimeDelta::microseconds(1));
        self.take(what(self.at));
    }

    fn wake(&mut self, now: DateTime<Utc>) {
        for event in self.state.clone().wake(self.policy, now) {
            self.take(event);
        }
    }

    fn take(&mut self, event: Event) {
        self.history.push(event);
        self.state.apply(self.history.events().last().expect("an event was just added"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_comes_once() {
        let mut seen = Vec::new();
        let count = walk(&[], 3, &Policy::default(), |history| {
            seen.push(history.to_string());
            Ok(())
        });
        assert_eq!(count, Ok(1 + 11 + 121 + 1_331));
        let beginning = [Letter::Event("touched"), Letter::Silence];
        assert_eq!(walk(&beginning, 4, &Policy::default(), |_| Ok(())), Ok(1 + 11 + 121));
        for name in ["gave_up", "went_stale", "lapsed"] {
            assert!(seen.iter().any(|history| history.contains(name)), "no sequence has {name}");
        }
    }
}
