//! The rules of follow-up, by id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! rules {
    ($($id:ident: $title:literal, in $place:literal, table $table:literal, property $property:literal;)*) => {
        /// A rule of follow-up. Plans quote the ids of the rules that shaped them.
        ///
        /// The table lists, for each rule, where it is implemented and the tests that show it: a table test, and a
        /// property over random histories.
        ///
        /// | id | rule | implemented in | shown by |
        /// |---|---|---|---|
        $(#[doc = concat!(
            "| ", stringify!($id), " | ", $title, " | ", $place, " | `", $table, "` `", $property, "` |"
        )])*
        ///
        /// # Examples
        /// ```
        /// use followup_core::Rule;
        ///
        /// let rule: Rule = "C5".parse()?;
        /// assert_eq!(rule.title(), "a minimum gap stands between our touches");
        /// # Ok::<(), followup_core::rule::UnknownRule>(())
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $title] $id,)*
            /// A [custom rule](crate::policy::CustomRule) of the host, by its place in the policy, counted from 1.
            Custom(u16),
        }

        /// The built-in rules; their discriminants are the places in a [`RuleSet`].
        enum BuiltIn {
            $($id,)*
        }

        impl Rule {
            /// All built-in rules, in the order of the rule book.
            pub const ALL: &'static [Rule] = &[$(Rule::$id),*];

            /// Returns the id of a built-in rule; `None` for a custom one.
            const fn built_in_id(self) -> Option<&'static str> {
                match self {
                    $(Rule::$id => Some(stringify!($id)),)*
                    Rule::Custom(_) => None,
                }
            }

            /// Returns the place of a built-in rule in the rule book, counted from 0; `None` for a custom one.
            const fn place(self) -> Option<u32> {
                match self {
                    $(Rule::$id => Some(BuiltIn::$id as u32),)*
                    Rule::Custom(_) => None,
                }
            }

            /// The tests that show each rule: a table test and a property.
            #[cfg(test)]
            const SHOWN: &[(Rule, &str, &str)] = &[$((Rule::$id, $table, $property)),*];

            /// Returns a short statement of the rule. The statement of a custom rule is
            /// [`Policy::title_of`](crate::Policy::title_of).
            pub const fn title(self) -> &'static str {
                match self { $(Rule::$id => $title,)* Rule::Custom(_) => "a custom rule" }
            }
        }
    };
}

rules! {
    P1: "five stages in order",
        in "[`Stage`](crate::Stage)", table "p1_each_event_moves_to_its_stage_and_none_moves_back", property "p1_a_stage_is_left_backwards_only_by_going_stale_and_in_a_new_round";
    P2: "we never jump a stage",
        in "[`ProspectState::check`](crate::ProspectState::check)", table "p2_a_proposal_takes_a_held_appointment_unless_they_asked_for_it", property "p2_a_proposal_of_ours_takes_a_meeting_or_their_word";
    P3: "the buyer may jump",
        in "[`Request`](crate::event::Request)", table "p3_requests_and_other_signs_are_never_refused", property "p3_what_they_ask_for_is_never_refused_and_moves_them_there";
    P4: "ask for an appointment only when they are ready for it",
        in "[`Readiness`](crate::stage::Readiness)", table "p4_an_appointment_is_not_asked_for_or_set_before_they_are_ready_for_it", property "p4_nobody_is_asked_for_an_appointment_before_they_are_ready";
    P5: "an appointment worth holding is a strategy session",
        in "[`Breach::NoStrategySession`](crate::state::Breach::NoStrategySession)", table "p5_an_appointment_that_is_no_strategy_session_is_a_finding_and_never_a_refusal", property "p5_a_meeting_that_is_no_strategy_session_is_a_finding_and_never_a_refusal";
    P6: "an appointment is confirmed, held, and re-booked when missed",
        in "[`ObligationKind::Confirm`](crate::plan::ObligationKind::Confirm)", table "p6_an_appointment_is_confirmed_on_the_last_working_day_before_it", property "p6_an_appointment_that_is_set_is_confirmed_or_held";
    P7: "the proposal goes out fast, its discussion slowly",
        in "[`ObligationKind::Propose`](crate::plan::ObligationKind::Propose)", table "p7_a_proposal_is_owed_from_the_meeting_to_the_close_of_the_next_open_day", property "p7_after_a_meeting_the_proposal_is_owed_by_the_next_open_day";
    P8: "stale is a fresh start",
        in "[`WakeKind::WentStale`](crate::plan::WakeKind::WentStale)", table "p8_going_stale_forgets_the_pursuit_and_the_readiness_and_nothing_of_the_history", property "p8_going_stale_leads_to_interest_and_loses_nothing_of_the_history";
    P9: "later comes back by itself",
        in "[`Outcome::Later`](crate::Outcome::Later)", table "p9_later_comes_back_at_its_date", property "p9_later_is_never_a_rest";
    P10: "no conversation ends without a next step",
        in "[`ObligationKind::AgreedStep`](crate::plan::ObligationKind::AgreedStep)", table "row_3_an_agreed_step_lasts_from_its_instant_to_the_close_of_its_day", property "p10_an_agreed_step_is_what_is_owed_at_its_date";
    P11: "commitment is a signal",
        in "[`ProspectState::apply`](crate::ProspectState::apply)", table "p11_signs_alone_change_the_warmth", property "p11_who_agrees_on_a_next_step_is_hot_and_who_declines_cools";
    P12: "the relationship goes on after the decision",
        in "[`KeepInTouch`](crate::playbook::KeepInTouch)", table "p12_won_and_lost_rest_unless_keeping_in_touch_is_switched_on", property "p12_won_and_lost_rest_or_are_kept_in_touch_with";
    C1: "temperature sets the interval",
        in "[`Cadence`](crate::playbook::Cadence)", table "c1_the_temperature_sets_the_interval_from_the_last_contact", property "c1_the_cadence_never_comes_before_the_interval_of_the_temperature";
    C2: "the first follow-up is prompt",
        in "[`Cadence::first_within`](crate::playbook::Cadence::first_within)", table "c2_the_first_contact_counts_from_added_whatever_else_happened", property "c2_before_any_contact_the_first_one_is_owed_from_when_they_were_added";
    C3: "a small batch is phoned, a large one mailed",
        in "`followup::agenda::AgendaItem::batch_channel`", table "a_small_batch_is_phoned_and_a_large_one_mailed", property "c3_first_contacts_are_phoned_if_and_only_if_few_are_due_that_owner_that_day";
    C4: "what they ask for is answered fast",
        in "[`Answers`](crate::playbook::Answers)", table "c4_each_request_is_answered_with_its_own_purpose_by_the_close_of_the_next_open_day", property "c4_what_they_ask_for_is_owed_until_it_is_done";
    C5: "a minimum gap stands between our touches",
        in "[`Cadence::minimum_gap`](crate::playbook::Cadence::minimum_gap)", table "c5_the_gap_is_counted_in_civil_days_where_they_are", property "c5_w7_c16_no_touch_comes_too_soon_or_at_an_indecent_hour";
    C6: "never too slow",
        in "[`Conflict`](crate::plan::Conflict)", table "a_conflict_names_the_rule_of_the_row_and_the_clamps_that_moved_it", property "c6_a_window_that_ends_later_than_its_rule_says_names_both_rules";
    C7: "touches at fractions of the sales cycle",
        in "[`Step`](crate::playbook::Step)", table "c7_fractions_of_the_cycle_count_from_when_they_were_taken_in", property "c7_w5_a_step_is_taken_as_the_playbook_says_it";
    C8: "the second touch comes about a week after the first",
        in "[`Season`](crate::playbook::Season)", table "c8_after_one_touch_and_never_a_sign_the_second_follows_in_seven_to_ten_days", property "c8_the_second_contact_comes_after_a_week";
    C9: "channels are mixed",
        in "[`Settings::channels`](crate::playbook::Settings::channels)", table "c9_the_next_channel_after_the_last_used_is_taken_that_is_reachable", property "c9_no_channel_comes_twice_in_a_row_where_there_is_another";
    C10: "some touches are personal",
        in "[`Settings::personal_one_in`](crate::playbook::Settings::personal_one_in)", table "c10_at_least_one_touch_in_three_is_personal", property "c10_to_large_value_every_touch_is_personal";
    C11: "the prospect's wish wins",
        in "[`EventKind::Preferred`](crate::event::EventKind::Preferred)", table "c11_their_preferred_channel_goes_before_the_steps_and_the_mix", property "c11_the_channel_that_they_wish_is_taken_for_all_that_we_start";
    C12: "their timing wins",
        in "[`EventKind::Qualified`](crate::event::EventKind::Qualified)", table "c12_a_stated_decision_date_anchors_the_cadence", property "c12_a_near_decision_is_not_slept_through";
    C13: "silence is not an answer",
        in "[`Rest`](crate::stage::Rest)", table "c13_silence_alone_never_loses_anybody", property "c13_silence_is_no_answer";
    C14: "away is away",
        in "[`EventKind::Away`](crate::event::EventKind::Away)", table "c14_an_absence_moves_the_window_to_the_next_open_day_after_its_last_day", property "c14_an_absence_moves_nothing_that_they_asked_for";
    C15: "consistency is measured",
        in "`followup_insight::Insight::audit`", table "c15_the_audit_finds_each_breach_where_it_is", property "c15_what_is_late_is_called_late_and_by_how_much";
    C16: "a touch lands in a decent hour where they are",
        in "[`WeekHours`](crate::time::WeekHours)", table "c16_hours_that_a_clock_change_skips_or_repeats_are_the_instants_that_show_them", property "c5_w7_c16_no_touch_comes_too_soon_or_at_an_indecent_hour";
    C17: "inputs are chased until complete",
        in "[`Chase`](crate::playbook::Chase)", table "c17_inputs_are_chased_after_a_third_of_the_time_that_is_left", property "c17_s4_inputs_are_chased_until_none_is_missing";
    C18: "silence cools",
        in "[`Temperature`](crate::Temperature)", table "c18_every_three_unanswered_touches_cool_by_one_and_not_below_cool", property "c18_silence_cools_by_one_for_every_three_touches";
    W1: "every touch has a valid reason",
        in "[`Reason`](crate::Reason)", table "w1_are_you_ready_is_never_first_never_twice_and_never_last", property "w1_are_you_ready_is_never_the_first_the_last_or_asked_twice";
    W2: "cool prospects get value only",
        in "[`Settings::asks`](crate::playbook::Settings::asks)", table "w2_a_cool_prospect_is_not_asked", property "w2_a_cool_prospect_is_not_asked";
    W3: "value and ask alternate",
        in "[`Settings::asks`](crate::playbook::Settings::asks)", table "w3_an_ask_after_an_ask_becomes_a_check_in", property "w3_one_ask_does_not_follow_another";
    W4: "a reason does not come back too soon",
        in "[`Settings::reasons`](crate::playbook::Settings::reasons)", table "w4_no_reason_comes_back_within_three_touches", property "w4_a_reason_rests_for_three_touches";
    W5: "the referrer can be asked for help",
        in "[`Step`](crate::playbook::Step)", table "w5_asking_the_referrer_is_a_step_like_any_other", property "c7_w5_a_step_is_taken_as_the_playbook_says_it";
    W6: "an inquiry opens discovery",
        in "[`Plan::needs`](crate::Plan::needs)", table "w6_the_plan_lists_what_discovery_has_not_found_out", property "w6_what_is_not_known_is_a_next_step";
    W7: "never desperate",
        in "[`Cadence::ceiling_touches`](crate::playbook::Cadence::ceiling_touches)", table "w7_after_five_unanswered_touches_the_sixth_waits_for_thirty_days_from_the_first_of_them", property "c5_w7_c16_no_touch_comes_too_soon_or_at_an_indecent_hour";
    S1: "worth sets the effort",
        in "[`StopPolicy`](crate::playbook::StopPolicy)", table "s1_eight_personal_touches_bring_the_last_message_to_a_medium_or_unknown_value", property "s1_a_large_value_is_never_given_up_by_itself";
    S2: "one last message, then it stops",
        in "[`ObligationKind::LastMessage`](crate::plan::ObligationKind::LastMessage)", table "s2_the_last_message_comes_after_three_unanswered_touches_and_two_weeks_of_silence", property "s2_the_last_message_follows_a_pursuit_and_comes_once";
    S3: "a stop is at once",
        in "[`Rest::Stopped`](crate::stage::Rest::Stopped)", table "s3_a_stop_and_a_giving_up_rest_and_no_decision_ends_them", property "s3_s6_after_a_stop_there_is_nothing_of_ours_to_do";
    S4: "only completeness ends a chase",
        in "[`Rest::InputsComplete`](crate::stage::Rest::InputsComplete)", table "s4_asked_for_again_an_input_has_its_new_deadline", property "c17_s4_inputs_are_chased_until_none_is_missing";
    S5: "who comes back is welcome",
        in "[`ProspectState::apply`](crate::ProspectState::apply)", table "s5_who_comes_back_is_welcome", property "s5_whoever_comes_back_is_welcome";
    S6: "opted out stays out",
        in "[`Suppression`](crate::store::Suppression)", table "s6_opting_out_of_every_channel_leaves_only_what_they_ask_for_afterwards", property "s3_s6_after_a_stop_there_is_nothing_of_ours_to_do";
    E1: "everybody with whom there was contact",
        in "[`Plan`](crate::Plan)", table "e1_whoever_there_was_contact_with_is_followed_up_whoever_began_it", property "e1_whoever_there_was_contact_with_is_followed_up";
    E2: "referral sources are followed up too",
        in "[`Kind`](crate::stage::Kind)", table "e2_a_referral_source_is_touched_by_value_in_its_own_cadence_and_never_given_up", property "e2_a_referral_source_is_followed_up_and_not_asked";
    E3: "the agenda answers who is next",
        in "`followup::Desk::agenda`", table "the_agenda_has_every_field_of_the_contract", property "e3_the_agenda_stands_in_rank_order_and_a_limit_takes_its_beginning";
    E4: "nobody starves in the ranking",
        in "`followup::agenda::Agenda::per_day`", table "e4_the_rank_is_the_latest_less_the_head_starts_of_row_temperature_and_value", property "e4_nobody_starves_however_little_a_day_can_hold";
    T1: "every contact is kept",
        in "`followup::Desk::history`", table "t1_the_same_key_twice_is_one_event_and_with_another_body_an_error", property "the_order_in_which_events_come_in_and_their_repetition_change_nothing";
    T2: "the gap is measured",
        in "`followup_insight::report::GapReport`", table "t2_the_gap_is_where_they_stand_and_how_prompt_we_were", property "–";
    T3: "playbooks have versions and are compared",
        in "`followup_insight::report::PlaybookOutcome`", table "t3_versions_are_compared_with_their_samples", property "a_publication_that_is_interrupted_at_any_call_and_repeated_ends_as_if_it_had_not_been";
    T4: "onto the calendar",
        in "the agenda; a calendar feed is planned", table "–", property "–";
    T5: "conversion and touches for each first contact are reported",
        in "`followup_insight::report::GapReport::conversion_pct`", table "t2_the_gap_is_where_they_stand_and_how_prompt_we_were", property "–";
    Q1: "the services playbook",
        in "[`SHIPPED`](crate::playbook::SHIPPED)", table "q1_services_goes_from_the_form_to_a_yes_or_no", property "–";
    Q2: "the sales-cycle playbook",
        in "[`SHIPPED`](crate::playbook::SHIPPED)", table "q2_sales_cycle_makes_at_least_four_follow_ups_of_different_kinds", property "–";
    Q3: "the keep-in-touch playbook",
        in "[`SHIPPED`](crate::playbook::SHIPPED)", table "q3_keep_in_touch_writes_by_itself_to_many_and_by_hand_to_large_value", property "–";
    Q4: "the stakeholder-inputs playbook",
        in "[`SHIPPED`](crate::playbook::SHIPPED)", table "q4_stakeholder_inputs_chases_until_nothing_is_missing", property "–";
    Q5: "the marketing-ball playbook",
        in "[`SHIPPED`](crate::playbook::SHIPPED)", table "q5_marketing_ball_runs_over_every_base_before_the_session", property "–";
    Q6: "your own playbook",
        in "[`Playbook::parse`](crate::Playbook::parse)", table "all_mistakes_are_found_at_once_each_at_its_place", property "q6_every_playbook_that_ships_reads_without_a_warning_and_back_to_itself";
}

/// The error for text that is not a rule id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown rule \"{0}\"; expected P1-P12, C1-C18, W1-W7, S1-S6, E1-E4, T1-T5, Q1-Q6, or X1 and up for custom rules"
)]
pub struct UnknownRule(String);

impl Rule {
    /// The rules that shape a plan and that a playbook may switch off, with the effect of each.
    ///
    /// | off | effect |
    /// |---|---|
    /// | P4 | everybody counts as ready for an appointment |
    /// | P6 | appointments are not confirmed, held or re-booked (rows 5–7) |
    /// | P7 | no proposal is owed after a meeting, and its discussion has no date of its own (rows 8, 11) |
    /// | P8 | no prospect goes stale |
    /// | P9 | prospects who said "later" are not returned to (rows 14, 15) |
    /// | P10 | an agreed step is not an obligation (row 3) |
    /// | P12 | won and lost rest, even if `keep_in_touch` is on (row 15); clients have the prospects' cadence |
    /// | C1 | every temperature has the interval of keeping in touch, 90 to 97 days |
    /// | C2 | the first contact follows the interval of the temperature |
    /// | C4 | requests are not owed an answer (row 4) |
    /// | C5 | no minimum gap |
    /// | C7 | a playbook's steps are not taken (row 12) |
    /// | C8 | the second contact follows the interval of the temperature, and no season attracts a touch |
    /// | C9 | the first reachable channel is taken, whatever was used last |
    /// | C10 | the step alone decides whether a touch is personal |
    /// | C11 | preferred channel, days and times are ignored |
    /// | C12 | the decision date is ignored |
    /// | C14 | absences and snoozes delay nothing |
    /// | C16 | every hour of every day is open |
    /// | C17 | inputs are not chased (row 9) |
    /// | C18 | silence does not cool |
    /// | W1 | every reason of the purpose is allowed, including "are you ready?" |
    /// | W2 | cool prospects are asked |
    /// | W3 | an ask may follow an ask |
    /// | W4 | a reason may be repeated at once |
    /// | W6 | the plan does not list missing facts |
    /// | W7 | no ceiling |
    /// | S1 | no number of touches leads to the last message |
    /// | S2 | silence does not lead to the last message, and giving up does not follow it |
    /// | E2 | referral sources have the prospects' cadence |
    pub const SWITCHABLE: &'static [Rule] = &[
        Rule::P4,
        Rule::P6,
        Rule::P7,
        Rule::P8,
        Rule::P9,
        Rule::P10,
        Rule::P12,
        Rule::C1,
        Rule::C2,
        Rule::C4,
        Rule::C5,
        Rule::C7,
        Rule::C8,
        Rule::C9,
        Rule::C10,
        Rule::C11,
        Rule::C12,
        Rule::C14,
        Rule::C16,
        Rule::C17,
        Rule::C18,
        Rule::W1,
        Rule::W2,
        Rule::W3,
        Rule::W4,
        Rule::W6,
        Rule::W7,
        Rule::S1,
        Rule::S2,
        Rule::E2,
    ];
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Custom(number) => f.pad(&format!("X{number}")),
            built_in => f.pad(built_in.built_in_id().unwrap_or_default()),
        }
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;
    fn from_str(text: &str) -> Result<Rule, UnknownRule> {
        let built_in = Rule::ALL.iter().copied().find(|rule| rule.built_in_id() == Some(text));
        let custom = || {
            let number = text.strip_prefix('X')?.parse().ok()?;
            Some(Rule::Custom(number)).filter(|rule| rule.to_string() == text && number > 0)
        };
        built_in.or_else(custom).ok_or_else(|| UnknownRule(text.chars().take(20).collect()))
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A set of rules. Only custom rules allocate.
///
/// # Examples
/// ```
/// use followup_core::rule::{Rule, RuleSet};
///
/// let set: RuleSet = [Rule::C16, Rule::C5].into_iter().collect();
/// assert!(set.contains(Rule::C5));
/// assert_eq!(set.iter().collect::<Vec<_>>(), [Rule::C5, Rule::C16]);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct RuleSet {
    /// A bit for each built-in rule, at its place in the rule book.
    built_in: u128,
    /// The numbers of custom rules, ascending.
    custom: Vec<u16>,
}

const _: () = assert!(Rule::ALL.len() <= u128::BITS as usize);

impl RuleSet {
    /// The empty set.
    pub const EMPTY: RuleSet = RuleSet { built_in: 0, custom: Vec::new() };

    /// Whether the rule is in the set.
    pub fn contains(&self, rule: Rule) -> bool {
        match (rule.place(), rule) {
            (Some(place), _) => self.built_in >> place & 1 == 1,
            (None, Rule::Custom(number)) => self.custom.binary_search(&number).is_ok(),
            (None, _) => false,
        }
    }

    /// Adds a rule.
    ///
    /// # Examples
    /// ```
    /// use followup_core::rule::{Rule, RuleSet};
    ///
    /// let mut set = RuleSet::default();
    /// set.insert(Rule::C5);
    /// assert_eq!(set, RuleSet::default().with(Rule::C5));
    /// ```
    pub fn insert(&mut self, rule: Rule) {
        match (rule.place(), rule) {
            (Some(place), _) => self.built_in |= 1 << place,
            (None, Rule::Custom(number)) => {
                if let Err(place) = self.custom.binary_search(&number) {
                    self.custom.insert(place, number);
                }
            }
            (None, _) => {}
        }
    }

    /// Returns the set with a rule added.
    #[must_use]
    pub fn with(mut self, rule: Rule) -> RuleSet {
        self.insert(rule);
        self
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        *self == RuleSet::EMPTY
    }

    /// Returns the rules of the set in the order of the rule book, custom rules last.
    pub fn iter(&self) -> impl Iterator<Item = Rule> {
        let built_in = Rule::ALL.iter().copied().filter(|rule| self.contains(*rule));
        built_in.chain(self.custom.iter().map(|number| Rule::Custom(*number)))
    }
}

impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> RuleSet {
        rules.into_iter().fold(RuleSet::EMPTY, RuleSet::with)
    }
}

impl Serialize for RuleSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_has_58_rules_and_each_id_reads_back() {
        assert_eq!(Rule::ALL.len(), 58);
        for rule in Rule::ALL.iter().chain(&[Rule::Custom(1), Rule::Custom(70)]) {
            assert_eq!(rule.to_string().parse(), Ok(*rule));
        }
        for unknown in ["C19", "X0", "X01", "X", "X70000"] {
            assert!(unknown.parse::<Rule>().is_err(), "{unknown}");
        }
    }

    /// Reads the source of all tests of the workspace.
    #[expect(clippy::disallowed_methods, reason = "this test reads the sources; the engine reads no files")]
    fn sources(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                sources(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn the_table_leads_from_each_rule_to_tests_that_are_there() {
        let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut text = String::new();
        sources(workspace, &mut text);
        for &(rule, table, property) in Rule::SHOWN {
            for test in [table, property].into_iter().filter(|test| *test != "–") {
                assert!(text.contains(&format!(" {test}(")), "{rule}: no test is named {test}");
            }
            let owed = match rule.to_string().as_bytes()[0] {
                b'P' | b'C' | b'W' | b'S' | b'E' => table != "–" && property != "–",
                _ => table != "–" || matches!(rule, Rule::T4),
            };
            assert!(owed, "{rule}: expected a table test and a property");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: RuleSet =
            [Rule::Custom(300), Rule::Q6, Rule::Custom(2), Rule::P1, Rule::Custom(2)].into_iter().collect();
        let rules: Vec<_> = set.iter().collect();
        assert_eq!(rules, [Rule::P1, Rule::Q6, Rule::Custom(2), Rule::Custom(300)]);
        assert!(!set.contains(Rule::C5) && !set.contains(Rule::Custom(1)) && !set.is_empty());
    }
}
