//! Playbooks that tests share.

/// The text of a playbook with automatic emails, one for each pair of a wait since the last touch and a template.
pub fn mailing(settings: &str, steps: &[(&str, &str)]) -> String {
    let steps = steps.iter().map(|(after, template)| {
        format!(
            r#"
            [[steps.interest]]
            after = "{after}"
            within = "P0D"
            purpose = "check_in"
            channel = "email"
            automatic = true
            template = "{template}"
            "#
        )
    });
    settings.to_owned() + &steps.collect::<String>()
}
