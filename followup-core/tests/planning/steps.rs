//! Row 12: which step of a playbook is next, and when?

use followup_core::{Plan, Playbook, Rule};

use crate::common::House;

/// A house with a playbook that ships.
fn shipped(name: &str) -> House {
    House { policy: Playbook::shipped(name).expect("it ships").into(), ..House::berlin() }
}

const TALK: &str = r#"
    [[steps.interest]]
    after = "P1D"
    purpose = "check_in"
    reason = "thank_you"
    [[steps.interest]]
    when = "replied"
    after = "P2D"
    purpose = "ask_appointment"
    [[steps.interest]]
    when = "bounced"
    after = "P1D"
    channel = "phone"
    reason = "advice"
    [[steps.interest]]
    when = "silent"
    after = "P5D"
    reason = "article"
    [[steps.interest]]
    when = "booked"
    after = "P1D"
    reason = "appointment"
"#;

fn step(house: &House, history: &str) -> String {
    let plan = house.plan(history);
    let Some(next) = plan.next() else { return house.show(&plan) };
    let channel = next.channel.map_or("none".to_owned(), |channel| channel.to_string());
    format!("{} {} {channel} {}", next.kind.row(), next.purpose, next.reason)
}

#[test]
fn c7_a_step_with_a_condition_is_taken_only_after_that_answer() {
    let house = House::berlin().with(TALK);
    let touched = "2026-03-02T09:00 added\n2026-03-03T10:00 touched channel=email";
    assert_eq!(step(&house, "2026-03-02T09:00 added"), "12 check_in phone thank_you");
    for (then, next) in [
        ("", "12 check_in phone article"),
        ("2026-03-04T10:00 bounced", "12 check_in phone advice"),
        // A bounce is no answer, and an answer is none the less one for a bounce after it.
        (
            "2026-03-04T10:00 input_received input=x\n2026-03-05T10:00 bounced",
            "12 ask_appointment phone appointment",
        ),
        ("2026-03-04T10:00 input_received input=x", "12 ask_appointment phone appointment"),
        ("2026-03-04T10:00 noted text=x", "12 check_in phone article"),
    ] {
        assert_eq!(step(&house, &format!("{touched}\n{then}")), next, "{then}");
    }
}

#[test]
fn c7_what_was_passed_over_stays_behind_once_a_later_step_was_taken() {
    let house = House::berlin().with(TALK);
    let history = "2026-03-02T09:00 added
        2026-03-03T10:00 touched channel=email
        2026-03-10T10:00 touched channel=phone
        2026-03-11T10:00 input_received input=x";
    // The silent step was taken; the step for a reply lies before it.
    assert_eq!(house.plan(history).next().map(|next| next.kind.row()), Some(13));
}

#[test]
fn c7_a_step_that_waits_is_taken_by_a_touch_with_its_purpose_alone() {
    let house = House::berlin().with(
        r#"
        [[steps.interest]]
        after = "P1D"
        purpose = "invite"
        reason = "experience"
        wait_until_done = true
        [[steps.interest]]
        after = "P3D"
        reason = "thank_you"
        "#,
    );
    let history = "2026-03-02T09:00 added\n2026-03-03T10:00 touched channel=email purpose=check_in";
    assert_eq!(step(&house, history), "12 invite phone experience");
    let done = format!("{history}\n2026-03-06T10:00 touched channel=phone purpose=invite");
    assert_eq!(step(&house, &done), "12 check_in email thank_you");
}

#[test]
fn c7_a_step_that_is_repeated_is_taken_until_its_stage_is_left_or_its_answer_comes() {
    let house = House::berlin().with(
        r#"
        [[steps.interest]]
        repeat = true
        when = "silent"
        after = "P5D"
        within = "P2D"
        channel = "email"
        reason = "article"
        [[steps.interest]]
        after = "P1D"
        reason = "thank_you"
        "#,
    );
    let mut history = "2026-03-02T09:00 added".to_owned();
    for day in [9, 16, 23] {
        history += &format!("\n2026-03-{day:02}T10:00 touched channel=email");
        assert_eq!(step(&house, &history), "12 check_in email article");
    }
    assert_eq!(
        step(&house, &format!("{history}\n2026-03-24T10:00 input_received input=x")),
        "12 check_in phone thank_you"
    );
    let informed = format!("{history}\n2026-03-24T10:00 information_sent channel=email");
    assert_eq!(house.plan(&informed).next().map(|next| next.kind.row()), Some(13));
}

#[test]
fn c7_fractions_of_the_cycle_count_from_when_they_were_taken_in() {
    let house = House::berlin().with(
        r#"
        cycle = "P100D"
        [[steps.interest]]
        cycle_percent = 0
        within = "P1D"
        [[steps.interest]]
        cycle_percent = 10
        within = "P3D"
        [[steps.interest]]
        cycle_percent = 50
        within = "P3D"
        [[steps.information]]
        cycle_percent = 20
        within = "P3D"
        [[steps.information]]
        cycle_percent = 60
        within = "P3D"
        "#,
    );
    let added = "2026-03-02T09:00 added";
    assert_eq!(house.next(added), "12 check_in: 2026-03-02 09:00+01 .. 2026-03-03 17:00+01");
    let once = format!("{added}\n2026-03-02T10:00 touched channel=phone");
    assert_eq!(house.next(&once), "12 check_in: 2026-03-12 09:00+01 .. 2026-03-13 17:00+01");
    // However late the second one was made, the third stands where it stands.
    let twice = format!("{once}\n2026-03-26T10:00 touched channel=phone");
    assert_eq!(house.next(&twice), "12 check_in: 2026-04-21 09:00+02 .. 2026-04-24 17:00+02");
    // What lay behind when the stage was entered is passed over.
    let informed = format!("{twice}\n2026-04-02T10:00 information_sent channel=email");
    assert_eq!(house.next(&informed), "12 check_in: 2026-05-01 09:00+02 .. 2026-05-04 17:00+02");
}

#[test]
fn c8_a_step_may_wait_for_a_day_of_the_year() {
    let house = House::berlin().with(
        "[[steps.interest]]\nafter = \"P10D\"\nwithin = \"P5D\"\non = \"12-10\"\nreason = \"seasonal\"",
    );
    assert_eq!(
        house.next("2026-03-02T09:00 added"),
        "12 check_in: 2026-12-10 09:00+01 .. 2026-12-15 17:00+01"
    );
    assert_eq!(
        house.next("2026-12-02T09:00 added"),
        "12 check_in: 2027-12-10 09:00+01 .. 2027-12-15 17:00+01"
    );
}

#[test]
fn c8_a_season_draws_the_touch_into_whose_window_it_falls_and_gives_its_reason() {
    let seasons =
        "[[seasons]]\non = \"12-10\"\nreason = \"seasonal\"\nchannel = \"post\"\ntemplate = \"card\"";
    let house = House::berlin().with(seasons);
    let history = "2026-11-02T09:00 inquired\n2026-11-02T10:00 touched channel=phone\n2026-11-02T11:00 temperature_set temperature=warm";
    let later = history.replace("11-02", "11-16");
    // From 14 to 28 days after the 2nd it is not the season yet; after the 16th it is.
    assert_eq!(house.next(history), "13 inform: 2026-11-16 09:00+01 .. 2026-11-30 17:00+01");
    assert_eq!(house.next(&later), "13 inform: 2026-12-10 09:00+01 .. 2026-12-14 17:00+01");
    let plan = house.plan(&later);
    let next = plan.next().expect("a touch");
    assert_eq!(
        (next.reason.as_str(), next.channel.map(|c| c.to_string()).as_deref()),
        ("seasonal", Some("post"))
    );
    assert_eq!(next.template.as_deref(), Some("card"));
    assert!(plan.rules().contains(Rule::C8));
}

#[test]
fn s1_a_step_for_a_value_band_is_passed_over_by_the_others() {
    let house = House::berlin().with(
        r#"
        [values]
        small_below = ["1000EUR"]
        large_from = ["10000EUR"]
        [[steps.interest]]
        band = "small"
        repeat = true
        after = "P30D"
        channel = "email"
        reason = "article"
        personal = false
        automatic = true
        "#,
    );
    let history = |amount| {
        format!(
            "2026-03-02T09:00 added email=a@example.org\n2026-03-02T09:01 valued amount={amount} currency=EUR
                 2026-03-03T10:00 touched channel=phone"
        )
    };
    let automatic =
        |amount| house.plan(&history(amount)).next().map(|next| (next.kind.row(), next.automatic));
    assert_eq!(automatic(500), Some((12, true)));
    assert_eq!(automatic(5_000), Some((13, false)));
    assert_eq!(automatic(50_000), Some((13, false)));
}

#[test]
fn c16_a_channel_of_the_playbooks_own_keeps_the_hours_of_its_kind() {
    let toml = |kind| {
        format!(
            "channels = [\"whatsapp\"]
             [channel_kinds]
             whatsapp = \"{kind}\"
             [working_hours]
             mon = [\"06:00-23:00\"]
             tue = [\"06:00-23:00\"]
             wed = [\"06:00-23:00\"]
             thu = [\"06:00-23:00\"]
             fri = [\"06:00-23:00\"]"
        )
    };
    let history = "2026-03-02T21:30 added phone=+4930 email=a@example.org";
    let next = |kind| {
        let plan = House::berlin().with(&toml(kind)).plan(history);
        let next = plan.next().expect("a first contact").clone();
        (next.channel.map(|channel| channel.to_string()), House::berlin().clock(next.window.earliest))
    };
    let own = Some("whatsapp".to_owned());
    assert_eq!(next("text"), (own.clone(), "2026-03-03 08:00+01".to_owned()));
    assert_eq!(next("mail"), (own, "2026-03-02 21:30+01".to_owned()));
    assert_eq!(next("web").0, None);
}

#[test]
fn c4_an_inquiry_is_acknowledged_within_minutes_at_any_hour_where_the_playbook_says_so() {
    let house = House::berlin().with("[answers]\nacknowledge = true\nacknowledge_template = \"thanks\"");
    let inquiry = "2026-03-07T23:10 added email=a@example.org\n2026-03-07T23:10 inquired channel=web seq=1";
    let lines = house.all(inquiry);
    assert_eq!(lines[0], "4 acknowledge: 2026-03-07 23:10+01 .. 2026-03-07 23:15+01");
    assert_eq!(lines[1], "4 discover: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01");
    let plan = house.plan(inquiry);
    let next = plan.next().expect("an acknowledgement");
    assert_eq!((next.automatic, next.personal, next.template.as_deref()), (true, false, Some("thanks")));
    // It is no touch, so the answer is owed as before; and it goes out once.
    let sent = format!(
        "{inquiry}
         2026-03-07T23:11 send_intended action=p/1 channel=email purpose=acknowledge
         2026-03-07T23:12 sent action=p/1"
    );
    assert_eq!(house.all(&sent), ["4 discover: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"]);
    assert_eq!(house.state(&sent).touch_count(), 0);
}

#[test]
fn c4_nothing_is_acknowledged_that_cannot_be_or_was_answered() {
    let house = House::berlin().with("[answers]\nacknowledge = true");
    let inquiry = "2026-03-07T23:10 added email=a@example.org\n2026-03-07T23:10 inquired channel=web seq=1";
    for history in [
        "2026-03-07T23:10 added phone=+4930\n2026-03-07T23:10 inquired channel=web seq=1".to_owned(),
        format!("{inquiry}\n2026-03-07T23:11 opted_out channels=email"),
        format!("{inquiry}\n2026-03-07T23:11 bounced permanent=true"),
        format!("{inquiry}\n2026-03-07T23:11 touched channel=phone"),
        inquiry.replace("inquired", "replied"),
        format!(
            "{inquiry}\n2026-03-07T23:11 send_intended action=p/1 channel=email purpose=acknowledge\n2026-03-07T23:12 send_failed action=p/1 permanent=true"
        ),
    ] {
        let acknowledged = house.all(&history).iter().any(|line| line.contains("acknowledge"));
        assert!(!acknowledged, "{history}");
    }
}

#[test]
fn e2_a_referral_source_is_touched_by_value_in_its_own_cadence_and_never_given_up() {
    let house = House::berlin();
    let added = "2026-03-02T09:00 added kind=referral_source";
    assert_eq!(house.next(added), "13 inform: 2026-03-02 09:00+01 .. 2026-03-03 17:00+01");
    let mut history = format!(
        "{added}\n2026-03-02T10:00 information_sent\n2026-03-03T10:00 replied channel=email\n2026-03-03T11:00 touched channel=email"
    );
    // Hot, informed and familiar: a prospect would be asked for an appointment in a week.
    assert_eq!(house.next(&history), "13 check_in: 2026-05-04 09:00+02 .. 2026-06-03 17:00+02");
    assert_eq!(
        house.next(&history.replace(" kind=referral_source", "")),
        "13 ask_appointment: 2026-03-10 09:00+01 .. 2026-03-10 17:00+01"
    );
    assert!(house.plan(&history).rules().contains(Rule::E2));
    for month in 4..=12 {
        history += &format!("\n2026-{month:02}-03T10:00 touched channel=phone");
    }
    assert_eq!(house.plan(&history).next().map(|next| next.kind.row()), Some(13));
    // Who enters a pursuit is followed up as anybody in it.
    assert_eq!(
        house.next(
            "2026-03-02T09:00 added kind=referral_source
        2026-03-02T10:00 asked_appointment\n2026-03-02T11:00 touched channel=phone"
        ),
        "13 ask_appointment: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"
    );
}

#[test]
fn p12_a_client_is_kept_in_touch_with() {
    let house = House::berlin();
    let history = "2026-03-02T09:00 added kind=client\n2026-03-02T10:00 information_sent\n2026-03-03T10:00 replied channel=email\n2026-03-03T11:00 touched channel=email";
    assert_eq!(house.next(history), "13 check_in: 2026-06-01 09:00+02 .. 2026-06-08 17:00+02");
    assert!(house.plan(history).rules().contains(Rule::P12));
    let own = house.with("[kinds.client]\nfrom = \"P1M\"\nto = \"P2M\"");
    assert_eq!(own.next(history), "13 check_in: 2026-04-03 09:00+02 .. 2026-05-01 17:00+02");
}

fn rows(plan: &Plan) -> Vec<u8> {
    plan.actions().map(|action| action.kind.row()).collect()
}

#[test]
fn w2_w3_purposes_of_ones_own_ask_where_the_playbook_says_so() {
    let house = House::berlin().with("asks = [\"ask_appointment\", \"pitch\"]");
    let history = |purpose| {
        format!(
            "2026-03-02T09:00 added\n2026-03-02T10:00 information_sent
        2026-03-03T10:00 asked_appointment\n2026-03-03T11:00 touched channel=email purpose={purpose}"
        )
    };
    assert_eq!(
        house.plan(&history("pitch")).next().map(|next| next.purpose.to_string()).as_deref(),
        Some("check_in")
    );
    assert_eq!(
        house.plan(&history("chat")).next().map(|next| next.purpose.to_string()).as_deref(),
        Some("ask_appointment")
    );
}

#[test]
fn q1_services_goes_from_the_form_to_a_yes_or_no() {
    let house = shipped("services");
    let form = "2026-03-02T20:00 added email=a@example.org phone=+4930\n2026-03-02T20:00 asked_information channel=web seq=1";
    assert_eq!(house.all(form), ["4 inform: 2026-03-03 09:00+01 .. 2026-03-03 17:00+01"]);
    let link = format!("{form}\n2026-03-03T09:30 information_sent channel=email");
    assert_eq!(step(&house, &link), "12 ask_appointment email appointment");
    let asked = format!("{link}\n2026-03-05T09:30 touched channel=email purpose=ask_appointment");
    assert_eq!(step(&house, &asked), "12 check_in email article");
    let bounced = format!(
        "{asked}\n2026-03-10T09:30 touched channel=email purpose=check_in\n2026-03-16T09:30 touched channel=email purpose=ask_appointment\n2026-03-16T10:00 bounced"
    );
    assert_eq!(step(&house, &bounced), "12 check_in phone advice");
    let meeting = format!("{asked}\n2026-03-06T10:00 appointment_set starts_at=2026-03-10T10:00 minutes=60");
    assert_eq!(rows(&house.plan(&meeting)), [6]);
    let held = format!("{meeting}\n2026-03-10T11:00 appointment_held");
    assert_eq!(house.all(&held), ["8 propose: 2026-03-10 11:00+01 .. 2026-03-11 17:00+01"]);
    let agreement = format!("{held}\n2026-03-11T10:00 proposal_sent channel=email");
    assert_eq!(rows(&house.plan(&agreement)), [11]);
    let mailed = format!("{agreement}\n2026-03-16T10:00 touched channel=email purpose=discuss");
    assert_eq!(step(&house, &mailed), "12 check_in phone advice");
    let called = format!("{mailed}\n2026-03-20T10:00 touched channel=phone purpose=check_in");
    assert_eq!(rows(&house.plan(&called)), [10]);
    assert_eq!(house.next(&format!("{called}\n2026-03-24T10:00 decided outcome=won")), "rest: won");
}

#[test]
fn q2_sales_cycle_makes_at_least_four_follow_ups_of_different_kinds() {
    let house = shipped("sales_cycle");
    let mut history = "2026-03-02T09:00 added phone=+4930 email=a@example.org".to_owned();
    let mut channels = Vec::new();
    for _ in 0..4 {
        let plan = house.plan(&history);
        let next = plan.next().expect("a step");
        assert_eq!(next.kind.row(), 12);
        let channel = next.channel.expect("each step has one");
        channels.push(channel.to_string());
        history += &format!("\n{} touched channel={channel}", next.window.target.to_rfc3339());
    }
    assert_eq!(channels, ["post", "email", "phone", "post"]);
}

#[test]
fn q3_keep_in_touch_writes_by_itself_to_many_and_by_hand_to_large_value() {
    let house = shipped("keep_in_touch");
    let history = |amount| {
        format!("2026-03-02T09:00 added email=a@example.org\n2026-03-02T09:01 valued amount={amount} currency=EUR
                 2026-03-03T10:00 touched channel=phone\n2026-03-10T10:00 decided outcome=lost\n2026-03-11T10:00 reopened")
    };
    let form = |amount| house.plan(&history(amount)).next().map(|next| (next.automatic, next.personal));
    assert_eq!(form(500), Some((true, false)));
    assert_eq!(form(5_000), Some((true, false)));
    assert_eq!(form(50_000), Some((false, true)));
    assert_eq!(
        house
            .plan(&history(500).replace("\n2026-03-11T10:00 reopened", ""))
            .next()
            .map(|next| next.kind.row()),
        Some(15)
    );
}

#[test]
fn q4_stakeholder_inputs_chases_until_nothing_is_missing() {
    let house = shipped("stakeholder_inputs");
    let asked = "2026-03-02T09:00 added kind=stakeholder\n2026-03-02T10:00 input_requested input=plan deadline=2026-03-11T10:00";
    assert_eq!(house.next(asked), "9 chase_inputs: 2026-03-05 09:00+01 .. 2026-03-05 17:00+01");
    assert_eq!(
        house.next(&format!("{asked}\n2026-03-04T10:00 input_received input=plan")),
        "rest: inputs_complete"
    );
}

#[test]
fn q5_marketing_ball_runs_over_every_base_before_the_session() {
    let house = shipped("marketing_ball");
    let mut history = "2026-03-02T09:00 added email=a@example.org phone=+4930".to_owned();
    let mut bases = Vec::new();
    for _ in 0..6 {
        let plan = house.plan(&history);
        let next = plan.next().expect("a step");
        bases.push(format!("{} {}", next.purpose, next.reason));
        let at = next.window.target.to_rfc3339();
        let channel = next.channel.expect("each step has one");
        history += &match next.purpose.as_str() {
            "inform" => format!("\n{at} information_sent channel={channel}"),
            purpose => format!("\n{at} touched channel={channel} purpose={purpose}"),
        };
    }
    assert_eq!(
        bases,
        [
            "check_in thank_you",
            "check_in article",
            "inform advice",
            "invite experience",
            "check_in article",
            "ask_appointment appointment"
        ]
    );
}

#[test]
fn q6_every_playbook_that_ships_reads_without_a_warning_and_back_to_itself() {
    for (name, toml) in followup_core::playbook::SHIPPED {
        let (playbook, warnings) =
            Playbook::parse_with_warnings(toml).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(warnings, [], "{name}");
        assert_eq!(playbook.name(), *name);
        assert_eq!(Playbook::parse(&playbook.to_toml()).as_ref(), Ok(&playbook));
    }
}

#[test]
fn w5_asking_the_referrer_is_a_step_like_any_other() {
    let house = House::berlin().with("[[steps.interest]]\nafter = \"P1D\"\npurpose = \"ask_referrer\"\nreason = \"referrer_hint\"\ntemplate = \"what_matters_to_them\"");
    let plan = house.plan("2026-03-02T10:00 added referrer=p-9");
    let next = plan.next().expect("a step");
    assert_eq!((next.purpose.as_str(), next.reason.as_str()), ("ask_referrer", "referrer_hint"));
    assert_eq!(next.template.as_deref(), Some("what_matters_to_them"));
}
