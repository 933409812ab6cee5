//! The input of all parts of planning.

use crate::playbook::{Interval, Settings};
use crate::policy::{CustomRule, Policy};
use crate::rule::{Rule, RuleSet};
use crate::stage::{Kind, Stage, Temperature, ValueBand};
use crate::state::ProspectState;
use crate::time::{Calendar, WeekHours};

/// A state under a policy, with the values derived from both.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) state: &'a ProspectState,
    pub(super) policy: &'a Policy,
    pub(super) settings: &'a Settings,
    off: &'a RuleSet,
    /// Open hours where they are: their preferred hours, otherwise the working hours without holidays.
    pub(super) open: Calendar<'a>,
    /// Working hours without holidays, in their zone: answers do not wait for narrower preferred hours.
    pub(super) working: Calendar<'a>,
    pub(super) temperature: Temperature,
    pub(super) band: ValueBand,
}

impl<'a> Context<'a> {
    pub(super) fn new(state: &'a ProspectState, policy: &'a Policy, off: &'a RuleSet) -> Context<'a> {
        let settings = policy.settings();
        let mut context = Context {
            state,
            policy,
            settings,
            off,
            open: Calendar::new(state.zone(), WeekHours::always(), &[]),
            working: Calendar::new(state.zone(), WeekHours::always(), &[]),
            temperature: Temperature::Warm,
            band: settings.band(state.value),
        };
        context.temperature = context.cooled();
        context.working = context.calendar(false, false);
        context.open = context.calendar(true, false);
        context
    }

    /// Returns the custom rules that are not switched off.
    pub(super) fn custom_rules(&self) -> impl Iterator<Item = (Rule, &'a dyn CustomRule)> {
        let off = self.off;
        self.policy.custom_rules().filter(move |(rule, _)| !off.contains(*rule))
    }

    /// Returns the interval of a contact that is not a prospect and not in a pursuit yet (E2, P12).
    pub(super) fn own_interval(&self) -> Option<&'a Interval> {
        let rule = if self.state.kind == Kind::ReferralSource { Rule::E2 } else { Rule::P12 };
        let pursued = self.state.stage >= Stage::Appointment;
        self.settings.kind_interval(self.state.kind).filter(|_| !pursued && self.on(rule))
    }

    pub(super) fn on(&self, rule: Rule) -> bool {
        !self.off.contains(rule)
    }

    /// Returns the open hours, with or without their preferences, within calling hours or not.
    pub(super) fn calendar(&self, wished: bool, calling: bool) -> Calendar<'a> {
        let (state, settings) = (self.state, self.settings);
        let decent = self.on(Rule::C16);
        let working = if decent { *self.policy.working_hours() } else { WeekHours::always() };
        let holidays = if decent { self.policy.holidays() } else { &[] };
        let clip = |week: WeekHours| match calling && decent {
            true => week.between(settings.calling_hours.from.0, settings.calling_hours.to.0),
            false => week,
        };
        let wish = &state.wish;
        if wished && wish.has_hours() && self.on(Rule::C11) {
            let week = clip(working.wished(wish.weekdays, wish.from(), wish.to()));
            // Preferred hours in which we may never call give way to the working hours.
            if !week.is_closed() {
                return Calendar::new(state.zone(), week, &[]);
            }
        }
        Calendar::new(state.zone(), clip(working), holidays)
    }

    /// Returns the warmth, cooled by one for every few unanswered touches (C18).
    fn cooled(&self) -> Temperature {
        let state = self.state;
        let after = self.settings.cadence.cool_after_touches;
        if state.warmth_is_held || after == 0 || !self.on(Rule::C18) {
            return state.warmth;
        }
        state.warmth.cooler_by(state.unanswered / after)
    }
}
