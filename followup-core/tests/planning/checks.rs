//! What does checking a playbook find, and where?

use followup_core::Playbook;
use followup_core::playbook::Severity;

/// Each problem as `LINE:COLUMN SEVERITY SETTING`.
fn found(toml: &str) -> Vec<String> {
    let problems = match Playbook::parse_with_warnings(toml) {
        Ok((_, warnings)) => warnings,
        Err(error) => error.problems().to_vec(),
    };
    let line = |problem: &followup_core::playbook::Problem| {
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        format!("{}:{} {severity} {}", problem.line, problem.column, problem.setting)
    };
    problems.iter().map(line).collect()
}

#[test]
fn all_mistakes_are_found_at_once_each_at_its_place() {
    let toml = "\
name = \"\"
zone = \"Europe/Berlon\"
off = [\"S6\"]
cycle = \"PT48H\"

[cadence.hot]
from = \"P9D\"
to = \"P5D\"

[[steps.interest]]
cycle_percent = 5000
[[steps.interest]]
when = \"maybe\"
on = \"02-30\"
colour = \"red\"

[channel_kinds]
email = \"voice\"
pigeon = \"bird\"
";
    assert_eq!(
        found(toml),
        [
            "1:8 error name",
            "2:8 error zone",
            "3:8 error off.0",
            "4:9 error cycle",
            "4:9 warning cycle",
            "6:1 error cadence.hot",
            "10:1 error steps.interest.0",
            "13:8 error steps.interest.1.when",
            "14:6 error steps.interest.1.on",
            "15:1 error steps.interest.1",
            "18:9 error channel_kinds.email",
            "19:10 error channel_kinds.pigeon",
        ]
    );
}

#[test]
fn what_a_section_does_not_say_keeps_the_default_of_its_place() {
    let playbook = Playbook::parse("[cadence.cool]\nfrom = \"P1M\"\n[proposal.discuss]\nto = \"P9D\"")
        .expect("it is fine");
    let settings = playbook.settings();
    assert_eq!(
        (settings.cadence.cool.from.to_string(), settings.cadence.cool.to.to_string()),
        ("P1M".into(), "P3M".into())
    );
    let discuss = &settings.proposal.discuss;
    assert_eq!((discuss.from.to_string(), discuss.to.to_string()), ("P3D".into(), "P9D".into()));
    // One mistake is one problem.
    assert_eq!(found("[cadence.cool]\nto = \"P3Q\""), ["2:6 error cadence.cool.to"]);
}

#[test]
fn what_contradicts_itself_is_an_error() {
    for (toml, setting) in [
        ("[cadence]\nminimum_gap = \"P10D\"", "proposal.discuss"),
        ("[cadence.cool]\nfrom = \"P2M\"\nto = \"P1M\"", "cadence.cool"),
        ("[kinds.client]\nfrom = \"P0D\"\nto = \"P0D\"", "kinds.client"),
        ("[kinds.referral_source]\nfrom = \"PT2H\"\nto = \"P1M\"", "kinds.referral_source"),
        ("[working_hours]", "working_hours"),
        ("[calling_hours]\nfrom = \"21:00\"\nto = \"08:00\"", "calling_hours"),
        ("[[steps.interest]]\ncycle_percent = 10", "steps.interest.0"),
        ("[answers]\nacknowledge_within = \"PT0M\"", "answers.acknowledge_within"),
        ("[channel_kinds]\nphone = \"mail\"", "channel_kinds.phone"),
        ("channels = []", "channels"),
        ("channels = [\"phone\", \"email\", \"phone\"]", "channels"),
        ("[reasons]\nclose = []", "reasons.close"),
        ("[rank]\nowed_days = 366", "rank.owed_days"),
        ("[cadence]\nceiling_touches = 33", "cadence.ceiling_touches"),
    ] {
        let error = Playbook::parse(toml).expect_err(toml);
        let errors = error.problems().iter().filter(|problem| problem.severity == Severity::Error);
        assert!(errors.clone().any(|problem| problem.setting == setting), "{toml}: {error}");
        assert!(
            errors.clone().all(|problem| problem.line > 0 && !problem.message.is_empty()),
            "{toml}: {error}"
        );
    }
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    for (toml, warning) in [
        (
            "[working_hours]\nmon = \"09:00-17:00\"\n[cadence.hot]\nfrom = \"P2D\"\nto = \"P3D\"",
            "3:1 warning cadence.hot",
        ),
        ("[reasons]\nclose = [\"are_you_ready\"]", "2:9 warning reasons.close"),
        ("[stop]\nmedium = 3", "2:10 warning stop.medium"),
        ("[stop]\nsmall = 9", "2:9 warning stop.small"),
        ("cycle = \"P90D\"", "1:9 warning cycle"),
        ("channels = [\"whatsapp\"]", "1:12 warning channels"),
        ("[[steps.interest]]\nreason = \"are_you_ready\"", "1:1 warning steps.interest.0"),
        ("[[steps.interest]]\nrepeat = true\n[[steps.interest]]", "1:1 warning steps.interest.0"),
        ("[[steps.interest]]\nautomatic = true", "1:1 warning steps.interest.0"),
        ("[[steps.proposal]]\npurpose = \"close\"\nrepeat = true", "1:1 warning steps.proposal.0"),
        (
            "[[steps.proposal]]\npurpose = \"discuss\"\n[[steps.proposal]]\npurpose = \"close\"",
            "1:1 warning steps.proposal.0",
        ),
        ("[[seasons]]\nreason = \"are_you_ready\"", "1:1 warning seasons.0"),
        ("[cadence.hot]\nfrom = \"P30D\"\nto = \"P30D\"", "1:1 warning cadence.hot"),
    ] {
        assert_eq!(found(toml), [warning], "{toml}");
    }
    assert_eq!(found(""), Vec::<String>::new());
}

#[test]
fn a_stage_that_looks_at_touches_has_no_more_steps_than_touches_are_remembered() {
    let steps = |count: usize, more: &str| "[[steps.interest]]\n".repeat(count) + more;
    assert_eq!(found(&steps(100, "")), Vec::<String>::new());
    assert_eq!(found(&steps(32, "when = \"silent\"")), Vec::<String>::new());
    assert_eq!(found(&steps(33, "when = \"silent\"")), ["33:1 error steps.interest.32"]);
    assert!(found(&steps(101, ""))[0].contains("error steps.interest"));
}

#[test]
fn a_step_may_stand_ten_cycles_ahead_and_no_further() {
    let step = |percent: u32| {
        Playbook::parse(&format!("cycle = \"P30D\"\n[[steps.interest]]\ncycle_percent = {percent}\n"))
    };
    step(1_000).expect("it is the furthest");
    assert!(
        step(1_001)
            .expect_err("it is too far")
            .to_string()
            .contains("expected 0 to 1000 for cycle_percent, found 1001")
    );
}
