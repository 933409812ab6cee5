//! What does a custom rule change, and does the plan say so?

use chrono::{DateTime, Utc};
use followup_core::plan::{ObligationKind, planned_by};
use followup_core::policy::{CustomObligation, CustomRule, DuplicateRule, Way};
use followup_core::{Channel, Playbook, Policy, ProspectState, Purpose, Rule, plan};

use crate::common::{House, utc};

/// Nothing that we start happens before an instant.
#[derive(Debug)]
struct NotBefore(DateTime<Utc>);

impl CustomRule for NotBefore {
    fn name(&self) -> &str {
        "not_before"
    }
    fn title(&self) -> &str {
        "nothing is started before the fair"
    }
    fn not_before(&self, _: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
        kind.is_started_by_us().then_some(self.0)
    }
}

/// The phone is not used, and nothing goes out without a person.
#[derive(Debug)]
struct ByHandAndQuietly;

impl CustomRule for ByHandAndQuietly {
    fn name(&self) -> &str {
        "by_hand_and_quietly"
    }
    fn title(&self) -> &str {
        "nobody is called, and a person writes"
    }
    fn forbids(&self, _: &ProspectState, way: &Way) -> bool {
        way.channel == Channel::PHONE || way.automatic
    }
}

/// Who has had three touches gets a gift.
#[derive(Debug)]
struct Gift;

impl CustomRule for Gift {
    fn name(&self) -> &str {
        "gift"
    }
    fn title(&self) -> &str {
        "after three touches there is a gift"
    }
    fn obligation(&self, state: &ProspectState) -> Option<CustomObligation> {
        let at = state.last_contact()?.at;
        let gift = Purpose::new("gift").expect("a name");
        (state.touch_count() == 3).then(|| CustomObligation::new(gift, at, at).via(Channel::POST))
    }
}

/// Always another microsecond later.
#[derive(Debug)]
struct Never;

impl CustomRule for Never {
    fn name(&self) -> &str {
        "never"
    }
    fn title(&self) -> &str {
        "never"
    }
    fn not_before(&self, _: &ProspectState, _: ObligationKind) -> Option<DateTime<Utc>> {
        Some(DateTime::<Utc>::MAX_UTC)
    }
}

fn house_with(rule: impl CustomRule + 'static) -> House {
    let house = House::berlin();
    House { policy: house.policy.with_rule(rule).expect("the first rule"), ..house }
}

const ADDED: &str = "2026-03-02T09:00 added email=a@example.org phone=+4930";

#[test]
fn a_clamp_moves_what_we_start_and_nothing_that_they_asked_for() {
    let house = house_with(NotBefore(utc("2026-05-01T00:00:00Z")));
    assert_eq!(house.next(ADDED), "13 inform: 2026-05-01 09:00+02 .. 2026-05-01 17:00+02");
    let plan = house.plan(ADDED);
    assert!(plan.why().to_string().contains("nothing is started before the fair (X1)"), "{}", plan.why());
    let conflict = plan.next().and_then(|next| next.conflict.clone()).expect("it is later than it should be");
    assert!(conflict.rules.contains(Rule::Custom(1)) && conflict.rules.contains(Rule::C6));
    let asked = format!("{ADDED}\n2026-03-02T10:00 asked_information");
    assert_eq!(house.next(&asked), "4 inform: 2026-03-02 10:00+01 .. 2026-03-03 17:00+01");
    assert!(!house.plan(&asked).rules().contains(Rule::Custom(1)));
}

#[test]
fn a_clamp_never_opens_what_is_closed() {
    // A Sunday at midnight: the hours still hold.
    let house = house_with(NotBefore(utc("2026-05-03T00:00:00Z")));
    assert_eq!(house.next(ADDED), "13 inform: 2026-05-04 09:00+02 .. 2026-05-04 17:00+02");
}

#[test]
fn a_veto_finds_another_channel_or_a_person() {
    let house = house_with(ByHandAndQuietly);
    let plan = house.plan(ADDED);
    assert_eq!(plan.next().and_then(|next| next.channel), Some(Channel::EMAIL));
    assert!(plan.rules().contains(Rule::Custom(1)));
    let only_phone = "2026-03-02T09:00 added phone=+4930";
    assert_eq!(house.plan(only_phone).next().map(|next| next.channel), Some(None));
    let automatic = house.with("");
    let steps: Policy =
        Playbook::parse("[[steps.interest]]\nautomatic = true\npersonal = false\nchannel = \"email\"")
            .expect("fine")
            .into();
    let usual = House { policy: steps.clone(), ..House::berlin() };
    assert_eq!(usual.plan(ADDED).next().map(|next| next.automatic), Some(true));
    let by_hand = House { policy: steps.with_rule(ByHandAndQuietly).expect("the first rule"), ..automatic };
    assert_eq!(
        by_hand.plan(ADDED).next().map(|next| (next.automatic, next.channel)),
        Some((false, Some(Channel::EMAIL)))
    );
}

#[test]
fn an_obligation_is_owed_beside_the_others_within_gap_ceiling_and_hours() {
    let house = house_with(Gift);
    let two =
        format!("{ADDED}\n2026-03-02T10:00 touched channel=phone\n2026-03-05T10:00 touched channel=email");
    assert!(!house.plan(&two).rules().contains(Rule::Custom(1)));
    let three = format!("{two}\n2026-03-06T10:00 touched channel=phone");
    // Two days after Friday is Sunday.
    assert_eq!(house.all(&three), ["9 gift: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"]);
    let plan = house.plan(&three);
    let next = plan.next().expect("a gift");
    assert_eq!((next.kind, next.channel), (ObligationKind::Custom, Some(Channel::POST)));
    assert_eq!(next.obligation, "custom:X1:04");
    assert!(plan.rules().contains(Rule::Custom(1)));
    assert!(
        !house
            .all(&format!("{three}\n2026-03-09T10:00 touched channel=post"))
            .iter()
            .any(|line| line.contains("gift"))
    );
    for stop in ["opted_out", "stopped", "paused"] {
        let stopped = format!("{three}\n2026-03-06T11:00 {stop}");
        assert!(house.plan(&stopped).next().is_none(), "{stop}");
    }
}

#[test]
fn a_rule_that_says_never_ends_in_a_finite_window_and_a_verdict() {
    let plan = house_with(Never).plan(ADDED);
    let next = plan.next().expect("nobody falls in the gap");
    assert!(next.window.earliest <= next.window.latest && next.window.latest < utc("2300-01-01T00:00:00Z"));
    assert!(next.conflict.is_some());
}

#[test]
fn a_policy_with_a_rule_is_another_policy() {
    let (plain, ruled) = (Policy::default(), Policy::default().with_rule(Gift).expect("the first rule"));
    assert_ne!(plain, ruled);
    assert_ne!(planned_by(&plain), planned_by(&ruled));
    assert_eq!(ruled.title_of(Rule::Custom(1)), "after three touches there is a gift");
    let twice: DuplicateRule = ruled.clone().with_rule(Gift).unwrap_err();
    let expected = "the policy already has a custom rule \"gift\"; give each rule a unique name";
    assert_eq!(twice.to_string(), expected);
    // Without its rule it plans as the plain one does.
    let history = format!("{ADDED}\n2026-03-02T10:00 touched channel=phone");
    let state = House::berlin().state(&history);
    assert_eq!(plan(&state, &ruled.without(Rule::Custom(1))), plan(&state, &plain));
}

#[test]
fn seventy_rules_can_be_added_and_each_is_named() {
    #[derive(Debug)]
    struct Named(String);
    impl CustomRule for Named {
        fn name(&self) -> &str {
            &self.0
        }
        fn title(&self) -> &str {
            &self.0
        }
        fn obligation(&self, state: &ProspectState) -> Option<CustomObligation> {
            let at = state.last_contact()?.at;
            Some(CustomObligation::new(Purpose::new(&self.0).expect("a name"), at, at))
        }
    }
    let mut policy = Policy::default();
    for number in 1..=70 {
        policy = policy.with_rule(Named(format!("rule_{number}"))).expect("a name of its own");
    }
    let rules: Vec<_> = policy.custom_rules().map(|(rule, _)| rule).collect();
    let ids: Vec<_> = rules.iter().map(Rule::to_string).collect();
    assert_eq!(ids, (1..=70).map(|number| format!("X{number}")).collect::<Vec<_>>());
    let titles: Vec<_> = rules.iter().map(|rule| policy.title_of(*rule)).collect();
    assert_eq!(titles, (1..=70).map(|number| format!("rule_{number}")).collect::<Vec<_>>());
    // What each of them finds is owed, and the plan names each.
    let house = House { policy, ..House::berlin() };
    let plan = house.plan(&format!("{ADDED}\n2026-03-02T10:00 touched channel=phone"));
    let owed: Vec<_> = plan.actions().map(|action| action.purpose.as_str().to_owned()).collect();
    assert_eq!(owed, (1..=70).map(|number| format!("rule_{number}")).collect::<Vec<_>>());
    assert!(rules.iter().all(|rule| plan.rules().contains(*rule)), "{:?}", plan.rules());
    assert!(rules.iter().all(|rule| plan.why().to_string().contains(&format!("({rule})"))), "{}", plan.why());
}
