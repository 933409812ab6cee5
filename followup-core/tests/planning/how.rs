//! By which channel, with what reason, personal or not, how urgent, and what is still to be found out?

use followup_core::plan::{Action, Need};
use followup_core::{Plan, Playbook, Reason, Rule};

use crate::common::House;

fn action(house: &House, history: &str) -> Action {
    let plan = house.plan(history);
    plan.next().unwrap_or_else(|| panic!("{history}: {}", house.show(&plan))).clone()
}

fn channel(house: &House, history: &str) -> String {
    action(house, history).channel.map_or("none".to_owned(), |channel| channel.to_string())
}

fn reason(house: &House, history: &str) -> String {
    action(house, history).reason.to_string()
}

const REACHABLE: &str = "2026-03-01T10:00 added email=ada@example.org phone=+49301234567";

// The channel.

#[test]
fn an_answer_takes_the_channel_of_the_request() {
    let house = House::berlin();
    let wished = |requests: &str| format!("{REACHABLE}\n2026-03-01T11:00 preferred channel=post\n{requests}");
    for (requests, expected) in [
        ("2026-03-02T10:00 inquired channel=web", "web"),
        ("2026-03-02T10:00 replied channel=text", "text"),
        // Of the request that is answered: the one that is furthest in stage.
        ("2026-03-02T10:00 asked_proposal channel=email\n2026-03-02T11:00 replied channel=text", "email"),
        // Asked again without one, it is still known.
        ("2026-03-02T10:00 replied channel=text\n2026-03-02T11:00 replied", "text"),
        ("2026-03-02T10:00 replied channel=text\n2026-03-02T11:00 replied channel=email", "email"),
    ] {
        assert_eq!(channel(&house, requests), expected, "{requests}");
        assert_eq!(channel(&house, &wished(requests)), expected, "{requests}");
    }
    // Where they did not say, it is their preferred one, or the next in turn.
    let unsaid = "2026-03-02T10:00 replied";
    assert_eq!(channel(&house, unsaid), "phone");
    assert_eq!(channel(&house, &wished(unsaid)), "post");
}

#[test]
fn c11_their_preferred_channel_goes_before_the_steps_and_the_mix() {
    let house = House::berlin().with("[[steps.interest]]\nchannel = \"visit\"\n");
    let added = "2026-03-02T10:00 added phone=+49301234567";
    assert_eq!(channel(&house, added), "visit");
    assert_eq!(channel(&house, &format!("{added}\n2026-03-02T11:00 preferred channel=email")), "email");
    // The newest wish counts, and one that says nothing of the channel changes nothing of it.
    let wishes = "2026-03-02T11:00 preferred channel=email
                  2026-03-02T12:00 preferred channel=post
                  2026-03-02T13:00 preferred from=10:00";
    assert_eq!(channel(&house, &format!("{added}\n{wishes}")), "post");
}

#[test]
fn c9_the_next_channel_after_the_last_used_is_taken_that_is_reachable() {
    let house = House::berlin();
    for (addresses, last, expected) in [
        ("email=a@example.org phone=+49301", "phone", "email"),
        ("email=a@example.org phone=+49301", "email", "phone"),
        ("email=a@example.org phone=+49301", "post", "phone"),
        ("email=a@example.org phone=+49301", "visit", "phone"),
        ("email=a@example.org phone=+49301", "web", "phone"),
        ("email=a@example.org", "phone", "email"),
        ("email=a@example.org", "email", "email"),
        ("phone=+49301", "phone", "phone"),
        ("phone=+49301", "post", "phone"),
        // None is known at all: phone and email count.
        ("", "phone", "email"),
        ("", "email", "phone"),
        ("", "text", "phone"),
    ] {
        let history = format!("2026-03-01T10:00 added {addresses}\n2026-03-02T10:00 touched channel={last}");
        assert_eq!(channel(&house, &history), expected, "{addresses} after {last}");
    }
    // A touch that says nothing of its channel is passed over.
    let unsaid =
        format!("{REACHABLE}\n2026-03-02T10:00 touched channel=phone\n2026-03-02T11:00 information_sent");
    assert_eq!(channel(&house, &unsaid), "email");
    // No channel comes more than twice in a row, however long it goes on.
    let mut history = REACHABLE.to_owned();
    let mut used = Vec::new();
    for month in 1..=8 {
        let next = channel(&house, &history);
        history += &format!("\n2027-0{month}-15T10:00 touched channel={next} personal=false");
        used.push(next);
    }
    assert!(used.windows(3).all(|three| three[0] != three[1] || three[1] != three[2]), "{used:?}");
}

#[test]
fn c3_the_first_contact_is_phoned() {
    let house = House::berlin();
    assert_eq!(channel(&house, "2026-03-02T10:00 added"), "phone");
    assert_eq!(channel(&house, REACHABLE), "phone");
}

#[test]
fn s6_a_channel_that_they_opted_out_of_is_not_taken() {
    let house = House::berlin();
    for (history, expected) in [
        ("2026-03-02T10:00 opted_out channels=phone", "email"),
        ("2026-03-02T10:00 opted_out channels=phone,email", "none"),
        ("2026-03-02T10:00 opted_out channels=phone\n2026-03-02T11:00 opted_in channels=phone", "phone"),
        ("2026-03-02T10:00 opted_out channels=phone,email\n2026-03-02T11:00 opted_in", "phone"),
        ("2026-03-02T10:00 opted_out\n2026-03-02T11:00 opted_in channels=email", "email"),
        ("2026-03-02T10:00 opted_out channels=email\n2026-03-02T11:00 preferred channel=email", "phone"),
    ] {
        assert_eq!(channel(&house, &format!("{REACHABLE}\n{history}")), expected, "{history}");
    }
}

#[test]
fn s6_only_a_request_that_is_newer_than_the_opting_out_opens_its_own_channel() {
    let house = House::berlin();
    let newer = format!(
        "{REACHABLE}\n2026-03-02T10:00 opted_out channels=email\n2026-03-02T11:00 replied channel=email"
    );
    assert_eq!(channel(&house, &newer), "email");
    let older = format!(
        "{REACHABLE}\n2026-03-02T10:00 replied channel=email\n2026-03-02T11:00 opted_out channels=email"
    );
    assert_eq!(channel(&house, &older), "phone");
    // Newer means later in the order of the fold.
    let before = format!(
        "{REACHABLE}
         2026-03-02T10:00 replied channel=email seq=1
         2026-03-02T10:00 opted_out channels=email seq=2"
    );
    assert_eq!(channel(&house, &before), "phone");
    let after = format!(
        "{REACHABLE}
         2026-03-02T10:00 replied channel=email seq=2
         2026-03-02T10:00 opted_out channels=email seq=1"
    );
    assert_eq!(channel(&house, &after), "email");
    // An agreement from before does not open it either.
    let agreed = format!(
        "{REACHABLE}
         2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00 channel=email
         2026-03-02T11:00 opted_out channels=email"
    );
    assert_eq!(channel(&house, &agreed), "phone");
}

#[test]
fn a_permanent_bounce_closes_email_and_a_passing_one_does_not() {
    let house = House::berlin();
    let called = format!("{REACHABLE}\n2026-03-02T10:00 touched channel=phone");
    assert_eq!(channel(&house, &called), "email");
    assert_eq!(channel(&house, &format!("{called}\n2026-03-02T11:00 bounced")), "email");
    assert_eq!(channel(&house, &format!("{called}\n2026-03-02T11:00 bounced permanent=true")), "phone");
}

#[test]
fn an_agreed_step_takes_the_channel_that_was_agreed() {
    let house = House::berlin();
    let agreed =
        format!("{REACHABLE}\n2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00 channel=visit");
    assert_eq!(channel(&house, &agreed), "visit");
}

// The reason.

#[test]
fn w1_what_is_owed_gives_its_own_reason() {
    let house = House::berlin();
    for (event, expected) in [
        ("asked_information", "requested_information"),
        ("inquired", "asked_for"),
        ("replied", "asked_for"),
        ("asked_appointment", "asked_for"),
        ("asked_proposal", "asked_for"),
        ("ready_to_buy", "asked_for"),
        ("next_step_agreed due_at=2026-03-12T14:00", "agreed"),
        ("appointment_set starts_at=2026-03-12T14:00 minutes=60", "appointment"),
        ("appointment_missed", "appointment"),
        ("appointment_held", "proposal"),
        ("input_requested input=logo", "input_due"),
    ] {
        assert_eq!(reason(&house, &format!("2026-03-02T10:00 {event}")), expected, "{event}");
    }
}

#[test]
fn w4_no_reason_comes_back_within_three_touches() {
    let house = House::berlin();
    let list = &Playbook::default().settings().reasons[&followup_core::Purpose::INFORM].clone();
    let mut history = "2026-01-01T10:00 added".to_owned();
    let mut used: Vec<Reason> = Vec::new();
    for month in 1..=9 {
        let next = action(&house, &history).reason;
        assert!(list.contains(&next), "{next}");
        assert!(!used[used.len().saturating_sub(3)..].contains(&next), "{next} after {used:?}");
        history += &format!("\n2027-0{month}-15T10:00 touched channel=phone personal=false reason={next}");
        used.push(next);
    }
}

#[test]
fn w4_where_all_have_been_used_lately_one_comes_back_all_the_same() {
    let house = House::berlin().with("[reasons]\ninform = [\"article\", \"advice\"]\n");
    let history = "2026-03-02T10:00 touched channel=phone reason=article
                   2026-03-03T10:00 touched channel=phone reason=advice";
    assert_eq!(reason(&house, history), "article");
}

#[test]
fn w1_are_you_ready_is_never_first_never_twice_and_never_last() {
    let house = House::berlin().with(
        "[reasons]
                                      inform = [\"are_you_ready\", \"advice\"]
                                      last_message = [\"are_you_ready\", \"thank_you\"]
                                      ",
    );
    assert_eq!(reason(&house, "2026-03-02T10:00 added"), "advice", "not as the first");
    let once = "2026-03-02T10:00 touched channel=phone reason=article";
    assert_eq!(reason(&house, once), "are_you_ready");
    let asked = "2026-01-05T10:00 touched channel=phone reason=are_you_ready
                 2026-01-12T10:00 touched channel=phone reason=article
                 2026-01-19T10:00 touched channel=phone reason=article
                 2026-01-26T10:00 touched channel=phone reason=article
                 2026-02-02T10:00 touched channel=phone personal=false reason=article";
    assert_eq!(reason(&house, asked), "advice", "not twice, however long ago");
    let silent = "2026-03-02T10:00 asked_proposal
                  2026-03-02T11:00 proposal_sent
                  2026-03-09T10:00 touched channel=phone
                  2026-03-16T10:00 touched channel=phone";
    let last = action(&house, silent);
    assert_eq!(
        (last.purpose.as_str(), last.reason.as_str()),
        ("last_message", "thank_you"),
        "not as the last"
    );
}

#[test]
fn a_steps_own_reason_and_template_stand() {
    let house = House::berlin().with("[[steps.interest]]\nreason = \"seasonal\"\ntemplate = \"spring\"\n");
    let next = action(&house, "2026-03-02T10:00 added");
    assert_eq!((next.reason.as_str(), next.template.as_deref()), ("seasonal", Some("spring")));
}

// Personal or generic, by hand or automatic.

const GENERIC: &str = "
    [values]
    large_from = [\"10000EUR\"]
    [[steps.interest]]
    personal = false
    [[steps.interest]]
    personal = false
    [[steps.interest]]
    personal = false
    [[steps.interest]]
    personal = false
    automatic = true
";

#[test]
fn c10_at_least_one_touch_in_three_is_personal() {
    let house = House::berlin().with(GENERIC);
    let added = "2026-03-02T10:00 added";
    let generic = "\n2026-03-09T10:00 touched channel=phone personal=false";
    let personal = "\n2026-03-10T10:00 touched channel=phone";
    assert!(!action(&house, added).personal);
    assert!(!action(&house, &format!("{added}{generic}")).personal);
    assert!(action(&house, &format!("{added}{generic}{generic}")).personal, "the third must be");
    assert!(!action(&house, &format!("{added}{generic}{personal}")).personal);
    assert!(!action(&house, &format!("{added}{personal}{generic}")).personal);
    // Where nothing says otherwise, every touch is personal.
    assert!(action(&House::berlin(), added).personal);
}

#[test]
fn c10_to_a_large_value_every_touch_is_personal_and_an_automatic_one_is_generic() {
    let house = House::berlin().with(GENERIC);
    let large = "2026-03-02T10:00 added\n2026-03-02T11:00 valued amount=10000 currency=EUR";
    assert!(action(&house, large).personal);
    let three = "\n2026-03-09T10:00 touched channel=phone".repeat(3);
    let automatic = action(&house, &format!("{large}{three}"));
    assert!(automatic.automatic && !automatic.personal);
    assert!(!action(&house, large).automatic);
}

// The place in the agenda.

#[test]
fn e4_the_rank_is_the_latest_less_the_head_starts_of_row_temperature_and_value() {
    let house = House::berlin().with("[values]\nsmall_below = [\"1000EUR\"]\nlarge_from = [\"10000EUR\"]\n");
    let days_ahead = |history: &str| {
        let next = action(&house, history);
        (next.window.latest - next.rank_at, next.kind.row())
    };
    let days = chrono::TimeDelta::days;
    for (history, row, row_days) in [
        ("2026-03-02T10:00 send_intended action=p/1\n2026-03-02T11:00 send_unknown action=p/1", 1, 14),
        ("2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00", 3, 14),
        ("2026-03-02T10:00 replied", 4, 14),
        ("2026-03-02T10:00 appointment_set starts_at=2026-03-02T14:00 minutes=60", 5, 14),
        ("2026-03-02T10:00 appointment_set starts_at=2026-03-12T14:00 minutes=60", 6, 7),
        ("2026-03-02T10:00 appointment_missed", 7, 14),
        ("2026-03-02T10:00 appointment_held", 8, 7),
        ("2026-03-02T10:00 input_requested input=logo", 9, 7),
        (
            "2026-03-02T10:00 proposal_sent
             2026-03-03T10:00 touched channel=phone
             2026-03-04T10:00 touched channel=phone",
            10,
            7,
        ),
        ("2026-03-02T10:00 proposal_sent", 11, 0),
        ("2026-03-02T10:00 added", 13, 0),
        ("2026-03-02T10:00 decided outcome=later", 14, 0),
        ("2026-03-02T10:00 decided outcome=later until=2027-03-02", 15, 0),
    ] {
        for (temperature, warm_days) in [("hot", 3), ("warm", 1), ("cool", 0)] {
            for (amount, value_days) in [("500", 0), ("5000", 1), ("", 1), ("50000", 3)] {
                if row == 10 && amount == "50000" {
                    // A large value is not given up; the cadence goes on in its place.
                    continue;
                }
                let valued = match amount {
                    "" => String::new(),
                    amount => format!("\n2026-03-05T11:00 valued amount={amount} currency=EUR"),
                };
                let history =
                    format!("{history}{valued}\n2026-03-05T12:00 temperature_set temperature={temperature}");
                assert_eq!(days_ahead(&history), (days(row_days + warm_days + value_days), row), "{history}");
            }
        }
    }
}

#[test]
fn e3_late_is_after_the_latest_and_counted_in_whole_hours() {
    let house = House::berlin();
    let window = action(&house, "2026-03-06T15:00 inquired").window;
    for (now, state, hours_late) in [
        ("2026-03-06T14:59:59.999999", "upcoming", 0),
        ("2026-03-06T15:00", "due", 0),
        ("2026-03-09T17:00", "due", 0),
        ("2026-03-09T17:00:00.000001", "overdue", 0),
        ("2026-03-09T17:59:59", "overdue", 0),
        ("2026-03-09T18:00", "overdue", 1),
        // The clocks have gone forward in between.
        ("2026-03-30T17:00", "overdue", 21 * 24 - 1),
    ] {
        let now = house.event(&format!("{now} noted text=now")).at();
        assert_eq!((window.state(now).as_str(), window.hours_late(now)), (state, hours_late), "{now}");
    }
}

#[test]
fn a_value_in_another_currency_is_medium() {
    let house = House::berlin()
        .with("[values]\nsmall_below = [\"1000EUR\", \"2000USD\"]\nlarge_from = [\"10000EUR\"]\n");
    for (value, band) in [
        ("amount=999.99 currency=EUR", "small"),
        ("amount=1000 currency=EUR", "medium"),
        ("amount=9999.99 currency=EUR", "medium"),
        ("amount=10000 currency=EUR", "large"),
        ("amount=1500 currency=USD", "small"),
        ("amount=99999 currency=USD", "medium"),
        ("amount=1 currency=JPY", "medium"),
    ] {
        assert_eq!(house.plan(&format!("2026-03-02T10:00 valued {value}")).band.as_str(), band, "{value}");
    }
    assert_eq!(house.plan("2026-03-02T10:00 added").band.as_str(), "medium");
}

// What is still to be found out.

fn needs(plan: &Plan) -> Vec<&'static str> {
    plan.needs.iter().map(Need::as_str).collect()
}

#[test]
fn w6_the_plan_lists_what_discovery_has_not_found_out() {
    let house = House::berlin();
    let needs = |lines: &str| needs(&house.plan(&format!("2026-03-02T10:00 inquired\n{lines}")));
    assert_eq!(needs(""), ["needs", "decides_how", "decides_on"]);
    assert_eq!(needs("2026-03-02T11:00 qualified needs=roof"), ["decides_how", "decides_on"]);
    assert_eq!(needs("2026-03-02T11:00 qualified decides_how=board decides_on=2026-05-01"), ["needs"]);
    let twice = "2026-03-02T11:00 qualified needs=roof decides_how=board
                 2026-03-02T12:00 qualified decides_on=2026-05-01";
    assert_eq!(needs(twice), Vec::<&str>::new());
    assert_eq!(
        needs("2026-03-02T11:00 qualified ready=true minutes=60 knows_us=true"),
        ["needs", "decides_how", "decides_on"]
    );
}

#[test]
fn w6_nothing_is_listed_without_the_rule() {
    let mut house = House::berlin();
    house.policy = house.policy.without(Rule::W6);
    assert_eq!(needs(&house.plan("2026-03-02T10:00 inquired")), Vec::<&str>::new());
}
