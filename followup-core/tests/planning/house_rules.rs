//! What does a rule of the house change, and does the plan say so?

use chrono::{DateTime, Utc};
use followup_core::{
    Channel, HouseObligation, HouseRule, HouseRuleError, ObligationKind, Playbook, ProspectState, Purpose,
    Rule, Way, plan, planned_by,
};

use crate::common::{House, utc};

/// Nothing that we start happens before an instant.
#[derive(Debug)]
struct NotBefore(DateTime<Utc>);

impl HouseRule for NotBefore {
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

impl HouseRule for ByHandAndQuietly {
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

impl HouseRule for Gift {
    fn name(&self) -> &str {
        "gift"
    }
    fn title(&self) -> &str {
        "after three touches there is a gift"
    }
    fn obligation(&self, state: &ProspectState) -> Option<HouseObligation> {
        let at = state.last_contact()?.at;
        let gift = Purpose::new("gift").expect("a name");
        (state.touches() == 3).then(|| HouseObligation::new(gift, at, at).via(Channel::POST))
    }
}

/// Always another microsecond later.
#[derive(Debug)]
struct Never;

impl HouseRule for Never {
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

fn house_with(rule: impl HouseRule + 'static) -> House {
    let house = House::berlin();
    House { playbook: house.playbook.with_rule(rule).expect("the first rule"), ..house }
}

const ADDED: &str = "2026-03-02T09:00 added email=a@example.org phone=+4930";

#[test]
fn a_clamp_moves_what_we_start_and_nothing_that_they_asked_for() {
    let house = house_with(NotBefore(utc("2026-05-01T00:00:00Z")));
    assert_eq!(house.next(ADDED), "13 inform: 2026-05-01 09:00+02 .. 2026-05-01 17:00+02");
    let plan = house.plan(ADDED);
    assert!(plan.why().to_string().contains("nothing is started before the fair (H1)"), "{}", plan.why());
    let conflict = plan.next().and_then(|next| next.conflict.clone()).expect("it is later than it should be");
    assert!(conflict.rules.contains(Rule::H1) && conflict.rules.contains(Rule::C6));
    let asked = format!("{ADDED}\n2026-03-02T10:00 asked_information");
    assert_eq!(house.next(&asked), "4 inform: 2026-03-02 10:00+01 .. 2026-03-03 17:00+01");
    assert!(!house.plan(&asked).rules().contains(Rule::H1));
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
    assert!(plan.rules().contains(Rule::H1));
    let only_phone = "2026-03-02T09:00 added phone=+4930";
    assert_eq!(house.plan(only_phone).next().map(|next| next.channel), Some(None));
    let automatic = house.with("");
    let steps =
        Playbook::parse("[[steps.interest]]\nautomatic = true\npersonal = false\nchannel = \"email\"")
            .expect("fine");
    let usual = House { playbook: steps.clone(), ..House::berlin() };
    assert_eq!(usual.plan(ADDED).next().map(|next| next.automatic), Some(true));
    let by_hand = House { playbook: steps.with_rule(ByHandAndQuietly).expect("the first rule"), ..automatic };
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
    assert!(!house.plan(&two).rules().contains(Rule::H1));
    let three = format!("{two}\n2026-03-06T10:00 touched channel=phone");
    // Two days after Friday is Sunday.
    assert_eq!(house.all(&three), ["9 gift: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"]);
    let plan = house.plan(&three);
    let next = plan.next().expect("a gift");
    assert_eq!((next.kind, next.channel), (ObligationKind::House, Some(Channel::POST)));
    assert_eq!(next.obligation, "house:H1:04");
    assert!(plan.rules().contains(Rule::H1));
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
fn a_playbook_with_a_rule_is_another_playbook() {
    let (plain, ruled) = (Playbook::default(), Playbook::default().with_rule(Gift).expect("the first rule"));
    assert_ne!(plain, ruled);
    assert_ne!(planned_by(&plain), planned_by(&ruled));
    assert_eq!(ruled.title_of(Rule::H1), "after three touches there is a gift");
    assert_eq!(ruled.clone().with_rule(Gift).unwrap_err(), HouseRuleError::SameName("gift".to_owned()));
    // Without its rule it plans as the plain one does.
    let history = format!("{ADDED}\n2026-03-02T10:00 touched channel=phone");
    let state = House::berlin().state(&history);
    assert_eq!(plan(&state, &ruled.without(Rule::H1)), plan(&state, &plain));
}

#[test]
fn there_are_at_most_six_rules() {
    #[derive(Debug)]
    struct Named(String);
    impl HouseRule for Named {
        fn name(&self) -> &str {
            &self.0
        }
        fn title(&self) -> &str {
            "nothing"
        }
    }
    let mut playbook = Playbook::default();
    for number in 0..6 {
        playbook = playbook.with_rule(Named(format!("rule_{number}"))).expect("there is room");
    }
    let ids: Vec<_> = playbook.house_rules().map(|(rule, _)| rule.id()).collect();
    assert_eq!(ids, ["H1", "H2", "H3", "H4", "H5", "H6"]);
    assert_eq!(playbook.with_rule(Gift).unwrap_err(), HouseRuleError::TooMany);
}
