//! Random playbooks.

use chrono::{NaiveDate, Weekday};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use followup_core::channel::{Channel, ChannelKind};
use followup_core::money::Money;
use followup_core::playbook::{Playbook, Season, Settings, Step};
use followup_core::purpose::{Purpose, Reason};
use followup_core::stage::{LastAnswer, ValueBand};
use followup_core::time::{Clock, DayHours, Span, WeekHours, Weekdays};

/// Returns a strategy for valid playbooks with changes in every section; shrinks to the default playbook.
///
/// A failed property prints a playbook by its identity. [`settings_of`] lists the settings that differ from the
/// defaults, and [`Broken`](super::Broken) prints them.
///
/// # Examples
/// ```
/// use followup_core::Playbook;
/// use followup_testing::{arb_playbook, proptest::prelude::*, settings_of};
///
/// proptest!(|(playbook in arb_playbook())| {
///     prop_assert_eq!(Playbook::parse(&playbook.to_toml()), Ok(playbook.clone()), "{:?}", settings_of(&playbook));
/// });
/// ```
pub fn arb_playbook() -> impl Strategy<Value = Playbook> {
    vec((select(CHANGES), any::<u8>()), 0..=6).prop_map(|changes| {
        let mut playbook = Playbook::default();
        for (change, dial) in changes {
            let mut settings = playbook.settings().clone();
            change(&mut settings, dial);
            // A change that contradicts earlier ones is left out.
            playbook = Playbook::new(settings).unwrap_or(playbook);
        }
        playbook
    })
}

/// Returns the settings of a playbook that differ from the defaults, one string per setting.
///
/// # Examples
/// ```
/// use followup_core::Playbook;
/// use followup_testing::settings_of;
///
/// let playbook = Playbook::parse("[cadence]\nminimum_gap = \"P5D\"")?;
/// assert_eq!(settings_of(&playbook), ["cadence.minimum_gap = \"P5D\""]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn settings_of(playbook: &Playbook) -> Vec<String> {
    let usual = leaves(&Playbook::default());
    leaves(playbook).into_iter().filter(|setting| !usual.contains(setting)).collect()
}

fn leaves(playbook: &Playbook) -> Vec<String> {
    fn walk(path: &str, value: &serde_json::Value, found: &mut Vec<String>) {
        match value.as_object() {
            Some(object) => {
                for (key, value) in object {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, value, found);
                }
            }
            None => found.push(format!("{path} = {value}")),
        }
    }
    let mut found = Vec::new();
    walk("", &playbook.to_json(), &mut found);
    found
}

type Change = fn(&mut Settings, u8);

/// Returns the default step with some fields changed.
fn step(set: impl FnOnce(&mut Step)) -> Step {
    let mut step = Step::default();
    set(&mut step);
    step
}

fn one_of<T: Copy>(choices: &[T], dial: u8) -> T {
    choices[usize::from(dial) % choices.len()]
}

fn days(choices: &[u32], dial: u8) -> Span {
    Span::days(one_of(choices, dial))
}

fn hours(from: u32, to: u32) -> DayHours {
    DayHours::from_to(from * 1_800, to * 1_800).expect("the beginning is before the end")
}

const CHANGES: &[Change] = &[
    |settings, dial| settings.cadence.minimum_gap = days(&[3, 1, 0, 5], dial),
    |settings, dial| {
        settings.cadence.hot.from = days(&[3, 2, 5], dial);
        settings.cadence.hot.to = days(&[7, 5, 14], dial);
    },
    |settings, dial| {
        settings.cadence.warm.from = days(&[10, 2, 21], dial);
        settings.cadence.warm.to = days(&[20, 4, 45], dial);
    },
    |settings, dial| {
        settings.cadence.cool.from = one_of(&[Span::months(1), Span::days(45), Span::months(6)], dial);
        settings.cadence.cool.to = one_of(&[Span::months(2), Span::days(90), Span::months(12)], dial);
    },
    |settings, dial| settings.cadence.first_within = one_of(&[Span::open_days(2), Span::days(0)], dial),
    |settings, dial| settings.cadence.cool_after_touches = one_of(&[2, 0, 1, 10], dial),
    |settings, dial| settings.cadence.stale_after = one_of(&[Span::hours(36), Span::days(90)], dial),
    |settings, dial| {
        settings.cadence.ceiling_touches = one_of(&[3, 1, 32], dial);
        settings.cadence.ceiling_within = days(&[10, 90, 5], dial);
    },
    |settings, dial| settings.cadence.before_decision = days(&[3, 0, 21], dial),
    |settings, dial| settings.answers.within = one_of(&[Span::open_days(2), Span::days(0)], dial),
    |settings, dial| settings.proposal.discuss.from = days(&[2, 4], dial),
    |settings, dial| settings.chase.share = one_of(&[2, 1, 10], dial),
    |settings, dial| settings.stop.medium = one_of(&[4, 1, 20], dial),
    |settings, dial| settings.stop.small = one_of(&[2, 1, 5], dial),
    |settings, dial| settings.stop.wait = one_of(&[Span::days(3), Span::hours(5)], dial),
    |settings, dial| settings.stop.silence = days(&[7, 0, 60], dial),
    |settings, _| settings.nurture = true,
    |settings, _| settings.keep_in_touch.won = true,
    |settings, _| settings.keep_in_touch.lost = true,
    |settings, dial| settings.absence.pause = one_of(&[Span::days(2), Span::hours(1)], dial),
    |settings, dial| settings.personal_one_in = one_of(&[2, 1, 5], dial),
    |settings, dial| {
        settings.channels = match dial % 3 {
            0 => vec![Channel::EMAIL, Channel::PHONE],
            1 => vec![Channel::EMAIL],
            _ => vec![Channel::TEXT, Channel::EMAIL, Channel::PHONE],
        };
    },
    |settings, dial| {
        let money = |minor| Money::from_minor(minor, "EUR").expect("the currency is valid");
        settings.values.small_below = vec![money(one_of(&[100_000, 1], dial))];
        settings.values.large_from = vec![money(one_of(&[1_000_000, 200_000], dial))];
    },
    |settings, dial| {
        let mut date = |year, month, day| settings.holidays.extend(NaiveDate::from_ymd_opt(year, month, day));
        match dial % 3 {
            0 => {
                [(3, 30), (3, 31), (4, 3), (4, 6)].into_iter().for_each(|(month, day)| date(2026, month, day))
            }
            1 => (23..32).for_each(|day| date(2026, 12, day)),
            _ => (1..29).for_each(|day| date(2028, 2, day)),
        }
    },
    |settings, dial| {
        let split = hours(12, 24).and(26 * 1_800, 46 * 1_800).expect("the intervals are in order");
        settings.working_hours = match dial % 4 {
            0 => WeekHours::on(Weekdays::WORKING, hours(20, 32)),
            1 => WeekHours::on(Weekdays::WORKING, split),
            2 => WeekHours::default().with(Weekday::Sat, hours(0, 20)).with(Weekday::Thu, hours(21, 48)),
            _ => WeekHours::always(),
        };
    },
    |settings, dial| {
        settings.calling_hours.from = Clock(one_of(&[10, 8, 9], dial) * 3_600);
        settings.calling_hours.to = Clock(one_of(&[20, 18], dial) * 3_600);
    },
    |settings, dial| {
        settings.steps.interest = match dial % 3 {
            0 => vec![step(|step| (step.after, step.within) = (Span::days(1), Span::days(1)))],
            1 => vec![
                step(|step| {
                    step.channel = Some(Channel::EMAIL);
                    step.automatic = true;
                    step.personal = false;
                }),
                step(|step| {
                    step.purpose = Purpose::INFORM;
                    (step.after, step.within) = (Span::open_days(2), Span::open_days(1));
                }),
            ],
            _ => {
                let at_once = step(|step| {
                    step.personal = false;
                    (step.after, step.within) = (Span::days(0), Span::days(0));
                });
                vec![at_once; 4]
            }
        };
    },
    |settings, dial| {
        settings.cycle = Some(one_of(&[Span::days(60), Span::months(6)], dial));
        settings.steps.proposal = vec![
            step(|step| step.cycle_percent = Some(one_of(&[50, 0, 100], dial))),
            step(|step| {
                step.when = Some(one_of(LastAnswer::ALL, dial));
                step.after = Span::days(3);
            }),
            step(|step| {
                step.when = Some(LastAnswer::Silent);
                step.band = Some(one_of(ValueBand::ALL, dial));
                step.after = Span::days(3);
                step.repeat = true;
            }),
        ];
    },
    |settings, dial| {
        let channel = one_of(&[None, Some(Channel::POST), Some(Channel::PHONE)], dial);
        let mut season = Season::default();
        season.channel = channel;
        settings.seasons = vec![season];
    },
    |settings, dial| {
        settings.kinds.client.from = days(&[30, 89], dial);
        settings.kinds.referral_source.from = days(&[14, 50], dial);
    },
    |settings, dial| {
        settings.answers.acknowledge = true;
        settings.answers.acknowledge_within = one_of(&[Span::minutes(5), Span::hours(30)], dial);
    },
    |settings, dial| {
        let own = Channel::new("whatsapp").expect("the name is valid");
        settings.channel_kinds.insert(own, one_of(&[ChannelKind::Text, ChannelKind::Mail], dial));
        if !settings.channels.contains(&own) {
            settings.channels.insert(0, own);
        }
    },
    |settings, dial| {
        let reason = one_of(&[None, Some(Reason::ADVICE), Some(Reason::ARE_YOU_READY)], dial);
        settings.steps.information = vec![step(|step| {
            (step.after, step.within) = (Span::months(1), Span::days(7));
            step.reason = reason;
        })];
    },
];

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    #[test]
    fn every_change_can_be_made_to_the_default_and_is_named() {
        for (index, change) in CHANGES.iter().enumerate() {
            for dial in 0..4 {
                let mut settings = Settings::default();
                change(&mut settings, dial);
                let playbook = Playbook::new(settings);
                let playbook = playbook.unwrap_or_else(|error| panic!("change {index}, {dial}: {error}"));
                assert!(!settings_of(&playbook).is_empty(), "change {index}, {dial}");
            }
        }
    }

    #[test]
    fn what_is_unusual_about_a_playbook_is_said_in_a_line() {
        let playbook = Playbook::parse("[cadence]\nminimum_gap = \"P0D\"\n").unwrap();
        assert_eq!(settings_of(&playbook), ["cadence.minimum_gap = \"P0D\""]);
        assert_eq!(settings_of(&Playbook::default()), [""; 0]);
    }

    #[test]
    fn a_playbook_reads_back_from_its_toml() {
        let mut runner = TestRunner::deterministic();
        for _ in 0..100 {
            let playbook = arb_playbook().new_tree(&mut runner).unwrap().current();
            assert_eq!(Playbook::parse(&playbook.to_toml()), Ok(playbook));
        }
    }
}
