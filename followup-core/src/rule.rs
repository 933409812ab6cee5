//! The rules of follow-up, by id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! rules {
    ($($id:ident: $title:literal,)*) => {
        /// A rule of follow-up. Plans quote the ids of the rules that shaped them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $title] $id,)*
            /// The first rule of the house ([`HouseRule`](crate::HouseRule)).
            H1,
            /// The second rule of the house.
            H2,
            /// The third rule of the house.
            H3,
            /// The fourth rule of the house.
            H4,
            /// The fifth rule of the house.
            H5,
            /// The sixth rule of the house.
            H6,
        }

        impl Rule {
            /// Every rule, in the order of the book.
            pub const ALL: &'static [Rule] = &[$(Rule::$id),*];

            /// Those that a house may add, in the order in which it adds them. They are not among [`Rule::ALL`].
            pub const HOUSE: [Rule; crate::HOUSE_RULES_MAX] =
                [Rule::H1, Rule::H2, Rule::H3, Rule::H4, Rule::H5, Rule::H6];

            /// The id, such as `C5`.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Rule::$id => stringify!($id),)*
                    Rule::H1 => "H1",
                    Rule::H2 => "H2",
                    Rule::H3 => "H3",
                    Rule::H4 => "H4",
                    Rule::H5 => "H5",
                    Rule::H6 => "H6",
                }
            }

            /// What the rule says, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Rule::$id => $title,)* _ => "a rule of the house" }
            }
        }
    };
}

rules! {
    P1: "five stages in order",
    P2: "we never jump a stage",
    P3: "the buyer may jump",
    P4: "ask for an appointment only when they are ready for it",
    P5: "an appointment worth holding is a strategy session",
    P6: "an appointment is confirmed, held, and re-booked when missed",
    P7: "the proposal goes out fast, its discussion slowly",
    P8: "stale is a fresh start",
    P9: "later comes back by itself",
    P10: "no conversation ends without a next step",
    P11: "commitment is a signal",
    P12: "the relationship goes on after the decision",
    C1: "temperature sets the interval",
    C2: "the first follow-up is prompt",
    C3: "a small batch is phoned, a large one mailed",
    C4: "what they ask for is answered fast",
    C5: "a minimum gap stands between our touches",
    C6: "never too slow",
    C7: "touches at fractions of the sales cycle",
    C8: "the second touch comes about a week after the first",
    C9: "channels are mixed",
    C10: "some touches are personal",
    C11: "the prospect's wish wins",
    C12: "their timing wins",
    C13: "silence is not an answer",
    C14: "away is away",
    C15: "consistency is measured",
    C16: "a touch lands in a decent hour where they are",
    C17: "inputs are chased until complete",
    C18: "silence cools",
    W1: "every touch has a valid reason",
    W2: "cool prospects get value only",
    W3: "value and ask alternate",
    W4: "a reason does not come back too soon",
    W5: "the referrer can be asked for help",
    W6: "an inquiry opens discovery",
    W7: "never desperate",
    S1: "worth sets the effort",
    S2: "one last message, then it stops",
    S3: "a stop is at once",
    S4: "only completeness ends a chase",
    S5: "who comes back is welcome",
    S6: "opted out stays out",
    E1: "everybody with whom there was contact",
    E2: "referral sources are followed up too",
    E3: "the agenda answers who is next",
    E4: "nobody starves in the ranking",
    T1: "every contact is kept",
    T2: "the gap is measured",
    T3: "playbooks have versions and are compared",
    T4: "onto the calendar",
    T5: "conversion and touches for each first contact are reported",
    Q1: "the services playbook",
    Q2: "the sales-cycle playbook",
    Q3: "the keep-in-touch playbook",
    Q4: "the stakeholder-inputs playbook",
    Q5: "the marketing-ball playbook",
    Q6: "your own playbook",
}

/// Text that is no rule id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no rule: rules are P1-P12, C1-C18, W1-W7, S1-S6, E1-E4, T1-T5 and Q1-Q6")]
pub struct UnknownRule(String);

impl Rule {
    /// The rules that shape a plan and that a playbook may switch off, with what then holds instead.
    ///
    /// | off | then |
    /// |---|---|
    /// | P4 | everybody counts as ready for an appointment |
    /// | P6 | appointments are not confirmed, held or re-booked (rows 5–7) |
    /// | P7 | no proposal is owed after a meeting, and it is not discussed on a date of its own (rows 8, 11) |
    /// | P8 | nobody goes stale |
    /// | P9 | *later* does not come back (rows 14, 15) |
    /// | P10 | an agreed step is no obligation (row 3) |
    /// | P12 | won and lost rest, whatever is switched on (row 15); clients have the prospects' cadence |
    /// | C1 | every temperature has the interval of keeping in touch, 90 to 97 days |
    /// | C2 | the first contact follows the interval of the temperature |
    /// | C4 | requests are not owed an answer (row 4) |
    /// | C5 | no minimum gap |
    /// | C7 | a playbook's steps are not taken (row 12) |
    /// | C8 | the second contact follows the interval of the temperature, and no season draws a touch |
    /// | C9 | the first reachable channel is taken, whatever was used last |
    /// | C10 | a step's own word on personal or generic stands |
    /// | C11 | wishes for channel, days and times are not heard |
    /// | C12 | a decision date is not looked at |
    /// | C14 | absences and snoozes hold nothing back |
    /// | C16 | every hour of every day is open |
    /// | C17 | inputs are not chased (row 9) |
    /// | C18 | silence does not cool |
    /// | W1 | any reason of the purpose will do, "are you ready?" too |
    /// | W2 | cool prospects are asked |
    /// | W3 | one ask may follow another |
    /// | W4 | a reason may come back at once |
    /// | W6 | what is not known yet is not listed |
    /// | W7 | no ceiling |
    /// | S1 | no number of touches brings the last message |
    /// | S2 | no silence brings the last message, and giving up does not follow it |
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
        f.pad(self.id())
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;
    fn from_str(text: &str) -> Result<Rule, UnknownRule> {
        let found = Rule::ALL.iter().chain(&Rule::HOUSE).find(|rule| rule.id() == text);
        found.copied().ok_or_else(|| UnknownRule(text.chars().take(20).collect()))
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A set of rules, as small as a word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RuleSet(u64);

impl RuleSet {
    /// No rule.
    pub const EMPTY: RuleSet = RuleSet(0);

    /// Whether the rule is in the set.
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 >> rule as u32 & 1 == 1
    }

    /// The set with this rule in it.
    #[must_use]
    pub const fn with(self, rule: Rule) -> RuleSet {
        RuleSet(self.0 | 1 << rule as u32)
    }

    /// Whether there is no rule in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its rules, in the order of the book.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().chain(&Rule::HOUSE).copied().filter(move |rule| self.contains(*rule))
    }
}

impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> RuleSet {
        rules.into_iter().fold(RuleSet::EMPTY, RuleSet::with)
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
        for rule in Rule::ALL.iter().chain(&Rule::HOUSE) {
            assert_eq!(rule.id().parse(), Ok(*rule));
        }
        assert!("C19".parse::<Rule>().is_err());
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: RuleSet = [Rule::Q6, Rule::P1].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Rule::P1, Rule::Q6]);
        assert!(!set.contains(Rule::C5));
    }
}
